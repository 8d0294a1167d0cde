"""The mail's fixed words: whole in each language, English where there is none, and its dates and sides."""

import string
from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest

from curator.issues import compose, phrases, trended
from curator.issues.phrases import CATALOGUE, Phrases
from curator.issues.render import Renderer
from curator.issues.values import Document, DocumentSection
from tests.issues.documents import document, entry
from tests.issues.reading import Page
from tests.issues.test_trends import TREND


def _holes(words: object) -> set[str]:
    parts = words if isinstance(words, tuple) else (words,)
    return {name for part in parts for _, name, _, _ in string.Formatter().parse(str(part)) if name}


@pytest.mark.parametrize("say", CATALOGUE.values(), ids=CATALOGUE)
def test_every_language_says_all_that_english_says(say: Phrases) -> None:
    for field in fields(Phrases):
        own, english = getattr(say, field.name), getattr(CATALOGUE["en"], field.name)
        assert own, field.name
        assert _holes(own) == _holes(english), field.name
        assert isinstance(own, str) or len(own) == len(english)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en-GB", "3 December 2026"),
        ("de-AT", "3. Dezember 2026"),
        ("ar", "3 ديسمبر 2026"),
        ("fi", "2026-12-03"),
    ],
)
def test_a_date_is_told_as_the_language_tells_it(language: str, told: str) -> None:
    assert phrases.dated(date(2026, 12, 3), language=language) == told
    assert compose.dated(datetime(2026, 12, 3, 8, tzinfo=UTC), language=language) == told


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        *(("en", "ltr"), ("ar-EG", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("ur", "rtl"), ("az", "ltr")),
        *(("az-Arab", "rtl"), ("ar-Latn", "ltr"), ("AR", "rtl"), ("arn", "ltr")),
    ],
)
def test_the_language_decides_the_direction(language: str, direction: str) -> None:
    assert phrases.direction(language) == direction


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


def _mail(language: str) -> Document:
    return replace(document(DocumentSection("Neues", (entry(is_episode=True),))), language=language)
