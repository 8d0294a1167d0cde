"""The page of an episode, as anybody sees it."""

import json
import re

import pytest
from flask import Flask

from curator.app import App
from curator.db import Database
from curator.episodes import edit
from curator.episodes.values import Guest, Mention, MentionKind, WebLink, Words
from curator.feeds.values import ItemKind
from tests import builders
from tests.episodes.scene import APPLE, NOW, RSS, Show
from tests.web.conftest import Browser
from tests.web.test_archive import Headings
from tests.web.test_pages import check_outline


@pytest.fixture
def show(sqlite_database: Database) -> Show:
    found = Show(sqlite_database)
    builders.listening_links(found.db, found.feed, APPLE, RSS)
    return found


@pytest.fixture
def reader(flask: Flask) -> Browser:
    return Browser(flask.test_client())


def _edit(show: Show, words: Words) -> None:
    version = show.view().version
    edit.edit_episode(show.db, show.episode, words, (), expected_version=version, by=None, now=NOW)


def test_what_the_feed_tells_is_all_on_the_page(reader: Browser, show: Show) -> None:
    page = reader.see(f"/e/{show.episode}")
    check_outline(page)
    assert Headings(page).found == [
        (1, "What an index forgets"),
        (2, "The guests"),
        (3, "Nadia Okafor"),
        (3, "Jo Park"),
        (2, "About this episode"),
        (2, "Chapters"),
    ]
    assert "A surprise about loss" in page
    assert "Mina Adeyemi</bdi> (host)" in page
    assert 'href="https://cdn.example/41.mp3#t=760"' in page
    assert 'href="https://nadia.example/"' in page
    assert "javascript:" not in page


def test_the_places_to_listen_have_icons_with_words_for_them(reader: Browser, show: Show) -> None:
    page = reader.see(f"/e/{show.episode}")
    assert re.search(
        r'<a href="https://podcasts.apple.com/show/1" rel="noopener noreferrer">'
        r'<img src="/static/platforms/apple.svg\?v=\w+" alt="Listen on" width="20" height="20"> Apple Podcasts',
        page,
    )
    assert re.search(r'alt="Subscribe by"[^>]*> RSS', page)


def test_an_editors_words_are_all_on_the_page(reader: Browser, show: Show) -> None:
    links = (WebLink("https://nadia.example/", "Her site"),)
    words = Words(
        title="Ours",
        summary="In **our** words.\n\n<script>alert(1)</script>",
        guests=(Guest("Nadia Okafor", "database researcher", "She builds.\n\nAnd reads.", links),),
        topics=("Indexes", "Loss & gain"),
        mentions=(
            Mention(MentionKind.BOOK, "The Card Catalog", "https://books.example/1"),
            Mention(MentionKind.OTHER, "A talk"),
        ),
    )
    _edit(show, words)
    page = reader.see(f"/e/{show.episode}")
    check_outline(page)
    assert "<strong>our</strong>" in page
    assert "&lt;script&gt;" in page
    for text in (
        "database researcher",
        "<p>And reads.</p>",
        ">Her site</a>",
        "Loss &amp; gain",
        "The Card Catalog",
        "A talk",
    ):
        assert text in page
    assert [text for level, text in Headings(page).found if level == 2] == [
        "The guest",
        "About this episode",
        "Topics",
        "Chapters",
        "Mentioned",
    ]


def test_no_page_asks_another_host_for_a_picture(reader: Browser, show: Show, sqlite_app: App) -> None:
    theirs, ours = "https://cdn.example/art.png", f"{sqlite_app.settings.public_url}/static/mark.svg"
    _edit(show, Words(artwork_url=theirs, artwork_credit="Ana Ruiz", guests=(Guest("Nadia", image_url=theirs),)))
    page = reader.see(f"/e/{show.episode}")
    assert (theirs in page, "Ana Ruiz" in page) == (False, False)
    _edit(
        show,
        Words(
            artwork_url=ours, artwork_alt="A pencil", artwork_credit="Ana Ruiz", guests=(Guest("N", image_url=ours),)
        ),
    )
    page = reader.see(f"/e/{show.episode}")
    assert f'<img src="{ours}" alt="A pencil"' in page
    assert f'<img class="portrait" src="{ours}" alt=""' in page
    assert "Ana Ruiz" in page


def test_only_episodes_of_own_shows_are_public(reader: Browser, show: Show) -> None:
    article = builders.item_row(show.db, show.feed, "An article", at=NOW)
    for item_id in (show.foreign, article, 999, 0, "x", "9" * 30):
        page = reader.see(f"/e/{item_id}", status=404)
        check_outline(page)


def test_search_engines_and_those_who_share_it_are_told_its_address_and_title(
    reader: Browser, show: Show, sqlite_app: App
) -> None:
    page = reader.see(f"/e/{show.episode}")
    address = f"{sqlite_app.settings.public_url}/e/{show.episode}"
    assert f'<link rel="canonical" href="{address}">' in page
    assert '<meta property="og:title" content="What an index forgets">' in page
    assert '<meta name="description" content="A surprise about loss">' in page
    headers = reader.client.get(f"/e/{show.episode}").headers
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("public, max-age=60", "index")
    assert "Set-Cookie" not in headers


def test_linked_data_tells_the_same_and_cannot_break_out_of_its_block(reader: Browser, show: Show) -> None:
    _edit(show, Words(title="</script><script>alert(1)</script> & <!--", topics=("Loss",)))
    page = reader.see(f"/e/{show.episode}")
    assert page.count("<script") == 1
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    told = json.loads(block)
    assert told["name"] == "</script><script>alert(1)</script> & <!--"
    assert (told["@type"], told["timeRequired"], told["keywords"]) == ("PodcastEpisode", "PT38M0S", ["Loss"])
    assert told["contributor"][0] == {"@type": "Person", "name": "Nadia Okafor", "sameAs": ["https://nadia.example/"]}


def test_one_newsletters_sign_up_form_is_on_the_page_and_several_are_linked(reader: Browser, show: Show) -> None:
    url = f"/e/{show.episode}"
    assert "By mail" not in reader.see(url)
    builders.newsletter_row(show.db, slug="ai-weekly")
    assert 'action="/n/ai-weekly/sign-up"' in reader.see(url)
    builders.newsletter_row(show.db, slug="monthly", name="Monthly")
    page = reader.see(url)
    assert 'href="/n/monthly"' in page
    assert "/sign-up" not in page
    check_outline(page)


def test_an_episode_of_which_little_is_known_leaves_no_empty_places(reader: Browser, show: Show) -> None:
    bare = builders.item_row(show.db, show.feed, "Bare", at=NOW, kind=ItemKind.EPISODE, url=None)
    page = reader.see(f"/e/{bare}")
    assert Headings(page).found == [(1, "Bare")]


def test_the_language_of_a_hostile_feed_is_none(reader: Browser, show: Show) -> None:
    odd = builders.item_row(show.db, show.feed, "Odd", at=NOW, kind=ItemKind.EPISODE, language='x" onload="')
    assert '<html lang="en" dir="ltr">' in reader.see(f"/e/{odd}")
