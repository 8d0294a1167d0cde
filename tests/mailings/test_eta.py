"""How fast a mailing goes and when it is done, as far as anybody can tell."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from curator.mailings.eta import Course, Eta, eta, recent_since
from curator.mailings.progress import store as progress
from curator.mailings.values import Answer, DeliveryState, Verdict
from tests.mailings.line import Line

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = Answer(Verdict.DEFERRED, 451, "4.7.1 greylisted")


def _course(**facts: object) -> Course:
    given = {"started_at": START, "settled": 0, "left": 0, "recent": 0, "recent_since": START}
    return Course(**(given | facts))  # type: ignore[arg-type]  # as its test gives them


def test_at_the_rate_of_late_the_rest_takes_so_long() -> None:
    told = eta(_course(settled=2_600, left=2_600, recent=2_600), now=START + 10 * MINUTE)
    assert (told.per_minute, told.done_at) == (260, START + 20 * MINUTE)


def test_pauses_of_waves_to_come_are_counted_in() -> None:
    told = eta(_course(left=100, recent=100, pauses=30 * MINUTE), now=START + MINUTE)
    assert (told.done_at, told.has_pauses) == (START + 32 * MINUTE, True)


def test_while_it_waits_it_goes_on_at_the_rate_of_before_once_the_wait_is_over() -> None:
    waits = _course(
        settled=600, left=1_200, last_at=START + 18 * MINUTE, rested=15 * MINUTE, waits_until=START + 40 * MINUTE
    )
    told = eta(waits, now=START + 20 * MINUTE)
    assert (told.per_minute, told.done_at) == (0, START + 46 * MINUTE)


def test_nobody_can_tell_before_anything_was_sent() -> None:
    assert eta(_course(left=10), now=START).done_at is None
    assert eta(_course(left=10), now=START + MINUTE).done_at is None


def test_the_rate_is_not_taken_from_before_the_start_nor_from_a_wait_that_is_over() -> None:
    now = START + 60 * MINUTE
    assert recent_since(START, None, now=now) == now - 10 * MINUTE
    assert recent_since(now - MINUTE, None, now=now) == now - MINUTE
    assert recent_since(START, now - 5 * MINUTE, now=now) == now - 5 * MINUTE
    assert recent_since(START, now + 5 * MINUTE, now=now) == now - 10 * MINUTE


@given(
    st.integers(0, 10**7),
    st.integers(0, 10**7),
    st.integers(0, 10**5),
    st.integers(0, 600),
    st.integers(-100, 100),
)
def test_whenever_it_says_a_moment_that_is_not_over(
    settled: int, left: int, recent: int, minutes: int, waits: int
) -> None:
    now = START + minutes * MINUTE
    waits_until = now + waits * MINUTE
    facts = {"settled": settled, "left": left, "recent": recent, "last_at": now, "waits_until": waits_until}
    told = eta(_course(**facts), now=now)
    assert told.done_at is None or told.done_at >= max(now, waits_until if waits > 0 else now)


def test_the_course_is_read_from_batches(line: Line) -> None:
    line.readers(30)
    mailing_id = line.start(batch=10)
    line.clock.advance(MINUTE)
    line.pump(mailing_id, until=lambda: len(line.relay.sent) >= 15, window=5)
    line.clock.advance(MINUTE)
    view = line.view(mailing_id)
    with line.db.read() as session:
        course = progress.course(session, view, pause=15 * MINUTE, now=line.clock())
    assert view.balance.by_state == {DeliveryState.SENT: 15, DeliveryState.PENDING: 15}
    assert (course.settled, course.left, course.recent) == (15, 15, 15)
    assert course.last_at == line.clock() - MINUTE
    assert eta(course, now=line.clock()).done_at is not None


def _told(line: Line, mailing_id: int) -> tuple[int, Eta]:
    with line.db.read() as session:
        course = progress.course(session, line.view(mailing_id), pause=15 * MINUTE, now=line.clock())
    return course.recent, eta(course, now=line.clock())


def test_a_message_that_is_put_off_takes_nothing_from_the_rate(line: Line) -> None:
    line.readers(400)
    for number in range(0, 400, 100):
        line.relay.answers_to(f"r{number}@example.org", LATER, LATER, LATER)
    mailing_id = line.start(batch=100)
    line.clock.advance(MINUTE)
    line.pump(mailing_id, until=lambda: len(line.relay.sent) >= 198)
    assert line.states(mailing_id)[DeliveryState.DEFERRED] == 2
    recent, told = _told(line, mailing_id)
    assert (recent, told.per_minute) == (198, 198)
    assert told.done_at is not None


def test_a_message_that_is_tried_again_does_not_count_its_whole_batch_again(line: Line) -> None:
    line.readers(100)
    line.relay.answers_to("r3@example.org", *[LATER] * 9)
    mailing_id = line.start()
    line.pump(mailing_id)
    assert _told(line, mailing_id)[0] == 99
    for _ in range(3):
        line.clock.advance(60 * MINUTE)
        line.pump(mailing_id)
        assert line.states(mailing_id)[DeliveryState.DEFERRED] == 1
        assert _told(line, mailing_id)[0] == 0


def test_what_trickles_out_of_a_batch_for_long_is_counted_as_of_late(line: Line) -> None:
    line.readers(100)
    mailing_id = line.start()
    for count in range(1, 60):
        line.pump(mailing_id, window=1, until=lambda count=count: len(line.relay.sent) >= count)
        assert 1 <= _told(line, mailing_id)[0] <= 11
        line.clock.advance(MINUTE)
