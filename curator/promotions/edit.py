"""Editors write promotions and lay out the slots in which they run."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import ConflictError, InvalidError
from curator.newsletters import store as newsletters
from curator.promotions import limits, store
from curator.promotions.values import PromotionForm, PromotionKind, SlotForm, SlotPlace, Words

PROMOTION = "promotion"
SLOT = "promotion slot"
"""What the audit log calls them."""


def write_promotion(db: Database, newsletter_id: int, form: PromotionForm, *, by: int | None, now: datetime) -> int:
    """Writes a new promotion and returns its id; raises InvalidError."""
    checked = _checked(form)
    with db.write() as session:
        newsletters.newsletter(session, newsletter_id)
        promotion_id = store.add_promotion(session, newsletter_id, checked, now=now)
        _record(session, "wrote", PROMOTION, promotion_id, by=by, now=now, after=kept(checked))
        return promotion_id


def change_promotion(
    db: Database, promotion_id: int, form: PromotionForm, *, expected_version: int, by: int | None, now: datetime
) -> None:
    """Writes a promotion anew, wherever it stands. Raises InvalidError, and ConflictError when it was changed since.

    Whoever calls it looks next whether an approved issue says something else by now.
    """
    checked = _checked(form)
    with db.write() as session:
        was = store.promotion(session, promotion_id, lock=True)
        if kept(was) == kept(checked):
            return
        if was.version != expected_version:
            raise ConflictError(PROMOTION, promotion_id, expected=expected_version, actual=was.version)
        store.set_promotion(session, promotion_id, checked)
        _record(session, "changed", PROMOTION, promotion_id, by=by, now=now, before=kept(was), after=kept(checked))


def put_away_promotion(db: Database, promotion_id: int, *, is_away: bool, by: int | None, now: datetime) -> None:
    """Puts a promotion away, so that it runs in no slot, or takes it out again; what it was stays written down."""
    with db.write() as session:
        if store.promotion(session, promotion_id, lock=True).is_put_away is not is_away:
            store.put_away(session, promotion_id, is_away=is_away)
            _record(session, "put away" if is_away else "took out", PROMOTION, promotion_id, by=by, now=now)


def make_slot(db: Database, newsletter_id: int, form: SlotForm, *, by: int | None, now: datetime) -> int:
    """Adds a slot to a newsletter's coming issues and returns its id; raises InvalidError."""
    with db.write() as session:
        checked = _checked_slot(session, newsletter_id, form)
        slot_id = store.add_slot(session, newsletter_id, checked)
        _record(session, "made", SLOT, slot_id, by=by, now=now, after=asdict(checked))
        return slot_id


def change_slot(
    db: Database, slot_id: int, form: SlotForm, *, expected_version: int, by: int | None, now: datetime
) -> None:
    """Changes a slot: its limits for words to come, its place in issues to be drafted. Raises as the others do."""
    with db.write() as session:
        was = store.slot(session, slot_id, lock=True)
        checked = _checked_slot(session, was.newsletter_id, form)
        before, after = slot_kept(was), asdict(checked)
        if before == after:
            return
        if was.version != expected_version:
            raise ConflictError("slot", slot_id, expected=expected_version, actual=was.version)
        store.set_slot(session, slot_id, **after)
        _record(session, "changed", SLOT, slot_id, by=by, now=now, before=before, after=after)


def put_away_slot(db: Database, slot_id: int, *, is_away: bool, by: int | None, now: datetime) -> None:
    """Leaves a slot out of the issues to come, or takes it back; issues in which it stands keep it."""
    with db.write() as session:
        if store.slot(session, slot_id, lock=True).is_put_away is not is_away:
            store.set_slot(session, slot_id, is_put_away=is_away)
            _record(session, "put away" if is_away else "took out", SLOT, slot_id, by=by, now=now)


def kept(form: PromotionForm) -> dict[str, Any]:
    """Returns a promotion as the audit log keeps it."""
    moments = {name: _iso(getattr(form, name)) for name in ("begins_at", "ends_at", "event_at")}
    told = {"kind": form.kind.value, "sponsor": form.sponsor, "event_place": form.event_place}
    return {**told, **moments, "words": asdict(form.words)}


def slot_kept(form: SlotForm) -> dict[str, Any]:
    """Returns a slot as the audit log keeps it."""
    return {name: getattr(form, name) for name in SlotForm.__dataclass_fields__}


def _checked(form: PromotionForm) -> PromotionForm:
    words = limits.fitting(form.words)
    if form.kind is not PromotionKind.HOUSE and form.ends_at is None:
        raise InvalidError("ends_at", "Say until when it may be seen: after that it never runs.")
    if form.begins_at and form.ends_at and form.begins_at >= form.ends_at:
        raise InvalidError("ends_at", "It ends before it begins.")
    if form.kind is not PromotionKind.SPONSOR and words.is_empty:
        raise InvalidError("title", "Give it a title: readers see it first.")
    if form.kind is PromotionKind.SPONSOR and not form.sponsor:
        raise InvalidError("sponsor", "Say whose it is.")
    return PromotionForm(
        kind=form.kind,
        sponsor=form.sponsor,
        words=words if not words.is_empty else Words(),
        begins_at=form.begins_at,
        ends_at=form.ends_at,
        event_at=form.event_at if form.kind is PromotionKind.EVENT else None,
        event_place=form.event_place if form.kind is PromotionKind.EVENT else "",
    )


def _checked_slot(session: Session, newsletter_id: int, form: SlotForm) -> SlotForm:
    sections = {section.id for section in newsletters.newsletter(session, newsletter_id).sections}
    if form.place is SlotPlace.SECTION and form.section_id not in sections:
        raise InvalidError("place", "This newsletter has no such section.")
    if form.house_id is not None:
        house = store.promotions_by_id(session, [form.house_id]).get(form.house_id)
        if house is None or house.newsletter_id != newsletter_id or house.kind is not PromotionKind.HOUSE:
            raise InvalidError("house_id", "Choose a house promotion of this newsletter.")
    is_in_section = form.place is SlotPlace.SECTION
    return SlotForm(**{**slot_kept(form), "section_id": form.section_id if is_in_section else None})


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _record(
    session: Session,
    verb: str,
    subject: str,
    subject_id: int,
    *,
    by: int | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    activity.record(
        session, at=now, actor=by, verb=verb, subject=subject, subject_id=subject_id, before=before, after=after
    )
