"""What holds for every page: headers, one heading, nothing inline, errors in words."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from curator.app import TEMPLATES, App
from curator.audience import sign_up
from curator.db import Database
from curator.newsletters import store as newsletters
from curator.queue import store as queue
from curator.web import create_app
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom, make_app, signed_in

PAGES = (
    "/desk",
    "/desk/inbox",
    "/desk/inbox?show=all",
    "/desk/issues",
    "/desk/issues/1",
    "/desk/issues/1/preview",
    "/desk/issues/1/send",
    "/desk/issues/1/results",
    "/desk/issues/1/activity",
    "/desk/activity",
    "/desk/feeds",
    "/desk/feeds?show=trouble",
    "/desk/shows",
    "/desk/shows/1",
    "/desk/shows/episodes/1",
    "/desk/subscribers",
    "/desk/newsletter",
    "/desk/newsletter/new",
    "/desk/account",
    "/desk/account/tokens",
    "/desk/feeds/opml",
    "/desk/items/1",
    "/desk/items/add",
    "/desk/items/bookmarklet",
    "/desk/tips",
    "/desk/setup",
    "/",
    "/n/ai-weekly/issues",
    "/n/ai-weekly",
    "/n/ai-weekly/thanks",
)


class Outline(HTMLParser):
    """Reads ids, headings, labels and fields off a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.h1 = 0
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.attributes: set[str] = set()
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # A block of linked data is read by search engines and run by nobody.
        self.tags.add("data" if given.get("type") == "application/ld+json" else tag)
        self.attributes |= set(given)
        self.h1 += tag == "h1"
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "label" and given.get("for"):
            self.labelled.add(str(given["for"]))
        is_field = tag in ("input", "select", "textarea")
        if is_field and given.get("type") not in ("hidden", "checkbox") and given.get("aria-hidden") != "true":
            self.fields.append(given)


def check_outline(page: str) -> None:
    """What every page keeps to: one heading, unique ids, a label for each field, nothing inline."""
    outline = Outline(page)
    assert outline.h1 == 1
    assert len(outline.ids) == len(set(outline.ids))
    assert {field.get("id") for field in outline.fields} <= outline.labelled
    assert "style" not in outline.tags | outline.attributes
    # What search engines read (application/ld+json) runs nowhere.
    assert not re.findall(r'<script(?![^>]*(?: src=| type="application/ld))', page)
    assert not [name for name in outline.attributes if name.startswith("on")]
    assert "main" in outline.tags


@pytest.mark.parametrize("url", PAGES)
def test_a_page_has_one_heading_unique_ids_labels_and_nothing_inline(
    mina: Browser, newsroom: Newsroom, url: str
) -> None:
    newsroom.issue()
    check_outline(mina.see(url))


def test_the_desk_is_never_cached_and_every_answer_is_guarded(mina: Browser, newsroom: Newsroom) -> None:
    newsroom.issue()
    for url in (*PAGES, "/desk/nothing", "/nothing"):
        headers = mina.client.get(url).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers


def test_static_files_are_kept_for_ever_under_their_hash(mina: Browser) -> None:
    page = mina.see("/desk")
    urls = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    names = {url.split("?")[0].removeprefix("/static/") for url in urls}
    assert names >= {"mark.svg", "curator.css", "desk.css", "desk.js"}
    assert "desk.css" not in mina.see("/"), "readers load nothing of the desk's"
    for url in urls:
        assert re.search(r"\?v=[0-9a-f]{12}$", url)
        with mina.client.get(url) as answer:
            assert "immutable" in answer.headers["Cache-Control"]
            assert "Set-Cookie" not in answer.headers


def test_no_page_asks_another_origin_for_anything() -> None:
    files = [*(TEMPLATES / "desk").rglob("*.html"), *(TEMPLATES / "public").rglob("*.html")]
    sheets = (Path(__file__).parents[2] / "curator" / "web" / "static").glob("*.css")
    for file in files:
        assert not re.search(r'(src|action|formaction)="https?:', file.read_text()), file.name
    for sheet in sheets:
        assert not re.search(r"@import|url\((?!\"data:)", sheet.read_text()), sheet.name


def test_pages_in_the_readers_layout_find_every_name_in_the_readers_sheet() -> None:
    static = Path(__file__).parents[2] / "curator" / "web" / "static"
    desks_own = _named(static / "desk.css") - _named(static / "curator.css")
    for file in TEMPLATES.rglob("*.html"):
        page = file.read_text()
        if file.parent.name == "public" or 'extends "public/' in page:
            plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", page, flags=re.DOTALL)
            used = {name for names in re.findall(r'class="([^"]*)"', plain) for name in names.split()}
            assert not used & desks_own, file.name


def _named(sheet: Path) -> set[str]:
    """Returns the classes for which a style sheet has rules."""
    selectors = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", sheet.read_text(), flags=re.DOTALL)
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))


def test_what_is_not_there_is_said_in_words(mina: Browser) -> None:
    assert "There is no such page" in mina.see("/desk/nothing", status=404)
    assert "There is no issue 7." in mina.see("/desk/issues/7", status=404)
    assert mina.client.get("/desk/issues/99999999999999999999").status_code == 404
    assert mina.client.get("/desk/issues/0").status_code == 404
    answer = mina.client.get("/desk/sign-out")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


def test_a_bug_is_logged_without_the_key_in_its_address(flask: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def broken(token: str) -> str:
        raise RuntimeError("bug")

    flask.view_functions["public.unsubscribe"] = broken
    assert flask.test_client().get("/u/somebodys-own-key").status_code == 500
    assert "Exception on /u/<token> [GET]" in caplog.text
    assert "somebodys-own-key" not in caplog.text


def test_a_form_without_a_file_is_refused_before_a_megabyte_of_it_is_read(visitor: Browser) -> None:
    answer = visitor.client.post("/desk/sign-in", data={"address": "a" * 1_000_000})
    assert answer.status_code == 413


def test_a_bug_shows_a_page_that_tells_nothing_of_it(flask: Flask, visitor: Browser) -> None:
    def broken() -> str:
        raise RuntimeError("secret detail")

    flask.view_functions["public.home"] = broken
    answer = visitor.client.get("/")
    assert answer.status_code == 500
    assert "Something broke" in answer.text
    assert "secret detail" not in answer.text


def test_whoever_was_signed_out_meanwhile_keeps_their_words(visitor: Browser) -> None:
    answer = visitor.post("/desk/issues/1/blocks/1", {"blurb": "Written in a train."})
    assert answer.status_code == 401
    assert "Written in a train." in answer.text


def test_the_desk_says_where_the_issue_stands(mina: Browser, newsroom: Newsroom) -> None:
    assert "No issue is open" in mina.see("/desk")
    newsroom.issue()
    page = mina.see("/desk")
    assert re.search(r'<li class="here" aria-current="step">Write', page)
    assert re.search(r"Due <time[^>]*>Thu 19 Nov 2026, 09:00 Europe/London \(in 3 d\)<", page)


def test_the_desk_tells_of_a_flood_of_sign_ups_for_some_days(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    assert "were held off" not in mina.see("/desk")
    sign_up.note_flood(sqlite_app.db, newsroom.newsletter, now=clock())
    assert f'/desk/growth?newsletter={newsroom.newsletter}">See who came' in mina.see("/desk")
    clock.advance(timedelta(days=4))
    assert "were held off" not in mina.see("/desk")


def test_the_desk_says_what_was_held_what_failed_and_that_nothing_works(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    now = sqlite_app.clock()
    with sqlite_app.db.write() as session:
        newsletters.set_note(session, newsroom.newsletter, "The slot of 10 November was missed.")
        queue.enqueue(session, "poll_feed", {"feed_id": 1}, now=now - timedelta(hours=1))
        job = queue.claim(session, owner="w", now=now, lease=timedelta(minutes=1))
        assert job is not None
        queue.fail(session, job, error="The disk is full.", now=now, retry_at=None)
        queue.enqueue(session, "poll_feed", {"feed_id": 2}, now=now - timedelta(hours=1))
    page = mina.see("/desk")
    assert "The slot of 10 November was missed." in page
    assert "Asking a feed for news failed" in page
    assert "The disk is full." in page
    assert "the runner seems to stand still" in page


def test_a_demo_says_on_every_page_that_no_mail_leaves(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    app = make_app(sqlite_database, clock, tmp_path, is_demo=True)
    mina = signed_in(create_app(app), app, "Mina")
    assert "no mail leaves this machine" in mina.see("/desk")
