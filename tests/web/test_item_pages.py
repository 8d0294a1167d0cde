"""A sent issue's things as pages of their own, years, the search, and corrections as readers see them."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from curator.app import App
from curator.issues.corrections import correct
from curator.issues.values import BlockKind, Document, DocumentItem, DocumentSection
from curator.mailings.archive.reading import read_new
from curator.web import create_app
from tests import builders
from tests.audience.counting import statements
from tests.issues.documents import document, entry, words
from tests.mailings.test_archive_search import back_issue_row
from tests.published import sent_issue_row
from tests.web.conftest import Browser
from tests.web.test_archive import Headings

ARCHIVE = "/n/ai-weekly/issues"


@pytest.fixture
def reader(flask: Flask) -> Browser:
    return Browser(flask.test_client())


@pytest.fixture
def newsletter_id(sqlite_app: App) -> int:
    return builders.newsletter_row(sqlite_app.db, zone="Europe/Berlin", tagline="Heard and read")


def every_kind() -> Document:
    """An issue with one thing of each kind, under the blocks 1 to 6."""
    pick = entry("What a vector index forgets", blurb="It forgets **little**.", block_id=1)
    quote = replace(
        entry("Episode 41", blurb="Nobody noticed.", block_id=2), kind=BlockKind.QUOTE, source="Nadia Okafor"
    )
    sold = replace(entry("Come to Bristol", block_id=3), kind=BlockKind.PROMOTION, label="Promotion")
    trend = replace(
        entry("Vector databases", link=None, block_id=4),
        kind=BlockKind.TREND,
        chart=(0, 1, 2, 4),
        image_alt="A line that rises",
        items=(DocumentItem("Row Store", "https://rowstore.example/"),),
        episodes=(DocumentItem("Episode 40", "https://latentwaves.example/40"),),
    )
    listed = replace(
        entry("Most read", link=None, block_id=5),
        kind=BlockKind.LIST,
        items=(DocumentItem("One", "https://one.example/", "issue 40"),),
    )
    said = words("Only words.", block_id=6)
    return document(DocumentSection("Highlights", (pick, quote, sold, trend, listed, said)), preheader="Plus: more")


# -- one thing


@pytest.mark.parametrize(
    ("block", "name"),
    [
        (1, "What a vector index forgets"),
        (2, "Episode 41"),
        (4, "Vector databases"),
        (5, "Most read"),
        (6, "Only words."),
    ],
)
def test_each_thing_has_a_page_that_can_be_shared(
    reader: Browser, newsletter_id: int, sqlite_app: App, block: int, name: str
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 7, document=every_kind())
    page = reader.see(f"{ARCHIVE}/7/{block}")
    root = sqlite_app.settings.public_url
    assert [text for level, text in Headings(page).found if level == 1] == [name]
    assert f'<meta property="og:title" content="{name}">' in page
    assert f'<meta property="og:url" content="{root}{ARCHIVE}/7/{block}">' in page
    assert f'<link rel="canonical" href="{root}{ARCHIVE}/7">' in page
    assert f'href="{ARCHIVE}/7#item-{block}"' in page
    assert "Read the whole issue" in page
    assert "Link to this" not in page


def test_an_issue_leads_to_the_pages_of_its_things_and_shows_every_kind(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 7, document=every_kind())
    page = reader.see(f"{ARCHIVE}/7")
    assert re.findall(rf'href="{ARCHIVE}/7/(\d+)">Link to this', page) == ["1", "2", "4", "5"]
    assert re.findall(r'id="item-(\d+)"', page) == ["1", "2", "3", "4", "5", "6"]
    assert re.search(r'<img class="chart" src="/chart/[^"]+" alt="A line that rises"', page)


def test_an_issue_shows_its_own_pictures_on_the_web_and_asks_no_other_site_for_one(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    own = {"image_url": f"/pictures/{'a' * 32}.jpg", "image_width": 528, "image_height": 300}
    pick = replace(entry("A pick", block_id=1), image_alt="A tide table", image_credit="Jo Park", **own)
    sold = replace(
        entry("Come to Bristol", block_id=2), kind=BlockKind.PROMOTION, label="Promotion", image_alt="A hall", **own
    )
    old = entry("Of an older release", image_url="https://tracker.example/lead.jpg", block_id=3)
    sent_issue_row(sqlite_app.db, newsletter_id, 7, document=document(DocumentSection("Highlights", (pick, sold, old))))
    page = reader.see(f"{ARCHIVE}/7")
    shown = f'src="/pictures/{"a" * 32}.jpg" alt="%s" width="528" height="300"'
    assert shown % "A tide table" in page
    assert shown % "A hall" in page
    assert "Jo Park" in page
    feed = reader.client.get("/n/ai-weekly/feed.json").text
    assert f"{sqlite_app.settings.public_url}/pictures/{'a' * 32}.jpg" in feed
    assert "tracker.example" not in page + feed


@pytest.mark.parametrize("path", ["7/3", "7/99", "8/1", "0/1", "x/1", "7/0", "7/x", f"7/{'9' * 30}", "7/-1"])
def test_a_promotion_and_what_is_not_there_have_no_page(
    reader: Browser, newsletter_id: int, sqlite_app: App, path: str
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 7, document=every_kind())
    reader.see(f"{ARCHIVE}/{path}", status=404)


def test_search_engines_are_told_what_an_issue_is(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    hostile = replace(every_kind(), subject='</script><b> & "q"')
    issue_id = sent_issue_row(sqlite_app.db, newsletter_id, 7, document=hostile)
    correct.correct(sqlite_app.db, issue_id, note="A slip.", by=None, now=sqlite_app.clock())
    page = reader.see(f"{ARCHIVE}/7")
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    told = json.loads(block)
    assert (told["@type"], told["headline"]) == ("NewsArticle", '</script><b> & "q"')
    assert told["isPartOf"]["issueNumber"] == 7
    assert told["isPartOf"]["isPartOf"]["name"] == "AI Weekly"
    assert told["dateModified"] > told["datePublished"]
    assert told["correction"][0]["text"] == "A slip."


# -- corrections


def test_a_correction_stands_above_everything_with_its_day_and_its_words_in_place(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    issue_id = sent_issue_row(sqlite_app.db, newsletter_id, 7, document=every_kind())
    correct.correct(
        sqlite_app.db,
        issue_id,
        note="It forgets <much>.",
        entry=every_kind().sections[0].entries[0],
        words={"body": "It forgets **much**."},
        by=None,
        now=datetime(2026, 12, 2, 23, 30, tzinfo=UTC),
    )
    page = reader.see(f"{ARCHIVE}/7")
    assert 'Corrected on <time datetime="2026-12-02">3 December 2026</time>:' in page
    assert "It forgets &lt;much&gt;." in page
    assert "It forgets <strong>much</strong>." in page
    assert "<strong>little</strong>" not in page
    assert 'href="#corrections">Corrected' in page
    assert '<meta property="article:modified_time" content="2026-12-02T23:30:00+00:00">' in page
    alone = reader.see(f"{ARCHIVE}/7/1")
    assert "It forgets <strong>much</strong>." in alone
    assert f'href="{ARCHIVE}/7#corrections">Corrected' in alone


# -- years and the search


def test_a_year_has_a_page_by_the_newsletters_clock(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    new_year = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    for number, at in ((1, new_year - timedelta(hours=1)), (2, new_year), (3, new_year + timedelta(weeks=1))):
        sent_issue_row(sqlite_app.db, newsletter_id, number, at=at)
    page = reader.see(f"{ARCHIVE}/year/2026")
    assert [text for _, text in Headings(page).found] == ["All issues of 2026", "2026", "Number 3", "Number 2"]
    assert f'<link rel="canonical" href="{sqlite_app.settings.public_url}{ARCHIVE}/year/2026">' in page
    assert re.findall(r'href="/n/[^"]*/year/(\d+)"', page) == ["2026", "2025"]
    assert [text for _, text in Headings(reader.see(f"{ARCHIVE}/year/2025")).found][2:] == ["Number 1"]


@pytest.mark.parametrize("year", ["2024", "0", "02026", "x", "99999", "2026x", "%00", "9" * 40])
def test_a_year_without_an_issue_is_a_plain_404(
    reader: Browser, newsletter_id: int, sqlite_app: App, year: str
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 1)
    reader.see(f"{ARCHIVE}/year/{year}", status=404)


def test_a_year_among_the_numbers_leads_to_its_page_unless_an_issue_has_that_number(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=every_kind())
    answer = reader.client.get(f"{ARCHIVE}/2026")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{ARCHIVE}/year/2026")
    assert answer.headers["Cache-Control"] == "no-store"
    reader.see(f"{ARCHIVE}/2025", status=404)
    sent_issue_row(sqlite_app.db, newsletter_id, 2026, document=every_kind(), at=sqlite_app.clock())
    assert "Issue <b>2026</b>" in reader.see(f"{ARCHIVE}/2026")


def test_the_search_shows_issues_with_a_passage_and_is_nobody_elses_business(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 7, document=every_kind())
    read_new(sqlite_app.db, now=sqlite_app.clock())
    answer = reader.client.get(f"{ARCHIVE}?q=nadia+notic")
    assert "<mark>Nadia</mark> Okafor" in answer.text
    assert "<mark>noticed</mark>" in answer.text
    assert f'href="{ARCHIVE}/7"' in answer.text
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    nothing = reader.see(f"{ARCHIVE}?q=%3Cscript%3E")
    assert "No issue has all these words." in nothing
    assert "&lt;script&gt;" in nothing
    assert 'value="&lt;script&gt;"' in nothing


@pytest.mark.parametrize("asked", ["a" * 9000, "%00", "%ff", "%22%27*(", "+"])
def test_no_search_breaks_the_page(app: App, asked: str) -> None:
    newsletter_id = builders.newsletter_row(app.db)
    sent_issue_row(app.db, newsletter_id, 1, document=every_kind())
    read_new(app.db, now=app.clock())
    assert create_app(app).test_client().get(f"{ARCHIVE}?q={asked}").status_code == 200


def test_back_issues_stand_in_the_archive_as_from_before(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 7, document=every_kind())
    back_issue_row(sqlite_app.db, newsletter_id, 3)
    page = reader.see(ARCHIVE)
    assert page.count("from before") == 1
    shown = reader.see(f"{ARCHIVE}/3")
    assert "Sent before this archive began" in shown
    builders.change_newsletters(sqlite_app.db, shows_back_issues=False)
    assert "from before" not in reader.see(ARCHIVE)
    reader.see(f"{ARCHIVE}/3", status=404)


def test_years_the_search_and_one_thing_ask_as_often_for_many_issues(
    flask: Flask, newsletter_id: int, sqlite_app: App
) -> None:
    urls = (f"{ARCHIVE}/year/2026", f"{ARCHIVE}?q=vector", f"{ARCHIVE}/2/1", "/sitemap.xml", "/n/ai-weekly/feed.xml")

    def asked() -> list[int]:
        counts = []
        for url in urls:
            with statements(sqlite_app.db) as seen:
                assert flask.test_client().get(url).status_code == 200
            counts.append(len(seen))
        return counts

    for number in (1, 2, 3):
        sent_issue_row(sqlite_app.db, newsletter_id, number, document=every_kind())
    read_new(sqlite_app.db, now=sqlite_app.clock())
    few = asked()
    for number in range(4, 40):
        sent_issue_row(sqlite_app.db, newsletter_id, number, document=every_kind())
    read_new(sqlite_app.db, now=sqlite_app.clock())
    assert asked() == few
    assert max(few) <= 11
