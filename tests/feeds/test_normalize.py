"""What becomes of URLs, HTML and text."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.feeds import normalize
from curator.feeds.normalize import canonical_url, one_line, plain_text, safe_html
from curator.http.urls import absolute_url

BASE = "https://feed.example/blog/"

SAME = {
    "https://example.org/a": [
        "http://example.org/a",
        "HTTPS://WWW.Example.ORG/a/",
        "https://example.org:443/a?utm_source=rss&utm_medium=feed",
        "https://example.org/a?fbclid=1&gclid=2&mc_cid=3&ref=newsletter",
        "https://example.org/a#comments",
        "https://example.org/a/index.html",
        "https://example.org/a/amp/",
        "https://m.example.org/a",
        "https://amp.example.org/a?amp=1",
        "https://www.google.com/amp/s/www.example.org/a/amp/",
        "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a",
        " https://example.org/%61 ",
    ],
    "https://example.org/": ["http://www.example.org", "https://example.org/index.php?utm_id=1"],
    "https://example.org/a?b=2&c=3": ["https://example.org/a?b=2&utm_source=x&c=3"],
    "https://example.org/#!/page": ["https://www.example.org/#!/page"],
    "https://arxiv.org/abs/2101.00001": [
        "https://arxiv.org/pdf/2101.00001v2.pdf",
        "http://export.arxiv.org/abs/2101.00001v1",
        "https://www.arxiv.org/pdf/2101.00001",
    ],
    "https://youtube.com/watch?v=dQw4w9WgXcQ": [
        "https://youtu.be/dQw4w9WgXcQ?t=30",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1&feature=share",
        "https://m.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
    ],
    "https://en.wikipedia.org/wiki/Podcast": ["https://en.m.wikipedia.org/wiki/Podcast"],
    "https://xn--bcher-kva.example/%C3%BC": ["https://Bücher.example/ü"],
}


@pytest.mark.parametrize(("canonical", "url"), [(to, url) for to, urls in SAME.items() for url in urls])
def test_urls_of_the_same_page_have_one_canonical_url(canonical: str, url: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://example.org/camp", "https://example.org/c"),
        ("https://amp.dev/", "https://dev/"),
        ("https://example.org/A", "https://example.org/a"),
    ],
)
def test_urls_of_different_pages_stay_different(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "mailto:a@b.c", "https://", "https://[::1", "/a", "data:,x"]
)
def test_what_is_no_web_address_has_no_canonical_url(url: str) -> None:
    assert canonical_url(url) is None


PIECES = """www. m. amp. example .org / /amp /index.html ?utm_a=1 & a=b # %2F %61 google.com/amp/s/ // youtu.be/
arxiv.org/pdf/ 2101.00001 .pdf ü :80 .. %25"""
PARTS = st.lists(st.sampled_from(PIECES.split()), max_size=12).map("".join)


@settings(deadline=None)
@given(st.one_of(PARTS.map("https://".__add__), PARTS.map("http://a.b/".__add__), st.text()))
def test_a_canonical_url_is_its_own_canonical_url(url: str) -> None:
    canonical = canonical_url(url)
    if canonical is not None:
        assert canonical_url(canonical) == canonical
        assert canonical.startswith("https://")
        assert canonical.isascii()


@settings(deadline=None)
@given(st.one_of(PARTS.map("https://".__add__), PARTS.map("https://a.b/".__add__)))
def test_the_short_way_to_a_canonical_url_leads_where_the_long_one_does(url: str) -> None:
    found = absolute_url(url)
    if found is not None and normalize._is_folded(found):
        assert normalize._folded(found) == found


@settings(deadline=None)
@given(st.text(), st.sampled_from(["", BASE]))
def test_an_absolute_url_is_plain_and_stays_as_it_is(url: str, base: str) -> None:
    found = absolute_url(url, base=base)
    if found is not None:
        assert re.fullmatch(r"https?://[^\s<>\"\\]+", found)
        assert absolute_url(found) == found


def test_a_relative_url_is_resolved_and_a_long_one_refused() -> None:
    assert absolute_url("../x y", base=BASE) == "https://feed.example/x%20y"
    assert absolute_url("https://feed.example/" + "a" * 2000) is None


class Elements(HTMLParser):
    """Every element and attribute that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


HOSTILE = """
<script>
</script>
<svg onload=alert(1)>
<a href='javascript:alert(1)'>
<a href="
">
<p
<img src=x onerror=alert(1)>
onclick=alert(1)
>
<!--
-->
<![CDATA[
]]>
<style>
&lt;
<iframe srcdoc='<script>'>
<math><mtext>
<a href=' java\tscript:alert(1)'>
<a href=data:,x>
</p>
<noscript>
<template>
<a href=&#106;avascript:x>
<base href=//evil>
<form action=x>
<table><td>
`
"""
FRAGMENTS = st.lists(st.one_of(st.sampled_from(HOSTILE.strip().splitlines()), st.text(max_size=8)), max_size=14).map(
    " ".join
)


@settings(deadline=None)
@given(FRAGMENTS)
def test_safe_html_never_carries_a_script(html: str) -> None:
    for tag, attributes in Elements(safe_html(html, base_url=BASE)).found:
        assert tag not in {"script", "style", "svg", "math", "iframe", "object", "img", "base", "form", "template"}
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        link = attributes.get("href") or attributes.get("cite")
        assert link is None or link.startswith(("http://", "https://", "mailto:"))


@settings(deadline=None)
@given(FRAGMENTS)
def test_safe_html_is_safe_html_again(html: str) -> None:
    once = safe_html(html, base_url=BASE)
    assert safe_html(once, base_url=BASE) == once


@settings(deadline=None)
@given(FRAGMENTS)
def test_plain_text_has_no_control_characters(html: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", plain_text(html))


def test_links_become_absolute_and_lose_what_they_cannot_keep() -> None:
    html = '<p><a href="/x?a=1&amp;b=2" onclick="x()" style="color:red">one</a> <a href="javascript:x">two</a></p>'
    assert safe_html(html, base_url=BASE) == (
        '<p><a href="https://feed.example/x?a=1&amp;b=2" rel="noopener noreferrer">one</a>'
        ' <a rel="noopener noreferrer">two</a></p>'
    )


def test_images_go_because_they_call_home() -> None:
    assert safe_html('<p>a<img src="https://tracker.example/p.gif">b</p>', base_url=BASE) == "<p>ab</p>"


def test_twenty_thousand_nested_elements_are_cut_off() -> None:
    html = "<div><b>" * 20_000 + "deep"
    assert len(safe_html(html, base_url=BASE)) < 50_000
    assert plain_text(html) == ""
    assert plain_text("first <b>" + html).startswith("first")


def test_plain_text_keeps_paragraphs_apart_and_decodes_entities() -> None:
    html = "<h2>One</h2><p>Two &amp; a&nbsp;half<br>three</p><ul><li>x</li><li>y</li></ul><script>no()</script>"
    assert plain_text(html) == "One\nTwo & a half\nthree\nx\ny"


def test_a_line_is_cut_and_cleaned() -> None:
    assert one_line(" a\u2028\u0085b\x00c\r\n\td\u202e \ud800", limit=50) == "a bc d"
    assert one_line("abcdef", limit=4) == "abc…"
    assert one_line("👩‍👩‍👧 שלום नमस्ते", limit=50) == "👩‍👩‍👧 שלום नमस्ते"
