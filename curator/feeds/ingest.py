"""Feed to item: adds feeds, polls them, and keeps what they publish."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from random import Random
from typing import Any

from curator.activity.store import record
from curator.db import Database
from curator.errors import FetchError, NotFoundError, ParseError, StateError
from curator.feeds import finding, merge, polling, store
from curator.feeds.address import feed_address
from curator.feeds.discover import Offer, is_page, offers
from curator.feeds.outlines import store as outlines
from curator.feeds.parse import parsed_feed
from curator.feeds.values import FeedState, NextPoll, ParsedFeed, ParsedItem, PollOutcome, PollState
from curator.http.values import Fetched, Fetcher

CHUNK = 500
"""Items written in one transaction: SQLite has one writer, and nobody shall wait for it long."""


@dataclass(frozen=True)
class _Look:
    """What asking a feed came to. `trouble` is None when it went well; `feed` is None when nothing changed.

    `pages` and `identities` are of the whole document: in one of 50,000 items they take longer than to write a chunk.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    feed: ParsedFeed | None = None
    body_hash: str | None = None
    is_moving: bool = False
    trouble: str | None = None
    page_offers: tuple[Offer, ...] | None = None  # intake: what a web page at the feed's address offers
    pages: frozenset[str] = frozenset()
    identities: frozenset[str] = frozenset()


def add_feed(db: Database, url: str, *, now: datetime, is_own_show: bool = False, by: int | None = None) -> int:
    """Adds a feed, due at once, and returns its id; a known URL gives the known feed's. Nothing is fetched yet.

    Raises InvalidError (field "url") for what is no http(s) address. `is_own_show` marks the publisher's own podcast.
    """
    address = feed_address(url)
    with db.write() as session:
        if (known := outlines.feed_at(session, address)) is not None:  # intake: an old address, or a page's, is known
            return known
        feed_id, is_new = store.add_feed(session, address, is_own_show=is_own_show, now=now)
        if is_new:
            _note_change(session, feed_id, "add", by=by, now=now, after={"url": address})
    return feed_id


def ask_now(db: Database, feed_id: int, *, now: datetime) -> None:
    """Makes a feed due at once, whatever it was waiting for; the clock does the rest.

    Raises StateError for one that is paused or gone: that is lifted by `resume`.
    """
    with db.write() as session:
        if _locked(session, feed_id).state is not FeedState.ACTIVE:
            raise StateError("The feed is not being asked; resume it first.")
        store.update_feed(session, feed_id, next_poll_at=now)


def pause(db: Database, feed_id: int, *, now: datetime, by: int | None = None) -> None:
    """Stops asking a feed; its items stay. Twice is fine."""
    _switch(db, feed_id, FeedState.PAUSED, verb="pause", now=now, by=by)


def resume(db: Database, feed_id: int, *, now: datetime, by: int | None = None) -> None:
    """Asks a paused or gone feed again, at once. Twice is fine."""
    _switch(db, feed_id, FeedState.ACTIVE, verb="resume", now=now, by=by, next_poll_at=now, failures=0)


def mark_own_show(db: Database, feed_id: int, *, is_own_show: bool, now: datetime, by: int | None = None) -> None:
    """Says whether a feed is the publisher's own show; saying it twice changes nothing. Raises NotFoundError."""
    with db.write() as session:
        _locked(session, feed_id)
        if store.feed_row(session, feed_id).is_own_show is not is_own_show:
            store.update_feed(session, feed_id, is_own_show=is_own_show)
            _note_change(session, feed_id, "mark", by=by, now=now, after={"is_own_show": is_own_show})


def poll(db: Database, fetcher: Fetcher, feed_id: int, *, now: datetime, random: Random) -> PollOutcome:
    """Asks a feed for news and keeps them; its trouble is an outcome with `is_ok` False, never an exception.

    Three acts: read the feed's state, fetch and parse with no transaction open, write. Items are written 500 at a
    time, the feed's own row (validators, body hash, next poll) with the last of them. So a kill before the end leaves
    a feed that is still due and perhaps some of its items: the next poll adds the rest. Two polls at once write one
    after the other and add nothing twice. Raises NotFoundError for a feed that is not there.
    """
    with db.read() as session:
        state = store.poll_state(session, feed_id)
    if state is None:
        raise NotFoundError("feed", feed_id)
    if state.state is not FeedState.ACTIVE:
        return PollOutcome(feed_id, f"The feed is {state.state} and was not asked.", is_ok=state.is_ok)
    look = _looked(fetcher, state)
    spread = random.uniform(0.95, 1.10)
    items = tuple(reversed(look.feed.items)) if look.feed else ()  # the newest gets the highest id
    counts = [0, 0]
    while len(items) > CHUNK:
        with db.write() as session:
            _add(counts, _kept(session, state, look, items[:CHUNK], now=now))
        items = items[CHUNK:]
    with db.write() as session:
        if (current := store.poll_state(session, feed_id, is_locked=True)) is None or current.url != state.url:
            return PollOutcome(feed_id, "The feed was removed or moved meanwhile.", is_ok=False)
        if look.page_offers is not None:  # intake: a new address that turned out to be a web page
            return finding.settled(session, current, look.page_offers, now=now)
        _add(counts, _kept(session, state, look, items, now=now))
        return _concluded(session, current, look, new=counts[0], updated=counts[1], spread=spread, now=now)


def _looked(fetcher: Fetcher, state: PollState) -> _Look:
    try:
        answer = fetcher.get(state.url, headers=polling.request_headers(state))
    except FetchError as error:
        return _Look(trouble=error.reason.rstrip("."))
    is_conditional = bool(state.etag or state.last_modified)
    if answer.status == 304 and is_conditional:
        return _Look(304, answer.headers)
    if answer.status not in (200, 203):
        return _Look(answer.status, answer.headers, trouble=f"{answer.status} {_phrase(answer.status)}".strip())
    return _read(answer, state)


def _read(answer: Fetched, state: PollState) -> _Look:
    body_hash = hashlib.sha256(answer.body).hexdigest()
    # Validators belong to the URL that gave them, and a temporary redirect may lead elsewhere next time.
    is_moving = any(hop.status not in (301, 308) for hop in answer.hops)
    if body_hash == state.body_hash:
        return _Look(answer.status, answer.headers, body_hash=body_hash, is_moving=is_moving)
    try:
        feed = parsed_feed(answer.body, url=answer.url, headers=answer.headers)
    except ParseError as error:
        kind = answer.headers.get("content-type", "")
        if state.last_ok_at is None and is_page(answer.body, content_type=kind):  # intake
            found = offers(answer.body, url=answer.url, content_type=kind)
            return _Look(answer.status, answer.headers, page_offers=found)
        return _Look(answer.status, answer.headers, trouble=f"{answer.status}, but: {error}".rstrip("."))
    return _Look(
        answer.status,
        answer.headers,
        feed,
        body_hash,
        is_moving,
        pages=merge.pages_of_one(feed),
        identities=frozenset(item.identity for item in feed.items),
    )


def _kept(
    session: store.Transaction, state: PollState, look: _Look, items: tuple[ParsedItem, ...], *, now: datetime
) -> tuple[int, int]:
    """Writes some of the document's items; returns how many were new, and how many changed."""
    if look.feed is None or not items or store.poll_state(session, state.id, is_locked=True) is None:
        return 0, 0
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
    return store.add_items(session, state.id, placed, now=now), len(changes.changed)


def _concluded(
    session: store.Transaction, state: PollState, look: _Look, *, new: int, updated: int, spread: float, now: datetime
) -> PollOutcome:
    columns: dict[str, Any] = {"last_polled_at": now, "last_status": look.status}
    if look.trouble is None:
        plan = _plan(session, state, look, spread=spread, now=now)
        note = polling.note(_came(look, new, updated), plan, now=now)
        columns |= {"is_ok": True, "failures": 0, "last_ok_at": now, **_facts(look)}
    else:
        plan = polling.after_failure(state, status=look.status, headers=look.headers, spread=spread, now=now)
        note = polling.note(look.trouble, plan, now=now)
        columns |= {"is_ok": False, "failures": state.failures + 1}
    if plan.state is not FeedState.ACTIVE and state.state is FeedState.ACTIVE:
        columns["state"] = plan.state
        verb = "pause" if plan.state is FeedState.PAUSED else "lose"
        _note_change(session, state.id, verb, by=None, now=now, before={"state": state.state})
    store.update_feed(session, state.id, **columns, next_poll_at=plan.at, note=note)
    return PollOutcome(state.id, note, is_ok=look.trouble is None, new=new, updated=updated)


def _plan(session: store.Transaction, state: PollState, look: _Look, *, spread: float, now: datetime) -> NextPoll:
    headers = look.headers
    return polling.after_success(
        headers=headers,
        has_validators=look.status == 304 or bool(headers.get("etag") or headers.get("last-modified")),
        ttl_minutes=look.feed.ttl_minutes if look.feed else state.ttl_minutes,
        published=store.published_moments(session, state.id, now=now),
        spread=spread,
        now=now,
    )


def _facts(look: _Look) -> dict[str, Any]:
    """Returns what a good answer teaches about the feed itself."""
    changed = polling.validator(look.headers.get("last-modified"))
    if look.status == 304:  # the validators stay; a newer date is taken (RFC 9111 4.3.4)
        return {"last_modified": changed} if changed else {}
    facts: dict[str, Any] = {
        "etag": None if look.is_moving else polling.validator(look.headers.get("etag")),
        "last_modified": None if look.is_moving else changed,
        "body_hash": look.body_hash,
    }
    if look.feed:
        told = {name: getattr(look.feed, name) for name in ("title", "site_url", "language", "image_url")}
        facts |= {name: value for name, value in told.items() if value}
        facts["ttl_minutes"] = look.feed.ttl_minutes
        facts |= {"kind": look.feed.kind} if look.feed.items else {}
    return facts


def _came(look: _Look, new: int, updated: int) -> str:
    if look.status == 304:
        return "304"
    if look.feed is None:
        return f"{look.status}; the same document"
    return f"{look.status}; {new} new, {updated} changed" if new or updated else f"{look.status}; nothing new"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _add(counts: list[int], more: tuple[int, int]) -> None:
    counts[0] += more[0]
    counts[1] += more[1]


def _locked(session: store.Transaction, feed_id: int) -> PollState:
    state = store.poll_state(session, feed_id, is_locked=True)
    if state is None:
        raise NotFoundError("feed", feed_id)
    return state


def _switch(
    db: Database, feed_id: int, to: FeedState, *, verb: str, now: datetime, by: int | None, **columns: Any
) -> None:
    with db.write() as session:
        before = _locked(session, feed_id).state
        if before is to:
            return
        store.update_feed(session, feed_id, state=to, **columns)
        _note_change(session, feed_id, verb, by=by, now=now, before={"state": before}, after={"state": to})


def _note_change(
    session: store.Transaction,
    feed_id: int,
    verb: str,
    *,
    by: int | None,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(session, at=now, actor=by, verb=verb, subject="feed", subject_id=feed_id, before=before, after=after)
