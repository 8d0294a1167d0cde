"""Asks many feeds and never a host twice at a time, over all threads and processes that do so."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from curator.clock import Clock
from curator.db import Database
from curator.errors import CuratorError, NotFoundError
from curator.feeds import ingest, polling, store
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import DueFeed, Taken
from curator.feeds.values import PollOutcome
from curator.http.values import Fetcher

_WINDOW = 200
_ASIDE = timedelta(hours=1)
BROKE = "Curator itself broke over this feed, and its log tells how. It is asked again in an hour"
BUSY = "Not asked: its host is being asked by another process just now. Try again in a minute"


@dataclass(frozen=True)
class Pollers:
    """What asking takes, and the name under which hosts are taken. `per_host` polls may go to one host at a time."""

    db: Database
    fetcher: Fetcher
    clock: Clock
    random: Random
    name: str
    per_host: int = 1


def go_round(pollers: Pollers, *, is_over: Callable[[], bool]) -> bool:
    """Asks what is due, host after host, until the turn is over; False when nothing is left to take.

    A host is taken for as long as it is asked: others pass it by. A kill leaves it taken for three minutes, and its
    feeds due. What a bug breaks is put aside for an hour and raised: the others that go round do not meet it.
    """
    while not is_over():
        taken = _take(pollers)
        if taken is None:
            return False
        with _given_back(pollers, taken.name):
            for feed_id in taken.feed_ids:
                if is_over():
                    break
                with suppress(NotFoundError):  # it was removed meanwhile
                    _asked(pollers, feed_id)
    return True


def poll_one(pollers: Pollers, feed_id: int) -> PollOutcome:
    """Asks one feed now, unless its host is being asked or held. Raises NotFoundError."""
    (outcome,) = poll_these(pollers, [feed_id], at_once=1) or (None,)
    if outcome is None:
        raise NotFoundError("feed", feed_id)
    return outcome


def poll_these(pollers: Pollers, feed_ids: Sequence[int], *, at_once: int) -> list[PollOutcome]:
    """Asks these feeds, due or not, some hosts at once, and returns how each went, in the order given."""
    with pollers.db.read() as session:
        found = polls.hosts_of(session, feed_ids)
    groups = _by_name(((feed_id, host) for feed_id, host in found), per_host=pollers.per_host)
    with ThreadPoolExecutor(at_once) as threads:
        done = list(threads.map(lambda group: _group_asked(pollers, *group), groups.items()))
    outcomes = {each.asked: each.outcome for group in done for each in group}
    return [outcomes[feed_id] for feed_id, _ in found]


@dataclass(frozen=True)
class _Asked:
    asked: int
    outcome: PollOutcome


def _group_asked(pollers: Pollers, name: str, feed_ids: Sequence[int]) -> list[_Asked]:
    with pollers.db.write() as session:
        is_taken = polls.take_host(session, name, by=pollers.name, now=pollers.clock())
    if not is_taken:
        return [_Asked(feed_id, PollOutcome(feed_id, BUSY, is_ok=False)) for feed_id in feed_ids]
    with _given_back(pollers, name):
        return [_Asked(feed_id, _asked_still_there(pollers, feed_id)) for feed_id in feed_ids]


def _asked_still_there(pollers: Pollers, feed_id: int) -> PollOutcome:
    try:
        return _asked(pollers, feed_id)
    except NotFoundError as error:
        return PollOutcome(feed_id, str(error), is_ok=False)


def _asked(pollers: Pollers, feed_id: int) -> PollOutcome:
    try:
        return ingest.poll(pollers.db, pollers.fetcher, feed_id, now=pollers.clock(), random=pollers.random)
    except CuratorError:
        raise
    except Exception:
        now = pollers.clock()
        with pollers.db.write() as session:
            store.update_feed(session, feed_id, next_poll_at=now + _ASIDE, is_ok=False, note=BROKE)
        raise


def _take(pollers: Pollers) -> Taken | None:
    """Takes a host with feeds that are due; puts off those of hosts that are held."""
    now = pollers.clock()
    with pollers.db.write() as session:
        busy = polls.taken_hosts(session, now=now)
        window = polls.due_feeds(session, now=now, limit=_WINDOW)
        while window:
            free = _without_held(session, window, now=now)
            groups = _by_name(((feed.id, feed.host) for feed in free), per_host=pollers.per_host)
            for name, feed_ids in groups.items():
                if name not in busy and polls.take_host(session, name, by=pollers.name, now=now):
                    return Taken(name, tuple(feed_ids))
            window = polls.due_feeds(session, now=now, limit=_WINDOW, after=window[-1])
    return None


def _without_held(session: store.Transaction, window: Sequence[DueFeed], *, now: datetime) -> list[DueFeed]:
    held = polls.holds(session, {feed.host for feed in window}, now=now)
    for host, hold in held.items():
        waiting = [feed.id for feed in window if feed.host == host]
        polls.put_off(session, waiting, until=hold.until, note=polling.held_note(hold.until, now=now))
    return [feed for feed in window if feed.host not in held]


def _by_name(feeds: Iterable[tuple[int, str]], *, per_host: int) -> dict[str, list[int]]:
    """Returns the feeds by the lease that asking them takes: one a host, or numbered ones that share its feeds out."""
    groups: dict[str, list[int]] = {}
    for feed_id, host in feeds:
        share = feed_id % per_host
        groups.setdefault(f"{host}#{share}" if share else host, []).append(feed_id)
    return groups


@contextmanager
def _given_back(pollers: Pollers, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        with pollers.db.write() as session:
            polls.give_back(session, name, by=pollers.name, now=pollers.clock())
