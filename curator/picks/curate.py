"""ITEM -> PICK by hand: an editor picks an item before there is an issue for it, or passes it over.

Each deed is one transaction, and one line in the activity log with what its opposite needs (`reverts.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.picks import store
from curator.picks.values import SkipReason


def pick(
    db: Database,
    newsletter_id: int,
    item_id: int,
    section_id: int,
    *,
    by: int | None,
    now: datetime,
    is_first: bool = False,
    words: Mapping[str, str] | None = None,
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
        return pick_id


def unpick(db: Database, newsletter_id: int, item_id: int, *, by: int | None, now: datetime) -> None:
    """Takes back a pick that stands in no issue yet; one that is not there is fine."""
    with db.write() as session:
        pick_id = store.pick_of(session, newsletter_id, item_id)
        if pick_id is not None:
            was = store.picked_items(session, [pick_id])[pick_id]
            store.remove_pick(session, pick_id)
            words = {"title": was.title, "link": was.link or "", "blurb": was.blurb}
            before = {"newsletter": newsletter_id, "pick": pick_id, "section": was.section_id, "words": words}
            _record(session, "unpicked", item_id, by=by, now=now, before=before)


def write_blurb(db: Database, pick_id: int, blurb: str, *, expected_version: int, by: int | None, now: datetime) -> int:
    """Writes the blurb of a pick that waits for its issue and returns its version; raises ConflictError."""
    with db.write() as session:
        was = store.picked_items(session, [pick_id]).get(pick_id)
        title, link = ("", "") if was is None else (was.title, was.link or "")
        version = store.edit_pick(
            session, pick_id, title=title, link=link, blurb=blurb, expected_version=expected_version
        )
        if was is not None and version != was.version:
            before = {"newsletter": store.newsletter_of(session, pick_id), "pick": pick_id, "blurb": was.blurb}
            _record(session, "wrote about", was.item.id, by=by, now=now, before=before, after={"blurb": blurb})
        return version


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
