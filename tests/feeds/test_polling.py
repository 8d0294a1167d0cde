"""When a feed is asked again, and what its line says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.feeds import polling
from curator.feeds.skips import after_skips
from curator.feeds.values import FeedState, NextPoll, PollState

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def state(**given_facts: object) -> PollState:
    facts: dict[str, object] = {
        "id": 1,
        "url": "https://feed.example/feed.xml",
        "state": FeedState.ACTIVE,
        "is_ok": True,
        "etag": None,
        "last_modified": None,
        "body_hash": None,
        "ttl_minutes": None,
        "failures": 0,
        "last_ok_at": NOW - HOUR,
        "created_at": NOW - timedelta(days=400),
    }
    return PollState(**(facts | given_facts))  # type: ignore[arg-type] - a builder


def success(
    headers: dict[str, str] | None = None,
    *,
    has_validators: bool = True,
    ttl: int | None = None,
    every: timedelta | None = HOUR,
    spread: float = 1.0,
    published: list[datetime] | None = None,
    now: datetime = NOW,
    **facts: object,
) -> NextPoll:
    usual = [NOW - every * n for n in range(10)] if every else []
    return polling.after_success(
        state(ttl_minutes=ttl, **facts),
        headers=headers or {},
        has_validators=has_validators,
        published=usual if published is None else published,
        spread=spread,
        now=now,
    )


def failure(
    status: int | None,
    headers: dict[str, str] | None = None,
    *,
    spread: float = 1.0,
    strikes: int = 0,
    **facts: object,
) -> NextPoll:
    return polling.after_failure(
        state(**facts), status=status, headers=headers or {}, spread=spread, now=NOW, strikes=strikes
    )


def test_validators_go_back_byte_for_byte_and_none_is_invented() -> None:
    headers = polling.request_headers(state(etag='W/"x y"', last_modified="Tue, 3 Nov 2026 8:00 GMT"))
    assert headers["If-None-Match"] == 'W/"x y"'
    assert headers["If-Modified-Since"] == "Tue, 3 Nov 2026 8:00 GMT"
    assert set(polling.request_headers(state())) == {"Accept"}


@pytest.mark.parametrize("value", [None, "", "a\x00b", "a\r\nX: y", "x" * 1001])
def test_a_validator_that_cannot_be_stored_and_sent_is_dropped(value: str | None) -> None:
    assert polling.validator(value) is None


@pytest.mark.parametrize(
    ("every", "hours"), [(timedelta(minutes=5), 1), (4 * HOUR, 2), (timedelta(days=1), 12), (timedelta(days=7), 24)]
)
def test_a_feed_is_asked_at_half_its_rhythm(every: timedelta, hours: int) -> None:
    assert success(every=every).at == NOW + hours * HOUR


def test_one_long_gap_does_not_change_the_rhythm() -> None:
    published = [NOW - 2 * HOUR * n for n in range(9)] + [NOW - timedelta(days=300)]
    assert success(published=published).at == NOW + HOUR


@pytest.mark.parametrize(
    ("headers", "ttl", "wait", "because"),
    [
        ({"cache-control": "public, max-age=7200"}, None, 2 * HOUR, "max-age 7200"),
        ({"cache-control": 'MAX-AGE="7200"'}, None, 2 * HOUR, "max-age 7200"),
        ({"cache-control": "no-cache, max-age=7200"}, None, HOUR, "it publishes every hour or faster"),
        ({"cache-control": "max-age=60"}, None, HOUR, "it publishes every hour or faster"),
        ({"cache-control": "max-age=99999999999999999999999"}, None, HOUR, "it publishes every hour or faster"),
        ({"cache-control": "max-age=7200"}, 180, 3 * HOUR, "ttl 180 min"),
        (
            {"expires": "Mon, 16 Nov 2026 12:00:00 GMT", "date": "Mon, 16 Nov 2026 08:00:00 GMT"},
            None,
            4 * HOUR,
            "the server says until when it is fresh (Expires)",
        ),
        ({"expires": "0"}, None, HOUR, "it publishes every hour or faster"),
        ({"cache-control": "max-age=9999999"}, None, 24 * HOUR, "max-age 9999999"),
    ],
)
def test_the_longest_wish_decides_and_a_day_is_the_most(
    headers: dict[str, str], ttl: int | None, wait: timedelta, because: str
) -> None:
    plan = success(headers, ttl=ttl)
    assert (plan.at - NOW, plan.because) == (wait, because)


def test_a_server_without_validators_is_asked_once_a_day() -> None:
    plan = success(has_validators=False)
    assert (plan.at - NOW, plan.because) == (24 * HOUR, "the server gives no validators")


def test_a_feed_whose_rhythm_is_unknown_is_asked_four_times_a_day() -> None:
    assert success(every=None).at == NOW + 6 * HOUR


@pytest.mark.parametrize("status", [404, 500, 200, None])
@pytest.mark.parametrize(("failures", "hours"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 24), (400, 24)])
def test_trouble_backs_off_to_a_day(status: int | None, failures: int, hours: int) -> None:
    assert failure(status, failures=failures).at == NOW + hours * HOUR


def test_a_feed_that_fails_for_weeks_is_asked_weekly_and_then_paused() -> None:
    assert failure(404, failing_since=NOW - timedelta(days=15)).at == NOW + timedelta(days=7)
    assert failure(404, failing_since=NOW - timedelta(days=61)).state is FeedState.PAUSED
    assert failure(None, failing_since=NOW - timedelta(days=61)).state is FeedState.PAUSED


def test_one_failure_after_a_long_silence_of_our_own_pauses_nothing() -> None:
    assert failure(404, last_ok_at=NOW - timedelta(days=90)).at == NOW + HOUR


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_wants_peace_gets_it(status: int) -> None:
    assert failure(status, {"retry-after": "7200"}).at == NOW + 2 * HOUR
    assert failure(status, {"retry-after": "Tue, 17 Nov 2026 09:00:00 GMT"}).at == NOW + 24 * HOUR
    assert failure(status, {"retry-after": "99999999"}).at == NOW + timedelta(days=31)
    assert failure(status, {"retry-after": "soon"}).at == NOW + 4 * HOUR
    assert failure(status, {"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}).at == NOW + 4 * HOUR
    assert failure(status, strikes=1).at == NOW + 8 * HOUR
    assert failure(status, strikes=9).at == NOW + 24 * HOUR


def test_a_closed_door_is_tried_after_four_hours_and_a_gone_feed_never() -> None:
    assert failure(403).at == NOW + 4 * HOUR
    assert failure(410).state is FeedState.GONE


@pytest.mark.parametrize(("minutes", "because"), [(30, "30 min"), (60, "hour"), (180, "3 hours")])
def test_the_editors_wish_goes_before_what_feed_and_server_say(minutes: int, because: str) -> None:
    headers = {"cache-control": "max-age=50000"}
    plan = success(headers, has_validators=False, ttl=600, poll_minutes=minutes, skip_hours=tuple(range(24)))
    assert plan == NextPoll(NOW + timedelta(minutes=minutes), f"you want it every {because}")


def test_a_feed_that_says_how_often_it_changes_is_asked_so_often() -> None:
    plan = success(update_minutes=600)
    assert (plan.at - NOW, plan.because) == (timedelta(minutes=600), "the feed says how often it changes")
    assert success(update_minutes=10_080).at == NOW + 24 * HOUR


def test_hours_and_days_that_a_feed_wants_quiet_are_left_out() -> None:
    plan = success(skip_hours=(10, 11, 12))
    assert (plan.at, plan.because) == (NOW + 4 * HOUR, "the feed asks for quiet at 10:00 UTC")
    friday = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    plan = success(now=friday, skip_days=(5, 6))
    assert (plan.at, plan.because) == (
        datetime(2026, 11, 23, tzinfo=UTC),
        "the feed asks for quiet on Saturday and Sunday",
    )


@pytest.mark.parametrize("quiet", [{"skip_hours": tuple(range(24))}, {"skip_days": tuple(range(7))}])
def test_a_feed_that_wants_quiet_always_is_not_believed(quiet: dict[str, tuple[int, ...]]) -> None:
    assert success(**quiet).at == NOW + HOUR  # type: ignore[arg-type] - a builder


# Mondays at ten past ten; NOW is a Monday at nine.
WEEKLY = [NOW + timedelta(hours=1, minutes=10) - timedelta(days=7 * n) for n in range(1, 9)]


def own(now: datetime, *, published: list[datetime] | None = None, **more: object) -> timedelta:
    return success(now=now, published=WEEKLY if published is None else published, is_own_show=True, **more).at - now  # type: ignore[arg-type] - a builder


def test_the_own_show_is_asked_by_the_quarter_around_its_hour() -> None:
    assert own(NOW) == timedelta(minutes=15)
    assert own(NOW + timedelta(hours=2, minutes=40)) == timedelta(minutes=15)
    assert success(published=WEEKLY, is_own_show=True).because == "its next episode is expected about now"


def test_the_own_show_is_asked_when_its_window_opens_and_not_before() -> None:
    assert own(NOW - timedelta(hours=5)) == timedelta(hours=5)
    assert own(NOW - timedelta(days=3)) == timedelta(hours=24)


def test_the_own_show_is_left_alone_once_its_episode_is_there() -> None:
    there = [NOW + timedelta(hours=1, minutes=5), *WEEKLY]
    assert own(NOW + timedelta(hours=1, minutes=30), published=there) == timedelta(hours=24)


def test_the_own_show_is_asked_like_others_without_validators_or_a_habit() -> None:
    assert own(NOW, has_validators=False) == timedelta(hours=24)
    scattered = [NOW - timedelta(days=7 * n, hours=3 * n) for n in range(8)]
    assert own(NOW, published=scattered) == timedelta(hours=24)
    assert own(NOW, published=[]) == timedelta(hours=6)


def test_the_own_shows_server_is_believed_when_it_says_how_long_its_answer_is_fresh() -> None:
    plan = success({"cache-control": "max-age=1800"}, published=WEEKLY, is_own_show=True)
    assert plan.at - NOW == timedelta(minutes=30)


HEADERS = st.dictionaries(
    st.sampled_from(["cache-control", "expires", "date", "retry-after"]),
    st.one_of(st.text(), st.from_regex(r"(max-age|no-cache)?=?\d*"), st.just("Mon, 16 Nov 2026 12:00:00 -0000")),
)


@settings(deadline=None)
@given(
    headers=HEADERS,
    spread=st.floats(0.95, 1.10),
    ttl=st.none() | st.integers(1, 44_640),
    days=st.lists(st.floats(0, 3000), max_size=12),
)
def test_the_next_poll_after_success_is_within_an_hour_and_a_day(
    headers: dict[str, str], spread: float, ttl: int | None, days: list[float]
) -> None:
    plan = success(headers, ttl=ttl, published=[NOW - timedelta(days=day) for day in days], spread=spread)
    assert timedelta(minutes=57) <= plan.at - NOW <= 24 * HOUR


@settings(deadline=None)
@given(
    status=st.none() | st.integers(100, 599),
    headers=HEADERS,
    failures=st.integers(0, 10_000),
    spread=st.floats(0.95, 1.10),
)
def test_the_next_poll_after_trouble_is_always_ahead(
    status: int | None, headers: dict[str, str], failures: int, spread: float
) -> None:
    assert NOW < failure(status, headers, spread=spread, failures=failures).at <= NOW + timedelta(days=31)


@settings(deadline=None)
@given(
    hours=st.sets(st.integers(0, 23)),
    days=st.sets(st.integers(0, 6)),
    ahead=st.timedeltas(timedelta(), timedelta(days=8)),
)
def test_quiet_hours_only_ever_put_a_poll_off(hours: set[int], days: set[int], ahead: timedelta) -> None:
    at = after_skips(NOW + ahead, hours=hours, days=days)
    assert NOW + ahead <= at <= NOW + ahead + timedelta(days=8)
    if len(hours) < 24 and len(days) < 7:
        assert at.hour not in hours
        assert at.weekday() not in days


def test_the_note_says_what_came_and_when_and_why_next() -> None:
    plan = NextPoll(NOW + timedelta(hours=5, minutes=5), "max-age 3600")
    assert polling.note("304", plan, now=NOW) == "304; next 14:05 UTC because max-age 3600"
    weekly = NextPoll(NOW + timedelta(days=7), "it failed 20 times in a row")
    assert polling.note("404 Not Found", weekly, now=NOW) == (
        "404 Not Found; next 23 Nov 09:00 UTC because it failed 20 times in a row"
    )
    assert len(polling.note("x" * 2000, plan, now=NOW)) == 500


def test_an_answer_that_stays_fresh_for_ever_breaks_nothing() -> None:
    headers = {"expires": "Fri, 31 Dec 9999 23:59:59 GMT", "date": "Thu, 01 Jan 1970 00:00:00 GMT"}
    published = [NOW + HOUR - timedelta(days=n) for n in range(1, 10)]
    assert success(headers, is_own_show=True, published=published).at == NOW + 24 * HOUR
