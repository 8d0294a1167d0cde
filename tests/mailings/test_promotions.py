"""An issue with a promotion does not go out after its end: not when it begins, nor after its holding, nor midway."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from curator.activity import store as activity
from curator.errors import StateError
from curator.issues import store as issues
from curator.issues.tables import Revision
from curator.issues.values import BlockKind, DocumentSection, IssueState
from curator.mailings import control
from curator.mailings.tables import Mailing
from curator.mailings.values import DeliveryState, MailingState
from curator.promotions import edit
from curator.promotions.tables import PromotionRow
from curator.promotions.values import PromotionKind
from tests.builders import change_newsletters
from tests.issues.documents import document, entry
from tests.mailings.line import Line
from tests.promotions.scene import GOOD, form


def _promoted(line: Line, ends_at: datetime) -> int:
    """Puts a promotion into the revision that will be sent."""
    given = form(PromotionKind.SPONSOR, words=GOOD, ends_at=ends_at)
    promotion = edit.write_promotion(line.db, line.newsletter_id, given, by=None, now=line.clock())
    one = replace(
        entry(GOOD.title, block_id=7), kind=BlockKind.PROMOTION, promotion_id=promotion, ends_at=ends_at.isoformat()
    )
    with line.db.write() as session:
        session.execute(update(Revision).values(document=asdict(document(DocumentSection("Offers", (one,))))))
    return promotion


def test_it_does_not_begin_when_the_promotion_ends_before_its_holding_is_over(line: Line) -> None:
    change_newsletters(line.db, hold_minutes=5)
    _promoted(line, line.clock() + timedelta(minutes=5))
    line.readers(1)
    with pytest.raises(StateError, match="“Boats that listen” may not be seen from 16 November 2026, 09:05 UTC on"):
        line.start()
    assert line.issue_state() is IssueState.SCHEDULED


def test_it_is_looked_at_again_when_the_holding_ends(line: Line) -> None:
    change_newsletters(line.db, hold_minutes=5)
    _promoted(line, line.clock() + timedelta(minutes=6))
    line.readers(1)
    mailing_id = line.start()
    line.clock.advance(timedelta(minutes=6))
    assert line.pump(mailing_id).state is MailingState.CANCELLED
    with line.db.read() as session:
        issue = issues.issue_row(session, line.issue_id)
    assert issue.state is IssueState.HELD
    assert "Take it out of issue 1" in issue.note
    assert line.sent_to() == []


def test_an_end_that_was_brought_forward_while_it_is_held_counts(line: Line) -> None:
    change_newsletters(line.db, hold_minutes=5)
    promotion = _promoted(line, line.clock() + timedelta(days=1))
    line.readers(1)
    mailing_id = line.start()
    with line.db.write() as session:
        session.execute(
            update(PromotionRow).where(PromotionRow.id == promotion).values(ends_at=line.clock() + timedelta(minutes=1))
        )
    line.clock.advance(timedelta(minutes=5))
    assert line.pump(mailing_id).state is MailingState.CANCELLED
    assert line.sent_to() == []


def test_midway_it_stops_in_the_window_in_which_the_promotion_ends(line: Line) -> None:
    _promoted(line, line.clock() + timedelta(minutes=1))
    line.readers(6)
    mailing_id = line.start()

    def end() -> None:
        line.clock.advance(timedelta(minutes=1))

    line.on_message("r2@example.org", end)
    assert line.pump(mailing_id, window=4).state is MailingState.PAUSED
    reason = line.view(mailing_id).reason
    assert "“Boats that listen” ended on 16 November 2026, 09:01 UTC" in reason
    assert "cancel the rest, take the promotion out of issue 1 and approve that as a new revision" in reason
    assert line.sent_to()[:2] == ["r0@example.org", "r1@example.org"]
    assert len(line.sent_to()) <= 3
    states = line.states(mailing_id)
    assert states[DeliveryState.SENT] == len(line.sent_to())
    assert states[DeliveryState.PENDING] == 6 - len(line.sent_to())


def test_between_two_windows_it_stops_before_the_next(line: Line) -> None:
    _promoted(line, line.clock() + timedelta(minutes=1))
    line.readers(4)
    mailing_id = line.start()
    line.pump(mailing_id, window=2, until=lambda: len(line.sent_to()) >= 2)
    line.clock.advance(timedelta(minutes=1))
    assert line.pump(mailing_id, window=2).state is MailingState.PAUSED
    assert len(line.sent_to()) == 2


def test_it_is_not_resumed_and_the_rest_is_sent_without_it_after_a_cancelling(line: Line) -> None:
    _promoted(line, line.clock() + timedelta(minutes=1))
    line.readers(2)
    mailing_id = line.start()
    line.pump(mailing_id, window=1, until=lambda: len(line.sent_to()) >= 1)
    line.clock.advance(timedelta(minutes=1))
    line.pump(mailing_id)
    with pytest.raises(StateError, match="nothing leaves with it any more"):
        control.resume(line.db, mailing_id, now=line.clock())
    control.cancel(line.db, mailing_id, now=line.clock())
    with line.db.write() as session:
        session.execute(update(Revision).values(document=asdict(document())))
        issues.set_approved(session, line.issue_id, content_hash="a" * 64, by=None, now=line.clock())
    line.pump(line.start())
    assert line.sent_to() == ["r0@example.org", "r1@example.org"]
    with line.db.read() as session:
        assert [each.verb for each in activity.recent(session, subject="mailing")] == ["cancelled"]


def test_a_mailing_without_promotions_stops_for_none(line: Line) -> None:
    line.readers(1)
    mailing_id = line.start()
    with line.db.read() as session:
        assert session.get_one(Mailing, mailing_id).stops_at is None
    assert line.pump(mailing_id).state is MailingState.FINISHED
