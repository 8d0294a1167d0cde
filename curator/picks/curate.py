"""ITEM -> PICK by hand: an editor picks an item before there is an issue for it, or passes it over.

Each deed is one transaction, and one line in the activity log with what its opposite needs (`reverts.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import NotFoundError, StateError
from curator.picks import store
from curator.picks.blurbs import drafting
from curator.picks.values import PickedItem, SkipReason
from curator.webhooks.store import announce
from curator.webhooks.values import Kind


def pick(
    db: Database,
    newsletter_id: int,
    item_id: int,
    section_id: int,
    *,
    by: int | None,
    now: datetime,
    is_first: bool = False,
    words: Mapping[str, Any] | None = None,
) -> int:
    """Picks an item while no issue is open and returns the pick; the next draft places it. Twice is once.

    `words` are an editor's title, link and blurb for it. Raises TakenError with `is_first` when another was quicker.
    """
    with db.write() as session:
        known = store.pick_of(session, newsletter_id, item_id)
        pick_id = store.add_pick(session, newsletter_id, item_id, section_id, by=by, now=now, is_first=is_first)
        if known is None and words is not None:
            store.edit_pick(session, pick_id, expected_version=1, **words)
        if known is None:
            after = {"newsletter": newsletter_id, "section": section_id, "pick": pick_id}
            _record(session, "picked", item_id, by=by, now=now, after=after)
            told = {"item_id": item_id, "section_id": section_id, "pick_id": pick_id}
            announce(session, Kind.ITEM_PICKED, told, now=now, newsletter_id=newsletter_id)
        return pick_id


def unpick(db: Database, newsletter_id: int, item_id: int, *, by: int | None, now: datetime) -> None:
    """Takes back a pick that stands in no issue yet; one that is not there is fine."""
    with db.write() as session:
        pick_id = store.pick_of(session, newsletter_id, item_id)
        if pick_id is not None:
            was = store.picked_items(session, [pick_id])[pick_id]
            store.remove_pick(session, pick_id)
            words = {"title": was.title, "link": was.link or "", "blurb": was.blurb, "is_draft": was.is_blurb_draft}
            before = {"newsletter": newsletter_id, "pick": pick_id, "section": was.section_id, "words": words}
            _record(session, "unpicked", item_id, by=by, now=now, before=before)


def write_blurb(
    db: Database,
    pick_id: int,
    blurb: str,
    *,
    expected_version: int,
    by: int | None,
    now: datetime,
    is_draft: bool = False,
) -> int:
    """Writes the blurb of a pick that waits for its issue and returns its version; raises ConflictError.

    `is_draft` says that it is a draft which nobody accepted: an undo may bring one back.
    """
    with db.write() as session:
        was = store.picked_items(session, [pick_id]).get(pick_id)
        title, link = ("", "") if was is None else (was.title, was.link or "")
        version = store.edit_pick(
            session,
            pick_id,
            title=title,
            link=link,
            blurb=blurb,
            expected_version=expected_version,
            is_draft=is_draft,
        )
        if was is not None and version != was.version:
            before = _blurb_of(session, was)
            _record(session, "wrote about", was.item.id, by=by, now=now, before=before, after={"blurb": blurb})
        return version


def draft_blurb(db: Database, pick_id: int, *, by: int | None, now: datetime) -> None:
    """Writes the article's best sentences as the blurb of a pick that waits for its issue; again writes the same.

    Raises NotFoundError, and StateError where it has words of somebody's, or no sentence is known.
    """
    with db.write() as session:
        was = _waiting(session, pick_id)
        blurb = drafting.drafted(session, was)
        if blurb == was.blurb:
            return
        store.edit_pick(
            session,
            pick_id,
            title=was.title,
            link=was.link or "",
            blurb=blurb,
            expected_version=was.version,
            is_draft=True,
        )
        before = _blurb_of(session, was)
        _record(session, "drafted a blurb for", was.item.id, by=by, now=now, before=before, after={"blurb": blurb})


def accept_blurb(db: Database, pick_id: int, *, by: int | None, now: datetime, is_accepted: bool = True) -> None:
    """Says that a drafted blurb may go out as it is (or, without `is_accepted`, that it may not); twice is once.

    Raises NotFoundError, and StateError where there is no draft to accept any more.
    """
    with db.write() as session:
        was = _waiting(session, pick_id)
        if not was.blurb.strip():
            raise StateError("There is no blurb any more that could be accepted.")
        if was.is_blurb_draft is not is_accepted:
            return
        store.mark_blurb(session, pick_id, is_draft=not is_accepted)
        verb = "accepted the draft for" if is_accepted else "unaccepted the draft for"
        _record(session, verb, was.item.id, by=by, now=now, before=_blurb_of(session, was))


def _waiting(session: Session, pick_id: int) -> PickedItem:
    found = store.picked_items(session, [pick_id]).get(pick_id)
    if found is None:
        raise NotFoundError("pick", pick_id)
    return found


def _blurb_of(session: Session, was: PickedItem) -> dict[str, Any]:
    newsletter_id = store.newsletter_of(session, was.id)
    return {"newsletter": newsletter_id, "pick": was.id, "blurb": was.blurb, "is_draft": was.is_blurb_draft}


def skip(
    db: Database,
    newsletter_id: int,
    item_id: int,
    *,
    by: int | None,
    now: datetime,
    reason: SkipReason = SkipReason.NONE,
) -> None:
    """Passes an item over for a newsletter; twice is once. Raises TakenError for an item that is picked."""
    with db.write() as session:
        if store.add_skip(session, newsletter_id, item_id, by=by, now=now, reason=reason):
            after = {"newsletter": newsletter_id, "reason": reason.value}
            _record(session, "passed over", item_id, by=by, now=now, after=after)


def unskip(db: Database, newsletter_id: int, item_id: int, *, by: int | None, now: datetime) -> None:
    """Offers a skipped item again; one that is not skipped stays as it is."""
    with db.write() as session:
        reason = store.remove_skip(session, newsletter_id, item_id)
        if reason is not None:
            before = {"newsletter": newsletter_id, "reason": reason.value}
            _record(session, "offered again", item_id, by=by, now=now, before=before)


def _record(
    session: Session,
    verb: str,
    item_id: int,
    *,
    by: int | None,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    activity.record(
        session, at=now, actor=by, verb=verb, subject="item", subject_id=item_id, before=before, after=after
    )
