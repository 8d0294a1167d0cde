"""Puts promotions into the scene: a slot, what runs when nothing is booked, and a sponsor whose words wait."""

from dataclasses import dataclass
from datetime import timedelta

from curator.newsletters import store as newsletters
from curator.promotions import book, edit, links, store, weeks
from curator.promotions.values import PromotionForm, PromotionKind, SlotForm, SlotPlace, Words
from tests.e2e.scene import Scene

WORDS = Words(
    "Boats that listen",
    "Try **one** for a week.",
    "https://boats.example.test/",
    "https://boats.example.test/1.png",
    "A",
)


@dataclass(frozen=True)
class Promoted:
    """A slot of the scene's newsletter, a booking in it, and the address where its sponsor writes."""

    slot: int
    promotion: int
    booking: int
    link: str


def far_date(scene: Scene) -> str:
    """Returns the date of a coming issue whose words are not due yet, as the calendar says it."""
    with scene.server.app.db.read() as session:
        cadence = newsletters.newsletter(session, scene.newsletter).cadence
    return book.in_words(weeks.coming(cadence, now=scene.server.app.clock())[-2])


def promoted(scene: Scene) -> Promoted:
    """Returns what is booked in the scene; the first call books it."""
    app, now, by = scene.server.app, scene.server.app.clock(), scene.owner
    with app.db.read() as session:
        newsletter = newsletters.newsletter(session, scene.newsletter)
        known = [each for each in store.slots(session, newsletter.id) if each.name == "Harbour slot"]
    # Far ahead, so that it stands in no issue that another test looks at.
    issue_on = weeks.coming(newsletter.cadence, now=now)[-1]
    if not known:
        house = PromotionForm(kind=PromotionKind.HOUSE, sponsor="", words=Words("Write to us"))
        house_id = edit.write_promotion(app.db, newsletter.id, house, by=by, now=now)
        slot = SlotForm(name="Harbour slot", place=SlotPlace.END, house_id=house_id)
        slot_id = edit.make_slot(app.db, newsletter.id, slot, by=by, now=now)
        given = PromotionForm(
            kind=PromotionKind.SPONSOR, sponsor="Boats & Sons", words=Words(), ends_at=now + timedelta(days=400)
        )
        promotion_id = edit.write_promotion(app.db, newsletter.id, given, by=by, now=now)
        booking = book.book(app.db, slot_id, issue_on, promotion_id, by=by, now=now)
        book.submit(app.db, booking.id, WORDS, now=now)
    else:
        slot_id = known[0].id
        with app.db.read() as session:
            found = store.booking_in(session, slot_id, issue_on)
        assert found is not None
        booking = found
    return Promoted(slot_id, booking.promotion_id, booking.id, f"/s/{links.sponsor_token(app.keys, booking.id)}")
