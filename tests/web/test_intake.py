"""Pages for what comes in: one item, pages by hand, lists of feeds, a page's offers, tokens."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event

from curator.accounts import api_tokens
from curator.accounts.values import ApiScope
from curator.app import App
from curator.feeds import store
from curator.feeds.articles import store as articles
from curator.feeds.opml import OutlineFeed, written_opml
from curator.feeds.values import FeedRow
from curator.http.memory import MemoryFetcher
from tests import builders
from tests.conftest import FakeClock
from tests.feeds.test_add import FOUND
from tests.jobs.queued import jobs
from tests.web.conftest import Browser, Newsroom, person
from tests.web.test_pages import check_outline

URL = "https://blog.example/post"
_OFFERS = [
    {"url": "https://blog.example/feed.xml", "title": "All posts", "kind": "rss"},
    {"url": "https://blog.example/pod.xml", "title": "", "kind": "podcast"},
]


def feed_rows(app: App) -> list[FeedRow]:
    with app.db.read() as session:
        return store.feed_rows(session)


def items(app: App) -> int:
    with app.db.read() as session:
        return len(store.fresh_items(session, since=None))


def upload(browser: Browser, content: bytes) -> str:
    # Put together by hand: the client's own way leaves a temporary file open for what is large.
    parts = [
        f'Content-Disposition: form-data; name="csrf_token"\r\n\r\n{browser.token()}'.encode(),
        b'Content-Disposition: form-data; name="file"; filename="mine.opml"\r\n\r\n' + content,
    ]
    body = b"".join(b"--cut\r\n" + part + b"\r\n" for part in parts) + b"--cut--\r\n"
    answer = browser.client.post("/desk/feeds/opml", data=body, content_type="multipart/form-data; boundary=cut")
    check_outline(answer.text)
    return answer.text


# --- one item


def test_an_item_shows_its_feed_and_has_its_page_read_by_a_worker(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    item_id = newsroom.articles[0]
    assert f"/desk/inbox/{item_id}" in mina.see("/desk/inbox")
    assert f"/desk/items/{item_id}" in mina.see(f"/desk/inbox/{item_id}")
    page = mina.see(f"/desk/items/{item_id}")
    assert ("Gradient Notes" in page, "Read the article" in page) == (True, True)
    page = mina.follow(mina.post(f"/desk/items/{item_id}/read"))
    assert ("waits to be read" in page, "Read the article<" in page) == (True, False)
    assert jobs(sqlite_app.db, "read_article") == [{"item_id": item_id, "missing": []}]
    assert isinstance(sqlite_app.fetcher, MemoryFetcher)
    assert sqlite_app.fetcher.asked == []


def test_an_article_that_was_read_is_shown_with_its_facts(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    item_id, long = newsroom.articles[0], replace(FOUND, words=900)
    with sqlite_app.db.write() as session:
        articles.put_article(session, item_id, long, url=URL, at=sqlite_app.clock())
        articles.fill_language(session, item_id, "en-GB")
    page = mina.see(f"/desk/items/{item_id}")
    check_outline(page)
    for words in ("<p>They do a lot.</p>", "4 min to read", "by Ada Field", "language: en-GB", "900 words"):
        assert words in page
    assert '<img src="https' not in page


def test_of_a_long_article_the_beginning_is_shown(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    item_id = newsroom.articles[0]
    assert "This is the beginning" not in mina.see(f"/desk/items/{item_id}")
    with sqlite_app.db.write() as session:
        articles.put_article(session, item_id, replace(FOUND, words=20_000), url=URL, at=sqlite_app.clock())
    assert "This is the beginning" in mina.see(f"/desk/items/{item_id}")


def test_trouble_with_an_article_is_said_and_the_button_waits(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    address = f"/desk/items/{newsroom.articles[0]}"
    with sqlite_app.db.write() as session:
        articles.put_failure(session, newsroom.articles[0], "The server answered 404 Not Found.", at=clock())
    page = mina.see(address)
    assert ("404 Not Found" in page, "Read it again" in page) == (True, False)
    assert "just tried: The server answered 404" in mina.follow(mina.post(f"{address}/read", {"back": address}))
    clock.advance(timedelta(hours=1))
    assert "Read it again" in mina.see(address)


def test_an_item_names_its_twins(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    ids = [
        builders.item_row(sqlite_app.db, feed, "Same", at=sqlite_app.clock(), canonical_url=URL)
        for feed in (newsroom.show, newsroom.blog)
    ]
    assert "The same page came from" in (page := mina.see(f"/desk/items/{ids[0]}"))
    assert f'href="/desk/items/{ids[1]}">Gradient Notes' in page


def test_an_item_that_is_gone_is_a_clear_404(mina: Browser) -> None:
    assert "There is no item 77." in mina.see("/desk/items/77", status=404)


# --- pages by hand


def test_a_page_is_saved_and_shown(mina: Browser, sqlite_app: App) -> None:
    answer = mina.post("/desk/items/add", {"url": URL, "title": "A post", "excerpt": "Two\nlines."})
    page = mina.follow(answer)
    assert ("Saved. It is in the inbox." in page, "Two<br>" in page, "Added by hand" in page) == (True, True, True)
    again = mina.follow(mina.post("/desk/items/add", {"url": URL + "?utm_source=x"}))
    assert ("was here already" in again, items(sqlite_app)) == (True, 1)


def test_a_look_at_the_bookmarklets_address_saves_nothing(mina: Browser, sqlite_app: App) -> None:
    page = mina.see(
        "/desk/items/add?url=https://a.example/1&title=%3Cb%3ETitle&text=Words&image=https://a.example/i.png"
    )
    check_outline(page)
    for value in ('value="https://a.example/1"', 'value="&lt;b&gt;Title"', "Words</textarea>", "i.png"):
        assert value in page
    assert "autofocus>Save the page" in page
    assert items(sqlite_app) == 0
    assert "autofocus" not in mina.see("/desk/items/add")


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "blog", "https://a.example/" + "a" * 2_000])
def test_what_is_no_page_is_said_beside_the_field(mina: Browser, sqlite_app: App, url: str) -> None:
    answer = mina.post("/desk/items/add", {"url": url, "title": "Kept"})
    assert (answer.status_code, 'href="#url"' in answer.text, 'value="Kept"' in answer.text) == (422, True, True)
    assert items(sqlite_app) == 0


def test_somebody_signed_out_keeps_the_page_they_were_saving(visitor: Browser) -> None:
    answer = visitor.client.get("/desk/items/add?url=https://a.example/1&title=T")
    assert "next=/desk/items/add?url" in html.unescape(answer.headers["Location"]).replace("%2F", "/").replace(
        "%3F", "?"
    )


def test_the_bookmarklet_opens_the_form_with_the_page(mina: Browser) -> None:
    page = mina.see("/desk/items/bookmarklet")
    found = re.search(r'class="button bookmark" href="(javascript:[^"]+)"', page)
    assert found is not None
    script = html.unescape(found[1])
    assert "open('http://localhost/desk/items/add?url='+e(location.href)" in script
    assert html.unescape(page).count(script) == 2, "to drag, and to copy"


# --- lists of feeds


def test_a_list_is_looked_through_first_and_taken_at_a_second_press(mina: Browser, sqlite_app: App) -> None:
    builders.feed_row(sqlite_app.db, url="https://known.example/f")
    feeds = [
        OutlineFeed("https://known.example/f", "Known"),
        *(OutlineFeed(f"https://new{n}.example/f", f"New <{n}>", None, ("AI / ML", "🎧")) for n in range(3)),
    ]
    page = upload(mina, written_opml(feeds, title="").replace(b"</body>", b'<outline text="No feed"/></body>'))
    assert ("3 feeds would be added" in page, "1 here already" in page) == (True, True)
    assert ("New &lt;0&gt;" in page, "AI / ML › 🎧" in page, "It names no feed" in page) == (True, True, True)
    assert len(feed_rows(sqlite_app)) == 1
    packed = re.search(r'name="list" value="([^"]+)"', page)
    assert packed is not None
    for said in ("3 added.", "0 added."):
        assert said in mina.follow(mina.post("/desk/feeds/opml/import", {"list": packed[1]}))
    assert len(feed_rows(sqlite_app)) == 4
    answer = mina.client.get("/desk/feeds/feeds.opml")
    assert answer.headers["Content-Disposition"] == "attachment; filename=feeds.opml"
    assert answer.data.count(b"xmlUrl") == 4


def test_five_thousand_feeds_fit_into_the_second_press(mina: Browser, sqlite_app: App) -> None:
    feeds = [
        OutlineFeed(f"https://site{n}.example/feed/{n * 7919}", f"Site {n}", None, (f"F{n % 9}",)) for n in range(5_000)
    ]
    page = upload(mina, written_opml(feeds, title=""))
    packed = re.search(r'name="list" value="([^"]+)"', page)
    assert packed is not None
    assert len(page) < 400_000
    assert "5,000 added." in mina.follow(mina.post("/desk/feeds/opml/import", {"list": packed[1]}))


def test_a_list_too_long_for_the_second_press_is_refused_at_the_first(mina: Browser) -> None:
    names = Random(1)
    feeds = [OutlineFeed(f"https://a.example/{names.randbytes(30).hex()}") for _ in range(18_000)]
    text = b"".join(f'<outline xmlUrl="{feed.url}"/>'.encode() for feed in feeds)
    page = upload(mina, b"<opml><body>" + text + b"</body></opml>")
    assert ("too long to be added at once" in page, 'href="#file"' in page) == (True, True)


@pytest.mark.parametrize("content", [b"", b"Dear all", b"<rss/>"])
def test_a_file_that_is_no_list_is_said_beside_the_field(mina: Browser, content: bytes) -> None:
    assert 'href="#file"' in upload(mina, content)


@pytest.mark.parametrize("text", ["", "no base64!", "AAAA", "eJwDAAAAAAE="])
def test_a_list_that_was_spoilt_on_the_way_is_refused(mina: Browser, sqlite_app: App, text: str) -> None:
    assert mina.post("/desk/feeds/opml/import", {"list": text}).status_code == 422
    assert feed_rows(sqlite_app) == []


# --- what a web page offers


def test_an_editor_says_which_of_a_pages_feeds_was_meant(mina: Browser, sqlite_app: App) -> None:
    feed_id = builders.feed_row(sqlite_app.db, url="https://blog.example/", offers=_OFFERS, is_ok=False)
    page = mina.see("/desk/feeds")
    check_outline(page)
    assert ("All posts" in page, page.count("Use this one")) == (True, 2)
    answer = mina.post(f"/desk/feeds/{feed_id}/use", {"offer": "https://blog.example/pod.xml"})
    assert answer.headers["Location"] == f"/desk/feeds/{feed_id}"
    page = mina.follow(answer)
    assert ("It is asked within seconds." in page, "Use this one" in page) == (True, False)
    assert feed_rows(sqlite_app)[0].url == "https://blog.example/pod.xml"


def test_what_a_page_does_not_offer_is_not_taken(mina: Browser, sqlite_app: App) -> None:
    feed_id = builders.feed_row(sqlite_app.db, url="https://blog.example/", offers=_OFFERS)
    answer = mina.post(f"/desk/feeds/{feed_id}/use", {"offer": "https://evil.example/", "back": "/desk/feeds"})
    assert "does not offer this feed any more" in mina.follow(answer)
    assert feed_rows(sqlite_app)[0].url == "https://blog.example/"


def test_offers_cost_the_list_one_query_however_many_feeds(mina: Browser, sqlite_app: App) -> None:
    asked: list[str] = []
    event.listen(sqlite_app.db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    counts = []
    for _ in range(2):
        for _ in range(3):
            builders.feed_row(sqlite_app.db, f"Site {len(asked)}", offers=_OFFERS)
        asked.clear()
        mina.see("/desk/feeds")
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- tokens


def test_a_token_is_shown_once_listed_and_revoked(theo: Browser, sqlite_app: App) -> None:
    page = theo.post("/desk/account/tokens", {"name": "Phone", "items:write": "yes"}).text
    check_outline(page)
    found = re.search(r"curator_[\w-]{43}", page)
    assert found is not None
    assert api_tokens.bearer(sqlite_app.db, found[0], now=sqlite_app.clock()) is not None
    page = theo.see("/desk/account/tokens")
    assert (found[0] in page, "Phone" in page, "last used" in page) == (False, True, True)
    assert "Revoked." in theo.follow(theo.post("/desk/account/tokens/1/revoke"))
    assert api_tokens.bearer(sqlite_app.db, found[0], now=sqlite_app.clock()) is None


def test_a_token_needs_a_name(theo: Browser) -> None:
    answer = theo.post("/desk/account/tokens", {"name": " "})
    assert (answer.status_code, 'href="#name"' in answer.text) == (422, True)


def test_nobody_sees_or_revokes_somebody_elses_token(theo: Browser, sqlite_app: App) -> None:
    other = person(sqlite_app, "Nora")
    scopes = (ApiScope.WRITE_ITEMS,)
    token = api_tokens.make_token(sqlite_app.db, other, "Hers", scopes=scopes, now=sqlite_app.clock())
    assert "Hers" not in theo.see("/desk/account/tokens")
    assert theo.post("/desk/account/tokens/1/revoke").status_code == 404
    assert api_tokens.bearer(sqlite_app.db, token, now=sqlite_app.clock()) is not None
