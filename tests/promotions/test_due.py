"""Which promotion runs: the approved one in its dates, else the house's, and never one whose end has passed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from curator.promotions import due
from curator.promotions.values import Booking, BookingState, Promotion, PromotionKind, Words

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
_MOMENTS = st.none() | st.integers(-50, 50).map(lambda hours: AT + timedelta(hours=hours))


def _promotion(number: int = 1, **fields: object) -> Promotion:
    usual = Promotion(
        id=number,
        newsletter_id=1,
        kind=PromotionKind.SPONSOR,
        sponsor="Boats",
        words=Words("Boats", "", "https://boats.example/"),
        is_put_away=False,
        version=1,
    )
    return replace(usual, **fields)  # type: ignore[arg-type]  # the test's own fields


def _booking(state: BookingState, *, approved: bool) -> Booking:
    return Booking(1, 1, 1, date(2026, 11, 24), AT, AT, state, None, None, AT if approved else None, 1)


promotions = st.builds(
    _promotion,
    number=st.integers(1, 3),
    begins_at=_MOMENTS,
    ends_at=_MOMENTS,
    is_put_away=st.booleans(),
    words=st.sampled_from([Words(), Words("Boats")]),
)
bookings = st.builds(_booking, st.sampled_from(BookingState), approved=st.booleans())


@given(st.none() | promotions, st.none() | bookings, st.none() | promotions)
def test_what_runs_has_begun_has_not_ended_and_has_words(
    booked: Promotion | None, booking: Booking | None, house: Promotion | None
) -> None:
    found = due.running(booked, booking, house, at=AT)
    if found is not None:
        assert found.ends_at is None or found.ends_at > AT
        assert found.begins_at is None or found.begins_at <= AT
        assert found.words.title
        assert not found.is_put_away
        assert found is house or (found is booked and booking is not None and booking.approved_at is not None)


def test_what_is_approved_runs_before_the_house_promotion() -> None:
    sponsor, house = _promotion(1), _promotion(2, kind=PromotionKind.HOUSE)
    approved, asked = _booking(BookingState.APPROVED, approved=True), _booking(BookingState.ASKED, approved=False)
    assert due.running(sponsor, approved, house, at=AT) is sponsor
    assert due.running(sponsor, asked, house, at=AT) is house
    assert due.running(sponsor, asked, None, at=AT) is None


def test_the_end_itself_is_too_late() -> None:
    ends_now = _promotion(ends_at=AT)
    assert due.has_ended(ends_now, at=AT)
    assert not due.has_ended(ends_now, at=AT - timedelta(microseconds=1))


def test_late_words_leave_what_was_approved_before_them() -> None:
    sponsor = _promotion()
    assert due.running(sponsor, _booking(BookingState.LATE, approved=True), None, at=AT) is sponsor
