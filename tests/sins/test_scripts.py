"""XSS: words and addresses of feeds, readers and people come out as words, on every page, in mail and in feeds."""

import json
from collections.abc import Iterator
from random import Random
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import html
from sqlalchemy import select, update

from curator.accounts.tables import User
from curator.audience.tables import Segment, Subscriber
from curator.feeds import ingest
from curator.feeds.tables import Feed, Item
from curator.issues import board, publish, slots
from curator.issues.revisions import store as revisions
from curator.mailings import send
from curator.newsletters.tables import Newsletter, Section
from tests import builders
from tests.feeds.documents import item, rss
from tests.sins.town import Town, address
from tests.web.conftest import Browser

HOSTILE = "<script>sins()</script>\"'><img src=x onerror=sins()><svg/onload=sins()>[x](javascript:sins()) {{7*7}}"
URLS = (
    "javascript:sins()",
    "JaVaScRiPt:sins()",
    " java\tscript:sins()",
    "data:text/html,<script>sins()</script>",
    "vbscript:sins()",
    '"onmouseover="sins()',
)
_ADDRESSED = ("href", "src", "action", "formaction", "poster", "xlink:href", "srcset", "content")
_RUNS = ("javascript:", "vbscript:", "data:text", "data:application", "data:image/svg")


def harms(page: str, *, may_run: tuple[str, ...] = ()) -> Iterator[str]:
    """What of a page would run what somebody wrote into it."""
    if not page.strip():
        return
    for each in html.document_fromstring(page).iter():
        if not isinstance(each.tag, str):
            continue
        is_facts = each.get("type") in ("application/ld+json", "application/json")
        if each.tag == "script" and not is_facts and not urlsplit(each.get("src", "")).path.startswith("/static/"):
            yield f"script: {each.text_content()[:80]}"
        if "sins()" in each.tag or each.tag in ("object", "embed", "applet"):
            yield each.tag
        for name, value in each.attrib.items():
            said = "".join(str(value).split()).lower()
            if name.startswith("on") or (name in _ADDRESSED and said.startswith(_RUNS) and value not in may_run):
                yield f"{each.tag} {name}={value[:80]}"


@pytest.fixture
def written(town: Town) -> int:
    """Every word that somebody from outside may choose is hostile; returns an issue that has left with them."""
    db, now = town.app.db, town.app.clock()
    _poll_hostile(town)
    with db.write() as session:
        session.execute(update(Feed).values(title=HOSTILE))
        session.execute(update(Item).values(title=HOSTILE, summary_text=HOSTILE, author=HOSTILE))
        session.execute(update(Newsletter).values(name=HOSTILE[:200], tagline=HOSTILE[:200], sender_name=HOSTILE[:200]))
        session.execute(update(Section).values(title=HOSTILE[:100]))
        session.execute(update(Subscriber).values(name=HOSTILE))
        session.execute(update(Segment).values(name=HOSTILE[:80]))
        session.execute(update(User).values(name=HOSTILE[:100]))
    issue = town.issue
    board.add_text(db, issue, None, HOSTILE, by=None, now=now)
    builders.subscriber_rows(db, town.mine.newsletter, ["ada@readers.example"], name=HOSTILE)
    publish.approve(db, town.app.renderer, issue, by=None, now=now)
    send.start(db, issue, now=now)
    return issue


def _poll_hostile(town: Town) -> None:
    """A feed whose every address is a script, taken in as any feed is."""
    feed = builders.feed_row(town.app.db, "Sinner", url="https://sinner.example/feed.xml")
    stories = [item(f"{HOSTILE} {n}", guid=f"{n}", link=url, audio=url, text=HOSTILE) for n, url in enumerate(URLS)]
    document = rss(*stories, title=HOSTILE, link=URLS[0])
    town.app.fetcher.put("https://sinner.example/feed.xml", document)  # type: ignore[attr-defined]  # the in-memory twin
    outcome = ingest.poll(town.app.db, town.app.fetcher, feed, now=town.app.clock(), random=Random(1))
    assert outcome.new == len(URLS)


def test_no_page_runs_what_was_written_into_it(town: Town, written: int, mina: Browser) -> None:
    ids = {"slug": "ai-weekly", "item_id": town.mine.episodes[0], "issue_id": written, "number": 1, "feed_id": 1}
    seen = 0
    with town.app.db.read() as session:
        newest = session.scalars(select(Item.id).order_by(Item.id.desc()).limit(3)).all()
    others = [{**town.theirs, "slug": "sealed", "item_id": item_id, "feed_id": 3} for item_id in newest]
    for turn in (ids, *others):
        for rule in town.rules(method="GET"):
            answer = mina.client.get(address(rule, turn), query_string={"q": HOSTILE, "as": HOSTILE, "name": "Guest"})
            if answer.mimetype != "text/html":
                continue
            # The bookmarklet is a script of ours on purpose, made for the editor's own browser.
            assert rule.endpoint == "desk.bookmarklet" or list(harms(answer.text)) == [], rule.endpoint
            seen += "sins()" in answer.text
    assert seen > 20, "the words were shown"


def test_mail_runs_nothing_and_links_nowhere_odd(town: Town, written: int) -> None:
    with town.app.db.read() as session:
        revision = revisions.latest_revision(session, written)
        assert revision is not None
        links = revisions.links(session, revision.id)
    mail = slots.example(revision.html, links)
    assert "sins()" in mail
    assert list(harms(mail)) == []
    assert {urlsplit(link.url).scheme for link in links} <= {"http", "https"}


def test_feeds_that_leave_run_nothing(town: Town, written: int) -> None:
    client = town.flask.test_client()
    read = feedparser.parse(client.get("/n/ai-weekly/feed.xml").data, sanitize_html=False)
    told = json.loads(client.get("/n/ai-weekly/feed.json").data)
    assert not read.bozo
    for content in (read.entries[0].content[0].value, told["items"][0]["content_html"]):
        assert list(harms(content)) == []
    assert all(urlsplit(each.link).scheme == "http" for each in read.entries)


@pytest.mark.parametrize("url", URLS)
def test_no_form_takes_such_an_address(town: Town, mina: Browser, url: str) -> None:
    for where, fields in (
        ("/desk/feeds", {"url": url}),
        ("/desk/items/add", {"url": url}),
        ("/desk/webhooks/new", {"name": "x", "url": url, "kinds": "issue.sent"}),
        ("/desk/promotions/new", {"newsletter": town.newsletter, "kind": "house", "title": "x", "link": url}),
    ):
        assert mina.post(where, fields).status_code == 422, where


def test_the_judge_sees_what_is_harmful() -> None:
    """Else all of the above would say nothing."""
    for page in (HOSTILE, "<a href=' java\tscript:x'>x</a>", "<p onclick=x>", "<iframe src='data:text/html,x'>"):
        assert list(harms(f"<p>{page}</p>"))
