"""Asks feeds one after the other and keeps what they publish; what is plain is written for several at once."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from curator.clock import Clock
from curator.db import Database
from curator.errors import CuratorError
from curator.feeds import finding, merge, polling, store
from curator.feeds.conclude import Counts, Ended, conclude, conclude_plain, is_plain
from curator.feeds.look import Look, looked
from curator.feeds.moves import store as moves
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import Hold
from curator.feeds.values import FeedState, ParsedItem, PollOutcome, PollState
from curator.http.values import Fetcher

CHUNK = 500
"""Items written in one transaction: SQLite has one writer, and nobody shall wait for it long."""

BROKE = "Curator itself broke over this feed, and its log tells how. It is asked again in an hour"
_ASIDE = timedelta(hours=1)

_TOGETHER = 25
"""Feeds that are read together, and whose ends are written together: a transaction costs more than a feed in it."""

_FRESH_FOR_S = 2.0
"""How long what was read of feeds is good for: an editor may pause one meanwhile, another poller have a host held."""

_WAIT_S = 2.0
"""How long an end waits for others, and then for the answer that is just coming: that is asked again after a kill."""


def never() -> bool:
    """Is over never."""
    return False


def poll_each(
    db: Database,
    fetcher: Fetcher,
    feed_ids: Sequence[int],
    *,
    clock: Clock,
    random: Random,
    is_over: Callable[[], bool] = never,
) -> dict[int, PollOutcome]:
    """Asks feeds for news, in this order, and returns by id how each went; a feed that is not there is left out.

    A feed's trouble is an outcome with `is_ok` False, never an exception. Of each feed three acts: read its state,
    fetch and parse with no transaction open, write. Reading and writing serve up to 25 feeds at once. Items are
    written 500 at a time, the feed's own row (validators, body hash, next poll) with the last of them. So a kill before
    the end leaves feeds that are still due and perhaps some of their items: the next poll adds the rest. Two polls at
    once write one after the other and add nothing twice.

    What a bug breaks is put aside for an hour and raised, after the others' ends are written.
    """
    left, outcomes = list(dict.fromkeys(feed_ids)), dict[int, PollOutcome]()
    with fetcher.lasting() as lasting:
        while left and not is_over():
            sitting = _Sitting(db, lasting, clock, random)
            try:
                asked = sitting.ask(left[:_TOGETHER], is_over=is_over)
            finally:
                sitting.write()
            if sitting.broke is not None:
                raise sitting.broke
            outcomes |= sitting.outcomes
            left = left[asked:]
    return outcomes


@dataclass(frozen=True)
class _Asked:
    state: PollState
    look: Look
    held: Hold | None
    spread: float
    at: datetime

    @property
    def items(self) -> tuple[ParsedItem, ...]:
        """The document's items, oldest first: the newest gets the highest id."""
        return tuple(reversed(self.look.feed.items)) if self.look.feed else ()

    @property
    def is_plain(self) -> bool:
        return is_plain(self.state, self.look, held=self.held) and (
            self.look.feed is None or len(self.look.feed.items) <= CHUNK
        )


@dataclass
class _Sitting:
    """Some feeds that are asked on what was read of all of them at once.

    `broke` is what a bug came to while an end was written: raised at once, it would look like the next feed's.
    """

    db: Database
    fetcher: Fetcher
    clock: Clock
    random: Random
    outcomes: dict[int, PollOutcome] = field(default_factory=dict)
    broke: Exception | None = None
    _waiting: list[_Asked] = field(default_factory=list)
    _items: int = 0
    _since: float = 0.0

    def ask(self, feed_ids: Sequence[int], *, is_over: Callable[[], bool]) -> int:
        """Asks these feeds until it is over or too much time has gone; returns how many are done with."""
        began = time.monotonic()
        with self.db.read() as session:
            states = store.poll_states(session, feed_ids)
            holds = polls.known_holds(session, {polling.host_of(state.url) for state in states.values()})
        for done, feed_id in enumerate(feed_ids):
            is_stale = done > 0 and time.monotonic() - began > _FRESH_FOR_S
            if is_stale or self.broke is not None or is_over():
                return done
            if state := states.get(feed_id):
                with self._put_aside(feed_id):
                    self._ask(state, holds)
        return len(feed_ids)

    def write(self) -> None:
        """Writes the ends that wait, in one transaction."""
        waiting, self._waiting, self._items = self._waiting, [], 0
        if not waiting:
            return
        try:
            with self.db.write() as session:
                found = _written_together(session, waiting)
        except CuratorError:
            raise
        except Exception:  # one of them breaks it: alone the others are well
            self._write_each(waiting)
        else:
            self.outcomes |= found

    def _write_each(self, waiting: Sequence[_Asked]) -> None:
        for each in waiting:
            try:
                with self._put_aside(each.state.id):
                    self.outcomes[each.state.id] = _written_alone(self.db, each)
            except CuratorError:
                raise
            except Exception as error:
                self.broke = self.broke or error

    def _ask(self, state: PollState, holds: dict[str, Hold]) -> None:
        now, host = self.clock(), polling.host_of(state.url)
        held = holds.get(host)
        if state.state is not FeedState.ACTIVE:
            words = f"The feed is {state.state} and was not asked."
            self.outcomes[state.id] = PollOutcome(state.id, words, is_ok=state.is_ok)
        elif held is not None and held.until > now:
            self.outcomes[state.id] = _put_off(self.db, state, held, now=now)
        else:
            look = looked(self.fetcher, state)
            asked = _Asked(state, look, held, self.random.uniform(0.95, 1.10), now)
            if asked.is_plain:
                self._wait(asked)
            else:
                self.write()
                self.outcomes[state.id] = _written_alone(self.db, asked)
                with self.db.read() as session:  # trouble may hold the host, a good answer forgive it
                    holds |= polls.known_holds(session, {host, look.host})

    def _wait(self, asked: _Asked) -> None:
        if not self._waiting:
            self._since = time.monotonic()
        elif self._items + len(asked.items) > CHUNK or time.monotonic() - self._since > _WAIT_S:
            self.write()
            self._since = time.monotonic()
        self._waiting.append(asked)
        self._items += len(asked.items)

    @contextmanager
    def _put_aside(self, feed_id: int) -> Iterator[None]:
        try:
            yield
        except CuratorError:
            raise
        except Exception:
            with self.db.write() as session:
                at = self.clock() + _ASIDE
                store.update_feed(session, feed_id, next_poll_at=at, is_ok=False, note=BROKE)
            raise


def _put_off(db: Database, state: PollState, held: Hold, *, now: datetime) -> PollOutcome:
    note = polling.held_note(held.until, now=now)
    with db.write() as session:
        polls.put_off(session, [state.id], until=held.until, note=note)
    return PollOutcome(state.id, note, is_ok=state.is_ok)


def _written_together(session: store.Transaction, waiting: Sequence[_Asked]) -> dict[int, PollOutcome]:
    states = store.poll_states(session, [each.state.id for each in waiting], is_locked=True)
    ended = []
    for each in waiting:
        current = states.get(each.state.id)
        if current is not None and current.url == each.state.url:
            counts = _kept(session, each, each.items)
            ended.append(Ended(current, each.look, counts, each.spread, each.at))
    outcomes = {each.state.id: _lost(each.state.id) for each in waiting}
    return outcomes | {outcome.feed_id: outcome for outcome in conclude_plain(session, ended)}


def _written_alone(db: Database, asked: _Asked) -> PollOutcome:
    feed_id, items, counts = asked.state.id, asked.items, Counts()
    while len(items) > CHUNK:
        with db.write() as session:
            if store.poll_state(session, feed_id, is_locked=True) is not None:
                counts += _kept(session, asked, items[:CHUNK])
        items = items[CHUNK:]
    with db.write() as session:
        current = _locked(session, feed_id, moved_to=asked.look.moved_to)
        if current is None or current.url != asked.state.url:
            return _lost(feed_id)
        if asked.look.offers is not None:
            return finding.settled(session, current, asked.look, now=asked.at)
        counts += _kept(session, asked, items)
        ended = Ended(current, asked.look, counts, asked.spread, asked.at)
        return conclude(session, ended, held=asked.held)


def _locked(session: store.Transaction, feed_id: int, *, moved_to: str | None) -> PollState | None:
    """Returns the feed, held to the end together with the one that it may turn out to be.

    At once, because those who hold several feeds would wait for each other if each had an order of its own.
    """
    kept = moves.feed_at(session, moved_to) if moved_to else None
    return store.poll_states(session, [feed_id] if kept is None else [feed_id, kept], is_locked=True).get(feed_id)


def _lost(feed_id: int) -> PollOutcome:
    return PollOutcome(feed_id, "The feed was removed or moved meanwhile.", is_ok=False)


def _kept(session: store.Transaction, asked: _Asked, items: tuple[ParsedItem, ...]) -> Counts:
    """Writes some of the document's items; returns how many were new, and how many changed."""
    look, now = asked.look, asked.at
    if look.feed is None or not items:
        return Counts()
    known = store.known_items(
        session,
        asked.state.id,
        identities={item.identity for item in items},
        canonical_urls={item.canonical_url for item in items if item.canonical_url in look.pages},
    )
    changes = merge.merged(items, known=known, in_document=look.identities, pages=look.pages)
    is_first_poll = asked.state.last_ok_at is None
    placed = [merge.placed(item, is_first_poll=is_first_poll, now=now) for item in changes.new]
    store.change_items(session, changes.changed, now=now)
    store.change_items(session, changes.restless, now=now, is_counted=False)
    return Counts(store.add_items(session, asked.state.id, placed, now=now), len(changes.changed))
