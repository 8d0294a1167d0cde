"""The archive and the pages of sent issues, as anybody sees them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from curator.app import App
from curator.feeds.tables import Item
from curator.issues import board, publish
from curator.issues.tables import Issue, Revision
from curator.issues.values import UNSUBSCRIBE_SLOT, DocumentSection, IssueState
from curator.mailings import control, send
from curator.mailings.values import MailingState
from curator.web import create_app
from tests import builders
from tests.audience.counting import statements
from tests.issues.documents import document, entry, whole_issue, words
from tests.published import mailing_row, revision_row, sent_issue_row
from tests.web.conftest import Browser, Newsroom

ARCHIVE = "/n/ai-weekly/issues"
NO_ISSUE = "There is no such issue"


class Headings(HTMLParser):
    """Reads the headings of a page in order, as (level, words)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._is_open = False
        self.feed(page)

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.found.append((int(tag[1]), ""))
            self._is_open = True

    def handle_endtag(self, tag: str) -> None:
        self._is_open = self._is_open and not re.fullmatch("h[1-6]", tag)

    def handle_data(self, data: str) -> None:
        if self._is_open:
            level, written = self.found[-1]
            self.found[-1] = level, written + data


@pytest.fixture
def reader(flask: Flask) -> Browser:
    return Browser(flask.test_client())


@pytest.fixture
def newsletter_id(sqlite_app: App) -> int:
    return builders.newsletter_row(
        sqlite_app.db, zone="Europe/Berlin", postal_address="1 Quay Road, Harbour", tagline="Heard and read"
    )


# -- the list


def test_before_the_first_issue_the_archive_says_that_it_is_on_its_way(reader: Browser, newsletter_id: int) -> None:
    page = reader.see(ARCHIVE)
    assert "The first issue is on its way" in page
    assert "It comes out every Tuesday at 07:00 Europe/Berlin." in page
    assert 'href="/n/ai-weekly"' in page


def test_an_empty_archive_is_not_kept_by_caches_so_that_the_first_issue_is_seen_at_once(
    reader: Browser, newsletter_id: int
) -> None:
    headers = reader.client.get(ARCHIVE).headers
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex")


def test_sent_issues_stand_under_their_year_on_the_newsletters_clock(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    new_year = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    for number, at in ((1, new_year - timedelta(hours=1)), (2, new_year), (3, new_year + timedelta(weeks=1))):
        sent_issue_row(sqlite_app.db, newsletter_id, number, at=at)
    page = reader.see(ARCHIVE)
    assert Headings(page).found == [
        (1, "All issues"),
        (2, "2026"),
        (3, "Number 3"),
        (3, "Number 2"),
        (2, "2025"),
        (3, "Number 1"),
    ]
    assert '<time datetime="2026-01-01">1 January</time>' in page
    assert '<time datetime="2025-12-31">31 December</time>' in page
    assert "3 issues, newest first" in page


def test_a_long_archive_turns_its_pages_by_the_hundred(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    for number in range(1, 202):
        sent_issue_row(sqlite_app.db, newsletter_id, number)
    first, second, third = (reader.see(f"{ARCHIVE}?page={number}") for number in (1, 2, 3))
    shown = [re.findall(r'<h3[^>]*><a href="/n/ai-weekly/issues/(\d+)"', page) for page in (first, second, third)]
    assert [len(numbers) for numbers in shown] == [100, 100, 1]
    assert [int(number) for numbers in shown for number in numbers] == list(range(201, 0, -1))
    assert re.findall(r'rel="(?:prev|next)" href="([^"]+)"', second) == [f"{ARCHIVE}?page=3", ARCHIVE]
    assert "Page 2 of 3" in second
    assert f'<link rel="canonical" href="{sqlite_app.settings.public_url}{ARCHIVE}?page=2">' in second


@pytest.mark.parametrize("page", ["0", "-1", "2", "x", "", "1.5", "9" * 30, "%00"])
def test_a_page_that_the_archive_does_not_have_is_a_plain_404(
    reader: Browser, newsletter_id: int, sqlite_app: App, page: str
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 1)
    shown = reader.see(f"{ARCHIVE}?page={page}", status=404)
    assert f'href="{ARCHIVE}"' in shown


def test_the_lists_and_pages_ask_as_often_for_many_issues_as_for_three(
    flask: Flask, newsletter_id: int, sqlite_app: App
) -> None:
    def asked() -> list[int]:
        counts = []
        for url in (ARCHIVE, f"{ARCHIVE}/2", "/"):
            with statements(sqlite_app.db) as seen:
                assert flask.test_client().get(url).status_code == 200
            counts.append(len(seen))
        return counts

    for number in (1, 2, 3):
        sent_issue_row(sqlite_app.db, newsletter_id, number, document=whole_issue())
    few = asked()
    for number in range(4, 60):
        sent_issue_row(sqlite_app.db, newsletter_id, number, document=whole_issue())
    assert asked() == few
    assert max(few) <= 14


# -- an issue


def test_an_issue_has_real_headings_its_number_its_day_and_who_sends_it(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    at = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
    sent_issue_row(sqlite_app.db, newsletter_id, 41, at=at, document=whole_issue())
    page = reader.see(f"{ARCHIVE}/41")
    found = Headings(page).found
    assert found[0] == (1, "What a vector index forgets")
    assert [text for level, text in found if level == 2] == [
        "Highlights from recent episodes",
        "Trends",
        "Recommendations",
    ]
    assert (3, "كيف تنسى الفهارس") in found
    assert "Issue <b>41</b>" in page
    assert '<time datetime="2026-11-17">17 November 2026</time>' in page
    assert "1 Quay Road, Harbour" in page
    assert "Good morning." in page


def test_an_issue_is_in_its_own_language(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=replace(whole_issue(), language="ar"))
    page = reader.see(f"{ARCHIVE}/1")
    assert '<html lang="ar" dir="rtl">' in page
    assert '<footer class="colophon" lang="en" dir="ltr">' in page, "the newsletter's words are English"
    assert '<h1 dir="auto">' in page


def test_links_lead_straight_to_their_targets_and_nothing_is_fetched_from_elsewhere(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=whole_issue())
    page = reader.see(f"{ARCHIVE}/1")
    outward = re.findall(r'<a\b[^>]*href="(https?://[^"]+)"[^>]*>', page)
    assert "https://latentwaves.example/episodes/41" in outward
    assert unescape(outward[0]) == "https://latentwaves.example/talk?from=mail&issue=41"
    for anchor in re.findall(r'<a\b[^>]*href="https?:[^>]*>', page):
        assert 'rel="noopener noreferrer"' in anchor
    assert not re.search(r"<img|<script(?! type=.application/ld.json)|<iframe|\bstyle=|\bon[a-z]+=", page)
    assert not re.search(r'(?:src|action)="https?:', page)


def test_an_entry_without_blurb_link_or_facts_shows_what_it_has(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    bare = entry("Only a title", link=None, source="", facts="")
    intro = entry("Before all sections", blurb="Words")
    shown = document(DocumentSection("", (intro, words("Hello"))), DocumentSection("Trends", (bare,)))
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=shown)
    page = reader.see(f"{ARCHIVE}/1")
    levels = [level for level, _ in Headings(page).found]
    assert levels == [1, 2, 2, 3]
    assert re.search(r"<h3>Only a title</h3>\s*<p class=.own.[^\n]*</p>\s*</article>", page)


def test_an_issue_shows_the_way_to_those_before_and_after(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    for number in (1, 2, 4):
        sent_issue_row(sqlite_app.db, newsletter_id, number, document=whole_issue())
    builders.approved_issue_row(sqlite_app.db, newsletter_id, number=3)
    ways = {
        number: re.findall(r'rel="(prev|next)" href="[^"]*/(\d+)"', reader.see(f"{ARCHIVE}/{number}"))
        for number in (1, 2, 4)
    }
    assert ways == {1: [("next", "2")], 2: [("prev", "1"), ("next", "4")], 4: [("prev", "2")]}


def test_what_is_shown_is_what_was_sent_whatever_was_rendered_since(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    issue_id = sent_issue_row(sqlite_app.db, newsletter_id, 1, document=whole_issue())
    revision_row(sqlite_app.db, issue_id, document=None)
    mailing_row(sqlite_app.db, issue_id, is_test=True)
    mailing_row(sqlite_app.db, issue_id, state=MailingState.CANCELLED)
    assert "What a vector index forgets" in reader.see(f"{ARCHIVE}/1")


@pytest.mark.parametrize("state", [each for each in IssueState if each not in (IssueState.SENT, IssueState.SENDING)])
def test_an_issue_that_is_not_sent_is_not_there(
    reader: Browser, newsletter_id: int, sqlite_app: App, state: IssueState
) -> None:
    builders.approved_issue_row(sqlite_app.db, newsletter_id, number=1, state=state, subject="Still a secret")
    page = reader.see(f"{ARCHIVE}/1", status=404)
    assert NO_ISSUE in page
    assert f'href="{ARCHIVE}"' in page
    assert "Still a secret" not in page + reader.see(ARCHIVE) + reader.see("/")


def test_an_issue_that_only_the_desk_got_as_a_test_is_not_there(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    issue_id = builders.approved_issue_row(sqlite_app.db, newsletter_id, state=IssueState.SENT)
    mailing_row(sqlite_app.db, issue_id, is_test=True)
    assert NO_ISSUE in reader.see(f"{ARCHIVE}/1", status=404)


@pytest.mark.parametrize(
    "number", ["0", "01", "2", "-1", "x", "1x", "²", "%00", "9" * 10, "99999999999999999999999", "1%2F2"]
)
def test_a_number_that_names_no_issue_is_a_plain_404_on_both_databases(app: App, number: str) -> None:
    newsletter_id = builders.newsletter_row(app.db)
    sent_issue_row(app.db, newsletter_id, 1, document=whole_issue())
    answer = create_app(app).test_client().get(f"{ARCHIVE}/{number}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    "slug", ["nobody", "AI-WEEKLY", "%00", "a%00b", "é", "%ff", "..", "' or 1=1 --", "a" * 5000, "<b>"]
)
def test_a_newsletter_that_is_not_there_is_a_plain_404_on_both_databases(app: App, slug: str) -> None:
    builders.newsletter_row(app.db)
    client = create_app(app).test_client()
    for url in (f"/n/{slug}/issues", f"/n/{slug}/issues/1"):
        answer = client.get(url)
        assert answer.status_code == 404
        assert "<b>/" not in answer.text


# -- what the whole line brings


def test_an_issue_is_public_from_its_start_until_its_mailing_is_cancelled(
    reader: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id, db, now = newsroom.issue(), sqlite_app.db, sqlite_app.clock()
    builders.subscriber_rows(db, newsroom.newsletter, ["ada@readers.example"])
    publish.approve(db, sqlite_app.renderer, issue_id, by=None, now=now)
    assert NO_ISSUE in reader.see(f"{ARCHIVE}/1", status=404)
    mailing_id = send.start(db, issue_id, now=now)
    assert "Tide pools" in reader.see(f"{ARCHIVE}/1")
    control.cancel(db, mailing_id, now=now)
    assert NO_ISSUE in reader.see(f"{ARCHIVE}/1", status=404)


def test_hostile_words_and_links_of_feeds_come_out_harmless(
    reader: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    db, now = sqlite_app.db, sqlite_app.clock()
    with db.write() as session:
        first, second = (session.get_one(Item, item_id) for item_id in newsroom.episodes[:2])
        first.title, first.url = '<script>alert(1)</script> & "quotes"', "javascript:alert(1)"
        second.title, second.summary_text = f"Leave at {UNSUBSCRIBE_SLOT}", "<img src=x onerror=alert(1)> {{ 7*7 }}"
    issue_id = newsroom.issue()
    board.add_text(db, issue_id, None, "[x](javascript:alert(1)) <b onclick=x>b</b>", by=None, now=now)
    builders.subscriber_rows(db, newsroom.newsletter, ["ada@readers.example"])
    publish.approve(db, sqlite_app.renderer, issue_id, by=None, now=now)
    send.start(db, issue_id, now=now)
    page = reader.see(f"{ARCHIVE}/1")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;quotes&#34;" in page
    assert not re.search(
        r'<script(?! type="application/ld.json)|<img|<b onclick|href="javascript|href="[^"]*slot\.invalid', page
    )
    assert "{{ 7*7 }}" in page


def test_an_issue_of_the_first_release_is_read_off_its_board(
    reader: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id, db, now = newsroom.issue(), sqlite_app.db, sqlite_app.clock()
    builders.subscriber_rows(db, newsroom.newsletter, ["ada@readers.example"])
    publish.approve(db, sqlite_app.renderer, issue_id, by=None, now=now)
    send.start(db, issue_id, now=now)
    kept = reader.see(f"{ARCHIVE}/1")
    with db.write() as session:
        session.query(Revision).filter_by(issue_id=issue_id).update({"document": None})
    assert reader.see(f"{ARCHIVE}/1") == kept


# -- caches, search engines, the sign-up box


def test_pages_without_anything_personal_may_be_kept_and_found(
    flask: Flask, newsletter_id: int, sqlite_app: App
) -> None:
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=whole_issue())
    kept = {f"{ARCHIVE}/1": "public, max-age=300", ARCHIVE: "public, max-age=60", "/": "public, max-age=60"}
    for url, words_ in kept.items():
        headers = flask.test_client().get(url).headers
        assert headers["Cache-Control"] == words_
        assert headers["X-Robots-Tag"] == "index"
        assert "Set-Cookie" not in headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_an_issue_tells_search_engines_and_those_who_share_it_what_it_is(
    reader: Browser, newsletter_id: int, sqlite_app: App
) -> None:
    sent_issue_row(
        sqlite_app.db, newsletter_id, 7, document=replace(whole_issue(), subject='A "b" <c>', preheader="Plus: d & e")
    )
    page = reader.see(f"{ARCHIVE}/7")
    assert "<title>A &#34;b&#34; &lt;c&gt; - AI Weekly, issue 7</title>" in page
    assert '<meta property="og:title" content="A &#34;b&#34; &lt;c&gt;">' in page
    assert '<meta property="og:description" content="Plus: d &amp; e">' in page
    assert '<meta property="og:type" content="article">' in page
    assert f'<link rel="canonical" href="{sqlite_app.settings.public_url}{ARCHIVE}/7">' in page


def test_the_sign_up_form_stands_at_the_end_of_each_page(reader: Browser, newsletter_id: int, sqlite_app: App) -> None:
    form = 'action="/n/ai-weekly/sign-up"'
    assert form in reader.see(ARCHIVE)
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=whole_issue())
    for url in (ARCHIVE, f"{ARCHIVE}/1", "/"):
        assert reader.see(url).count(form) == 1


def test_a_page_that_begins_a_session_is_not_kept_by_caches(flask: Flask, newsletter_id: int, sqlite_app: App) -> None:
    form = DictLoader(
        {"public/_sign_up.html": "{% macro sign_up(newsletter, issue=none) %}{{ csrf_token() }}{% endmacro %}"}
    )
    assert flask.jinja_env.loader is not None
    flask.jinja_env.loader = ChoiceLoader([form, flask.jinja_env.loader])
    sent_issue_row(sqlite_app.db, newsletter_id, 1, document=whole_issue())
    answer = flask.test_client().get(f"{ARCHIVE}/1")
    headers = answer.headers
    assert answer.status_code == 200
    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"], "a later visit of the same browser is kept for that browser only"


# -- from the desk


def test_the_desk_leads_to_the_public_pages(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    issue_id = newsroom.issue()
    public = f'href="{ARCHIVE}/1"'
    assert public not in mina.see("/desk/issues") + mina.see(f"/desk/issues/{issue_id}/send")
    with sqlite_app.db.write() as session:
        session.get_one(Issue, issue_id).state = IssueState.SENT
    assert public in mina.see("/desk/issues")
    assert public in mina.see(f"/desk/issues/{issue_id}/send")
    page = mina.see("/desk/newsletter")
    assert f'href="{ARCHIVE}"' in page
    assert 'href="/n/ai-weekly"' in page
