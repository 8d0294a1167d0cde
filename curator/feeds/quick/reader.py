"""The quick reader: RSS, RDF and Atom out of a well-formed document, in feedparser's form and after its rules.

It keeps feedparser's order of precedence, odd ones too, so that an item is the same whoever read it. Whatever it does
not know to be read alike is `UnusualError`, and feedparser reads the document.
"""

from typing import Any

from curator.feeds import referee
from curator.feeds.quick.entry import Entry
from curator.feeds.quick.pieces import UNUSUAL, Pieces, UnusualError, leaf, own_image
from curator.feeds.tree import XML, Element, Names

_IMAGE_PARTS = frozenset({"url", "title", "link", "description", "width", "height"})
_INPUT_PARTS = frozenset({"title", "link", "description", "name"})
_FEED_CONTAINERS = frozenset(
    {
        *("author", "managingeditor", "contributor", "itunes:owner", "itunes:category", "skiphours", "skipdays"),
        *("items", "podcast:value", "podcast:podroll", "itunes:author", "cloud", "category"),
    }
)


_FEED_WORDS = frozenset(
    {
        *("title", "dc:title", "media:title", "link", "image", "itunes:image", "itunes:link", "language", "ttl"),
        *("dc:language", "media:thumbnail", "media:content", "item", "entry"),
    }
)


def read_quickly(root: Element, names: Names, *, url: str, language: str) -> dict[str, Any]:
    """Returns feed and entries as feedparser would, or raises UnusualError."""
    kind = names[root.tag]
    if kind not in ("rss", "rdf:rdf", "feed"):
        raise UnusualError(f"The document begins with {kind}.")
    if kind == "rdf:rdf" and any(uri.lower() == "http://www.w3.org/2005/atom" for uri in root.nsmap.values()):
        raise UnusualError("The document is RDF with Atom in it.")
    reader = _Reader(Pieces(names, is_atom=kind == "feed"))
    base = reader.pieces.base(root, url)
    feed: dict[str, Any] = {"language": language.replace("_", "-")} if language else {}
    own_language = root.get(XML + "lang") or root.get("lang")
    if own_language and kind != "rdf:rdf":
        feed["language"] = own_language.replace("_", "-")
    entries = reader.feed(root, feed, base) if kind == "feed" else reader.channels(root, feed, base)
    return {"feed": feed, "entries": entries, "version": kind}


class _Reader:
    """Reads one document."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces

    def channels(self, root: Element, feed: dict[str, Any], base: str) -> list[dict[str, Any]]:
        """Reads the children of an RSS or RDF document: a channel, and perhaps items beside it."""
        entries: list[dict[str, Any]] = []
        seen = 0
        for child in root:
            name = self.pieces.names[child.tag]
            if name == "channel":
                seen += 1
                entries += self.feed(child, feed, self.pieces.base(child, base))
            elif name == "item":
                entries.append(Entry(self.pieces).read(child, base))
            elif self.pieces.is_atom or (name not in ("image", "textinput") and ":" not in name):
                raise UnusualError(f"There is {name} beside the channel.")
        if seen != 1:
            raise UnusualError(f"There are {seen} channels.")
        return entries

    def feed(self, channel: Element, feed: dict[str, Any], base: str) -> list[dict[str, Any]]:
        """Reads what a channel says of itself into `feed`, and returns its items."""
        if channel.get("href") or channel.get("lastmod"):
            raise UnusualError("The channel is one of CDF.")
        entries: list[dict[str, Any]] = []
        told = _Feed(self.pieces, feed)
        for child in channel:
            name = self.pieces.names[child.tag]
            if name in ("item", "entry"):
                entries.append(Entry(self.pieces).read(child, base))
                told.title_depth = 3
            else:
                told.take(child, name, self.pieces.base(child, base))
        return entries


class _Feed:
    """What a channel says of itself."""

    def __init__(self, pieces: Pieces, facts: dict[str, Any]) -> None:
        self.pieces = pieces
        self.facts = facts
        self.title_depth = -1

    def take(self, child: Element, name: str, base: str) -> None:
        """Takes one child of the channel."""
        if name in ("title", "dc:title", "media:title"):
            self._title(child, base, is_media=name == "media:title")
        elif name == "link":
            self.pieces.link(child, self.facts, base, is_entry=False)
        elif name == "image":
            self._image(child, base)
        elif name == "textinput":
            self._input(child)
        elif name in ("media:thumbnail", "media:content"):
            self.pieces.media(child, self.facts, base)
        elif name in UNUSUAL or name.startswith("?:"):
            raise UnusualError(f"There is {name} in the channel.")
        else:
            self._word(child, name)

    def _word(self, child: Element, name: str) -> None:
        if name in ("itunes:image", "itunes:link"):
            own_image(child, self.facts)
        elif name in ("language", "dc:language") or (name == "ttl" and not child.attrib):
            self.facts[name.removeprefix("dc:")] = referee.mended(leaf(child))
        elif len(child) and name not in _FEED_CONTAINERS:
            self._simple(child, name)

    def _title(self, child: Element, base: str, *, is_media: bool) -> None:
        depth = 2
        detail = self.pieces.content(child, "text/plain", base)
        if not -1 < self.title_depth <= depth:
            self.facts |= {"title": detail["value"], "title_detail": detail}
        if detail["value"] and not is_media:
            self.title_depth = depth

    def _image(self, child: Element, base: str) -> None:
        image = self.facts.setdefault("image", {})
        self.title_depth = -1
        for part in child:
            name = self.pieces.names[part.tag]
            if name not in _IMAGE_PARTS:
                raise UnusualError(f"There is {name} in the channel's image.")
            text = leaf(part)
            if name == "url":
                image["href"] = referee.mended(referee.joined(base, text) if text else "")
            elif name == "title" and text:
                self.title_depth = 3

    def _input(self, child: Element) -> None:
        self.title_depth = -1
        for part in child:
            name = self.pieces.names[part.tag]
            if name not in _INPUT_PARTS:
                raise UnusualError(f"There is {name} in the channel's input.")
            if leaf(part) and name == "title":
                self.title_depth = 3

    def _simple(self, child: Element, name: str) -> None:
        """Passes over markup that says nothing of the feed."""
        plain = name in ("description", "subtitle", "tagline", "rights", "copyright", "generator", "info")
        if not plain and any(self.pieces.names[inner.tag] in _FEED_WORDS for inner in child.iter()):
            raise UnusualError(f"There are words about the feed in {name}.")
