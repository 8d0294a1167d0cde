"""A newsletter that comes out on Tuesdays, with a slot, a house promotion, and a sponsor who has no words yet."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from curator.db import Database
from curator.promotions import book, edit, store
from curator.promotions.values import (
    Booking,
    Promotion,
    PromotionForm,
    PromotionKind,
    SlotForm,
    SlotPlace,
    Words,
)
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ISSUE_ON = date(2026, 11, 24)
ISSUE_AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
GOOD = Words("Boats that listen", "Try **one** for a week.", "https://boats.example/try")


@dataclass(frozen=True)
class Scene:
    db: Database
    newsletter: int
    sections: list[int]
    house: int
    slot: int
    sponsor: int

    def book(self, promotion: int | None = None, *, now: datetime = NOW, on: date = ISSUE_ON) -> Booking:
        return book.book(self.db, self.slot, on, promotion or self.sponsor, by=None, now=now)

    def booking(self, booking_id: int) -> Booking:
        with self.db.read() as session:
            return store.booking(session, booking_id)

    def promotion(self, promotion_id: int) -> Promotion:
        with self.db.read() as session:
            return store.promotion(session, promotion_id)

    def runs(self, *, at: datetime = ISSUE_AT, on: date = ISSUE_ON) -> str | None:
        """The title of what runs in the slot of an issue."""
        with self.db.read() as session:
            found = store.running(session, [self.slot], issue_on=on, at=at)[self.slot].promotion
        return None if found is None else found.words.title

    def change_slot(self, **fields: object) -> None:
        with self.db.read() as session:
            slot = store.slot(session, self.slot)
        form = replace(SlotForm(**edit.slot_kept(slot)), **fields)  # type: ignore[arg-type]  # the test's own fields
        edit.change_slot(self.db, self.slot, form, expected_version=slot.version, by=None, now=NOW)


def form(kind: PromotionKind = PromotionKind.SPONSOR, **fields: object) -> PromotionForm:
    """A sponsor's promotion until the end of November."""
    given: dict[str, object] = {
        "kind": kind,
        "sponsor": "Boats & Sons",
        "words": Words(),
        "ends_at": None if kind is PromotionKind.HOUSE else datetime(2026, 11, 30, tzinfo=UTC),
    }
    return PromotionForm(**(given | fields))  # type: ignore[arg-type]  # a builder's fields are as its test gives them


def set_scene(db: Database, newsletter: int | None = None, sections: list[int] | None = None) -> Scene:
    if newsletter is None:
        newsletter = builders.newsletter_row(db)
        sections = builders.section_rows(db, newsletter)
    assert sections is not None
    words = Words("Write to us", "We read every letter.", "https://podcast.example/talk")
    house = edit.write_promotion(db, newsletter, form(PromotionKind.HOUSE, sponsor="", words=words), by=None, now=NOW)
    place = {"place": SlotPlace.SECTION, "section_id": sections[0], "position": 1}
    slot_form = SlotForm(name="Main sponsor", label="Sponsored", house_id=house, **place)  # type: ignore[arg-type]  # as above
    slot = edit.make_slot(db, newsletter, slot_form, by=None, now=NOW)
    sponsor = edit.write_promotion(db, newsletter, form(), by=None, now=NOW)
    return Scene(db, newsletter, sections, house, slot, sponsor)


def past_deadline() -> datetime:
    return ISSUE_AT - timedelta(hours=1)
