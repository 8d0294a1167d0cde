"""Feed to item: adds feeds, polls them, and keeps what they publish."""

from datetime import datetime
from random import Random
from typing import Any

from curator.db import Database
from curator.errors import InvalidError, NotFoundError, StateError
from curator.feeds import finding, merge, polling, store
from curator.feeds.address import feed_address
from curator.feeds.conclude import Counts, conclude, note_change
from curator.feeds.look import Look, looked
from curator.feeds.moves import store as moves
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import Hold
from curator.feeds.values import FeedState, ParsedItem, PollOutcome, PollState
from curator.http.values import Fetcher

CHUNK = 500
"""Items written in one transaction: SQLite has one writer, and nobody shall wait for it long."""

SOONEST_WISH, LATEST_WISH = 15, 24 * 60
"""Minutes between two polls that an editor may wish for; a day is what every feed gets anyway."""


def add_feed(db: Database, url: str, *, now: datetime, is_own_show: bool = False, by: int | None = None) -> int:
    """Adds a feed, due at once, and returns its id; nothing is fetched yet.

    A URL that is known, or that a known feed had before it moved, gives that feed's.

    Raises InvalidError (field "url") for what is no http(s) address. `is_own_show` marks the publisher's own podcast.
    """
    address = feed_address(url)
    with db.write() as session:
        known = moves.known(session, address)
        if known is not None:
            return known
        feed_id, is_new = store.add_feed(session, address, is_own_show=is_own_show, now=now)
        if is_new:
            note_change(session, feed_id, "add", by=by, now=now, after={"url": address})
    return feed_id


def ask_now(db: Database, feed_id: int, *, now: datetime) -> None:
    """Makes a feed due at once, whatever it was waiting for; the clock does the rest.

    Raises StateError for one that is paused or gone: that is lifted by `resume`.
    """
    with db.write() as session:
        if store.locked_state(session, feed_id).state is not FeedState.ACTIVE:
            raise StateError("The feed is not being asked; resume it first.")
        store.update_feed(session, feed_id, next_poll_at=now)


_AFRESH: dict[str, Any] = {"failures": 0, "failing_since": None}


def wish(db: Database, feed_id: int, minutes: int | None, *, now: datetime, by: int | None = None) -> None:
    """Sets how often an editor wants the feed asked, None for as often as it makes sense; it is due by then at the
    latest. Raises InvalidError (field "poll_minutes").
    """
    if minutes is not None and not SOONEST_WISH <= minutes <= LATEST_WISH:
        raise InvalidError("poll_minutes", f"Choose from {SOONEST_WISH} to {LATEST_WISH} minutes, or leave it empty.")
    with db.write() as session:
        before = store.locked_state(session, feed_id)
        if before.poll_minutes == minutes:
            return
        store.wish(session, feed_id, minutes, now=now)
        note_change(
            session,
            feed_id,
            "pace",
            by=by,
            now=now,
            before={"poll_minutes": before.poll_minutes},
            after={"poll_minutes": minutes},
        )


def pause(db: Database, feed_id: int, *, now: datetime, by: int | None = None) -> None:
    """Stops asking a feed; its items stay. Twice is fine."""
    _switch(db, feed_id, FeedState.PAUSED, verb="pause", now=now, by=by)


def resume(db: Database, feed_id: int, *, now: datetime, by: int | None = None) -> None:
    """Asks a paused or gone feed again, at once. Twice is fine."""
    _switch(db, feed_id, FeedState.ACTIVE, verb="resume", now=now, by=by, **_AFRESH, next_poll_at=now)


def mark_own_show(db: Database, feed_id: int, *, is_own_show: bool, now: datetime, by: int | None = None) -> None:
    """Says whether a feed is the publisher's own show; saying it twice changes nothing. Raises NotFoundError."""
    with db.write() as session:
        store.locked_state(session, feed_id)
        if store.feed_row(session, feed_id).is_own_show is not is_own_show:
            store.update_feed(session, feed_id, is_own_show=is_own_show)
            note_change(session, feed_id, "mark", by=by, now=now, after={"is_own_show": is_own_show})


def poll(db: Database, fetcher: Fetcher, feed_id: int, *, now: datetime, random: Random) -> PollOutcome:
    """Asks a feed for news and keeps them; its trouble is an outcome with `is_ok` False, never an exception.

    Three acts: read the feed's state, fetch and parse with no transaction open, write. Items are written 500 at a
    time, the feed's own row (validators, body hash, next poll) with the last of them. So a kill before the end leaves
    a feed that is still due and perhaps some of its items: the next poll adds the rest. Two polls at once write one
    after the other and add nothing twice. Raises NotFoundError for a feed that is not there.
    """
    with db.read() as session:
        state = store.poll_state(session, feed_id)
        held = polls.hold(session, polling.host_of(state.url)) if state else None
    if state is None:
        raise NotFoundError("feed", feed_id)
    if state.state is not FeedState.ACTIVE:
        return PollOutcome(feed_id, f"The feed is {state.state} and was not asked.", is_ok=state.is_ok)
    if held is not None and held.until > now:
        return _put_off(db, state, held, now=now)
    look = looked(fetcher, state)
    spread = random.uniform(0.95, 1.10)
    items = tuple(reversed(look.feed.items)) if look.feed else ()  # the newest gets the highest id
    counts = Counts()
    while len(items) > CHUNK:
        with db.write() as session:
            counts += _kept(session, state, look, items[:CHUNK], now=now)
        items = items[CHUNK:]
    with db.write() as session:
        if (current := store.poll_state(session, feed_id, is_locked=True)) is None or current.url != state.url:
            return PollOutcome(feed_id, "The feed was removed or moved meanwhile.", is_ok=False)
        if look.offers is not None:
            return finding.settled(session, current, look, now=now)
        counts += _kept(session, state, look, items, now=now)
        return conclude(session, current, look, counts, held=held, spread=spread, now=now)


def _put_off(db: Database, state: PollState, held: Hold, *, now: datetime) -> PollOutcome:
    note = polling.held_note(held.until, now=now)
    with db.write() as session:
        polls.put_off(session, [state.id], until=held.until, note=note)
    return PollOutcome(state.id, note, is_ok=state.is_ok)


def _kept(
    session: store.Transaction, state: PollState, look: Look, items: tuple[ParsedItem, ...], *, now: datetime
) -> Counts:
    """Writes some of the document's items; returns how many were new, and how many changed."""
    if look.feed is None or not items or store.poll_state(session, state.id, is_locked=True) is None:
        return Counts()
    known = store.known_items(
        session,
        state.id,
        identities={item.identity for item in items},
        canonical_urls={item.canonical_url for item in items if item.canonical_url in look.pages},
    )
    changes = merge.merged(items, known=known, in_document=look.identities, pages=look.pages)
    is_first_poll = state.last_ok_at is None
    placed = [merge.placed(item, is_first_poll=is_first_poll, now=now) for item in changes.new]
    store.change_items(session, changes.changed, now=now)
    store.change_items(session, changes.restless, now=now, is_counted=False)
    return Counts(store.add_items(session, state.id, placed, now=now), len(changes.changed))


def _switch(
    db: Database, feed_id: int, to: FeedState, *, verb: str, now: datetime, by: int | None, **columns: Any
) -> None:
    with db.write() as session:
        before = store.locked_state(session, feed_id).state
        if before is to:
            return
        store.update_feed(session, feed_id, state=to, **columns)
        note_change(session, feed_id, verb, by=by, now=now, before={"state": before}, after={"state": to})
