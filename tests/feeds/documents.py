"""Small feed documents with defaults."""

from xml.sax.saxutils import escape, quoteattr

RSS = (
    '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
)


def item(
    title: str = "A title",
    *,
    guid: str | None = None,
    link: str | None = None,
    date: str | None = None,
    text: str = "Some words.",
    audio: str | None = None,
    more: str = "",
) -> str:
    parts = [f"<title>{escape(title)}</title>", f"<description>{escape(text)}</description>"]
    if guid is not None:
        parts.append(f'<guid isPermaLink="false">{escape(guid)}</guid>')
    if link is not None:
        parts.append(f"<link>{escape(link)}</link>")
    if date is not None:
        parts.append(f"<pubDate>{date}</pubDate>")
    if audio is not None:
        parts.append(f'<enclosure url={quoteattr(audio)} type="audio/mpeg" length="1000"/>')
    return f"<item>{''.join(parts)}{more}</item>"


def rss(*items: str, title: str = "The Feed", link: str = "https://feed.example/", more: str = "") -> bytes:
    head = f"<title>{escape(title)}</title><link>{escape(link)}</link>{more}"
    return f"{RSS}{head}{''.join(items)}</channel></rss>".encode()
