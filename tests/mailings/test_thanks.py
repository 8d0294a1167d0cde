"""Thanks for a tip: one letter, once its issue has been sent, to whoever asked for it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from curator.audience.suppressed import store as suppressed
from curator.audience.values import SuppressionReason
from curator.issues.tables import Block
from curator.letters.tables import Letter
from curator.letters.values import LetterKind, LetterState
from curator.mailings import thanks
from curator.picks.tables import Pick, TipNote
from curator.picks.tips import decide, store, take
from curator.picks.tips.values import NewTip, TipState
from tests import builders
from tests.mailings.letter_desk import KEYS, Desk, parts
from tests.mailings.line import Line

ADA = "ada@tips.example"


def _accepted(line: Line | Desk, newsletter: int, *urls: str, address: str = ADA) -> list[int]:
    for url in urls:
        tip = NewTip(url, note="Buy pills at http://pills.example", name="Mallory", address=address)
        take.take(line.db, KEYS, newsletter, tip, network="192.0.2.1", now=line.clock())
    with line.db.read() as session:
        waiting = store.tips(session, newsletter, TipState.WAITING)
    return [decide.accept(line.db, tip.id, by=None, now=line.clock()) for tip in waiting]


def _placed(line: Line | Desk, newsletter: int, issue_id: int, items: list[int]) -> None:
    section = builders.section_rows(line.db, newsletter)[0]
    with line.db.write() as session:
        for position, item_id in enumerate(items):
            pick = Pick(newsletter_id=newsletter, item_id=item_id, section_id=section, picked_at=line.clock())
            session.add(pick)
            session.flush()
            session.add(Block(issue_id=issue_id, section_id=section, pick_id=pick.id, kind="pick", position=position))


def _letters(line: Line | Desk) -> list[Letter]:
    with line.db.read() as session:
        return list(session.scalars(select(Letter).where(Letter.kind == LetterKind.TIP_THANKS)))


def test_thanks_are_written_when_the_issue_has_been_sent_and_once(line: Line) -> None:
    items = _accepted(line, line.newsletter_id, "https://example.org/1", "https://example.org/2")
    _accepted(line, line.newsletter_id, "https://example.org/no-thanks", address="")
    _placed(line, line.newsletter_id, line.issue_id, items)
    line.readers(3)
    mailing_id = line.start()
    left = iter([False, True, True, True])
    line.pump(mailing_id, window=1, until=lambda: next(left))
    assert _letters(line) == [], "the mailing may still be stopped"
    line.pump(mailing_id)
    (letter,) = _letters(line)
    assert (letter.address, sorted(letter.payload["item_ids"])) == (ADA, sorted(items)), "one letter for both"
    with line.db.read() as session:
        assert {note.address for note in session.scalars(select(TipNote))} == {""}, "the tips forget the address"
    with line.db.write() as session:
        assert thanks.write(session, line.newsletter_id, line.issue_id, now=line.clock()) == 0


@pytest.mark.parametrize("is_picked", [True, False])
def test_a_tip_that_did_not_run_is_not_thanked_for(line: Line, is_picked: bool) -> None:
    items = _accepted(line, line.newsletter_id, "https://example.org/1")
    _placed(line, line.newsletter_id, line.issue_id, items if is_picked else [])
    with line.db.write() as session:
        assert thanks.write(session, line.newsletter_id, line.issue_id, now=line.clock()) == is_picked


def test_the_letter_says_what_ran_and_nothing_that_a_stranger_typed(desk: Desk) -> None:
    items = _accepted(desk, desk.newsletter, "https://example.org/1")
    issue = builders.approved_issue_row(desk.db, desk.newsletter, number=42)
    desk.write(
        LetterKind.TIP_THANKS, address=ADA, name="", newsletter_id=desk.newsletter, issue_id=issue, item_ids=items
    )
    assert desk.post().sent == 1
    message = desk.only()
    text, html = parts(message)
    assert message["Subject"] == "Your tip is in issue 42 of AI Weekly"
    assert "https://news.example/n/ai-weekly/issues/42" in text
    for words in ("pills", "Mallory"):
        assert words not in text + html + str(message["To"])


def test_whoever_is_suppressed_or_erased_meanwhile_gets_none(desk: Desk) -> None:
    items = _accepted(desk, desk.newsletter, "https://example.org/1")
    issue = builders.approved_issue_row(desk.db, desk.newsletter)
    desk.write(LetterKind.TIP_THANKS, address=ADA, newsletter_id=desk.newsletter, issue_id=issue, item_ids=items)
    with desk.db.write() as session:
        suppressed.add(session, ADA, SuppressionReason.BY_HAND, note="", at=desk.clock())
    desk.post()
    assert desk.letters() == [(LetterState.DROPPED, "suppressed: by hand")]
    assert desk.relay.sent == []


def test_thanks_that_waited_for_days_are_no_news_any_more(desk: Desk) -> None:
    items = _accepted(desk, desk.newsletter, "https://example.org/1")
    issue = builders.approved_issue_row(desk.db, desk.newsletter)
    desk.write(LetterKind.TIP_THANKS, address=ADA, newsletter_id=desk.newsletter, issue_id=issue, item_ids=items)
    desk.clock.advance(timedelta(days=4))
    desk.post()
    assert desk.letters()[0][0] is LetterState.DROPPED
