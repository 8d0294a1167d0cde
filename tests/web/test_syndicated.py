"""The feeds of a newsletter's issues, and what search engines are told: whole, clean, asked again for nothing."""

import json
from dataclasses import replace

import feedparser
import pytest
from flask import Flask
from lxml import etree

from curator.app import App
from curator.audience import links
from curator.issues.corrections import correct
from curator.issues.values import READER_SLOT, DocumentSection, IssueState
from curator.web.public import sitemap
from curator.web.public.sitemap import Address
from curator.web.public.syndicated import MOST_ISSUES
from tests import builders
from tests.issues.documents import document, entry, words
from tests.mailings.test_archive_search import back_issue_row
from tests.published import sent_issue_row
from tests.web.conftest import Browser
from tests.web.test_item_pages import every_kind

RSS, JSON = "/n/ai-weekly/feed.xml", "/n/ai-weekly/feed.json"
ARCHIVE = "/n/ai-weekly/issues"
_XMLNS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
def reader(flask: Flask) -> Browser:
    return Browser(flask.test_client())


@pytest.fixture
def newsletter_id(sqlite_app: App) -> int:
    return builders.newsletter_row(sqlite_app.db, zone="Europe/Berlin", tagline="Heard & read")


# -- feeds


def test_both_feeds_hold_the_newest_issues_whole(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    for number in range(1, MOST_ISSUES + 3):
        shown = replace(every_kind(), subject=f"Number {number} <b> & more")
        sent_issue_row(sqlite_app.db, newsletter_id, number, document=shown)
    read = feedparser.parse(reader.client.get(RSS).data)
    told = json.loads(reader.client.get(JSON).data)
    assert not read.bozo
    root = sqlite_app.settings.public_url
    wanted = [f"{root}{ARCHIVE}/{number}" for number in range(MOST_ISSUES + 2, 2, -1)]
    assert [each.link for each in read.entries] == wanted == [each["url"] for each in told["items"]]
    assert told["items"][0]["title"] == f"Number {MOST_ISSUES + 2} <b> & more"
    assert (read.feed.title, read.feed.subtitle) == ("AI Weekly", "Heard & read")
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == f"{root}{JSON}"
    for html in (read.entries[0].content[0].value, told["items"][0]["content_html"]):
        assert "It forgets <strong>little</strong>." in html
        assert "Nobody noticed." in html
        assert f'src="{root}/chart/' in html
        assert 'href="https://rowstore.example/"' in html
        assert "Only words." in html


def test_every_address_in_a_feed_leads_there_from_anywhere_and_to_nobodys_own(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    said = words(f"Write to {READER_SLOT}, [x](javascript:alert(1)) <script>alert(2)</script>")
    shown = document(DocumentSection("", (said, entry("<img src=x onerror=y>", blurb="*a*"))))
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=shown)
    [item] = json.loads(reader.client.get(JSON).data)["items"]
    html = item["content_html"]
    tree = etree.fromstring(f"<div>{html}</div>", etree.HTMLParser())
    for node in tree.iter():
        for name in ("href", "src"):
            assert node.get(name, "https://").startswith(("https://", "http://"))
        assert node.tag not in ("script", "style", "iframe", "form")
        assert not [name for name in node.attrib if name.startswith("on") or name in ("style", "class", "id")]
    assert "/l/" not in html
    assert "/u/" not in html


def test_promotions_and_back_issues_are_in_no_feed(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 2, document=every_kind())
    back_issue_row(sqlite_app.db, newsletter_id, 1)
    for url in (RSS, JSON):
        shown = reader.see(url)
        assert "Come to Bristol" not in shown
        assert f"{ARCHIVE}/1<" not in shown
        assert f'{ARCHIVE}/1"' not in shown


def test_a_correction_is_in_the_feeds_with_its_moment(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    issue_id = sent_issue_row(sqlite_app.db, newsletter_id, 1, document=every_kind())
    first = reader.client.get(JSON)
    now = sqlite_app.clock()
    pick = every_kind().sections[0].entries[0]
    correct.correct(sqlite_app.db, issue_id, note="Much.", entry=pick, words={"title": "Right"}, by=None, now=now)
    second = reader.client.get(JSON)
    [item] = json.loads(second.data)["items"]
    assert item["date_modified"] == now.isoformat()
    assert item["date_published"] < item["date_modified"]
    assert "Corrected on" in item["content_html"]
    assert "Right</a>" in item["content_html"]
    assert first.headers["ETag"] != second.headers["ETag"]
    assert second.last_modified == now.replace(microsecond=0)


@pytest.mark.parametrize(("url", "kind"), [(RSS, "application/rss+xml"), (JSON, "application/feed+json")])
def test_whoever_has_it_already_is_told_so_in_a_few_bytes(
    reader: Browser, newsletter_id: int, sqlite_app: App, url: str, kind: str
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=every_kind())
    answer = reader.client.get(url)
    assert answer.mimetype == kind
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    asked = {"If-None-Match": answer.headers["ETag"], "If-Modified-Since": answer.headers["Last-Modified"]}
    again = reader.client.get(url, headers=asked)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    other = reader.client.get(url, headers={"If-None-Match": '"else"', "If-Modified-Since": "garbage"})
    assert other.status_code == 200


@pytest.mark.parametrize("url", [RSS, JSON])
def test_whoever_asks_by_a_date_alone_gets_what_changed_without_one(
    reader: Browser, newsletter_id: int, sqlite_app: App, url: str
) -> None:
    issue_id = sent_issue_row(sqlite_app.db, newsletter_id, 1, document=every_kind())
    now = sqlite_app.clock()
    made = correct.correct(sqlite_app.db, issue_id, note="Not so.", by=None, now=now)
    answer = reader.client.get(url)
    correct.take_out(sqlite_app.db, made, by=None, now=now)
    again = reader.client.get(url, headers={"If-Modified-Since": answer.headers["Last-Modified"]})
    assert again.status_code == 200
    assert b"Not so." not in again.data


def test_signs_that_xml_cannot_hold_break_no_feed(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    shown = replace(document(DocumentSection("", (words("Hello"),))), subject="a\x0b\ufffeb\x00 ]]> 👩‍👩‍👧")
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=shown)
    read = feedparser.parse(reader.client.get(RSS).data)
    assert not read.bozo
    assert read.entries[0].title == "ab ]]> 👩‍👩‍👧"


def test_before_the_first_issue_a_feed_is_empty_and_a_wrong_name_is_a_404(reader: Browser, newsletter_id: int) -> None:
    assert feedparser.parse(reader.client.get(RSS).data).entries == []
    assert json.loads(reader.client.get(JSON).data)["items"] == []
    for url in ("/n/nobody/feed.xml", "/n/%00/feed.json"):
        reader.see(url, status=404)


def test_every_page_of_a_newsletter_tells_programs_of_its_feeds(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=every_kind())
    for url in ("/", ARCHIVE, f"{ARCHIVE}/1", f"{ARCHIVE}/1/1", "/n/ai-weekly"):
        page = reader.see(url)
        assert f'type="application/rss+xml" title="AI Weekly" href="{RSS}"' in page
        assert f'type="application/feed+json" title="AI Weekly" href="{JSON}"' in page


# -- search engines


def test_the_sitemap_lists_what_may_be_found_and_when_it_changed(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    builders.newsletter_row(sqlite_app.db, slug="other", name="Other")
    issue_id = sent_issue_row(sqlite_app.db, newsletter_id, 1, document=every_kind())
    sent_issue_row(sqlite_app.db, newsletter_id, 2, document=every_kind())
    builders.approved_issue_row(sqlite_app.db, newsletter_id, number=3, state=IssueState.APPROVED)
    now = sqlite_app.clock()
    correct.correct(sqlite_app.db, issue_id, note="A slip.", by=None, now=now)
    answer = reader.client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    tree = etree.fromstring(answer.data)
    root = sqlite_app.settings.public_url
    listed = {
        each.findtext("s:loc", namespaces=_XMLNS): each.findtext("s:lastmod", namespaces=_XMLNS)
        for each in tree.findall("s:url", _XMLNS)
    }
    assert set(listed) == {
        *(f"{root}{path}" for path in ("/", "/n/ai-weekly", "/n/other", ARCHIVE, f"{ARCHIVE}/year/2026")),
        *(f"{root}{ARCHIVE}/{number}" for number in (1, 2)),
    }
    assert listed[f"{root}{ARCHIVE}/1"] == now.isoformat()


def test_very_many_addresses_are_listed_in_parts() -> None:
    addresses = [Address(f"https://a.example/{number}?a=1&b=<") for number in range(7)]
    parts = sitemap.parts(addresses, most=3)
    assert [len(part) for part in parts] == [3, 3, 1]
    assert [each for part in parts for each in part] == addresses
    assert len(sitemap.parts([])) == 1
    assert etree.fromstring(sitemap.document(parts[0]).encode())[0][0].text == "https://a.example/0?a=1&b=<"
    assert etree.fromstring(sitemap.index(parts[2]).encode()).tag.endswith("sitemapindex")


def test_a_part_of_the_sitemap_that_is_not_there_is_a_404(reader: Browser, newsletter_id: int) -> None:
    assert "<urlset" in reader.see("/sitemap-1.xml")
    for name in ("sitemap-2", "sitemap-0", "sitemap-x", f"sitemap-{'9' * 30}"):
        reader.see(f"/{name}.xml", status=404)


def test_robots_are_kept_off_the_desk_and_off_addresses_that_are_keys(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    answer = reader.client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    for path in ("/desk", "/api/", "/hooks/", "/l/", "/u/", "/c/", "/d/", "/p/", "/s/"):
        assert f"Disallow: {path}" in lines
    assert f"Sitemap: {sqlite_app.settings.public_url}/sitemap.xml" in lines


def test_addresses_that_are_keys_are_in_no_index(reader: Browser, flask: Flask, sqlite_app: App) -> None:
    newsletter = builders.newsletter_row(sqlite_app.db)
    [subscriber] = builders.subscriber_rows(sqlite_app.db, newsletter, ["ada@readers.example"])
    own = [
        f"/u/{links.unsubscribe_token(sqlite_app.keys, newsletter, subscriber)}",
        f"/p/{links.preferences_token(sqlite_app.keys, subscriber)}",
    ]
    keyed = [rule.rule for rule in flask.url_map.iter_rules() if "token" in rule.arguments]
    for url in (*own, *(rule.replace("<token>", "damaged") for rule in keyed)):
        headers = reader.client.get(url).headers
        assert headers["X-Robots-Tag"] == "noindex"
        assert headers["Cache-Control"] == "no-store"
