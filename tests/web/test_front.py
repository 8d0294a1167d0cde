"""The front page: what is published here, before there is anything, with one newsletter and with several."""

import pytest
from flask import Flask

from curator.app import App
from tests import builders
from tests.published import sent_issue_row
from tests.web.conftest import Browser
from tests.web.test_archive import Headings


@pytest.fixture
def reader(flask: Flask) -> Browser:
    return Browser(flask.test_client())


def test_without_a_newsletter_it_says_so(reader: Browser) -> None:
    page = reader.see("/")
    assert "Nothing is published here yet." in page
    assert reader.client.get("/").headers["Cache-Control"] == "no-store"


def test_one_newsletter_is_the_page(reader: Browser, sqlite_app: App) -> None:
    newsletter_id = builders.newsletter_row(sqlite_app.db, tagline="Heard and read", zone="Europe/London")
    page = reader.see("/")
    assert "The first issue is on its way." in page
    assert reader.client.get("/").headers["Cache-Control"] == "no-store"
    for number in (1, 2):
        sent_issue_row(sqlite_app.db, newsletter_id, number)
    page = reader.see("/")
    assert Headings(page).found == [(1, "AI Weekly"), (2, "The newest issue"), (3, "Number 2")]
    assert "Heard and read" in page
    assert "It comes out every Tuesday at 07:00 Europe/London." in page
    assert 'href="/n/ai-weekly/issues/2"' in page
    assert 'href="/n/ai-weekly/issues"' in page


def test_several_newsletters_share_the_page(reader: Browser, sqlite_app: App) -> None:
    first = builders.newsletter_row(sqlite_app.db)
    builders.newsletter_row(sqlite_app.db, slug="data-monthly", name="Data <Monthly>", is_paused=True)
    sent_issue_row(sqlite_app.db, first, 7)
    page = reader.see("/")
    assert Headings(page).found == [
        (1, "Newsletters"),
        (2, "AI Weekly"),
        (3, "Number 7"),
        (2, "Data <Monthly>"),
        (2, "By mail"),
    ]
    assert "Data &lt;Monthly&gt;" in page
    assert "It is taking a break at the moment." in page
    for slug in ("ai-weekly", "data-monthly"):
        assert f'href="/n/{slug}"' in page
    assert 'href="/n/data-monthly/issues"' not in page
