"""Letters over the twin of a relay: what it says, and who holds what meanwhile."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection

from curator.errors import StorageError, TransportError
from curator.letters import store
from curator.letters.values import LetterKind, LetterState
from curator.mailings.values import Answer, Outgoing, Verdict
from tests.mailings.letter_desk import READER, Desk, parsed

REFUSED = Answer(Verdict.REFUSED, 550, "5.1.1 no such user")
LATER = Answer(Verdict.DEFERRED, 451, "4.7.1 greylisted")
SILENT = Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")
AWAY = TransportError("The mail relay cannot be reached.", retry_in=timedelta(minutes=1))
ABOUT_ONE = TransportError("The mail relay refuses a recipient: 554 5.7.1 no", code=554, is_of_message=True)
OURS = TransportError("The mail relay refuses our sender address: 553 5.7.1 not yours", code=553)


# --- what a relay says


def test_an_address_that_the_relay_refuses_is_not_tried_again(desk: Desk) -> None:
    desk.relay.answers_to(READER, REFUSED, is_after_dot=False)
    desk.write(LetterKind.WELCOME)
    desk.post()
    assert desk.letters() == [(LetterState.REFUSED, "550 5.1.1 no such user")]
    desk.clock.advance(timedelta(days=1))
    assert desk.post().settled == {}


def test_an_address_that_cannot_be_written_is_refused(desk: Desk) -> None:
    desk.write(LetterKind.WELCOME, address="a\r\nBcc: x@y.z@example.org")
    desk.post()
    assert desk.letters()[0][0] is LetterState.REFUSED


@pytest.mark.parametrize("answer", [LATER, SILENT])
def test_a_letter_that_may_not_have_arrived_is_sent_again_with_its_message_id(desk: Desk, answer: Answer) -> None:
    seen: list[Outgoing] = []
    desk.relay.on_message = seen.append
    desk.relay.answers_to(READER, answer)
    desk.write(LetterKind.WELCOME)
    assert desk.post().settled == {}
    assert desk.post().settled == {}, "it waits"
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 1
    first, second = (parsed(each)["Message-ID"] for each in seen)
    assert first == second
    assert re.fullmatch(r"<l1\.[A-Za-z0-9_-]{12}@podcast\.example>", first)


def test_a_letter_that_is_put_off_for_three_days_is_given_up(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.relay.answers_to(READER, *[LATER] * 30)
    desk.confirm()
    began = desk.clock()
    while desk.letters()[0][0] is LetterState.QUEUED:
        desk.post()
        desk.clock.advance(timedelta(hours=1))
    assert desk.letters() == [(LetterState.REFUSED, "Given up after 23 tries: 451 4.7.1 greylisted")]
    assert timedelta(days=2.5) < desk.clock() - began < timedelta(days=3.5)


def test_a_relay_that_is_away_loses_no_letter_and_is_not_asked_for_each(desk: Desk) -> None:
    desk.relay.refusals.extend([AWAY] * 3)
    for number in range(5):
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    assert desk.post().trouble == "The mail relay cannot be reached."
    assert len(desk.relay.refusals) == 2
    assert {reason for _, reason in desk.letters()} == {"The mail relay cannot be reached."}
    assert desk.post().trouble == "", "nothing is due"
    for _ in range(2):
        desk.clock.advance(timedelta(minutes=1))
        desk.post()
    desk.clock.advance(timedelta(minutes=1))
    assert desk.post().sent == 5


def test_weeks_without_a_relay_use_up_no_tries(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.relay.refusals.extend([TransportError("The mail relay refuses our password.")] * 60)
    desk.write(LetterKind.WELCOME)
    while desk.relay.refusals:
        desk.post()
        desk.clock.advance(timedelta(minutes=10))
    desk.relay.answers_to(READER, LATER)
    desk.post()
    assert desk.letters()[0][0] is LetterState.QUEUED
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 1


def test_a_letter_that_the_relay_will_not_take_holds_up_no_other(desk: Desk) -> None:
    desk.relay.answers_to("r0@example.org", OURS, is_after_dot=False)
    for number in range(3):
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    report = desk.post()
    assert (report.sent, report.trouble) == (2, "")
    assert desk.letters()[0] == (LetterState.QUEUED, OURS.reason)


def test_three_letters_in_a_row_that_it_will_not_take_are_trouble_of_the_relay(desk: Desk) -> None:
    for number in range(5):
        desk.relay.answers_to(f"r{number}@example.org", OURS, is_after_dot=False)
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    assert desk.post().trouble == OURS.reason
    assert desk.relay.connections == 3
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 3


def test_recipients_that_the_relay_blames_on_us_hold_up_nobody_else(desk: Desk) -> None:
    for number in range(6):
        desk.relay.answers_to(f"r{number}@example.org", ABOUT_ONE, ABOUT_ONE, is_after_dot=False)
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    desk.write(LetterKind.WELCOME)
    report = desk.post()
    assert (report.sent, report.trouble) == (1, "")
    desk.clock.advance(timedelta(minutes=5))
    desk.write(LetterKind.WELCOME, address="fresh@example.org")
    desk.relay.refusals.append(AWAY)
    desk.post()
    seen: list[str] = []
    desk.relay.on_message = lambda message: seen.append(message.recipient)
    desk.clock.advance(timedelta(minutes=1))
    desk.post()
    assert seen[0] == "fresh@example.org", "what was never tried comes first"


def test_that_a_letter_left_is_written_down_although_the_database_was_locked(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, real, failures = sqlite_desk, store.finish, [StorageError("locked")] * 2

    def finish(*given: Any, **named: Any) -> bool:
        if failures:
            raise failures.pop()
        return real(*given, **named)

    monkeypatch.setattr(store, "finish", finish)
    desk.write(LetterKind.WELCOME)
    assert desk.post().sent == 1
    assert desk.letters() == [(LetterState.SENT, "")]


@pytest.mark.parametrize("kind", [LetterKind.WELCOME, LetterKind.KNOWN])
def test_news_that_waited_for_a_relay_for_days_is_dropped(sqlite_desk: Desk, kind: LetterKind) -> None:
    sqlite_desk.write(kind)
    sqlite_desk.clock.advance(timedelta(days=3, minutes=1))
    sqlite_desk.post()
    assert sqlite_desk.letters() == [
        (LetterState.DROPPED, "It waited for more than 3 days, and nobody expects it any more.")
    ]


# --- who holds what


def test_no_transaction_is_open_while_the_relay_has_the_word(desk: Desk) -> None:
    began: list[Connection] = []
    ended: list[Connection] = []
    event.listen(desk.db.engine, "begin", began.append)
    for name in ("commit", "rollback"):
        event.listen(desk.db.engine, name, ended.append)
    balance: list[int] = []
    desk.relay.on_message = lambda _message: balance.append(len(began) - len(ended))
    desk.write(LetterKind.WELCOME)
    desk.post()
    assert balance == [0]


def test_a_letter_of_a_killed_sender_is_sent_after_its_lease(desk: Desk) -> None:
    desk.write(LetterKind.WELCOME)
    desk.write(LetterKind.WELCOME, address="bob@example.org")
    with desk.db.write() as session:
        store.claim(session, now=desk.clock(), lease_until=desk.clock() + timedelta(minutes=10))
    desk.post()
    assert [each.recipient for each in desk.relay.sent] == ["bob@example.org"]
    desk.clock.advance(timedelta(minutes=10))
    desk.post()
    assert [each.recipient for each in desk.relay.sent] == ["bob@example.org", READER]


def test_a_kill_between_the_dot_and_the_write_sends_a_letter_again_with_its_message_id(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise KilledError

    desk.write(LetterKind.WELCOME)
    with monkeypatch.context() as patch:
        patch.setattr(store, "finish", die)
        with pytest.raises(KilledError):
            desk.post()
    assert desk.post().sent == 0, "its lease still holds"
    desk.clock.advance(timedelta(minutes=10))
    assert desk.post().sent == 1
    first, second = (parsed(each)["Message-ID"] for each in desk.relay.sent)
    assert first == second


def test_a_sender_whose_lease_is_over_sends_no_dot(desk: Desk) -> None:
    def oversleep(_message: Outgoing) -> None:
        desk.relay.on_message = lambda _again: None
        desk.clock.advance(timedelta(minutes=10))

    desk.relay.on_message = oversleep
    desk.write(LetterKind.WELCOME)
    assert desk.post().sent == 0
    assert desk.relay.sent == []
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 1


def test_a_bug_puts_its_letter_off_and_ends_the_run(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.renderer.is_broken = True
    desk.write(LetterKind.WELCOME)
    desk.write(LetterKind.WELCOME, address="bob@example.org")
    with pytest.raises(ValueError, match="a bug"):
        desk.post()
    assert [reason for _, reason in desk.letters()] == ["An error in Curator, which the log tells.", ""]
    desk.renderer.is_broken = False
    assert desk.post().sent == 1
    desk.clock.advance(timedelta(minutes=5))
    assert desk.post().sent == 1


def test_the_post_stops_when_its_time_is_over(desk: Desk) -> None:
    for number in range(3):
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    assert desk.post(until=lambda: True).sent == 1
    assert desk.post().sent == 2


def test_letters_go_over_one_connection(desk: Desk) -> None:
    for number in range(3):
        desk.write(LetterKind.WELCOME, address=f"r{number}@example.org")
    desk.post()
    assert desk.relay.connections == 1
