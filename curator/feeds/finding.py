"""Finds the feed behind a web page that was added: one becomes the address, several are offered, none is sought."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from curator.db import Database
from curator.errors import FetchError, ParseError, StateError
from curator.feeds import polling
from curator.feeds import store as feeds
from curator.feeds.conclude import note_change, switch
from curator.feeds.discover import Offer, well_known
from curator.feeds.look import Look
from curator.feeds.moves import store as moves
from curator.feeds.outlines import store
from curator.feeds.parse import parsed_feed
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import PollRow
from curator.feeds.values import FeedState, NextPoll, PollOutcome, PollState
from curator.http.values import Fetcher
from curator.queue import store as queue

FIND_FEED = "find_feed"
"""The task that looks for a feed at the usual places of a site."""

LOOK_AGAIN_IN = timedelta(days=1)
_MOST_STEPS = 3
"""Pages that name a page that names a page: after so many nobody meant a feed."""

_MOST_FAILURES = 3
"""A site that does not answer so often in a row is left alone."""

_SEEKING = "This is a web page that names no feed; the usual places are looked at."
_NOTHING = (
    "This is a web page that names no feed, and none lies at the usual places (/feed, /rss.xml and the like). "
    "Look on the site for a link named RSS or Atom, and add that."
)


def settled(session: feeds.Transaction, page: PollState, look: Look, *, now: datetime) -> PollOutcome:
    """Writes down what became of a web page at a feed's address, in the poll's own transaction."""
    outcome = _settled(session, page, look.offers or (), now=now)
    line = PollRow(now, look.status, outcome.is_ok, outcome.note, took_ms=look.took_ms, bytes=look.bytes)
    polls.add_poll(session, outcome.feed_id, line)
    return outcome


def _settled(session: feeds.Transaction, page: PollState, offers: Sequence[Offer], *, now: datetime) -> PollOutcome:
    been_there = {page.url, *moves.aliases(session, page.id)}
    fitting = [offer for offer in offers if offer.url not in been_there]
    if len(fitting) == 1 and len(been_there) <= _MOST_STEPS:
        return _become(session, page, fitting[0].url, by=None, now=now)
    if fitting:
        words = f"This is a web page that offers {len(fitting)} feeds. Choose one."
        return _left(session, page, words, now=now, offers=[asdict(offer) for offer in fitting])
    if feeds.feed_row(session, page.id).note != _NOTHING:  # a site is searched once, not every day
        queue.enqueue(session, FIND_FEED, {"feed_id": page.id}, now=now, key=f"find:{page.id}")
        return _left(session, page, _SEEKING, now=now)
    return _left(session, page, _NOTHING, now=now)


def use_offer(db: Database, feed_id: int, url: str, *, now: datetime, by: int | None) -> PollOutcome:
    """Makes one of a page's offers the feed's address, due at once; a feed that is here already takes its place.

    Raises StateError for an address that the page does not offer (any more).
    """
    with db.write() as session:
        page = feeds.locked_state(session, feed_id)
        if url not in {offer.url for offer in store.offers(session, [feed_id]).get(feed_id, ())}:
            raise StateError("The page does not offer this feed any more. Look at the list again.")
        return _become(session, page, url, by=by, now=now)


def look_around(
    db: Database, fetcher: Fetcher, feed_id: int, *, now: datetime, is_over: Callable[[], bool] = lambda: False
) -> PollOutcome | None:
    """Asks the usual places of a page's site for a feed; the first that parses becomes the address, else it says none.

    None when the feed is gone or was well meanwhile. A crash on the way leaves the page as it was, and a second call
    asks again. When its time `is_over` the rest is not looked at: a slow site has eleven places.
    """
    with db.read() as session:
        page = feeds.poll_state(session, feed_id)
    if page is None or page.last_ok_at is not None:
        return None
    found = _first_feed(fetcher, page.url, is_over=is_over)
    with db.write() as session:
        current = feeds.poll_state(session, feed_id, is_locked=True)
        if current is None or current.url != page.url:
            return None
        if found is not None:
            return _become(session, current, found, by=None, now=now)
        return _left(session, current, _NOTHING, now=now)


def _first_feed(fetcher: Fetcher, url: str, *, is_over: Callable[[], bool]) -> str | None:
    failures = 0
    for address in well_known(url):
        if is_over():
            return None
        try:
            answer = fetcher.get(address)
        except FetchError:
            failures += 1
            if failures == _MOST_FAILURES:
                return None
            continue
        try:
            if answer.status == 200 and parsed_feed(answer.body, url=answer.url, headers=answer.headers).items:
                return address
        except ParseError:
            continue
    return None


def _become(session: feeds.Transaction, page: PollState, url: str, *, by: int | None, now: datetime) -> PollOutcome:
    here = moves.known(session, url)
    if here is not None and here != page.id:
        return _folded(session, page, here, now=now)
    note_change(session, page.id, "move", by=by, now=now, before={"url": page.url}, after={"url": url})
    note = f"The page names its feed, {url}; it is asked at once."[:500]
    # Whoever chooses a feed wants it asked, so the state is said too.
    fresh: dict[str, Any] = {"state": FeedState.ACTIVE, "is_ok": True, "failures": 0, "offers": []}
    fresh |= dict.fromkeys(("etag", "last_modified", "body_hash", "failing_since"))
    feeds.update_feed(session, page.id, url=url, next_poll_at=now, last_polled_at=now, note=note, **fresh)
    moves.drop_alias(session, url)
    moves.put_alias(session, page.url, page.id, now=now)
    return PollOutcome(page.id, note, is_ok=True)


def _folded(session: feeds.Transaction, page: PollState, here: int, *, now: datetime) -> PollOutcome:
    """The page's feed was here before the page: the page's row goes, its address stands for that feed."""
    title = feeds.feed_row(session, here).title
    if not store.remove_feed(session, page.id):
        return _left(session, page, f"The page's feed is here already: {title}.", now=now)
    moves.put_alias(session, page.url, here, now=now)
    if page.is_own_show:
        feeds.update_feed(session, here, is_own_show=True)
    return PollOutcome(here, f"The page's feed is here already: {title}.", is_ok=True)


def _left(session: feeds.Transaction, page: PollState, words: str, *, now: datetime, **columns: Any) -> PollOutcome:
    """Leaves a page as it is, and fares with it as with a feed that fails: in the end it is asked no more."""
    plan = polling.after_long_failure(page, now=now) or NextPoll(now + LOOK_AGAIN_IN, "")
    note = polling.note(words.rstrip("."), plan, now=now) if plan.state is not FeedState.ACTIVE else words
    columns = {"offers": [], **columns, "is_ok": False, "failures": page.failures + 1, "last_status": 200}
    columns |= {"failing_since": page.failing_since or now, "last_polled_at": now, "next_poll_at": plan.at}
    switch(session, page, plan, now=now)
    feeds.update_feed(session, page.id, **columns, note=note)
    return PollOutcome(page.id, note, is_ok=False)
