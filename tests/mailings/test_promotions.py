"""An issue with a promotion does not go out after its end: not when it begins, nor after its holding, nor midway."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from curator.activity import store as activity
from curator.errors import StateError
from curator.issues import compose
from curator.issues import store as issues
from curator.issues.blocks import store as blocks
from curator.issues.tables import Block, Revision
from curator.issues.values import IssueState
from curator.mailings import begin, control, over
from curator.mailings.tables import Mailing
from curator.mailings.values import DeliveryState, MailingState
from curator.newsletters import store as newsletters
from curator.promotions import edit
from curator.promotions.tables import PromotionRow
from curator.promotions.values import PromotionKind
from tests.builders import change_newsletters
from tests.mailings.line import Line
from tests.promotions.scene import GOOD, form


def _promoted(line: Line, ends_at: datetime) -> int:
    """Puts a promotion into the revision that will be sent."""
    given = form(PromotionKind.SPONSOR, words=GOOD, ends_at=ends_at)
    promotion = edit.write_promotion(line.db, line.newsletter_id, given, by=None, now=line.clock())
    with line.db.write() as session:
        blocks.add_block(session, line.issue_id, None, promotion_id=promotion)
    _approve_as_it_stands(line)
    return promotion


def _approve_as_it_stands(line: Line) -> None:
    with line.db.write() as session:
        whole = compose.document(issues.board(session, line.issue_id), newsletters.newsletter(session, 1))
        session.execute(update(Revision).values(document=asdict(whole)))


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


def _put_away(line: Line, promotion: int) -> None:
    edit.put_away_promotion(line.db, promotion, is_away=True, by=None, now=line.clock())


def _change(line: Line, promotion: int) -> None:
    given = form(
        PromotionKind.SPONSOR, words=replace(GOOD, text="Other words."), ends_at=datetime(2026, 11, 30, tzinfo=UTC)
    )
    edit.change_promotion(line.db, promotion, given, expected_version=1, by=None, now=line.clock())


@pytest.mark.parametrize(
    ("deed", "why"), [(_put_away, "was put away or taken out"), (_change, "“Boats that listen” was changed")]
)
@pytest.mark.parametrize("is_seen_at_once", [True, False])
def test_one_that_was_put_away_or_changed_while_it_is_held_does_not_go_out(
    line: Line, deed: Callable[[Line, int], None], why: str, is_seen_at_once: bool
) -> None:
    change_newsletters(line.db, hold_minutes=5)
    promotion = _promoted(line, line.clock() + timedelta(days=1))
    line.readers(1)
    mailing_id = line.start()
    deed(line, promotion)
    if is_seen_at_once:
        assert begin.give_up_changed(line.db, now=line.clock()) == [1]
        assert begin.give_up_changed(line.db, now=line.clock()) == []
    line.clock.advance(timedelta(minutes=5))
    assert line.pump(mailing_id).state is MailingState.CANCELLED
    with line.db.read() as session:
        issue = issues.issue_row(session, line.issue_id)
    assert issue.state is IssueState.HELD
    assert why in issue.note
    assert "approve it again" in issue.note
    assert line.sent_to() == []


def test_a_later_end_and_a_newer_release_keep_no_held_mailing(line: Line) -> None:
    change_newsletters(line.db, hold_minutes=5)
    promotion = _promoted(line, line.clock() + timedelta(days=1))
    line.readers(1)
    mailing_id = line.start()
    given = form(PromotionKind.SPONSOR, words=GOOD, ends_at=line.clock() + timedelta(days=2))
    edit.change_promotion(line.db, promotion, given, expected_version=1, by=None, now=line.clock())
    assert begin.give_up_changed(line.db, now=line.clock()) == []
    line.clock.advance(timedelta(minutes=5))
    assert line.pump(mailing_id).state is MailingState.FINISHED


def test_a_mailing_does_not_begin_with_a_promotion_that_was_put_away_since(line: Line) -> None:
    promotion = _promoted(line, line.clock() + timedelta(days=1))
    line.readers(1)
    _put_away(line, promotion)
    with pytest.raises(StateError, match="was put away or taken out after issue 1 was approved"):
        line.start()


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


def test_an_end_that_is_brought_forward_midway_counts_from_the_next_window_on(line: Line) -> None:
    promotion = _promoted(line, line.clock() + timedelta(days=1))
    line.readers(4)
    mailing_id = line.start()
    line.pump(mailing_id, window=2, until=lambda: len(line.sent_to()) >= 2)
    given = form(PromotionKind.SPONSOR, words=GOOD, ends_at=line.clock())
    edit.change_promotion(line.db, promotion, given, expected_version=1, by=None, now=line.clock())
    over.look_again(line.db)
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
        session.execute(delete(Block))
        issues.set_approved(session, line.issue_id, content_hash="a" * 64, by=None, now=line.clock())
    _approve_as_it_stands(line)
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
