"""A mailing that is stopped on its way and finished with another revision: nobody twice, nobody lost."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from curator.db import Database
from curator.errors import StateError
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.mailings import control
from curator.mailings.archive import store as archive
from curator.mailings.mended import store
from curator.mailings.mended.mend import mend
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import Answer, DeliveryState, MailingState, Verdict
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock
from tests.mailings.line import Line
from tests.published import mailing_row, revision_row

SILENT = Answer(Verdict.UNKNOWN, 0, "the connection was lost before the relay answered")


def stopped(line: Line, after: int, *, readers: int = 10) -> int:
    """A mailing that was paused and stopped when so many had got it."""
    line.readers(readers)
    mailing_id = line.start(batch=4)
    line.pump(mailing_id, window=1, until=lambda: len(line.relay.sent) >= after)
    control.pause(line.db, mailing_id, now=line.clock())
    mend(line.db, mailing_id, now=line.clock())
    return mailing_id


def approve_again(line: Line, *, number: int = 2) -> int:
    """Approves other words, to be sent at once; returns their revision."""
    content = "bcdefgh"[number - 2] * 64
    revision_id = revision_row(line.db, line.issue_id, number=number, content_hash=content)
    with line.db.write() as session:
        session.execute(update(Issue).values(state=IssueState.SCHEDULED, approved_hash=content))
    return revision_id


def by_revision(line: Line) -> dict[int, int]:
    with line.db.read() as session:
        return {each.revision: each.sent for each in store.shares(session, line.issue_id)}


def test_the_rest_gets_the_new_revision_and_nobody_gets_two(line: Line) -> None:
    first_id = stopped(line, 3)
    assert line.states(first_id) == {DeliveryState.SENT: 3, DeliveryState.CANCELLED: 7}
    assert line.issue_state() is IssueState.HELD
    revision_id = approve_again(line)
    second_id = line.start(chunk=2, batch=3)
    assert line.pump(second_id).state is MailingState.FINISHED
    assert line.states(second_id) == {DeliveryState.SENT: 7}
    assert line.view(second_id).revision_id == revision_id
    assert sorted(line.sent_to()) == [f"r{n}@example.org" for n in range(10)]
    assert line.issue_state() is IssueState.SENT
    assert by_revision(line) == {2: 7, 1: 3}


def test_whoever_subscribed_meanwhile_is_not_among_them(line: Line) -> None:
    stopped(line, 3)
    subscriber_rows(line.db, line.newsletter_id, ["late@example.org"])
    approve_again(line)
    line.pump(line.start())
    assert "late@example.org" not in line.sent_to()
    assert len(line.sent_to()) == 10


def test_whoever_left_meanwhile_gets_nothing(line: Line) -> None:
    stopped(line, 3)
    left = next(f"r{n}@example.org" for n in range(10) if f"r{n}@example.org" not in line.sent_to())
    line.suppress(left)
    approve_again(line)
    second_id = line.start()
    line.pump(second_id)
    assert left not in line.sent_to()
    assert line.states(second_id) == {DeliveryState.SENT: 6, DeliveryState.EXCLUDED: 1}


def test_only_a_paused_mailing_with_readers_left_can_be_mended(line: Line) -> None:
    line.readers(3)
    mailing_id = line.start()
    with pytest.raises(StateError, match="Pause it first"):
        mend(line.db, mailing_id, now=line.clock())
    line.pump(mailing_id)
    with pytest.raises(StateError, match="finished"):
        mend(line.db, mailing_id, now=line.clock())
    with line.db.write() as session:
        session.execute(update(Mailing).values(state=MailingState.PAUSED))
    with pytest.raises(StateError, match="Nobody is left"):
        mend(line.db, mailing_id, now=line.clock())


def test_while_a_window_is_on_its_way_nothing_is_mended(line: Line) -> None:
    line.readers(4)
    mailing_id = line.start()
    said: list[str] = []

    def try_it() -> None:
        control.pause(line.db, mailing_id, now=line.clock())
        with pytest.raises(StateError) as refused:
            mend(line.db, mailing_id, now=line.clock())
        said.append(str(refused.value))

    line.on_message("r1@example.org", try_it)
    line.pump(mailing_id, window=2)
    assert "still on their way" in said[0]
    mend(line.db, mailing_id, now=line.clock())
    assert line.states(mailing_id) == {DeliveryState.SENT: 2, DeliveryState.CANCELLED: 2}


def test_a_test_is_not_mended(line: Line) -> None:
    line.readers(2)
    mailing_id = line.start()
    with line.db.write() as session:
        session.execute(update(Mailing).values(is_test=True, state=MailingState.PAUSED))
    with pytest.raises(StateError, match="This is a test"):
        mend(line.db, mailing_id, now=line.clock())


def test_the_web_shows_what_left_until_the_new_revision_leaves(line: Line) -> None:
    stopped(line, 3)

    def shown() -> int:
        with line.db.read() as session:
            (issue,) = archive.issues(session, line.newsletter_id, limit=5)
        return issue.revision_id

    first = shown()
    second = approve_again(line)
    assert shown() == first
    mailing_id = line.start()
    assert shown() == second != first
    line.pump(mailing_id)
    assert shown() == second


def test_it_can_be_mended_again(line: Line) -> None:
    stopped(line, 3)
    approve_again(line)
    second_id = line.start()
    line.pump(second_id, window=1, until=lambda: len(line.relay.sent) >= 5)
    control.pause(line.db, second_id, now=line.clock())
    mend(line.db, second_id, now=line.clock())
    approve_again(line, number=3)
    line.pump(line.start())
    assert by_revision(line) == {3: 5, 2: 2, 1: 3}
    assert len(set(line.sent_to())) == len(line.sent_to()) == 10


def test_a_plain_cancellation_ends_the_mending(line: Line) -> None:
    stopped(line, 3)
    approve_again(line)
    second_id = line.start()
    line.pump(second_id, window=1, until=lambda: len(line.relay.sent) >= 5)
    control.cancel(line.db, second_id, now=line.clock())
    subscriber_rows(line.db, line.newsletter_id, ["late@example.org"])
    approve_again(line, number=3)
    line.pump(line.start())
    assert len(set(line.sent_to())) == len(line.sent_to()) == 11


@pytest.mark.parametrize("moment", ["before", "running", "finished"])
def test_a_doubt_that_did_not_arrive_gets_the_new_revision(line: Line, moment: str) -> None:
    ids = line.readers(6)
    line.relay.answers_to("r0@example.org", SILENT)
    first_id = line.start(batch=2)
    line.pump(first_id, window=1, until=lambda: bool(line.relay.sent))
    control.resume(line.db, first_id, now=line.clock())
    control.pause(line.db, first_id, now=line.clock())
    mend(line.db, first_id, now=line.clock())
    assert line.states(first_id)[DeliveryState.IN_DOUBT] == 1
    approve_again(line)
    if moment == "before":
        control.settle(line.db, first_id, ids[0], as_sent=False, now=line.clock())
    second_id = line.start(batch=2)
    if moment == "finished":
        line.pump(second_id)
    if moment != "before":
        control.settle(line.db, first_id, ids[0], as_sent=False, now=line.clock())
    assert line.pump(second_id).state is MailingState.FINISHED
    assert sorted(line.sent_to()) == sorted(f"r{n}@example.org" for n in range(6))
    assert line.view(second_id).balance.is_even


def test_a_test_that_is_cancelled_does_not_end_the_mending(line: Line) -> None:
    first_id = stopped(line, 3)
    approve_again(line)
    mailing_row(line.db, line.issue_id, state=MailingState.RUNNING, is_test=True)
    with line.db.read() as session:
        test_id = session.scalar(select(func.max(Mailing.id)))
    assert test_id is not None
    control.cancel(line.db, test_id, now=line.clock())
    with line.db.read() as session:
        assert store.to_finish(session, line.issue_id) == first_id


def test_whoever_is_handed_over_late_lies_in_no_batch_of_others(line: Line) -> None:
    stopped(line, 3)
    late = sorted(subscriber_rows(line.db, line.newsletter_id, [f"late{n}@example.org" for n in range(3)]))
    approve_again(line)
    second_id = line.start()
    with line.db.write() as session:
        for subscriber_id in (late[0], late[2]):
            store.hand_over(session, second_id, subscriber_id, is_ended=False, now=line.clock())
    control.pause(line.db, second_id, now=line.clock())
    mend(line.db, second_id, now=line.clock())
    approve_again(line, number=3)
    third_id = line.start()
    with line.db.write() as session:
        store.hand_over(session, third_id, late[1], is_ended=False, now=line.clock())
        batches = session.scalars(select(Batch).where(Batch.mailing_id == third_id)).all()
        alone = next(each for each in batches if each.first_id == each.last_id == late[1])
        around = [each for each in batches if each.first_id <= late[1] <= each.last_id and each.wave == alone.wave]
        assert around == [alone]
    assert line.pump(third_id).state is MailingState.FINISHED
    assert len(set(line.sent_to())) == len(line.sent_to()) == 13
    assert line.view(third_id).balance.is_even


@dataclass(frozen=True)
class Course:
    """How many readers there are, after how many messages it is stopped each time, and who is in doubt."""

    readers: int
    stops: list[int]
    silent: set[int]
    batch: int


_COURSES = st.builds(
    Course,
    readers=st.integers(2, 12),
    stops=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    silent=st.sets(st.integers(0, 11), max_size=3),
    batch=st.integers(1, 5),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(course=_COURSES)
def test_however_often_it_is_stopped_nobody_gets_two_and_nobody_is_lost(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path, course: Course
) -> None:
    newsletter_id = newsletter_row(sqlite_database, slug=f"weekly-{next(_NAMES)}")
    issue_id = approved_issue_row(sqlite_database, newsletter_id)
    line = Line(sqlite_database, clock, tmp_path / "journals", newsletter_id, issue_id)
    ids = subscriber_rows(line.db, newsletter_id, [f"{newsletter_id}-{n}@example.org" for n in range(course.readers)])
    for number in course.silent & set(range(course.readers)):
        line.relay.answers_to(f"{newsletter_id}-{number}@example.org", SILENT)
    mailing_ids = [line.start(batch=course.batch)]
    for number, after in enumerate(course.stops, start=2):
        goal = len(line.relay.sent) + after
        _pump(line, mailing_ids[-1], until=lambda goal=goal: len(line.relay.sent) >= goal)
        if line.view(mailing_ids[-1]).state is not MailingState.RUNNING:
            break
        control.pause(line.db, mailing_ids[-1], now=line.clock())
        try:
            mend(line.db, mailing_ids[-1], now=line.clock())
        except StateError:
            control.resume(line.db, mailing_ids[-1], now=line.clock())
            break
        content = f"{number:064d}"
        revision_row(line.db, issue_id, number=number, content_hash=content)
        with line.db.write() as session:
            ready = update(Issue).where(Issue.id == issue_id)
            session.execute(ready.values(state=IssueState.SCHEDULED, approved_hash=content))
        mailing_ids.append(line.start(batch=course.batch))
    while line.view(mailing_ids[-1]).state is MailingState.RUNNING:
        _pump(line, mailing_ids[-1], until=lambda: False)
    rows = _deliveries(line, mailing_ids)
    ends = sorted(id_ for id_, state in rows if state in (DeliveryState.SENT, DeliveryState.IN_DOUBT))
    assert ends == sorted(ids)
    assert len(set(line.sent_to())) == len(line.sent_to())
    assert all(line.view(each).balance.is_even for each in mailing_ids)


def _deliveries(line: Line, mailing_ids: list[int]) -> list[tuple[int, DeliveryState]]:
    query = select(Delivery.subscriber_id, Delivery.state).where(Delivery.mailing_id.in_(mailing_ids))
    with line.db.read() as session:
        return [(row.subscriber_id, DeliveryState(row.state)) for row in session.execute(query)]


def _pump(line: Line, mailing_id: int, *, until: Callable[[], bool]) -> None:
    """Pumps, and goes on at once after a trouble."""
    line.pump(mailing_id, window=1, until=until)
    if line.view(mailing_id).state is MailingState.RUNNING:
        control.resume(line.db, mailing_id, now=line.clock())


_NAMES = iter(range(10_000))
