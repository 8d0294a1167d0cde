"""One language's words, dates and numbers, and what a tag falls back to."""

from datetime import UTC, date, datetime

import pytest

from curator import languages
from curator.languages import tags
from curator.newsletters.cadence import describe
from curator.newsletters.values import Cadence
from tests.newsletters.test_cadence import weekly

AT = datetime(2026, 12, 1, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "lang", "read"),
    [
        ("en", "en", "Read"),
        ("en-US", "en-US", "Read"),
        ("de", "de", "Lesen"),
        ("de-CH", "de-CH", "Lesen"),
        ("DE_at-1996", "DE_at-1996", "Lesen"),
        ("ar-EG", "ar-EG", "اقرأ"),
        ("fr", "en", "Read"),
        ("den", "en", "Read"),
        ("", "en", "Read"),
        ("../de", "en", "Read"),
    ],
)
def test_a_tag_falls_back_to_its_language_and_then_to_english(tag: str, lang: str, read: str) -> None:
    speech = languages.speech(tag)
    assert (speech.lang, speech.gettext("Read")) == (lang, read)
    assert speech.is_foreign is (lang == "en" and tag != "en")


@pytest.mark.parametrize(
    ("tag", "day", "number"),
    [
        ("en", "1 December 2026", "4,812"),
        ("en-US", "December 1, 2026", "4,812"),
        ("de", "1. Dezember 2026", "4.812"),
        ("de-CH", "1. Dezember 2026", "4'812"),
        ("ar", "1 ديسمبر 2026", "4,812"),
        ("xx", "1 December 2026", "4,812"),
        ("de-XX", "1. Dezember 2026", "4.812"),
    ],
)
def test_days_and_numbers_are_written_as_the_place_writes_them(tag: str, day: str, number: str) -> None:
    speech = languages.speech(tag)
    assert speech.dated(date(2026, 12, 1)) == speech.dated(AT) == day
    assert speech.number(4812) == number


def test_moments_ranges_and_months() -> None:
    english, german = languages.speech("en"), languages.speech("de")
    assert english.moment(AT, "Europe/Berlin") == "Tuesday 1 December 2026 at 08:05 (Europe/Berlin)"
    assert german.moment(AT, "Europe/Berlin") == "Dienstag, 1. Dezember 2026, 08:05 Uhr (Europe/Berlin)"
    assert german.dates(date(2026, 12, 3), date(2026, 12, 5)) == "3.–5. Dez. 2026"
    assert (german.month(AT), german.day(AT)) == ("Dezember 2026", "1. Dezember")
    assert german.dated_in(datetime(2026, 12, 1, 23, 30, tzinfo=UTC), "Europe/Berlin") == "2. Dezember 2026"
    assert english.clock(AT, "Asia/Kolkata") == "12:35"


@pytest.mark.parametrize(
    ("cadence", "english", "german", "arabic"),
    [
        (
            weekly(1, 3, zone="Europe/London"),
            "every Tuesday and Thursday at 07:00 Europe/London",
            "jeden Dienstag und Donnerstag um 07:00 Uhr (Europe/London)",
            "أسبوعيًا يوم الثلاثاء والخميس الساعة 7:00 ص (Europe/London)",
        ),
        (
            weekly(1, every=2, zone="Europe/London"),
            "every 2 weeks on Tuesday at 07:00 Europe/London",
            "alle 2 Wochen am Dienstag um 07:00 Uhr (Europe/London)",
            "كل أسبوعين يوم الثلاثاء الساعة 7:00 ص (Europe/London)",
        ),
    ],
)
def test_a_cadence_is_told_in_the_language(cadence: Cadence, english: str, german: str, arabic: str) -> None:
    told = [describe(cadence), *(describe(cadence, languages.speech(tag)) for tag in ("de", "ar"))]
    assert told == [english, german, arabic]


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de-ch"),
        ("fr, ar;q=0.5, de;q=0.7", "de"),
        ("en-GB", "en-gb"),
        ("fr", None),
        ("de;q=0", None),
        ("", None),
        ("*", None),
        ("de;q=lots, ar;q=0.1", "ar"),
        ('de"><script>, ar', "ar"),
        (",".join(["xx"] * 5000), None),
    ],
)
def test_a_browser_gets_the_language_that_it_likes_best(accepted: str, chosen: str | None) -> None:
    assert tags.preferred(accepted, {"en", "de", "ar"}) == chosen


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        *(("en", "ltr"), ("ar-EG", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("ur", "rtl"), ("az", "ltr")),
        *(("az-Arab", "rtl"), ("ar-Latn", "ltr"), ("AR", "rtl"), ("arn", "ltr")),
    ],
)
def test_the_language_decides_the_direction(language: str, direction: str) -> None:
    assert languages.direction(language) == direction
