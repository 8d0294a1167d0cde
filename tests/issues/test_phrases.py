"""The mail's fixed words: whole in each language, English where there is none, and its dates and sides."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from curator.issues import compose, phrases, trended
from curator.issues.render import Renderer
from curator.issues.values import Document, DocumentSection
from tests.issues.documents import document, entry
from tests.issues.reading import Page
from tests.issues.test_trends import TREND


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en-GB", "3 December 2026"),
        ("de-AT", "3. Dezember 2026"),
        ("ar", "3 ديسمبر 2026"),
        ("en-US", "December 3, 2026"),
        ("fi", "2026-12-03"),
    ],
)
def test_a_date_is_told_as_the_language_tells_it(language: str, told: str) -> None:
    assert phrases.dated(date(2026, 12, 3), language=language) == told
    assert compose.dated(datetime(2026, 12, 3, 8, tzinfo=UTC), language=language) == told


def test_lengths_names_and_places_to_listen_are_told_in_the_language() -> None:
    assert phrases.length(3840, language="en") == "1 h 4 min"
    assert phrases.length(3600, language="de") == "1 Std."
    assert phrases.length(20, language="en") == ""
    assert phrases.joined(["A", "B", "C"], language="en") == "A, B and C"
    assert phrases.joined(["A", "B"], language="de") == "A und B"
    assert phrases.joined(["A"], language="de") == "A"
    assert phrases.place_to_listen("Subscribe by", language="de") == "Abonnieren über"
    assert phrases.place_to_listen("Somewhere", language="de") == "Somewhere"
    assert phrases.label("Sponsored", language="de") == "Anzeige"
    assert phrases.label("With thanks to", language="de") == "With thanks to"


def test_a_trend_is_told_in_the_language() -> None:
    told = trended.told(replace(TREND, factor=None), first_seen="3. Dezember 2026", language="de")
    assert "nie erwähnt. Zuerst gesehen am 3. Dezember 2026." in told
    told = trended.told(TREND, first_seen="3 ديسمبر 2026", language="ar")
    assert "، " in told
    assert trended.alt(TREND, language="de").startswith("Diagramm der Beiträge zu ")


def test_a_german_mail_has_german_words_and_marks_none_of_them(renderer: Renderer) -> None:
    page = Page(renderer.render(_mail("de")).html)
    assert "Anhören" in page.text
    assert "Ausgabe 41" in page.text
    assert "The Weekly Wave abbestellen" in page.text
    assert "en" not in page.attributes("span", "lang") + page.attributes("p", "lang") + page.attributes("div", "lang")


def test_a_finnish_mail_marks_its_english_words(renderer: Renderer) -> None:
    rendered = renderer.render(_mail("fi"))
    page = Page(rendered.html)
    assert page.attributes("html", "lang") == ["fi"]
    assert '<span lang="en">Listen</span>' in rendered.html
    assert "en" in page.attributes("div", "lang")


def test_a_span_of_one_needs_no_article_twice() -> None:
    assert phrases.within(7, language="en") == "in a week"
    assert phrases.before(7, language="en") == "in the week before"
    assert phrases.before(14, language="ar") == "في الأسبوعين السابقين"


def _mail(language: str) -> Document:
    return replace(document(DocumentSection("Neues", (entry(is_episode=True),))), language=language)
