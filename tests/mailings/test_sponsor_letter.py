"""The letter to a sponsor says until when, how much, and where; it does not leave once there is nothing to ask for."""

from datetime import timedelta

import pytest

from curator.audience import subscribe
from curator.audience.values import SuppressionReason
from curator.letters.values import LetterState
from curator.promotions import book
from curator.promotions.links import sponsor_token
from tests.builders import section_rows
from tests.mailings.letter_desk import KEYS, URL, Desk, parts
from tests.promotions.scene import ISSUE_AT, Scene, set_scene

SPONSOR = "bo@boats.example"


def ask(desk: Desk) -> tuple[Scene, int]:
    """Books a sponsor without words and writes the letter."""
    scene = set_scene(desk.db, desk.newsletter, section_rows(desk.db, desk.newsletter))
    booking = scene.book(now=desk.clock())
    book.ask(desk.db, booking.id, SPONSOR, by=None, now=desk.clock())
    return scene, booking.id


def test_it_has_the_link_the_deadline_and_the_limits(desk: Desk) -> None:
    _, booking_id = ask(desk)
    desk.post()
    message = desk.only()
    assert message["To"] == "Boats & Sons <bo@boats.example>"
    assert message["Subject"] == "Words for AI Weekly of 24 November 2026"
    for part in parts(message):
        said = " ".join(part.split())
        assert f"{URL}/s/{sponsor_token(KEYS, booking_id)}" in said
        assert "Sunday 22 November 2026 at 07:00" in said
        assert "a title of up to 60 characters and up to 300 of text" in said


def test_after_the_deadline_it_says_that_words_are_late(sqlite_desk: Desk) -> None:
    ask(sqlite_desk)
    sqlite_desk.clock.advance(ISSUE_AT - sqlite_desk.clock() - timedelta(hours=1))
    sqlite_desk.post()
    assert "They were due on" in " ".join(parts(sqlite_desk.only())[0].split())


@pytest.mark.parametrize("why", ["freed", "left", "other", "suppressed"])
def test_it_does_not_leave_when_there_is_no_reason_left(sqlite_desk: Desk, why: str) -> None:
    desk = sqlite_desk
    _, booking_id = ask(desk)
    match why:
        case "freed":
            book.free(desk.db, booking_id, by=None, now=desk.clock())
        case "left":
            desk.clock.advance(ISSUE_AT - desk.clock())
        case "other":
            book.ask(desk.db, booking_id, "al@boats.example", by=None, now=desk.clock() + timedelta(seconds=1))
            desk.clock.advance(timedelta(seconds=1))
        case _:
            subscribe.suppress(desk.db, SPONSOR, SuppressionReason.BY_HAND, now=desk.clock(), by=None)
    desk.post()
    assert desk.letters()[0][0] is LetterState.DROPPED
    assert [message.recipient for message in desk.relay.sent] == (["al@boats.example"] if why == "other" else [])


def test_in_test_mode_it_waits(sqlite_desk: Desk) -> None:
    sqlite_desk.set_newsletter(live_at=None)
    ask(sqlite_desk)
    sqlite_desk.post()
    assert sqlite_desk.letters() == [(LetterState.HELD, "held: test mode")]
