"""The end of a poll: what it taught, when the feed is asked next, and the line of the ledger, in one transaction."""

from collections.abc import Mapping
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


def conclude(
    session: store.Transaction, state: PollState, look: Look, counts: Counts, *, spread: float, now: datetime
) -> PollOutcome:
    """Writes a poll's end and returns its outcome; a feed that turned out to be another one ends as that one."""
    if look.trouble is None:
        return _went_well(session, state, look, counts, spread=spread, now=now)
    known = polls.hold(session, look.host)
    strikes = known.strikes if known else 0
    plan = polling.after_failure(
        state, status=look.status, headers=look.headers, spread=spread, now=now, strikes=strikes
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
    _switch(session, state, plan, now=now)
    _write(session, state, look, plan, note=note, counts=counts, now=now, columns=columns)
    return PollOutcome(state.id, note, is_ok=False, new=counts.new, updated=counts.updated)


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


def _went_well(
    session: store.Transaction, state: PollState, look: Look, counts: Counts, *, spread: float, now: datetime
) -> PollOutcome:
    plan = _plan(session, state, look, spread=spread, now=now)
    is_same = _is_same(state, look, counts)
    target, times, since = rules.seen(state, look.moved_to, is_same=is_same, now=now)
    columns: dict[str, Any] = {
        "is_ok": True,
        "failures": 0,
        "failing_since": None,
        "last_ok_at": now,
        "last_status": look.status,
        **_facts(look),
    }
    if (target, times, since) != (state.moved_to, state.moved_seen, state.moved_since):
        columns |= {"moved_to": target, "moved_seen": times, "moved_since": since}
    polls.forgive(session, look.host)
    came, feed_id = _came(look, counts), state.id
    if target and since and is_same and rules.is_believed(state, target, times=times, since=since, now=now):
        store.update_feed(session, state.id, **columns)
        came, feed_id = f"{came}; {_moved(session, state, target, now=now)}", moves.feed_at(session, target) or state.id
        columns = {}
    note = polling.note(came, plan, now=now)
    _write(session, state, look, plan, note=note, counts=counts, now=now, columns=columns, feed_id=feed_id)
    return PollOutcome(feed_id, note, is_ok=True, new=counts.new, updated=counts.updated)


def _is_same(state: PollState, look: Look, counts: Counts) -> bool:
    title = look.feed.title if look.feed else None
    has_known_items = look.feed is not None and counts.new < len(look.feed.items)
    return rules.is_same_feed(state, title=title, has_known_items=has_known_items)


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


def _write(
    session: store.Transaction,
    state: PollState,
    look: Look,
    plan: NextPoll,
    *,
    note: str,
    counts: Counts,
    now: datetime,
    columns: Mapping[str, Any],
    feed_id: int | None = None,
) -> None:
    to = state.id if feed_id is None else feed_id
    store.update_feed(session, to, **columns, last_polled_at=now, next_poll_at=plan.at, note=note)
    line = PollRow(now, look.status, look.trouble is None, note, counts.new, counts.updated, look.took_ms, look.bytes)
    polls.add_poll(session, to, line)


def _switch(session: store.Transaction, state: PollState, plan: NextPoll, *, now: datetime) -> None:
    if plan.state is FeedState.ACTIVE or state.state is not FeedState.ACTIVE:
        return
    store.update_feed(session, state.id, state=plan.state)
    verb = "pause" if plan.state is FeedState.PAUSED else "lose"
    note_change(session, state.id, verb, by=None, now=now, before={"state": state.state})


def _plan(session: store.Transaction, state: PollState, look: Look, *, spread: float, now: datetime) -> NextPoll:
    headers = look.headers
    return polling.after_success(
        polling.as_told(state, look.feed) if look.feed else state,
        headers=headers,
        has_validators=look.status == 304 or bool(headers.get("etag") or headers.get("last-modified")),
        published=store.published_moments(session, state.id, now=now),
        spread=spread,
        now=now,
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


def _came(look: Look, counts: Counts) -> str:
    if look.status == 304:
        return "304"
    if look.feed is None:
        return f"{look.status}; the same document"
    if counts.new or counts.updated:
        return f"{look.status}; {counts.new} new, {counts.updated} changed"
    return f"{look.status}; nothing new"


def _shown(url: str) -> str:
    return url if len(url) <= 120 else url[:119] + "…"
