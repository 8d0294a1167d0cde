"""What a web page offers: feeds named in its head, links that look like feeds, and where feeds usually lie."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.feeds.discover import MAX_OFFERS, Offer, is_page, offers, well_known

URL = "https://blog.example/about"


def page(head: str = "", body: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def link(href: str, type_: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{type_}" href="{href}" title="{title}">'


def test_feeds_in_the_head_are_offered_with_title_and_kind() -> None:
    found = offers(
        page(
            link("/feed.xml", title="The &amp; Blog")
            + link("atom.xml", "application/atom+xml")
            + link("//cdn.example/feed.json", "application/feed+json; charset=utf-8")
            + link("/podcast.rss", title="Our Podcast")
        ),
        url=URL,
    )
    assert found == (
        Offer("https://blog.example/feed.xml", "The & Blog", "rss"),
        Offer("https://blog.example/atom.xml", "", "atom"),
        Offer("https://cdn.example/feed.json", "", "json"),
        Offer("https://blog.example/podcast.rss", "Our Podcast", "podcast"),
    )


def test_a_base_and_the_page_itself_are_minded() -> None:
    found = offers(page('<base href="/site/">' + link("feed") + link(URL)), url=URL)
    assert [offer.url for offer in found] == ["https://blog.example/site/feed"]


def test_feeds_of_comments_come_only_alone() -> None:
    comments = link("/comments/feed/", title="Blog » Comments Feed")
    assert [offer.url for offer in offers(page(link("/feed/") + comments), url=URL)] == ["https://blog.example/feed/"]
    assert len(offers(page(comments), url=URL)) == 1


def test_links_that_look_like_feeds_count_where_the_head_is_silent() -> None:
    body = (
        '<a href="/rss">RSS</a><a href="/feeds/posts.xml#x"> All  posts </a><a href="/rss-explained">What is RSS?</a>'
        '<a href="mailto:feed@blog.example">Mail</a><a href="javascript:feed()">x</a>'
    )
    assert offers(page("", body), url=URL) == (
        Offer("https://blog.example/rss", "RSS"),
        Offer("https://blog.example/feeds/posts.xml", "All posts"),
    )
    assert [offer.url for offer in offers(page(link("/feed.xml"), body), url=URL)] == ["https://blog.example/feed.xml"]


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("", "https://www.youtube.com/channel/UC0123456789abcdefghijkl/videos"),
        ('<meta itemprop="identifier" content="UC0123456789abcdefghijkl">', "https://www.youtube.com/@somebody"),
    ],
)
def test_a_channel_of_videos_has_a_feed(head: str, url: str) -> None:
    feed = "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl"
    assert [offer.url for offer in offers(page(head), url=url)] == [feed]


def test_a_podcast_directory_names_the_feed() -> None:
    found = offers(
        page("", '<script>{"feedUrl":"https:\\/\\/pod.example\\/feed"}</script>'),
        url="https://podcasts.apple.com/gb/podcast/show/id1",
    )
    assert [(offer.url, offer.kind) for offer in found] == [("https://pod.example/feed", "podcast")]


def test_well_known_places_begin_below_the_page() -> None:
    assert well_known("https://a.example/blog/")[:2] == ("https://a.example/blog/feed", "https://a.example/blog/rss")
    assert well_known("https://a.example/index.html")[0] == "https://a.example/feed"


def test_a_page_is_known_by_how_it_begins() -> None:
    assert is_page(page(), content_type="text/html")
    assert is_page("﻿<HTML lang=en>".encode("utf-16"), content_type="")
    assert not is_page(b'<?xml version="1.0"?><rss><channel><title>&lt;html></title></channel></rss>', content_type="")


def test_a_page_full_of_feeds_offers_a_few() -> None:
    assert len(offers(page("".join(link(f"/{n}.xml") for n in range(500))), url=URL)) == MAX_OFFERS


@given(st.binary(max_size=1_000) | st.text(max_size=500).map(lambda text: page(text, text)))
@settings(max_examples=200)
def test_any_bytes_give_offers_or_none(body: bytes) -> None:
    assert all(offer.url.startswith("http") for offer in offers(body, url=URL))
    is_page(body, content_type="")
