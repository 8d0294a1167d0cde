"""ITEM -> PICK by hand: an editor picks an item before there is an issue for it, or passes it over."""

from datetime import datetime

from curator.activity import store as activity
from curator.db import Database
from curator.errors import StateError
from curator.picks import store


def pick(db: Database, newsletter_id: int, item_id: int, section_id: int, *, by: int | None, now: datetime) -> int:
    """Picks an item while no issue is open and returns the pick; the next draft places it. Twice is once."""
    with db.write() as session:
        known = store.pick_of(session, newsletter_id, item_id)
        pick_id = store.add_pick(session, newsletter_id, item_id, section_id, by=by, now=now)
        after = {"newsletter": newsletter_id, "section": section_id, "pick": pick_id}
        if known is None:
            activity.record(session, at=now, actor=by, verb="picked", subject="item", subject_id=item_id, after=after)
        return pick_id


def unpick(db: Database, newsletter_id: int, item_id: int, *, by: int | None, now: datetime) -> None:
    """Takes back a pick that stands in no issue yet; one that is not there is fine."""
    with db.write() as session:
        pick_id = store.pick_of(session, newsletter_id, item_id)
        if pick_id is not None:
            store.remove_pick(session, pick_id)
            before = {"newsletter": newsletter_id, "pick": pick_id}
            activity.record(
                session, at=now, actor=by, verb="unpicked", subject="item", subject_id=item_id, before=before
            )


def skip(db: Database, newsletter_id: int, item_id: int, *, by: int | None, now: datetime) -> None:
    """Passes an item over for a newsletter; twice is once. Raises StateError for an item that is picked."""
    with db.write() as session:
        if store.pick_of(session, newsletter_id, item_id) is not None:
            raise StateError("This item is picked; remove it from its issue before you pass it over.")
        if store.add_skip(session, newsletter_id, item_id, by=by, now=now):
            after = {"newsletter": newsletter_id}
            activity.record(
                session, at=now, actor=by, verb="passed over", subject="item", subject_id=item_id, after=after
            )


def unskip(db: Database, newsletter_id: int, item_id: int, *, by: int | None, now: datetime) -> None:
    """Offers a skipped item again; one that is not skipped stays as it is."""
    with db.write() as session:
        if store.remove_skip(session, newsletter_id, item_id):
            before = {"newsletter": newsletter_id}
            activity.record(
                session, at=now, actor=by, verb="offered again", subject="item", subject_id=item_id, before=before
            )
