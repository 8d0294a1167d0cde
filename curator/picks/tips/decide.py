"""TIP -> ITEM: an editor lets a tip in, refuses it, or marks it as spam. Each deed is one line of the activity log."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import StateError
from curator.feeds.add import page_of, put_page
from curator.feeds.articles import store as articles
from curator.picks.tips import store
from curator.picks.tips.take import sender_key
from curator.picks.tips.values import TipState
from curator.tokens import Keys


def accept(db: Database, tip_id: int, *, by: int | None, now: datetime) -> int:
    """Makes an item of a waiting tip, and returns it; a page that is an item already is that one.

    Only now is the page read, by a job and through the guard, as of any page that somebody saves. Raises StateError
    for a tip that somebody has decided on.
    """
    with db.write() as session:
        tip = store.row(session, tip_id, lock=True)
        _require(TipState(tip.state), TipState.WAITING)
        added = put_page(session, page_of(tip.url), now=now)
        tip.item_id, tip.is_new_item = added.item_id, added.is_new
        _decide(session, [tip_id], TipState.ACCEPTED, by=by, now=now)
        _record(session, "accepted", tip_id, tip.newsletter_id, by=by, now=now, tips=[tip_id])
        return added.item_id


def refuse(db: Database, tip_id: int, *, by: int | None, now: datetime) -> None:
    """Refuses a waiting tip; the link stays refused whoever sends it again. Raises StateError as `accept` does."""
    with db.write() as session:
        tip = store.row(session, tip_id, lock=True)
        _require(TipState(tip.state), TipState.WAITING)
        _decide(session, [tip_id], TipState.REFUSED, by=by, now=now)
        _record(session, "refused", tip_id, tip.newsletter_id, by=by, now=now, tips=[tip_id])


def mark_as_spam(db: Database, keys: Keys, tip_id: int, *, by: int | None, now: datetime) -> int:
    """Marks a waiting tip as spam, and all that wait and came from there alone; returns how many those are.

    For a month nothing is taken from there. Raises StateError as `accept` does.
    """
    with db.read() as session:
        networks, addresses = store.senders(session, tip_id)
    return shut_out(db, tip_id, networks | {sender_key(keys, "address", each) for each in addresses}, by=by, now=now)


def shut_out(db: Database, tip_id: int, sender_keys: Collection[str], *, by: int | None, now: datetime) -> int:
    """Does what `mark_as_spam` does to a tip of which it is known from where it came."""
    with db.write() as session:
        tip = store.row(session, tip_id, lock=True)
        _require(TipState(tip.state), TipState.WAITING)
        tip_ids = sorted({tip_id, *store.waiting_from(session, tip.newsletter_id, sender_keys)})
        store.block(session, sender_keys, tip_id=tip_id, now=now)
        _decide(session, tip_ids, TipState.SPAM, by=by, now=now)
        _record(session, "marked as spam", tip_id, tip.newsletter_id, by=by, now=now, tips=tip_ids)
        return len(tip_ids)


def reopen(db: Database, tip_id: int, tip_ids: Sequence[int], was: TipState, *, by: int | None, now: datetime) -> None:
    """Lets tips wait again that were decided on together; an item that was made for one goes, unless it is used.

    Raises StateError when one of them stands elsewhere by now.
    """
    with db.write() as session:
        rows = [store.row(session, each, lock=True) for each in sorted(tip_ids)]
        for row in rows:
            _require(TipState(row.state), was)
        if was is TipState.ACCEPTED:
            for row in rows:
                item_id, row.item_id = row.item_id, None
                session.flush()
                if item_id is not None and row.is_new_item:
                    articles.remove_page(session, item_id)
        before = {"state": was.value, "senders": store.unblock(session, tip_id) if was is TipState.SPAM else []}
        _decide(session, tip_ids, TipState.WAITING, by=by, now=now)
        newsletter_id = rows[0].newsletter_id
        _record(session, "reopened", tip_id, newsletter_id, by=by, now=now, tips=list(tip_ids), before=before)


def set_open(db: Database, newsletter_id: int, *, is_open: bool, by: int | None, now: datetime) -> None:
    """Says whether a newsletter takes tips from its readers; what waits stays."""
    with db.write() as session:
        if store.is_open(session, newsletter_id) is is_open:
            return
        store.set_open(session, newsletter_id, is_open=is_open)
        verb = "opened the tips of" if is_open else "closed the tips of"
        activity.record(session, at=now, actor=by, verb=verb, subject="newsletter", subject_id=newsletter_id)


def _require(state: TipState, wanted: TipState) -> None:
    if state is wanted:
        return
    if state is TipState.WAITING:
        raise StateError("This tip waits again by now.")
    said = "marked as spam" if state is TipState.SPAM else state.value
    raise StateError(f"This tip was {said} by somebody meanwhile.")


def _decide(session: Session, tip_ids: Sequence[int], state: TipState, *, by: int | None, now: datetime) -> None:
    session.flush()
    store.decide(session, tip_ids, state, by=by, now=now)


def _record(
    session: Session,
    verb: str,
    tip_id: int,
    newsletter_id: int,
    *,
    by: int | None,
    now: datetime,
    tips: list[int],
    before: dict[str, Any] | None = None,
) -> None:
    after = {"newsletter": newsletter_id, "tips": tips}
    activity.record(session, at=now, actor=by, verb=verb, subject="tip", subject_id=tip_id, before=before, after=after)
