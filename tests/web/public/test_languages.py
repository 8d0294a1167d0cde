"""Pages speak their newsletter's language: its words, its side, its dates; and English is marked where it stays."""

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask

from curator.app import App
from curator.audience import links
from curator.issues.corrections import correct
from curator.picks.tips import decide
from tests import builders
from tests.issues.documents import whole_issue
from tests.published import sent_issue_row
from tests.web.conftest import Browser
from tests.web.public.conftest import Readers

_HTML = re.compile(r'<html lang="([^"]+)" dir="([^"]+)">')
_ENGLISH = re.compile(r'<(?!aside)[a-z0-9]+[^>]* lang="en"')


@pytest.fixture
def reader(flask: Flask) -> Browser:
    return Browser(flask.test_client())


def _issue(app: App, language: str, slug: str = "ai-weekly") -> int:
    id_ = builders.newsletter_row(app.db, slug=slug, language=language, zone="Europe/Berlin", tagline="Gehört")
    return sent_issue_row(app.db, id_, 1, document=replace(whole_issue(), language=language))


def test_a_german_newsletters_pages_are_german(reader: Browser, sqlite_app: App) -> None:
    issue_id = _issue(sqlite_app, "de-AT")
    correct.correct(sqlite_app.db, issue_id, note="Es waren drei.", by=None, now=sqlite_app.clock())
    for path, words in {
        "/n/ai-weekly/issues": ("Alle Ausgaben", "1 Ausgabe", "Alle Ausgaben durchsuchen"),
        "/n/ai-weekly/issues?q=nirgendwo": ("„nirgendwo", "Nichts gefunden"),
        "/n/ai-weekly/issues/1": ("Ausgabe <b>1</b>", "Lesen bei <bdi>Row Store</bdi>", "Korrigiert am <time"),
    }.items():
        page = reader.see(path)
        assert _HTML.findall(page) == [("de-AT", "ltr")], path
        assert not _ENGLISH.findall(page), path
        assert [word for word in words if word not in page] == [], path
    missing = reader.see("/n/ai-weekly/issues/99", status=404)
    assert "Diese Ausgabe gibt es nicht" in missing
    feed = reader.see("/n/ai-weekly/feed.json")
    assert "Diese Ausgabe im Web" in feed
    assert "Korrigiert am " in feed


def test_an_arabic_newsletters_pages_run_from_right_to_left(reader: Browser, sqlite_app: App) -> None:
    _issue(sqlite_app, "ar")
    for path in ("/n/ai-weekly/issues", "/n/ai-weekly/issues/1", "/n/ai-weekly", "/"):
        page = reader.see(path)
        assert _HTML.findall(page) == [("ar", "rtl")], path
    assert "العدد <b>1</b>" in reader.see("/n/ai-weekly/issues/1")
    assert "أسبوعيًا يوم الثلاثاء" in reader.see("/")


@pytest.mark.parametrize(
    ("language", "direction", "mark"), [("fi", "ltr", ' lang="en"'), ("he", "rtl", ' lang="en" dir="ltr"')]
)
def test_words_that_stay_english_are_marked(
    reader: Browser, sqlite_app: App, language: str, direction: str, mark: str
) -> None:
    _issue(sqlite_app, language)
    page = reader.see("/n/ai-weekly/issues/1")
    assert _HTML.findall(page) == [(language, direction)]
    assert f'<footer class="colophon"{mark}>' in page
    assert _HTML.findall(reader.see("/n/ai-weekly/issues")) == [("en", "ltr")]


def test_the_front_page_is_in_the_language_that_all_newsletters_have(reader: Browser, sqlite_app: App) -> None:
    _issue(sqlite_app, "de")
    _issue(sqlite_app, "de", slug="mehr")
    answer = reader.client.get("/", headers={"Accept-Language": "ar"})
    assert _HTML.findall(answer.text) == [("de", "ltr")]
    assert "Accept-Language" not in answer.headers.get("Vary", "")


def test_where_newsletters_differ_the_front_page_is_as_the_browser_asks(reader: Browser, sqlite_app: App) -> None:
    _issue(sqlite_app, "de")
    _issue(sqlite_app, "en", slug="more")
    for asked, spoken in (("ar-EG,de;q=0.5", "ar-eg"), ("fr", "en"), ("", "en")):
        answer = reader.client.get("/", headers={"Accept-Language": asked})
        assert _HTML.findall(answer.text)[0][0] == spoken
        assert "Accept-Language" in answer.headers["Vary"]
        assert "Set-Cookie" not in answer.headers


def test_what_no_newsletter_is_known_of_is_said_as_the_browser_asks(reader: Browser, sqlite_app: App) -> None:
    answer = reader.client.get("/l/forged", headers={"Accept-Language": "de"})
    assert "Dieser Link geht nicht" in answer.text
    assert "Er ist beschädigt" in answer.text
    assert "Diese Seite gibt es nicht" in reader.client.get("/nowhere", headers={"Accept-Language": "de"}).text
    desk = reader.client.get("/desk/sign-in", headers={"Accept-Language": "de"})
    assert 'lang="en"' in desk.text


def test_a_wrong_address_is_told_in_the_pages_language(reader: Browser, sqlite_app: App) -> None:
    builders.newsletter_row(sqlite_app.db, language="de")
    for address, why in (("", "Die Adresse fehlt."), ("ada@", "Das ist keine Mailadresse.")):
        answer = reader.client.post("/n/ai-weekly/sign-up", data={"address": address})
        assert why in answer.text


def test_whatever_is_wrong_with_a_form_is_told_in_the_pages_language(sqlite_readers: Readers) -> None:
    id_ = sqlite_readers.newsletter
    builders.change_newsletters(sqlite_readers.app.db, language="de")
    decide.set_open(sqlite_readers.app.db, id_, is_open=True, by=None, now=sqlite_readers.app.clock())
    sent = {"link": "https://example.org/x", "note": "x" * 501, "address": "ada@"}
    tip = sqlite_readers.client.post("/n/ai-weekly/tip", data=sent)
    assert "<title>Fehler: " in tip.text
    assert "Das sind 501 Zeichen; höchstens 500 passen." in tip.text
    tip = sqlite_readers.client.post("/n/ai-weekly/tip", data={**sent, "note": ""})
    assert "Das ist keine Mailadresse." in tip.text


def test_a_readers_own_pages_are_in_the_language_of_their_newsletters(sqlite_readers: Readers) -> None:
    builders.change_newsletters(sqlite_readers.app.db, language="de")
    sqlite_readers.active()
    own = f"/p/{sqlite_readers.own_token()}"
    sqlite_readers.client.post(f"{own}/address", data={"address": "new@readers.example"})
    moves = links.address_token(sqlite_readers.app.keys, links.AddressLink(1))
    for url in (f"{own}/data", f"{own}/data.html", f"{own}/erase", f"/a/{moves}"):
        assert _HTML.findall(sqlite_readers.client.get(url).text) == [("de", "ltr")], url
    assert "Adresse und Name, wie die Adresse hierherkam" in sqlite_readers.client.get(f"{own}/data").text
    for url in (f"/a/{moves}", f"{own}/erase"):
        assert _HTML.findall(sqlite_readers.client.post(url).text) == [("de", "ltr")], url


@pytest.mark.parametrize("language", ["de", "ar"])
def test_consent_is_recorded_in_the_words_that_were_shown(sqlite_readers: Readers, language: str) -> None:
    builders.change_newsletters(sqlite_readers.app.db, language=language)
    found = re.search(r'name="words(?:-\d+)?" value="([^"]+)"', sqlite_readers.client.get("/n/ai-weekly").text)
    assert found is not None
    shown = unescape(found[1])
    assert sqlite_readers.sign_up(words=shown).status_code == 303
    assert [words for _, _, words in sqlite_readers.steps()] == [shown]
    assert sqlite_readers.sign_up("bob@readers.example", words="Anything else").status_code == 422
