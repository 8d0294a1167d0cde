"""The end of a poll: what it taught, when the feed is asked next, and the line of the ledger, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from curator.activity.store import record
from curator.feeds import polling, store
from curator.feeds.look import Look
from curator.feeds.moves import rules
from curator.feeds.moves import store as moves
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import Hold, PollRow
from curator.feeds.values import FeedState, NextPoll, PollOutcome, PollState


@dataclass(frozen=True)
class Counts:
    """What a poll did to items."""

    new: int = 0
    updated: int = 0

    def __add__(self, more: "Counts") -> "Counts":
        return Counts(self.new + more.new, self.updated + more.updated)


@dataclass(frozen=True)
class Ended:
    """A poll that is over but for its end: the feed as it stands now, what was seen, and what that did to items.

    `spread` is drawn from 0.95 to 1.10, `at` is when it was asked.
    """

    state: PollState
    look: Look
    counts: Counts
    spread: float
    at: datetime


def is_plain(state: PollState, look: Look, *, held: Hold | None) -> bool:
    """Tells whether a poll's end concerns its own feed only: a good answer from where the feed is known to live."""
    is_at_home = look.moved_to is None and look.host == polling.host_of(state.url)
    return is_at_home and look.trouble is None and look.offers is None and (held is None or not held.strikes)


def conclude_plain(session: store.Transaction, ended: Sequence[Ended]) -> list[PollOutcome]:
    """Writes the ends of polls that are plain, each of another feed, and returns their outcomes."""
    if not ended:
        return []
    published = store.published_moments(session, [each.state.id for each in ended], now=max(each.at for each in ended))
    columns, lines, outcomes = {}, {}, []
    for each in ended:
        plan = _plan(each, published[each.state.id])
        note = polling.note(_came(each), plan, now=each.at)
        columns[each.state.id] = _good(each, rules.seen(each.state, None, is_same=True, now=each.at)) | _said(
            each, plan, note
        )
        lines[each.state.id] = _line(each, note)
        outcomes.append(_outcome(each, note))
    store.update_feeds(session, columns)
    polls.add_polls(session, lines)
    return outcomes


def conclude(session: store.Transaction, ended: Ended, *, held: Hold | None) -> PollOutcome:
    """Writes a poll's end and returns its outcome; a feed that turned out to be another one ends as that one.

    `held` is what was known of the feed's own host before it was asked.
    """
    state, look, now = ended.state, ended.look, ended.at
    if look.trouble is None:
        known = held if look.host == polling.host_of(state.url) else polls.hold(session, look.host)
        if known is not None and known.strikes:
            polls.forgive(session, look.host)
        return _went_well(session, ended)
    known = polls.hold(session, look.host)
    strikes = known.strikes if known else 0
    plan = polling.after_failure(
        state, status=look.status, headers=look.headers, spread=ended.spread, now=now, strikes=strikes
    )
    note = polling.note(look.trouble, plan, now=now)
    columns = {
        "is_ok": False,
        "failures": state.failures + 1,
        "failing_since": state.failing_since or now,
        "last_status": look.status,
    }
    if polling.wants_peace(look.status):
        polls.put_hold(session, Hold(look.host, plan.at, strikes + 1, look.trouble))
    switch(session, state, plan, now=now)
    store.update_feed(session, state.id, **columns, **_said(ended, plan, note))
    polls.add_poll(session, state.id, _line(ended, note))
    # Last: whoever fails next waits for this row, and holds nothing that we want by then.
    polls.count_failure(session, now=now)
    return _outcome(ended, note, is_ok=False)


def note_change(
    session: store.Transaction,
    feed_id: int,
    verb: str,
    *,
    by: int | None,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Writes a change of a feed to the audit log."""
    record(session, at=now, actor=by, verb=verb, subject="feed", subject_id=feed_id, before=before, after=after)


def _went_well(session: store.Transaction, ended: Ended) -> PollOutcome:
    state, look, now = ended.state, ended.look, ended.at
    plan = _plan(ended, store.published_moments(session, [state.id], now=now)[state.id])
    is_same = _is_same(ended)
    memory = rules.seen(state, look.moved_to, is_same=is_same, now=now)
    columns, (target, times, since) = _good(ended, memory), memory
    came, feed_id = _came(ended), state.id
    if target and since and is_same and rules.is_believed(state, target, times=times, since=since, now=now):
        store.update_feed(session, state.id, **columns)
        came, feed_id = f"{came}; {_moved(session, state, target, now=now)}", moves.feed_at(session, target) or state.id
        columns = {}
    note = polling.note(came, plan, now=now)
    store.update_feed(session, feed_id, **columns, **_said(ended, plan, note))
    polls.add_poll(session, feed_id, _line(ended, note))
    return _outcome(ended, note, feed_id=feed_id)


def _good(ended: Ended, memory: tuple[str | None, int, datetime | None]) -> dict[str, Any]:
    """Returns what a good answer says of its feed, with the memory of its redirect where that has changed."""
    state = ended.state
    columns: dict[str, Any] = {
        "is_ok": True,
        "failures": 0,
        "failing_since": None,
        "last_ok_at": ended.at,
        "last_status": ended.look.status,
        **_facts(ended.look),
    }
    if memory != (state.moved_to, state.moved_seen, state.moved_since):
        columns |= dict(zip(("moved_to", "moved_seen", "moved_since"), memory, strict=True))
    return columns


def _said(ended: Ended, plan: NextPoll, note: str) -> dict[str, Any]:
    return {"last_polled_at": ended.at, "next_poll_at": plan.at, "note": note}


def _line(ended: Ended, note: str) -> PollRow:
    look, counts = ended.look, ended.counts
    is_ok = look.trouble is None
    return PollRow(ended.at, look.status, is_ok, note, counts.new, counts.updated, look.took_ms, look.bytes)


def _outcome(ended: Ended, note: str, *, is_ok: bool = True, feed_id: int | None = None) -> PollOutcome:
    to = ended.state.id if feed_id is None else feed_id
    return PollOutcome(to, note, is_ok=is_ok, new=ended.counts.new, updated=ended.counts.updated)


def _is_same(ended: Ended) -> bool:
    feed = ended.look.feed
    title = feed.title if feed else None
    has_known_items = feed is not None and ended.counts.new < len(feed.items)
    return rules.is_same_feed(ended.state, title=title, has_known_items=has_known_items)


def _moved(session: store.Transaction, state: PollState, target: str, *, now: datetime) -> str:
    """Gives the feed its new address, or its items to the feed that has it already; returns the words for it."""
    kept = moves.feed_at(session, target)
    if kept is not None:
        moves.merge(session, state.id, kept, now=now)
        note_change(session, kept, "merge", by=None, now=now, before={"url": state.url}, after={"url": target})
        return f"it has moved to {_shown(target)}, which you had already, so both are one feed now"
    moves.drop_alias(session, target)
    moves.put_alias(session, state.url, state.id, now=now)
    # Validators belong to an address. The document is the same, so its hash stays.
    store.update_feed(
        session,
        state.id,
        url=target,
        etag=None,
        last_modified=None,
        moved_to=None,
        moved_seen=0,
        moved_since=None,
    )
    note_change(session, state.id, "move", by=None, now=now, before={"url": state.url}, after={"url": target})
    return f"it has moved to {_shown(target)}, which is its address from now on"


def switch(session: store.Transaction, state: PollState, plan: NextPoll, *, now: datetime) -> None:
    """Stops asking a feed where its plan says so."""
    if plan.state is FeedState.ACTIVE or state.state is not FeedState.ACTIVE:
        return
    store.update_feed(session, state.id, state=plan.state)
    verb = "pause" if plan.state is FeedState.PAUSED else "lose"
    note_change(session, state.id, verb, by=None, now=now, before={"state": state.state})


def _plan(ended: Ended, published: Sequence[datetime]) -> NextPoll:
    state, look = ended.state, ended.look
    return polling.after_success(
        polling.as_told(state, look.feed) if look.feed else state,
        headers=look.headers,
        has_validators=look.status == 304 or bool(look.headers.get("etag") or look.headers.get("last-modified")),
        published=published,
        spread=ended.spread,
        now=ended.at,
    )


def _facts(look: Look) -> dict[str, Any]:
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
        facts |= {"ttl_minutes": look.feed.ttl_minutes, "update_minutes": look.feed.update_minutes}
        facts |= {"skip_hours": list(look.feed.skip_hours), "skip_days": list(look.feed.skip_days)}
        facts |= {"kind": look.feed.kind} if look.feed.items else {}
    return facts


def _came(ended: Ended) -> str:
    status, counts = ended.look.status, ended.counts
    if status == 304:
        return "304"
    if ended.look.feed is None:
        return f"{status}; the same document"
    if counts.new or counts.updated:
        return f"{status}; {counts.new} new, {counts.updated} changed"
    return f"{status}; nothing new"


def _shown(url: str) -> str:
    return url if len(url) <= 120 else url[:119] + "…"
