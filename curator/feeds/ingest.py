"""Feed to item: adds feeds, says how they are asked, and asks one."""

from datetime import datetime
from random import Random
from typing import Any

from curator.db import Database
from curator.errors import InvalidError, NotFoundError, StateError
from curator.feeds import asking, store
from curator.feeds.address import feed_address
from curator.feeds.conclude import note_change
from curator.feeds.moves import store as moves
from curator.feeds.outlines import store as outlines
from curator.feeds.values import FeedState, PollOutcome
from curator.http.values import Fetcher

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


def remove_feed(db: Database, feed_id: int, *, now: datetime, by: int | None = None) -> str:
    """Removes a feed that brought nothing yet and returns its URL. Raises StateError once it has items."""
    with db.write() as session:
        state = store.locked_state(session, feed_id)
        row = store.feed_row(session, feed_id)
        if not outlines.remove_feed(session, feed_id):
            raise StateError("The feed has brought items by now, so it stays. Pause it to hear no more of it.")
        before = {"url": state.url, "is_own_show": row.is_own_show, "title": row.title}
        note_change(session, feed_id, "remove", by=by, now=now, before=before)
        return state.url


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
            before, after = {"is_own_show": not is_own_show}, {"is_own_show": is_own_show}
            note_change(session, feed_id, "mark", by=by, now=now, before=before, after=after)


def poll(db: Database, fetcher: Fetcher, feed_id: int, *, now: datetime, random: Random) -> PollOutcome:
    """Asks one feed for news, as `asking.poll_each` does. Raises NotFoundError for a feed that is not there."""
    found = asking.poll_each(db, fetcher, [feed_id], clock=lambda: now, random=random)
    if feed_id not in found:
        raise NotFoundError("feed", feed_id)
    return found[feed_id]


def _switch(
    db: Database, feed_id: int, to: FeedState, *, verb: str, now: datetime, by: int | None, **columns: Any
) -> None:
    with db.write() as session:
        before = store.locked_state(session, feed_id).state
        if before is to:
            return
        store.update_feed(session, feed_id, state=to, **columns)
        note_change(session, feed_id, verb, by=by, now=now, before={"state": before}, after={"state": to})
