"""The contract of both readers: the quick one gives what feedparser gives, on written samples and on real feeds."""

import csv
import tarfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curator.errors import ParseError
from curator.feeds.document import document
from curator.feeds.parse import parsed_feed
from curator.feeds.quick.pieces import UnusualError
from curator.feeds.quick.reader import read_quickly
from curator.feeds.tree import Names, strict_root
from curator.feeds.values import ParsedFeed
from tests.feeds.documents import item, rss

URL = "https://feed.example/blog/feed.xml"
SHARED = Path(__file__).parents[3] / "shared" / "data"
CORPUS, REPLAY = SHARED / "feeds", SHARED / "replay_feeds.tar.gz"


def parsed(body: bytes, *, is_quick: bool) -> ParsedFeed:
    return parsed_feed(body, url=URL, headers={"content-language": "en"}, is_quick=is_quick)


def is_read_quickly(body: bytes) -> bool:
    root = strict_root(document(body.decode()))
    if root is None:
        return False
    try:
        return bool(read_quickly(root, Names(root), url=URL, language="")["entries"])
    except UnusualError:
        return False


RSS_ITEMS = {
    "everything at once": item(
        "A &amp; b", guid="1", link="/a", date="Tue, 03 Nov 2026 08:00:00 +0100", audio="/a.mp3"
    ),
    "whole text and summary": item(
        more="<content:encoded><![CDATA[<p>All <a href='x'>of</a> it</p>]]></content:encoded>"
    ),
    "whole text first": "<item><content:encoded>&lt;p>All&lt;/p></content:encoded><description>Bit"
    "</description></item>",
    "whole text alone": "<item><content:encoded>&lt;p>All&lt;/p></content:encoded></item>",
    "an empty summary": "<item><description> </description><content:encoded>All</content:encoded></item>",
    "two descriptions": "<item><description>One</description><description>Two</description></item>",
    "summaries of both kinds": "<item><itunes:summary>One &amp;lt;b></itunes:summary><description>T"
    "</description></item>",
    "two titles": "<item><title>One</title><title>Two</title></item>",
    "a title of Media RSS first": "<item><media:title>Media</media:title><title>Own</title></item>",
    "a title of Media RSS last": "<item><title>Own</title><media:title>Media</media:title></item>",
    "only titles of Media RSS": "<item><media:title>One</media:title><media:title>Two</media:title></item>",
    "media in a group": "<item><title>T</title><media:group><media:title>M</media:title><media:content url='/a.mp3'"
    " type='audio/mpeg' fileSize='12'/><media:description>D</media:description></media:group></item>",
    "pictures": "<item><title>T</title><media:thumbnail url='/t.png'/>"
    "<media:content medium='image' url='/c.png'/></item>",
    "a thumbnail in a content": "<item><media:content url='/v.mp4'><media:thumbnail>/t.png</media:thumbnail>"
    "</media:content></item>",
    "a guid that is a link": "<item><guid>https://feed.example/a b</guid><title>T</title></item>",
    "a relative guid": "<item><guid>../a</guid><title>T</title></item>",
    "a guid that is none": "<item><guid isPermaLink='false'>../a</guid><title>T</title></item>",
    "an empty link": "<item><link/><guid>https://feed.example/a</guid></item>",
    "links of Atom": "<item><atom:link href='/one'/><link>/two</link><atom:link rel='replies' href='/three'/></item>",
    "an enclosure of Atom": "<item><atom:link rel='enclosure' href='/a.mp3' type='audio/mpeg' length='9'/></item>",
    "a query": "<item><link>https://feed.example/?a=1&amp;amp;b=2&amp;c;=3</link></item>",
    "two authors": "<item><dc:creator>Ada</dc:creator><author>bob@feed.example (Bob)</author></item>",
    "an address": "<item><author>bob@feed.example</author></item>",
    "an author of parts": "<item><atom:author><atom:name>Ada</atom:name><atom:email>a@b.example</atom:email>"
    "</atom:author><dc:creator>Bob</dc:creator></item>",
    "a source": "<item><title>T</title><source url='https://x.example/'>Elsewhere</source></item>",
    "html called plain": item("Tom &amp;amp; <b>Jerry</b> &lt;i>x&lt;/i>"),
    "less than": item("a < b & c > d", text="1 < 2 &nbsp;"),
    "markup in a title": "<item><title>One <b>two</b> three</title></item>",
    "a cdata title": "<item><title><![CDATA[Q&A: <em>now</em>]]></title></item>",
    "comments within": "<item><title>One<!-- no --> two</title><description>A<?pi x?>B</description></item>",
    "letters twice encoded": item("CafÃ©", text="It\x92s \x80 5"),
    "dates of all kinds": "".join(
        f"<item><title>T{n}</title>{date}</item>"
        for n, date in enumerate(
            (
                *(
                    "<pubDate>Tue, 3 Nov 2026 08:00:00 EST</pubDate>",
                    "<pubDate>2026-11-03</pubDate>",
                    "<pubDate>x</pubDate>",
                ),
                *("<dc:date>2026-11-03T08:00:00.5-05:30</dc:date>", "<pubDate>Tue, 31 Feb 2026 08:00:00 GMT</pubDate>"),
                *("<pubDate>03 Nov 26 08:00 +0000</pubDate>", "<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>"),
                *(
                    "<pubDate/><dc:date>2026-11-03T08:00:00z</dc:date>",
                    "<pubDate>Tue, 03 Nov 2026 24:00:00 GMT</pubDate>",
                ),
                *("<dcterms:modified>2026-11-03T08:00:00Z</dcterms:modified>", "<pubDate>Nov 3, 2026</pubDate>"),
            )
        )
    ),
    "an item of podcasts": item(
        guid="g",
        audio="/a.mp3",
        more="<itunes:author>Ada</itunes:author><itunes:image href='/i.png'/><itunes:duration>3:07</itunes:duration>"
        "<itunes:explicit>no</itunes:explicit><podcast:person role='guest'>Grace</podcast:person>",
    ),
    "a picture of its own": "<item><title>T</title><image><url>/x.png</url></image></item>",
    "elements nobody knows": "<item><foo:bar xmlns:foo='urn:foo'><title>Inner</title></foo:bar><title>Outer"
    "</title></item>",
    "bases": "<item xml:base='https://other.example/x/'><link>a</link>"
    "<description xml:base='y/'>&lt;a href='z'>q&lt;/a>"
    "</description></item>",
}
CHANNELS = {
    "a picture": "<image><url>/show.png</url><title>Other</title><link>/other</link></image><language>de_AT</language>",
    "a picture of iTunes": "<itunes:image href='/show.png'/><ttl>90</ttl><image><url>/old.png</url></image>",
    "an input": "<textInput><title>Search</title><link>/s</link><name>q</name><description>d</description></textInput>",
    "links": "<atom:link rel='self' href='/feed.xml'/><atom:link href='/site'/><dc:language>fr</dc:language>",
    "two titles": "<title>Second</title><dc:title>Third</dc:title>",
    "an owner": "<itunes:owner><itunes:name>Ada</itunes:name></itunes:owner><managingEditor>a@b.example"
    "</managingEditor>",
    "times to rest": "<skipHours><hour>3</hour></skipHours><skipDays><day>Sunday</day></skipDays>",
}
NAMESPACES = (
    '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dcterms="http://purl.org/dc/terms/"'
    ' xmlns:podcast="https://podcastindex.org/namespace/1.0"'
)


def in_rss(*items: str, more: str = "") -> bytes:
    return rss(*items, more=more).replace(b'<rss version="2.0"', NAMESPACES.encode())


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB" xml:base="/notes/">
<title type="html">N &amp;amp; n</title>
<link href="/"/><link rel="self" href="feed.atom"/><logo>/logo.png</logo><author><name>Ada</name></author>%s</feed>"""
ATOM_ENTRIES = {
    "html": "<entry><id>tag:1</id><title type='html'>A &amp;lt;b></title><link href='one'/><summary type='html'>"
    "&lt;a href='two'>x&lt;/a></summary><published>2026-11-03T08:00:00+01:00</published></entry>",
    "xhtml": "<entry><id>u:2</id><title>T</title><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
    "One<br/>two &amp;lt; <a href='x' title='q&quot;q'>three</a><p/></div></content></entry>",
    "plain": "<entry><title>a &lt;b> c</title><content>1 &lt; 2\nnext</content><updated>2026-11-03T08:00:00Z"
    "</updated></entry>",
    "two authors": "<entry><title>T</title><author><name>A</name></author><author><name>B</name><uri>u</uri>"
    "</author></entry>",
    "links": "<entry><title>T</title><link rel='alternate' type='text/html' href='a'/>"
    "<link rel='enclosure' href='a.mp3'"
    " type='audio/mpeg'/><link rel='alternate' type='application/json' href='b'/><contributor><name>C</name>"
    "</contributor></entry>",
    "a source": "<entry><source><title>Other</title><id>o</id></source><title>Own</title><id>own</id></entry>",
    "content elsewhere": "<entry><title>T</title><content type='image/png' src='/x.png'/></entry>",
    "markup undeclared": "<entry><title>T</title><summary type='html'>a <b>c</b></summary></entry>",
}
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="u"><title>R</title><link>https://r.example/</link>
<items><rdf:Seq><rdf:li rdf:resource="https://r.example/1"/></rdf:Seq></items></channel><image><url>/no.png"
"</url></image>
<item rdf:about="https://r.example/1"><title>One</title><link>https://r.example/1</link><description>d</description>
<dc:date>2026-11-03T08:00:00Z</dc:date><dc:creator>Ada</dc:creator></item></rdf:RDF>"""
SAMPLES = {
    **{f"rss, {name}": in_rss(items) for name, items in RSS_ITEMS.items()},
    **{f"channel, {name}": in_rss(item(), more=more) for name, more in CHANNELS.items()},
    **{f"atom, {name}": (ATOM % entry).encode() for name, entry in ATOM_ENTRIES.items()},
    "rdf": RDF.encode(),
    "rss, all items": in_rss(*RSS_ITEMS.values(), more="".join(CHANNELS.values())),
    "atom, all entries": (ATOM % "".join(ATOM_ENTRIES.values())).encode(),
}


@pytest.mark.parametrize("body", SAMPLES.values(), ids=SAMPLES.keys())
def test_both_readers_give_the_same_feed(body: bytes) -> None:
    assert parsed(body, is_quick=True) == parsed(body, is_quick=False)


def test_the_quick_reader_reads_nearly_all_samples_itself() -> None:
    slow = {name for name, body in SAMPLES.items() if not is_read_quickly(body)}
    assert slow == {
        "rss, markup in a title",
        "rss, a picture of its own",
        "rss, elements nobody knows",
        "rss, all items",
        "atom, content elsewhere",
        "atom, markup undeclared",
        "atom, all entries",
    }


@pytest.mark.skipif(not CORPUS.exists(), reason=f"the real-world feeds are not at {CORPUS}")
def test_both_readers_give_the_same_items_of_real_feeds() -> None:
    with (CORPUS / "MANIFEST.tsv").open() as file:
        counts = {row["file"]: int(row["entries_feedparser_6.0.14"]) for row in csv.DictReader(file, delimiter="\t")}
    assert len(counts) == 34
    for name, count in counts.items():
        body = (CORPUS / name).read_bytes()
        quick = parsed(body, is_quick=True)
        assert (name, len(quick.items)) == (name, count)
        assert quick == parsed(body, is_quick=False), name


@pytest.mark.skipif(not REPLAY.exists(), reason=f"the replayed feeds are not at {REPLAY}")
def test_both_readers_give_the_same_items_of_replayed_feeds() -> None:
    with tarfile.open(REPLAY) as replay:
        names = sorted(name for name in replay.getnames() if name.endswith(".xml"))[::40]
        bodies = [file.read() for name in names if (file := replay.extractfile(name))]
    assert len(bodies) > 10
    for body in bodies:
        assert parsed(body, is_quick=True) == parsed(body, is_quick=False)


WORDS = [
    "a",
    " ",
    "&amp;",
    "&lt;b>",
    "&lt;/b>",
    "<![CDATA[<i>x</i>]]>",
    "é",
    "Ã©",
    "\n",
    "&#8217;",
    "https://x.example/a",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)
TAGS = st.sampled_from(
    [
        *("title", "link", "guid", "description", "content:encoded", "pubDate", "author", "dc:creator", "dc:date"),
        *(
            "media:title",
            "media:description",
            "itunes:summary",
            "itunes:author",
            "summary",
            "updated",
            "atom:id",
            "dc:title",
        ),
        *("category", "comments", "media:group", "foo", "source", "content", "atom:link", "media:thumbnail"),
    ]
)
ATTRIBUTES = st.sampled_from(
    ["", "", " type='html'", " href='/h'", " url='/u'", " isPermaLink='false'", " rel='enclosure'"]
)


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(TAGS, ATTRIBUTES, inner).map(lambda parts: f"<{parts[0]}{parts[1]}>{parts[2]}</{parts[0]}>")


ITEMS = st.lists(st.recursive(element(TEXTS), element, max_leaves=3), max_size=6).map("".join)


@settings(max_examples=300, deadline=None)
@given(ITEMS)
@example("<media:thumbnail>Ã©</media:thumbnail>")
@example("<title>a</title><foo href='/h'><title>b</title></foo><title>c</title>")
def test_both_readers_give_the_same_of_any_well_formed_item(inner: str) -> None:
    body = in_rss(f"<item>{inner}</item>")
    assert parsed(body, is_quick=True) == parsed(body, is_quick=False)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_a_damaged_document_is_a_feed_or_a_parse_error_and_the_same_to_both(name: str, data: st.DataObject) -> None:
    body = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    assert outcome(bytes(body), is_quick=True) == outcome(bytes(body), is_quick=False)


def outcome(body: bytes, *, is_quick: bool) -> object:
    try:
        return parsed(body, is_quick=is_quick)
    except ParseError as error:
        return str(error)
