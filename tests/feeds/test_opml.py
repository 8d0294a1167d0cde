"""OPML both ways: nothing is lost, nothing breaks, and what is no feed is named with its line."""

import re
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.errors import CuratorError, InvalidError
from curator.feeds.normalize import one_line
from curator.feeds.opml import MAX_BYTES, MAX_DEPTH, OutlineFeed, read_opml, written_opml

_WORDS = st.text(min_size=1, max_size=30).map(lambda text: one_line(text, limit=30)).filter(bool)
_FEEDS = st.lists(
    st.builds(
        OutlineFeed,
        url=st.integers(0, 10_000).map(lambda number: f"https://site{number}.example/feed?a=1&b={number}"),
        title=_WORDS,
        site_url=st.none() | st.just("https://site.example/?x=1&y=2"),
        folder=st.lists(_WORDS, max_size=4).map(tuple),
    ),
    max_size=20,
    unique_by=lambda feed: feed.url,
)


def opml(body: str, *, head: str = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">') -> bytes:
    return f"{head}<head/><body>{body}</body></opml>".encode()


@given(_FEEDS)
@example([OutlineFeed("https://a.example/", 'Rock, "Roll" & <b>/slash', None, ("a/b, c", "🎧", '"q"'))])
def test_what_is_written_is_read_again(feeds: list[OutlineFeed]) -> None:
    read = read_opml(written_opml(feeds, title="Mine"))
    assert sorted(read.feeds, key=lambda feed: feed.url) == sorted(feeds, key=lambda feed: feed.url)
    assert (read.refused, read.repeated) == ((), 0)


@given(st.binary(max_size=2_000) | st.text(max_size=2_000).map(opml))
@settings(max_examples=300)
def test_nothing_but_an_error_in_words_comes_of_any_bytes(content: bytes) -> None:
    with suppress(CuratorError):
        assert len(read_opml(content).feeds) < 2_000


def test_folders_nest_and_names_keep_their_slashes_and_emoji() -> None:
    read = read_opml(
        opml(
            '<outline text="News / World, &quot;daily&quot;"><outline text="🎧">'
            '<outline type="rss" text="A &amp; B" title="A" xmlUrl="https://a.example/f" htmlUrl="https://a.example"/>'
            '</outline></outline><outline text="B" xmlUrl="https://b.example/f"/>'
        )
    )
    assert read.feeds == (
        OutlineFeed("https://a.example/f", "A", "https://a.example/", ('News / World, "daily"', "🎧")),
        OutlineFeed("https://b.example/f", "B"),
    )


def test_what_is_no_feed_is_named_with_its_line_and_the_rest_is_taken() -> None:
    read = read_opml(
        opml(
            '\n<outline text="Nothing"/>\n<outline text="Mail" xmlUrl="mailto:a@b.example"/>\n'
            '<outline type="link" text="A page" url="https://a.example"/>\n'
            '<outline text="Good" xmlUrl="https://good.example/f"/>'
        )
    )
    assert [(each.line, each.title) for each in read.refused] == [(3, "Nothing"), (4, "Mail"), (5, "A page")]
    assert [feed.title for feed in read.feeds] == ["Good"]
    assert "no web address" in read.refused[1].reason


def test_the_same_feed_twice_is_one() -> None:
    outline = '<outline text="{}" xmlUrl="{}"/>'
    read = read_opml(
        opml(outline.format("One", "https://a.example/f") + outline.format("Two", "feed://a.example/f#top"))
    )
    assert ([feed.title for feed in read.feeds], read.repeated) == (["One"], 1)


def test_a_feed_with_feeds_below_it_is_both() -> None:
    read = read_opml(
        opml(
            '<outline text="A" xmlUrl="https://a.example/f"><outline text="B" xmlUrl="https://b.example/f"/></outline>'
        )
    )
    assert [(feed.title, feed.folder) for feed in read.feeds] == [("A", ()), ("B", ("A",))]


@pytest.mark.parametrize(
    "content",
    [
        opml('<outline type="rss" text="Zoë" xmlUrl="https://a.example/f"/>', head="\ufeff<opml>"),
        opml(
            '<outline text="Zoë" xmlUrl="https://a.example/f"/>', head='<?xml version="1.0" encoding="latin-1"?><opml>'
        ),
        opml('<OUTLINE TEXT="Zoë" xmlurl="https://a.example/f"/>', head='<OPML version="1.0">').replace(
            b"</opml>", b"</OPML>"
        ),
        opml('<outline type="rss" text="Zoë" url="https://a.example/f"/>', head='<opml version="1.1">'),
        opml('<outline text="Zoë" xmlUrl="https://a.example/f"/>').decode().encode("utf-16"),
        opml('<outline text="Zoë" xmlUrl="https://a.example/f"/>', head="<opml>").decode().encode("latin-1"),
        b'<body><outline text="Zo&#235;" xmlUrl="https://a.example/f"/></body>',
        opml('<outline text="Zoë" xmlUrl="https://a.example/f"/>').partition(b"</body>")[0],
    ],
    ids=["bom", "wrong charset", "capitals", "url of type rss", "utf-16", "latin-1", "body alone", "torn"],
)
def test_what_readers_really_export_is_read(content: bytes) -> None:
    assert read_opml(content).feeds == (OutlineFeed("https://a.example/f", "Zoë"),)


def test_an_ampersand_that_nobody_escaped_is_kept() -> None:
    read = read_opml(opml('<outline text="A" xmlUrl="https://a.example/f?a=1&b=2&amp;c=3"/>'))
    assert read.feeds[0].url == "https://a.example/f?a=1&b=2&c=3"


_BOMB = '<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]><opml>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<rss></rss>", "no OPML"),
        (b"Dear all, here are my feeds", "no OPML"),
        (b"\x00\xff\x00", "no OPML"),
        (opml('<outline text="&f;" xmlUrl="https://a.example/&b;"/>', head=_BOMB), "entities"),
        (b"<opml>" + b" " * MAX_BYTES, "5 MB"),
        (opml("".join(f'<outline text="a" xmlUrl="https://a.example/{n}"/>' for n in range(20_001))), "20,000 feeds"),
    ],
)
def test_what_is_no_list_of_feeds_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(InvalidError, match=re.escape(words)) as refused:
        read_opml(content)
    assert refused.value.field == "file"


def test_folders_that_nest_for_ever_are_cut_off() -> None:
    deep = MAX_DEPTH + 1
    read = read_opml(
        opml('<outline text="f">' * deep + '<outline text="A" xmlUrl="https://a.example/f"/>' + "</outline>" * deep)
    )
    assert [each.title for each in read.refused] == ["A"]
    assert read_opml(opml('<outline text="f">' * 100_000)).feeds == ()


def test_a_file_that_is_not_read_to_its_end_says_from_where_on() -> None:
    deep, after = 300, '<outline text="B" xmlUrl="https://b.example/f"/>'
    read = read_opml(opml('\n<outline text="f">' * deep + "</outline>" * deep + after))
    assert read.feeds == ()
    assert (250 < read.refused[0].line < 260, "nothing was read from here on" in read.refused[0].reason) == (True, True)
