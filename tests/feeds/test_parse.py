"""What comes out of feed documents, good and bad."""

import csv
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.errors import ParseError
from curator.feeds.parse import parsed_feed
from curator.feeds.values import FeedKind, ItemKind, ParsedEnclosure, ParsedEpisode, ParsedFeed
from curator.feeds.words import duration_s
from tests.feeds.documents import item, rss

URL = "https://feed.example/podcast/feed.xml"
CORPUS = Path(__file__).parents[3] / "shared" / "data" / "feeds"


def parsed(body: bytes, content_type: str = "application/rss+xml") -> ParsedFeed:
    return parsed_feed(body, url=URL, headers={"content-type": content_type})


def corpus() -> list[tuple[str, int]]:
    manifest = CORPUS / "MANIFEST.tsv"
    if not manifest.exists():
        return []
    with manifest.open() as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [(row["file"], int(row["entries_feedparser_6.0.14"])) for row in rows]


@pytest.mark.skipif(not CORPUS.exists(), reason=f"the real-world feeds are not at {CORPUS}")
def test_every_real_world_feed_gives_all_its_items() -> None:
    expected = dict(corpus())
    found = {name: len(parsed((CORPUS / name).read_bytes(), "").items) for name in expected}
    assert found == expected
    assert len(expected) == 34


def test_an_episode_comes_with_its_audio_facts() -> None:
    body = rss(
        item(
            "Episode 7",
            guid="ep-7",
            link="/episodes/7",
            date="Tue, 03 Nov 2026 08:00:00 +0100",
            audio="/audio/7.mp3",
            text='<p>With <a href="/guests/ada">Ada</a></p>',
            more="<itunes:duration>1:02:03</itunes:duration><itunes:season>2</itunes:season>"
            "<itunes:episode>7</itunes:episode><itunes:episodeType>Bonus</itunes:episodeType>"
            '<itunes:image href="/7.png"/><itunes:author>Ada &amp; Bob</itunes:author>',
        ),
        more='<ttl>90</ttl><language>en_GB</language><itunes:image href="/show.png"/>',
    )
    feed = parsed(body)
    (episode,) = feed.items
    assert (feed.kind, feed.title, feed.ttl_minutes, feed.language) == (FeedKind.PODCAST, "The Feed", 90, "en-GB")
    assert (feed.site_url, feed.image_url) == ("https://feed.example/", "https://feed.example/show.png")
    assert (episode.kind, episode.title, episode.author) == (ItemKind.EPISODE, "Episode 7", "Ada & Bob")
    assert episode.url == episode.canonical_url == "https://feed.example/episodes/7"
    assert episode.enclosures == (ParsedEnclosure("https://feed.example/audio/7.mp3", "audio/mpeg", 1000),)
    assert episode.episode == ParsedEpisode(
        duration_s=3723,
        season=2,
        number=7,
        episode_type="bonus",
        guid="ep-7",
        image_url="https://feed.example/7.png",
        author="Ada & Bob",
    )
    assert episode.image_url == "https://feed.example/7.png"
    assert episode.published_at == datetime(2026, 11, 3, 7, 0, tzinfo=UTC)
    assert 'href="https://feed.example/guests/ada"' in episode.summary_html
    assert episode.summary_text == "With Ada"


def test_atom_is_read_with_its_base_urls() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://atom.example/blog/"><title>Notes</title>
    <entry xml:base="2026/"><id>tag:1</id><title type="html">A &amp;lt;b&amp;gt; &amp;amp; c</title><link href="one"/>
    <published>2026-11-03T08:00:00Z</published>
    <summary type="html">&lt;a href="two">x&lt;/a></summary></entry></feed>"""
    (entry,) = parsed(body).items
    assert entry.url == "https://atom.example/blog/2026/one"
    assert 'href="https://atom.example/blog/2026/two"' in entry.summary_html
    assert entry.title == "A <b> & c"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("1:02:03", 3723), ("62:03", 3723), ("3723", 3723), ("00:04:49.0", 289), (" 10 ", 10), ("01:00", 60)),
        *(("", None), ("0", None), ("soon", None), ("-5", None), ("1:2:3:4", None), ("9" * 30, None), ("٣", None)),
    ],
)
def test_durations_are_read_in_all_their_forms(text: str, seconds: int | None) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:x", "ftp://feed.example/a.mp3", "https://ada:pw@feed.example/a.mp3"]
)
def test_an_enclosure_that_is_no_web_address_is_left_out(url: str) -> None:
    (found,) = parsed(rss(item(audio=url))).items
    assert (found.enclosures, found.kind, found.episode) == ((), ItemKind.ARTICLE, None)


@pytest.mark.parametrize(
    ("given_title", "title"),
    [
        ("Plain", "Plain"),
        ("AT&amp;T", "AT&T"),
        ("<b>Bold</b> news", "Bold news"),
        ("a < b", "a < b"),
        ("Two\nlines\u2028and\u2029more", "Two lines and more"),
        ("=?utf-8?q?a=0ABcc:_x@y.z?=", "=?utf-8?q?a=0ABcc:_x@y.z?="),
        ("<script>alert(1)</script>Hi", "<script>alert(1)</script>Hi"),
        ("x" * 900, "x" * 499 + "…"),
        ("<b>" * 300 + "deep", ("<b>" * 300)[:499] + "…"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
    ],
)
def test_titles_are_one_line_of_plain_text(given_title: str, title: str) -> None:
    (found,) = parsed(rss(item(given_title))).items
    assert found.title == title


def test_an_item_without_a_title_is_named_after_its_text() -> None:
    untitled = "<item><description>First words of it.</description></item>"
    assert parsed(rss(untitled)).items[0].title == "First words of it."
    assert parsed(rss("<item><link>https://feed.example/x</link></item>")).items[0].title == "feed.example"


@pytest.mark.parametrize(
    "date", ["yesterday", "", "Thu, 01 Jan 1970 00:00:00 GMT", "Tue, 99 Nov 2026 08:00:00 GMT", "1" * 5000]
)
def test_a_date_that_cannot_be_is_none(date: str) -> None:
    assert parsed(rss(item(date=date))).items[0].published_at is None


def test_identities_are_the_guid_where_it_is_unique() -> None:
    first = parsed(rss(item("a", guid="1", link="https://x.example/a"), item("b", guid="2"))).items
    later = parsed(rss(item("changed", guid="1", link="https://x.example/moved"))).items
    assert first[0].identity == later[0].identity != first[1].identity
    assert first[0].content_hash != later[0].content_hash


def test_items_that_share_a_guid_or_a_link_are_told_apart() -> None:
    same_guid = [item(link=f"https://x.example/{n}", guid="g") for n in range(3)]
    same_link = [item(link="https://x.example/", audio=f"https://x.example/{n}.mp3") for n in range(3)]
    same_both = [item(f"Title {n}", link="https://x.example/", guid="g") for n in range(3)]
    nothing = [item(f"Title {n}") for n in range(3)]
    for items in (same_guid, same_link, same_both, nothing):
        assert len({found.identity for found in parsed(rss(*items)).items}) == 3
    assert len(parsed(rss(*[item("Twin")] * 3)).items) == 1


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", "application/rss+xml"),
        ("utf-8", "text/xml; charset=iso-8859-1"),
        ("utf-8", "text/xml; charset=us-ascii"),
        ("utf-8", "text/html; charset=nonsense"),
        ("utf-8", 'text/xml; charset="punycode"'),
        ("utf-8-sig", "text/xml"),
        ("utf-16", "text/xml"),
        ("utf-16-le", "text/xml"),
        ("utf-32", "text/xml; charset=utf-8"),
        ("koi8-r", "text/xml; charset=koi8-r"),
    ],
)
def test_a_wrong_or_missing_charset_does_not_spoil_the_text(encoding: str, content_type: str) -> None:
    text = '<?xml version="1.0"?>' + rss(item("Привет, мир")).decode()
    assert parsed(text.encode(encoding), content_type).items[0].title == "Привет, мир"


def test_the_documents_own_charset_is_used_when_the_header_says_nothing() -> None:
    text = '<?xml version="1.0" encoding="windows-1251"?>' + rss(item("Привет")).decode()
    assert parsed(text.encode("cp1251"), "").items[0].title == "Привет"


def test_one_bad_byte_does_not_spoil_the_rest() -> None:
    body = rss(item("Grüße aus Köln"), item("Schluss")).replace(b"Schluss", b"Schl\xffuss")
    assert [found.title for found in parsed(body).items] == ["Grüße aus Köln", "Schl\ufffduss"]


def test_a_broken_feed_is_taken_as_far_as_it_goes() -> None:
    whole = rss(item("One", guid="1"), item("Two", guid="2"), item("Three", guid="3"))
    cut = whole[: whole.index(b"Three")]
    assert [found.title for found in parsed(cut).items][:2] == ["One", "Two"]
    assert [found.title for found in parsed(whole.replace(b"</title>", b"& </title>", 2)).items][1:] == ["Two", "Three"]


def test_a_feed_without_items_is_a_feed() -> None:
    assert parsed(rss()).items == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (b"<!DOCTYPE html><html><body><p>Hi</p></body></html>", "web page, not a feed"),
        (b"<html><head><title>x</title></head></html>", "web page, not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "JSON"),
        (b"Not found.", "not a feed"),
        (b"<opml version='2.0'><body/></opml>", "no feed"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "not a feed"),
        (b"<!-- " + b"x" * 30_000 + b" --><rss/>", "does not begin like a feed"),
    ],
)
def test_what_is_no_feed_says_so_in_words(body: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parsed(body, "text/html")


@pytest.mark.parametrize("body", [b"http://127.0.0.1:1/feed.xml", b"file:///etc/passwd", b"/etc/passwd", b"feed://x/"])
def test_a_body_that_looks_like_an_address_is_not_opened(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the parser opened something")

    monkeypatch.setattr("builtins.open", opened)
    monkeypatch.setattr(socket, "create_connection", opened)
    with pytest.raises(ParseError, match="not a feed"):
        parsed(body)


HOSTILE = {
    "an author that makes patterns backtrack": rss(item(more=f"<author>{'a.' * 20_000}@{'a.' * 20_000}</author>")),
    "a first line full of encodings": b"<?xml version='1.0'?><rss version='2.0'><channel>" + b' encoding="' * 20_000,
    "a prologue of line breaks": b"<?xml version='1.0'?>" + b"\n" * 300_000 + rss(item()),
    "entities in entities": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>' + rss(item("X")).replace(b"X", b"&c;" * 1000),
    "one long entity": b'<!DOCTYPE x [<!ENTITY a "'
    + b"a" * 15_000
    + b'">]>'
    + rss(item("X")).replace(b"X", b"&a;" * 9999),
    "an external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    + rss(item("X")).replace(b"X", b"&a;"),
    "half characters": rss(item("X")).replace(b"X", b"&#xD800;&#1;&#0;&#x110000;\x01\x0b"),
    "nested elements": rss(item(text="<div>" * 20_000)),
    "nested xhtml": b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>" + b"<div>" * 5_000,
    "many categories": rss(item(more="".join(f"<category>{n}</category>" for n in range(3_000)))),
    "punycode": b"<?xml version='1.0' encoding='punycode'?>" + rss(item("a" * 100_000 + "-b")),
    "elements in elements": rss(item(more="<x>" * 3_000 + "</x>" * 3_000)),
    "a huge attribute": rss(
        item(more=f"<podcast:person href='https://x.example/{'a' * 3_000_000}'>Ada</podcast:person>")
    ),
    "many attributes": rss(item(more="<x " + " ".join(f"a{n}='1'" for n in range(20_000)) + "/>")),
    "many namespaces": rss(item(more="".join(f"<n{n}:x xmlns:n{n}='urn:{n}'/>" for n in range(5_000)))),
    "bases on bases": rss(item(more="<x xml:base='a/'>" * 200 + "</x>" * 200)),
    "xhtml in xhtml": b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>"
    + b"<div>" * 200
    + b"x"
    + b"</div>" * 200
    + b"</content></entry></feed>",
    "references without end": rss(item("X")).replace(b"X", b"&#38;" * 300_000),
    "a recurrence rule": rss(item(), more="<podcast:updateFrequency rrule='" + "FREQ=" * 100_000 + "'/>"),
    "chapters without end": rss(
        item(
            audio="/a.mp3", more="<psc:chapters>" + "<psc:chapter start='9:9' title='T'/>" * 50_000 + "</psc:chapters>"
        )
    ),
    "numbers without end": rss(
        item(more=f"<itunes:season>{'9' * 6000}</itunes:season>", audio="https://x.example/a.mp3")
    ),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_document_costs_little_and_breaks_nothing(body: bytes) -> None:
    try:
        feed = parsed(body)
    except ParseError:
        return
    for found in feed.items:
        assert "root:" not in found.title + found.summary_text
        assert len(found.title) <= 500
        assert len(found.summary_text) <= 10_000
        f"{found}".encode()  # no half characters: a database would refuse them


@pytest.mark.parametrize("form", ["<item><guid>{}</guid></item>", "<a:entry xmlns:a='urn:a'><a:id>{}</a:id></a:entry>"])
def test_more_items_than_any_feed_has_are_refused_before_they_are_read(form: str) -> None:
    with pytest.raises(ParseError, match="more than 50,000 items"):
        parsed(rss(*(form.format(n) for n in range(50_001))))


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [piece.encode() for piece in rss(item("T&amp;", guid="g", audio="/a.mp3")).decode().split(">")]
        ),
        st.sampled_from(
            [b"<item>", b"</item>", b"<![CDATA[", b"]]>", b"&#xD800;", b"&#0;", b"<?xml", b"<!DOCTYPE", b">"]
        ),
        st.sampled_from(
            [b"<entry>", b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<id>", b"<updated>", b"<link href="]
        ),
        st.binary(max_size=12),
    ),
    max_size=25,
).map(b">".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(PIECES, st.binary(max_size=300)), st.sampled_from(["", "text/xml; charset=utf-16", "x; charset=hex"]))
@example(b"<rss><channel><item><title>&#xD800;", "")
@example(b"\xff\xfe<", "")
@example(b"<?xml encoding='idna'?>.", "")
def test_any_bytes_are_a_feed_or_a_parse_error(body: bytes, content_type: str) -> None:
    try:
        feed = parsed(body, content_type)
    except ParseError:
        return
    f"{feed}".encode()
    assert len({found.identity for found in feed.items}) == len(feed.items)


def test_a_panic_below_is_a_parse_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panics(*_: object, **__: object) -> str:
        raise PanicException("called `Option::unwrap()` on a `None` value")

    monkeypatch.setattr("curator.feeds.entries.cleaned", panics)
    with pytest.raises(ParseError, match="cannot be read"):
        parsed(rss(item()))
