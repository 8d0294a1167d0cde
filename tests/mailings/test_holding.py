"""A mailing is held before anything leaves: it can be taken back, and nobody is counted until its time is over."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from curator.accounts import admit
from curator.accounts.values import Role
from curator.activity import store as activity
from curator.audience.tables import Subscription
from curator.audience.values import SubscriptionState
from curator.errors import StateError
from curator.issues import store as issues
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.mailings import control, send, store
from curator.mailings.archive import store as archive
from curator.mailings.tables import Mailing
from curator.mailings.values import DeliveryState, MailingState
from curator.newsletters.tables import Newsletter
from tests.builders import change_newsletters, subscriber_rows
from tests.mailings.line import Line

HOLD = timedelta(minutes=5)


def _held(line: Line, *, readers: int = 3) -> int:
    change_newsletters(line.db, hold_minutes=5)
    line.readers(readers)
    return line.start()


def test_while_it_is_held_nothing_is_frozen_and_nothing_leaves(line: Line) -> None:
    mailing_id = _held(line)
    view = line.view(mailing_id)
    assert (view.state, view.hold_until) == (MailingState.HOLDING, line.clock() + HOLD)
    assert view.balance.candidates == 0
    assert line.pump(mailing_id).state is MailingState.HOLDING
    assert (line.pumpable(), line.sent_to()) == ([], [])
    assert line.issue_state() is IssueState.SENDING
    with line.db.read() as session:
        assert archive.count(session, line.newsletter_id) == 0


def test_when_the_holding_is_over_it_leaves_to_whoever_is_there_then(line: Line) -> None:
    mailing_id = _held(line)
    subscriber_rows(line.db, line.newsletter_id, ["late@example.org"])
    line.clock.advance(HOLD)
    assert line.pumpable() == [mailing_id]
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert line.sent_to() == ["r0@example.org", "r1@example.org", "r2@example.org", "late@example.org"]
    assert line.view(mailing_id).started_at == line.clock()


def test_starting_again_while_it_is_held_does_not_end_the_holding(line: Line) -> None:
    mailing_id = _held(line)
    line.clock.advance(timedelta(minutes=4))
    assert line.start() == mailing_id
    assert line.view(mailing_id).state is MailingState.HOLDING
    assert line.view(mailing_id).hold_until == line.clock() + timedelta(minutes=1)


def test_taken_back_the_issue_is_approved_as_before_and_can_be_sent_again(line: Line) -> None:
    mailing_id = _held(line)
    control.cancel(line.db, mailing_id, now=line.clock(), by=None)
    view = line.view(mailing_id)
    assert (view.state, view.balance.candidates, view.balance.by_state) == (MailingState.CANCELLED, 0, {})
    with line.db.read() as session:
        issue = issues.issue_row(session, line.issue_id)
        (said,) = activity.recent(session, subject="mailing")
    assert (issue.state, issue.approved_hash, issue.send_at) == (IssueState.APPROVED, "a" * 64, None)
    assert said.verb == "took back"
    line.clock.advance(HOLD)
    assert line.pumpable() == []
    change_newsletters(line.db, hold_minutes=0)
    assert line.pump(line.start()).sent == 3


def test_who_does_not_want_to_wait_sends_at_once(line: Line) -> None:
    mailing_id = _held(line)
    control.send_at_once(line.db, mailing_id, now=line.clock())
    assert line.pumpable() == [mailing_id]
    assert line.pump(mailing_id).sent == 3
    with pytest.raises(StateError, match="not held any more"):
        control.send_at_once(line.db, mailing_id, now=line.clock())


def test_a_scheduled_issue_leaves_at_its_moment_and_is_held_before(line: Line) -> None:
    with line.db.write() as session:
        session.execute(update(Issue).values(send_at=line.clock() + HOLD))
    assert line.view(_held(line)).hold_until == line.clock() + HOLD


def test_one_that_is_late_is_held_in_full_all_the_same(line: Line) -> None:
    with line.db.write() as session:
        session.execute(update(Issue).values(send_at=line.clock() - timedelta(hours=1)))
    assert line.view(_held(line)).hold_until == line.clock() + HOLD


def test_a_test_is_not_held_since_it_goes_to_the_desk_only(line: Line) -> None:
    admit.create_user(line.db, "r0@example.org", name="", role=Role.EDITOR, now=line.clock())
    change_newsletters(line.db, live_at=None)
    assert line.view(_held(line)).state is not MailingState.HOLDING


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (update(Issue).values(approved_hash="b" * 64), "changed after its approval"),
        (update(Newsletter).values(live_at=None), "in test mode"),
        (update(Subscription).values(state=SubscriptionState.ENDED), "No confirmed subscribers"),
    ],
)
def test_what_held_at_the_start_is_looked_at_again_at_the_end(line: Line, happens: object, why: str) -> None:
    mailing_id = _held(line)
    with line.db.write() as session:
        session.execute(happens)  # type: ignore[call-overload]  # any UPDATE
    line.clock.advance(HOLD)
    assert line.pump(mailing_id).state is MailingState.CANCELLED
    assert why in line.view(mailing_id).reason
    with line.db.read() as session:
        issue = issues.issue_row(session, line.issue_id)
    assert issue.state is IssueState.HELD
    assert why in issue.note
    assert line.sent_to() == []


def test_a_held_mailing_can_be_neither_paused_nor_resumed(line: Line) -> None:
    mailing_id = _held(line)
    for act in (control.pause, control.resume):
        with pytest.raises(StateError, match="holding"):
            act(line.db, mailing_id, now=line.clock())


# --- letterhead


def test_settings_saved_mid_send_change_nothing_in_a_mailing_that_runs(line: Line) -> None:
    line.readers(4)
    mailing_id = line.start()
    line.pump(mailing_id, until=lambda: len(line.relay.sent) >= 2, window=2)
    change_newsletters(
        line.db, sender_name="Somebody Else", sender_address="other@elsewhere.example", slug="renamed", language="de"
    )
    assert line.pump(mailing_id).state is MailingState.FINISHED
    heads = {message.content.partition(b"\r\n\r\n")[0] for message in line.relay.sent}
    assert len(line.relay.sent) == 4
    for name in (b"From", b"List-Id", b"Content-Language"):
        said = {row for head in heads for row in head.split(b"\r\n") if row.startswith(name + b":")}
        assert len(said) == 1, name
    domains = {
        row.rpartition(b"@")[2]
        for head in heads
        for row in head.split(b"\r\n")
        if row.lower().startswith(b"message-id")
    }
    assert domains == {b"podcast.example>"}


def test_a_mailing_of_before_letterheads_bears_the_newsletter_as_it_is(line: Line) -> None:
    line.readers(1)
    mailing_id = line.start()
    with line.db.write() as session:
        session.execute(update(Mailing).values(letterhead=None))
    change_newsletters(line.db, sender_name="Somebody Else")
    line.pump(mailing_id)
    assert b"Somebody Else" in line.relay.sent[0].content


# --- waits


def test_a_mailing_that_waits_is_not_pumped_and_nothing_of_it_is_claimed(line: Line) -> None:
    line.readers(2)
    mailing_id = line.start()
    until = line.clock() + timedelta(hours=1)
    with line.db.write() as session:
        store.wait(session, mailing_id, until=until, why="mail leaves from 9:00 to 17:00")
        store.wait(session, mailing_id, until=line.clock() + timedelta(minutes=1), why="a shorter one")
    view = line.view(mailing_id)
    assert (view.waits_until, view.waits_for) == (until, "mail leaves from 9:00 to 17:00")
    control.resume(line.db, mailing_id, now=line.clock())
    assert line.pumpable() == []
    assert line.pump(mailing_id).sent == 0
    assert line.states(mailing_id) == {DeliveryState.PENDING: 2}
    line.clock.advance(timedelta(hours=1))
    assert line.pumpable() == [mailing_id]
    assert line.pump(mailing_id).state is MailingState.FINISHED


def test_a_wait_does_not_keep_a_mailing_from_its_end(line: Line) -> None:
    line.readers(1)
    mailing_id = line.start()

    def wait() -> None:
        with line.db.write() as session:
            store.wait(session, mailing_id, until=line.clock() + timedelta(hours=1), why="pace")

    line.on_message("r0@example.org", wait)
    assert line.pump(mailing_id).state is MailingState.FINISHED
    assert send.finish(line.db, mailing_id, now=line.clock()) is False
