"""Booking, the sponsor's words in time and late, approvals, and the opposites of all of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from curator.activity import store as activity
from curator.db import Database
from curator.errors import ConflictError, InvalidError, NotFoundError, StateError
from curator.letters.tables import Letter
from curator.letters.values import LetterKind
from curator.promotions import book, edit, links, store
from curator.promotions.reverts import REVERTS
from curator.promotions.values import BookingState, PromotionKind, SlotForm, SlotPlace, Words
from curator.tokens import Keys
from tests.promotions.scene import GOOD, ISSUE_AT, ISSUE_ON, NOW, Scene, form, past_deadline, set_scene


@pytest.fixture
def scene(database: Database) -> Scene:
    return set_scene(database)


@pytest.fixture
def sqlite_scene(sqlite_database: Database) -> Scene:
    return set_scene(sqlite_database)


def undo(scene: Scene) -> str:
    """Does the opposite of the newest change."""
    with scene.db.read() as session:
        (change,) = activity.recent(session, limit=1)
    return REVERTS[f"{change.subject}.{change.verb}"](scene.db, change, by=None, now=NOW)


def test_a_sponsor_without_words_is_asked_and_the_house_promotion_runs_meanwhile(scene: Scene) -> None:
    booking = scene.book()
    assert (booking.state, booking.issue_at) == (BookingState.ASKED, ISSUE_AT)
    assert booking.deadline_at == ISSUE_AT - timedelta(hours=48)
    assert scene.runs() == "Write to us"


def test_a_slot_of_an_issue_takes_one_promotion(scene: Scene) -> None:
    booking = scene.book()
    assert scene.book() == booking
    other = edit.write_promotion(scene.db, scene.newsletter, form(words=GOOD), by=None, now=NOW)
    with pytest.raises(StateError, match="booked already for the issue of 24 November 2026"):
        scene.book(other)
    assert scene.book(other, on=date(2026, 11, 25)).state is BookingState.APPROVED


def test_nothing_is_booked_outside_its_dates_or_into_the_past(sqlite_scene: Scene) -> None:
    with pytest.raises(StateError, match="outside its dates"):
        sqlite_scene.book(on=date(2026, 12, 1))
    with pytest.raises(StateError, match="is over"):
        sqlite_scene.book(on=date(2026, 11, 10))


def test_words_for_an_issue_of_today_are_taken_until_the_day_is_over(sqlite_scene: Scene) -> None:
    noon = ISSUE_AT + timedelta(hours=5)
    booking = sqlite_scene.book(now=noon)
    assert booking.issue_at == ISSUE_AT + timedelta(hours=17)
    assert book.submit(sqlite_scene.db, booking.id, GOOD, now=noon).state is BookingState.LATE


def test_words_longer_than_the_slot_are_not_booked(sqlite_scene: Scene) -> None:
    long = edit.write_promotion(
        sqlite_scene.db, sqlite_scene.newsletter, form(words=replace(GOOD, title="x" * 61)), by=None, now=NOW
    )
    with pytest.raises(InvalidError, match="61 characters; at most 60"):
        sqlite_scene.book(long)


def test_words_in_time_wait_for_an_editor_and_then_run(scene: Scene) -> None:
    booking = scene.book()
    sent = book.submit(scene.db, booking.id, GOOD, now=NOW)
    assert (sent.state, sent.copy) == (BookingState.SUBMITTED, GOOD)
    assert scene.runs() == "Write to us"
    book.approve(scene.db, booking.id, by=None, now=NOW, seen=sent.version)
    assert scene.runs() == "Boats that listen"
    assert scene.promotion(scene.sponsor).words == GOOD


def test_where_the_slot_trusts_them_words_in_time_run_at_once_and_late_ones_do_not(scene: Scene) -> None:
    scene.change_slot(trusts=True)
    booking = scene.book()
    assert book.submit(scene.db, booking.id, GOOD, now=NOW).state is BookingState.APPROVED
    assert scene.runs() == "Boats that listen"
    late = book.submit(scene.db, booking.id, replace(GOOD, title="Cheaper boats"), now=past_deadline())
    assert late.state is BookingState.LATE
    assert scene.runs() == "Boats that listen"


def test_late_words_are_kept_and_need_an_approval(scene: Scene) -> None:
    booking = scene.book()
    late = book.submit(scene.db, booking.id, GOOD, now=past_deadline())
    assert (late.state, late.copy) == (BookingState.LATE, GOOD)
    assert scene.runs() == "Write to us"
    book.approve(scene.db, booking.id, by=None, now=past_deadline())
    assert scene.runs() == "Boats that listen"


def test_once_the_issue_is_due_its_words_are_closed(sqlite_scene: Scene) -> None:
    booking = sqlite_scene.book()
    with pytest.raises(StateError, match="has left"):
        book.submit(sqlite_scene.db, booking.id, GOOD, now=ISSUE_AT)


def test_an_editor_approves_what_they_saw(sqlite_scene: Scene) -> None:
    booking = sqlite_scene.book()
    seen = book.submit(sqlite_scene.db, booking.id, GOOD, now=NOW).version
    book.submit(sqlite_scene.db, booking.id, replace(GOOD, title="Other words"), now=NOW)
    with pytest.raises(StateError, match="other words since you looked"):
        book.approve(sqlite_scene.db, booking.id, by=None, now=NOW, seen=seen)


def test_the_same_words_sent_twice_change_nothing(sqlite_scene: Scene) -> None:
    booking = sqlite_scene.book()
    first = book.submit(sqlite_scene.db, booking.id, GOOD, now=NOW)
    assert book.submit(sqlite_scene.db, booking.id, GOOD, now=past_deadline()) == first


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (replace(GOOD, title=""), "title"),
        (replace(GOOD, title="x" * 61), "title"),
        (replace(GOOD, text="x" * 301), "text"),
        (replace(GOOD, link=""), "link"),
        (replace(GOOD, link="javascript:alert(1)"), "link"),
        (replace(GOOD, link="https://user@boats.example/"), "link"),
        (replace(GOOD, link='https://boats.example/"onclick'), "link"),
        (replace(GOOD, link="https://[boats"), "link"),
        (replace(GOOD, link="https://boats.example/" + "x" * 2000), "link"),
        (replace(GOOD, image_url="data:image/png;base64,AAAA", image_alt="A boat"), "image_url"),
        (replace(GOOD, image_url="https://boats.example/1.png"), "image_alt"),
    ],
)
def test_words_that_do_not_fit_are_refused_by_field(sqlite_scene: Scene, words: Words, field: str) -> None:
    booking = sqlite_scene.book()
    with pytest.raises(InvalidError) as refused:
        book.submit(sqlite_scene.db, booking.id, words, now=NOW)
    assert refused.value.field == field


def test_what_is_no_text_is_taken_out(sqlite_scene: Scene) -> None:
    booking = sqlite_scene.book()
    sent = book.submit(sqlite_scene.db, booking.id, replace(GOOD, title="Bo\x00ats\r\n\u202ethat\x1b listen"), now=NOW)
    assert sent.copy is not None
    assert sent.copy.title == "Boats that listen"


def test_every_deed_of_an_editor_has_its_opposite(scene: Scene) -> None:
    booking = scene.book()
    undo(scene)
    with pytest.raises(NotFoundError):
        scene.booking(booking.id)

    booking = scene.book()
    sent = book.submit(scene.db, booking.id, GOOD, now=NOW)
    book.approve(scene.db, booking.id, by=None, now=NOW)
    undo(scene)
    again = scene.booking(booking.id)
    assert (again.state, again.copy, again.approved_at) == (BookingState.SUBMITTED, GOOD, None)
    assert scene.promotion(scene.sponsor).words == Words()

    book.free(scene.db, booking.id, by=None, now=NOW)
    undo(scene)
    back = scene.booking(booking.id)
    assert (back.copy, back.submitted_at, back.issue_on) == (GOOD, sent.submitted_at, ISSUE_ON)


def test_changes_of_promotions_and_slots_can_be_undone(scene: Scene) -> None:
    was = scene.promotion(scene.house)
    changed = form(PromotionKind.HOUSE, sponsor="", words=Words("Come to the live show"))
    edit.change_promotion(scene.db, scene.house, changed, expected_version=was.version, by=None, now=NOW)
    undo(scene)
    assert scene.promotion(scene.house).words == was.words
    scene.change_slot(max_title=20, place=SlotPlace.END)
    undo(scene)
    with scene.db.read() as session:
        slot = store.slot(session, scene.slot)
    assert (slot.max_title, slot.place, slot.section_id) == (60, SlotPlace.SECTION, scene.sections[0])
    edit.put_away_promotion(scene.db, scene.house, is_away=True, by=None, now=NOW)
    assert scene.runs() is None
    undo(scene)
    assert scene.runs() == "Write to us"


def test_two_editors_of_one_promotion_do_not_overwrite_each_other(sqlite_scene: Scene) -> None:
    first, second = form(sponsor="Boats"), form(sponsor="Ships")
    edit.change_promotion(sqlite_scene.db, sqlite_scene.sponsor, first, expected_version=1, by=None, now=NOW)
    with pytest.raises(ConflictError):
        edit.change_promotion(sqlite_scene.db, sqlite_scene.sponsor, second, expected_version=1, by=None, now=NOW)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (form(ends_at=None), "ends_at"),
        (form(begins_at=datetime(2026, 12, 1, tzinfo=UTC)), "ends_at"),
        (form(sponsor=""), "sponsor"),
        (form(PromotionKind.EVENT), "title"),
    ],
)
def test_a_promotion_says_whose_it_is_and_until_when(sqlite_scene: Scene, given: object, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        edit.write_promotion(sqlite_scene.db, sqlite_scene.newsletter, given, by=None, now=NOW)  # type: ignore[arg-type]  # of the table above
    assert refused.value.field == field


def test_a_slot_names_a_section_and_a_house_promotion_that_there_are(sqlite_scene: Scene) -> None:
    for given, field in (
        ({"place": SlotPlace.SECTION, "section_id": 999}, "place"),
        ({"place": SlotPlace.END, "house_id": sqlite_scene.sponsor}, "house_id"),
    ):
        with pytest.raises(InvalidError) as refused:
            edit.make_slot(sqlite_scene.db, sqlite_scene.newsletter, SlotForm(name="A", **given), by=None, now=NOW)  # type: ignore[arg-type]  # as above
        assert refused.value.field == field


def test_a_link_names_its_booking_and_no_other_key_opens_it() -> None:
    keys = Keys.from_secret("k" * 40)
    assert links.read_sponsor_token(keys, links.sponsor_token(keys, 2**40)) == 2**40


# -- letters


def letters_to(scene: Scene) -> list[tuple[str, str]]:
    with scene.db.read() as session:
        found = session.scalars(select(Letter).where(Letter.kind == LetterKind.SPONSOR_ASKED).order_by(Letter.id))
        return [(letter.address, letter.name) for letter in found]


def test_a_sponsor_whose_address_is_given_gets_a_letter_and_the_next_booking_knows_it(scene: Scene) -> None:
    booking = scene.book()
    assert letters_to(scene) == []
    asked = book.ask(scene.db, booking.id, " Bo@boats.example ", by=None, now=NOW)
    assert asked.address == "Bo@boats.example"
    assert letters_to(scene) == [("Bo@boats.example", "Boats & Sons")]
    again = scene.book(on=ISSUE_ON + timedelta(days=3))
    assert again.address == "Bo@boats.example"
    assert len(letters_to(scene)) == 2
    with scene.db.read() as session:
        noted = [(each.verb, each.before, each.after) for each in activity.recent(session, subject="booking")]
    assert ("wrote to the sponsor of", None, None) in noted
    assert "boats.example" not in str([(before, after) for verb, before, after in noted if verb == "booked"])


def test_who_has_words_already_is_not_asked_for_any(sqlite_scene: Scene) -> None:
    booking = sqlite_scene.book()
    book.ask(sqlite_scene.db, booking.id, "bo@boats.example", by=None, now=NOW)
    book.submit(sqlite_scene.db, booking.id, GOOD, now=NOW)
    book.approve(sqlite_scene.db, booking.id, by=None, now=NOW)
    sqlite_scene.book(on=ISSUE_ON + timedelta(days=3))
    assert len(letters_to(sqlite_scene)) == 1


def test_nobody_is_asked_at_what_is_no_address_or_once_the_issue_has_left(sqlite_scene: Scene) -> None:
    booking = sqlite_scene.book()
    with pytest.raises(InvalidError) as refused:
        book.ask(sqlite_scene.db, booking.id, "bo at boats", by=None, now=NOW)
    assert refused.value.field == "address"
    with pytest.raises(StateError, match="has left"):
        book.ask(sqlite_scene.db, booking.id, "bo@boats.example", by=None, now=ISSUE_AT)
    assert letters_to(sqlite_scene) == []
