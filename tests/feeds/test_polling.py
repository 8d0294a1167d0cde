"""When a feed is asked again, and what its line says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.feeds import polling
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
) -> NextPoll:
    published = [NOW - every * n for n in range(10)] if every else []
    return polling.after_success(
        headers=headers or {},
        has_validators=has_validators,
        ttl_minutes=ttl,
        published=published,
        spread=spread,
        now=NOW,
    )


def failure(
    status: int | None, headers: dict[str, str] | None = None, *, spread: float = 1.0, **facts: object
) -> NextPoll:
    return polling.after_failure(state(**facts), status=status, headers=headers or {}, spread=spread, now=NOW)


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
    plan = polling.after_success(
        headers={}, has_validators=True, ttl_minutes=None, published=published, spread=1.0, now=NOW
    )
    assert plan.at == NOW + HOUR


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
    assert failure(404, last_ok_at=NOW - timedelta(days=15)).at == NOW + timedelta(days=7)
    assert failure(404, last_ok_at=NOW - timedelta(days=61)).state is FeedState.PAUSED
    assert failure(None, last_ok_at=None, created_at=NOW - timedelta(days=61)).state is FeedState.PAUSED


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_wants_peace_gets_it(status: int) -> None:
    assert failure(status, {"retry-after": "7200"}).at == NOW + 2 * HOUR
    assert failure(status, {"retry-after": "Tue, 17 Nov 2026 09:00:00 GMT"}).at == NOW + 24 * HOUR
    assert failure(status, {"retry-after": "99999999"}).at == NOW + timedelta(days=31)
    assert failure(status, {"retry-after": "soon"}).at == NOW + 4 * HOUR
    assert failure(status, {"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}).at == NOW + 4 * HOUR
    assert failure(status, failures=1).at == NOW + 8 * HOUR
    assert failure(status, failures=9).at == NOW + 24 * HOUR


def test_a_closed_door_is_tried_after_four_hours_and_a_gone_feed_never() -> None:
    assert failure(403).at == NOW + 4 * HOUR
    assert failure(410).state is FeedState.GONE


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
    plan = polling.after_success(
        headers=headers,
        has_validators=True,
        ttl_minutes=ttl,
        published=[NOW - timedelta(days=day) for day in days],
        spread=spread,
        now=NOW,
    )
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


def test_the_note_says_what_came_and_when_and_why_next() -> None:
    plan = NextPoll(NOW + timedelta(hours=5, minutes=5), "max-age 3600")
    assert polling.note("304", plan, now=NOW) == "304; next 14:05 UTC because max-age 3600"
    weekly = NextPoll(NOW + timedelta(days=7), "it failed 20 times in a row")
    assert polling.note("404 Not Found", weekly, now=NOW) == (
        "404 Not Found; next 23 Nov 09:00 UTC because it failed 20 times in a row"
    )
    assert len(polling.note("x" * 2000, plan, now=NOW)) == 500
