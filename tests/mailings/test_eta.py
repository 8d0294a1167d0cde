"""How fast a mailing goes and when it is done, as far as anybody can tell."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from curator.mailings import store
from curator.mailings.eta import Course, eta, recent_since
from curator.mailings.values import DeliveryState
from tests.mailings.line import Line

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


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
        course = store.course(session, view, pause=15 * MINUTE, now=line.clock())
    assert view.balance.by_state == {DeliveryState.SENT: 15, DeliveryState.PENDING: 15}
    assert (course.settled, course.left, course.recent) == (15, 15, 10)
    assert course.last_at == line.clock() - MINUTE
    assert eta(course, now=line.clock()).done_at is not None
