"""Writes a sample feed as the XML document that its server would give: pure, dated back from `now`."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import assert_never

from curator.demo.samples.texts import Form, SampleFeed, SampleItem

AUDIO_TYPE = "audio/mpeg"


def feed_document(feed: SampleFeed, *, base_url: str, now: datetime, audio_bytes: int) -> bytes:
    """Returns the feed in its own form, UTF-8; each item is dated `hours` before `now`."""
    match feed.form:
        case Form.RSS:
            text = _rss(feed, base_url, now, audio_bytes)
        case Form.ATOM:
            text = _atom(feed, base_url, now)
        case Form.RDF:
            text = _rdf(feed, base_url, now)
        case _:
            assert_never(feed.form)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def site_path(feed: SampleFeed) -> str:
    """Returns the path of a publisher's home page."""
    return f"/read/{feed.name}/"


def item_path(feed: SampleFeed, item: SampleItem) -> str:
    """Returns the path of the page that an item links to."""
    return f"/read/{feed.name}/{item.slug}"


def audio_path(item: SampleItem) -> str:
    """Returns the path of an episode's audio file."""
    return f"/audio/{item.slug}.mp3"


def transcript_path(item: SampleItem) -> str:
    """Returns the path of an episode's transcript."""
    return f"/talks/{item.slug}.vtt"


def chapters_path(item: SampleItem) -> str:
    """Returns the path of an episode's chapters."""
    return f"/talks/{item.slug}.json"


def listen_path(feed: SampleFeed, platform: str) -> str:
    """Returns the path of the page that stands for a show at a place to listen."""
    return f"/listen/{feed.name}/{platform}"


def image_path(feed: SampleFeed) -> str:
    """Returns the path of a publisher's picture."""
    return f"/images/{feed.name}.png"


def text_html(text: str) -> str:
    """Returns plain paragraphs (parted by empty lines) as HTML."""
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.split("\n\n"))


def _rss(feed: SampleFeed, base_url: str, now: datetime, audio_bytes: int) -> str:
    items = "\n".join(_rss_item(feed, item, base_url, now, audio_bytes) for item in feed.items)
    image = base_url + image_path(feed)
    podcast = (
        f'<itunes:author>{escape(feed.author)}</itunes:author><itunes:image href="{image}"/>'
        '<itunes:category text="Technology"/><itunes:explicit>false</itunes:explicit>'
    )
    return f"""<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel>
<title>{escape(feed.title)}</title>
<link>{base_url}{site_path(feed)}</link>
<description>{escape(feed.about)}</description>
<language>{feed.language}</language>
<lastBuildDate>{format_datetime(_dated(feed.items[0], now), usegmt=True)}</lastBuildDate>
{podcast if feed.is_own_show else ""}
{items}
</channel>
</rss>"""


def _rss_item(feed: SampleFeed, item: SampleItem, base_url: str, now: datetime, audio_bytes: int) -> str:
    return f"""<item>
<title>{escape(item.title)}</title>
<link>{base_url}{item_path(feed, item)}</link>
<guid isPermaLink="false">{feed.name}/{item.slug}</guid>
<pubDate>{format_datetime(_dated(item, now), usegmt=True)}</pubDate>
<dc:creator>{escape(item.by)}</dc:creator>
<description>{escape(text_html(item.text))}</description>
{_audio(item, base_url, audio_bytes)}{_people(feed, item)}{_talk(item, base_url)}
</item>"""


def _audio(item: SampleItem, base_url: str, audio_bytes: int) -> str:
    if item.duration_s is None:
        return ""
    minutes, seconds = divmod(item.duration_s, 60)
    return f"""<enclosure url="{base_url}{audio_path(item)}" length="{audio_bytes}" type="{AUDIO_TYPE}"/>
<itunes:duration>{minutes}:{seconds:02}</itunes:duration>
<itunes:season>{item.season}</itunes:season>
<itunes:episode>{item.number}</itunes:episode>
<itunes:episodeType>full</itunes:episodeType>"""


def _people(feed: SampleFeed, item: SampleItem) -> str:
    """Names who is heard; whoever wrote the episode's text is its host."""
    heard = [(name, "host") for name in feed.hosts if name == item.by]
    heard += [(item.guest, "guest")] if item.guest else []
    return "".join(f'\n<podcast:person role="{role}">{escape(name)}</podcast:person>' for name, role in heard)


def _talk(item: SampleItem, base_url: str) -> str:
    if not item.has_talk:
        return ""
    return f"""
<podcast:transcript url="{base_url}{transcript_path(item)}" type="text/vtt" language="en"/>
<podcast:chapters url="{base_url}{chapters_path(item)}" type="application/json+chapters"/>"""


def _atom(feed: SampleFeed, base_url: str, now: datetime) -> str:
    entries = "\n".join(_atom_entry(feed, item, base_url, now) for item in feed.items)
    return f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{feed.language}">
<id>tag:curator.example,2026:{feed.name}</id>
<title>{escape(feed.title)}</title>
<subtitle>{escape(feed.about)}</subtitle>
<link rel="alternate" href="{base_url}{site_path(feed)}"/>
<link rel="self" href="{base_url}/feeds/{feed.path}"/>
<updated>{_dated(feed.items[0], now).isoformat()}</updated>
<author><name>{escape(feed.author)}</name></author>
{entries}
</feed>"""


def _atom_entry(feed: SampleFeed, item: SampleItem, base_url: str, now: datetime) -> str:
    at = _dated(item, now).isoformat()
    return f"""<entry>
<id>tag:curator.example,2026:{feed.name}/{item.slug}</id>
<title>{escape(item.title)}</title>
<link rel="alternate" href="{base_url}{item_path(feed, item)}"/>
<published>{at}</published><updated>{at}</updated>
<author><name>{escape(item.by)}</name></author>
<content type="html">{escape(text_html(item.text))}</content>
</entry>"""


def _rdf(feed: SampleFeed, base_url: str, now: datetime) -> str:
    links = [base_url + item_path(feed, item) for item in feed.items]
    listed = "".join(f'<rdf:li rdf:resource="{link}"/>' for link in links)
    items = "\n".join(_rdf_item(item, link, now) for item, link in zip(feed.items, links, strict=True))
    return f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" \
xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="{base_url}{site_path(feed)}">
<title>{escape(feed.title)}</title>
<link>{base_url}{site_path(feed)}</link>
<description>{escape(feed.about)}</description>
<dc:language>{feed.language}</dc:language>
<items><rdf:Seq>{listed}</rdf:Seq></items>
</channel>
{items}
</rdf:RDF>"""


def _rdf_item(item: SampleItem, link: str, now: datetime) -> str:
    return f"""<item rdf:about="{link}">
<title>{escape(item.title)}</title>
<link>{link}</link>
<description>{escape(text_html(item.text))}</description>
<dc:creator>{escape(item.by)}</dc:creator>
<dc:date>{_dated(item, now).isoformat()}</dc:date>
</item>"""


def _dated(item: SampleItem, now: datetime) -> datetime:
    return now.replace(microsecond=0) - timedelta(hours=item.hours)
