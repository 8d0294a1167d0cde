"""Words and form fields: laws, and a table where a person must look."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from curator.audience.values import SuppressionReason
from curator.errors import InvalidError
from curator.letters.values import LetterState
from curator.mailings.store import GOT_IT, MAY_HAVE_GOT_IT, TEST_MODE
from curator.web import here, words
from curator.web.forms import Form, key

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(0), "just now"),
        (timedelta(seconds=51), "in 51 s"),
        (timedelta(minutes=5), "in 5 min"),
        (timedelta(hours=-2, minutes=-5), "2 h 5 min ago"),
        (timedelta(days=3, hours=4, minutes=50), "in 3 d 4 h"),
        (timedelta(days=2, minutes=5), "in 2 d"),
        (timedelta(days=-41), "41 d ago"),
    ],
)
def test_distances_are_said_in_their_largest_units(away: timedelta, said: str) -> None:
    assert words.distance(NOW + away, NOW) == said


def test_a_moment_is_told_on_the_zones_wall_clock() -> None:
    at = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)
    assert words.moment(at, "Europe/London", NOW) == "Tue 1 Dec 2026, 07:00 Europe/London (in 14 d)"
    assert words.date_time(at, "Asia/Kolkata") == "Tue 1 Dec 2026, 12:30"


def test_every_state_of_a_letter_has_a_word() -> None:
    assert [words.fate(state) for state in LetterState] == [
        "waits",
        "held back",
        "is leaving",
        "sent",
        "refused",
        "not sent",
    ]


def test_lengths_ages_sizes_and_counts() -> None:
    assert [words.length(seconds) for seconds in (50, 2460, 3900)] == ["50 s", "41 min", "1 h 5 min"]
    ages = (timedelta(minutes=-5), timedelta(hours=5), timedelta(days=3), timedelta(days=200), timedelta(days=1500))
    assert [words.age(NOW - past, NOW) for past in ages] == ["1 min", "5 h", "3 d", "6 months", "4 years"]
    assert [words.size(number) for number in (900, 61_400)] == ["900 bytes", "61 KB"]
    assert [words.count(number, "reader") for number in (1, 4812)] == ["1 reader", "4,812 readers"]


@given(st.text(), st.integers(min_value=1, max_value=300))
def test_an_excerpt_is_never_longer_than_asked(text: str, at_most: int) -> None:
    assert len(words.excerpt(text, at_most)) <= at_most + 2


@given(
    st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - a wall clock's
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
)
def test_a_typed_moment_is_read_as_the_zone_shows_it(local: datetime, zone: str) -> None:
    local = local.replace(second=0, microsecond=0)
    form = Form({"at": local.strftime("%Y-%m-%dT%H:%M")})
    at = form.moment("at", zone)
    if at is None:
        assert "skip this time" in form.errors["at"]
    else:
        assert at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


def test_every_reason_to_leave_somebody_out_has_words() -> None:
    noted = [f"suppressed: {reason}" for reason in SuppressionReason]
    for reason in [*noted, "erased", "not confirmed", "unsubscribed", TEST_MODE, GOT_IT, MAY_HAVE_GOT_IT]:
        assert words.left_out(reason).startswith(("they ", "their ", "somebody "))
    assert words.left_out("something new") == "something new"


def test_the_hour_that_comes_twice_is_the_first() -> None:
    at = Form({"at": "2026-10-25T01:30"}).moment("at", "Europe/London")
    assert at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_form_keeps_what_was_typed_and_every_first_complaint() -> None:
    form = Form({"name": " A\0da \r\n ", "number": "x", "long": "y" * 6})
    assert form.text("name", at_most=10) == "Ada"
    assert form.line("name", at_most=10) == "Ada"
    assert form.number("number", low=1, high=9) == 1
    form.text("long", at_most=5)
    form.take(InvalidError("long", "another complaint"))
    assert form.errors == {
        "number": "Give a whole number from 1 to 9.",
        "long": "This has 6 characters; at most 5 fit.",
    }


@given(st.text())
def test_a_key_is_a_positive_64_bit_number_or_nothing(text: str) -> None:
    found = key(text)
    assert found is None or (0 < found < 2**63 and str(found) == text.lstrip("0"))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::9", "2001:db8::/64"),
    ],
)
def test_a_household_is_counted_as_one(address: str, network: str) -> None:
    with Flask("test").test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert here.network() == network


@given(st.text())
def test_a_local_path_stays_on_the_desk(text: str) -> None:
    assert here.local_path(text, "/desk").startswith("/desk")
    assert here.local_path("/desk" + text, "/desk").startswith("/desk")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://www.podcast.example/episodes/41?x=1", "podcast.example"),
        ("http://127.0.0.1:8081/read", "127.0.0.1"),
        ("https://[broken/", "https://[broken/"),
    ],
)
def test_a_link_is_told_by_its_site(url: str, said: str) -> None:
    assert words.host(url) == said
