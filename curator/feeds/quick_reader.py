"""The quick reader: RSS, RDF and Atom out of a well-formed document, in feedparser's form and after its rules.

It keeps feedparser's order of precedence, odd ones too, so that an item is the same whoever read it. Whatever it does
not know to be read alike is `UnusualError`, and feedparser reads the document.
"""

import re
from collections.abc import Callable
from html import escape
from typing import Any

from curator.errors import ParseError
from curator.feeds import referee
from curator.feeds.tree import XML, Element, Names

_TYPES = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": "application/xhtml+xml"}
_XHTML = "application/xhtml+xml"
_HTML_TYPES = frozenset({"text/html", _XHTML})
_READABLE = frozenset({"text/plain", *_HTML_TYPES})
_LOST_AMPERSAND = re.compile(r"&(\w+);", re.ASCII)
# Names that feedparser would write over what it collects, and elements that turn its state about.
_UNUSUAL = frozenset(
    {
        *("links", "authors", "media_content", "media_thumbnail", "title_detail", "summary_detail", "author_detail"),
        *("published_parsed", "updated_parsed", "created_parsed", "item", "entry", "channel", "feed", "image"),
        *("body", "xhtml:body", "textinput", "xhtml:svg", "svg"),
    }
)
_LEFT_OUT = frozenset({"source", "contributor", "dc:contributor", "psc:chapters"})
_IMAGE_PARTS = frozenset({"url", "title", "link", "description", "width", "height"})
_INPUT_PARTS = frozenset({"title", "link", "description", "name"})
_FEED_CONTAINERS = frozenset(
    {
        *("author", "managingeditor", "contributor", "itunes:owner", "itunes:category", "skiphours", "skipdays"),
        *("items", "podcast:value", "podcast:podroll", "itunes:author", "cloud", "category"),
    }
)


class UnusualError(ParseError):
    """The document holds what only feedparser reads as feedparser does."""


def read_quickly(root: Element, names: Names, *, url: str, language: str) -> dict[str, Any]:
    """Returns feed and entries as feedparser would, or raises UnusualError."""
    kind = names[root.tag]
    if kind not in ("rss", "rdf:rdf", "feed"):
        raise UnusualError(f"The document begins with {kind}.")
    if kind == "rdf:rdf" and any(uri.lower() == "http://www.w3.org/2005/atom" for uri in root.nsmap.values()):
        raise UnusualError("The document is RDF with Atom in it.")
    reader = _Reader(names, is_atom=kind == "feed")
    base = reader.base(root, url)
    feed: dict[str, Any] = {"language": language.replace("_", "-")} if language else {}
    own_language = root.get(XML + "lang") or root.get("lang")
    if own_language and kind != "rdf:rdf":
        feed["language"] = own_language.replace("_", "-")
    entries = reader.feed(root, feed, base) if kind == "feed" else reader.channels(root, feed, base)
    return {"feed": feed, "entries": entries, "version": kind}


class _Reader:
    """Reads one document."""

    def __init__(self, names: Names, *, is_atom: bool) -> None:
        self.names = names
        self.is_atom = is_atom

    def channels(self, root: Element, feed: dict[str, Any], base: str) -> list[dict[str, Any]]:
        """Reads the children of an RSS or RDF document: a channel, and perhaps items beside it."""
        entries: list[dict[str, Any]] = []
        seen = 0
        for child in root:
            name = self.names[child.tag]
            if name == "channel":
                seen += 1
                entries += self.feed(child, feed, self.base(child, base))
            elif name == "item":
                entries.append(_Entry(self).read(child, base))
            elif self.is_atom or (name not in ("image", "textinput") and ":" not in name):
                raise UnusualError(f"There is {name} beside the channel.")
        if seen != 1:
            raise UnusualError(f"There are {seen} channels.")
        return entries

    def feed(self, channel: Element, feed: dict[str, Any], base: str) -> list[dict[str, Any]]:
        """Reads what a channel says of itself into `feed`, and returns its items."""
        if channel.get("href") or channel.get("lastmod"):
            raise UnusualError("The channel is one of CDF.")
        entries: list[dict[str, Any]] = []
        told = _Feed(self, feed)
        for child in channel:
            name = self.names[child.tag]
            if name in ("item", "entry"):
                entries.append(_Entry(self).read(child, base))
                told.title_depth = 3
            else:
                told.take(child, name, self.base(child, base))
        return entries

    def base(self, element: Element, around: str) -> str:
        """Returns the URL against which an element's links go."""
        stated = element.get(XML + "base") or element.get("base")
        return referee.safe_base(around, stated) if stated else around

    def attributes(self, element: Element) -> dict[str, str]:
        """Returns an element's attributes by lower-case name."""
        found = {}
        for key, value in element.attrib.items():
            name = self.names[key] if key[0] == "{" else key.lower()
            found[name] = value.lower() if name in ("rel", "type") else value
        return found

    def content(self, element: Element, default: str, base: str) -> dict[str, str]:
        """Returns a piece of content with its type, plain text as HTML where feedparser would see HTML."""
        stated = (element.get("type") or default).lower()
        kind = _TYPES.get(stated, stated)
        if kind not in _READABLE or element.get("mode") == "base64" or element.get("src"):
            raise UnusualError(f"There is content of the type {kind}.")
        if kind == _XHTML:
            value = _markup(element).strip()
        else:
            value = leaf(element)
            if kind == "text/plain" and not self.is_atom and referee.looks_like_html(value):
                kind = "text/html"
        return {"type": kind, "base": base, "value": referee.mended(value)}

    def link(self, element: Element, facts: dict[str, Any], base: str, *, is_entry: bool) -> None:
        """Takes a link, whose address is an attribute or its text."""
        attributes = self.attributes(element)
        attributes.setdefault("rel", "alternate")
        attributes.setdefault("type", "text/html")
        address = attributes.get("url", attributes.get("uri", attributes.get("href")))
        if address:
            leaf(element)
            attributes["href"] = address = referee.joined(base, address)
            if attributes["rel"] == "alternate" and _TYPES.get(attributes["type"], attributes["type"]) in _HTML_TYPES:
                facts["link"] = address
        else:
            text = leaf(element)
            facts["link"] = _whole_query(referee.joined(base, text) if text else "", is_entry=is_entry)
            if facts["link"]:
                attributes["href"] = facts["link"]
        facts.setdefault("links", []).append(attributes)


class _Feed:
    """What a channel says of itself."""

    def __init__(self, reader: _Reader, facts: dict[str, Any]) -> None:
        self.reader = reader
        self.facts = facts
        self.title_depth = -1

    def take(self, child: Element, name: str, base: str) -> None:
        """Takes one child of the channel."""
        if name in ("title", "dc:title", "media:title"):
            self._title(child, base, is_media=name == "media:title")
        elif name == "link":
            self.reader.link(child, self.facts, base, is_entry=False)
        elif name == "image":
            self._image(child, base)
        elif name == "textinput":
            self._input(child)
        elif name in ("itunes:image", "itunes:link"):
            _own_image(child, self.facts)
        elif name in ("language", "dc:language", "ttl"):
            if name != "ttl" or not child.attrib:
                self.facts[name.removeprefix("dc:")] = referee.mended(leaf(child))
        elif name in ("media:thumbnail", "media:content"):
            _media(self.reader, child, name, self.facts)
        elif name in _UNUSUAL or name.startswith("?:"):
            raise UnusualError(f"There is {name} in the channel.")
        elif len(child) and name not in _FEED_CONTAINERS:
            self._simple(child, name)

    def _title(self, child: Element, base: str, *, is_media: bool) -> None:
        depth = 2
        detail = self.reader.content(child, "text/plain", base)
        if not -1 < self.title_depth <= depth:
            self.facts |= {"title": detail["value"], "title_detail": detail}
        if detail["value"] and not is_media:
            self.title_depth = depth

    def _image(self, child: Element, base: str) -> None:
        image = self.facts.setdefault("image", {})
        self.title_depth = -1
        for part in child:
            name = self.reader.names[part.tag]
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
            name = self.reader.names[part.tag]
            if name not in _INPUT_PARTS:
                raise UnusualError(f"There is {name} in the channel's input.")
            if leaf(part) and name == "title":
                self.title_depth = 3

    def _simple(self, child: Element, name: str) -> None:
        """Passes over markup that says nothing of the feed."""
        plain = name in ("description", "subtitle", "tagline", "rights", "copyright", "generator", "info")
        if not plain and any(self.reader.names[inner.tag] in _FEED_WORDS for inner in child.iter()):
            raise UnusualError(f"There are words about the feed in {name}.")


_FEED_WORDS = frozenset(
    {
        *("title", "dc:title", "media:title", "link", "image", "itunes:image", "itunes:link", "language", "ttl"),
        *("dc:language", "media:thumbnail", "media:content", "item", "entry"),
    }
)


class _Entry:
    """Reads one item."""

    def __init__(self, reader: _Reader) -> None:
        self.reader = reader
        self.facts: dict[str, Any] = {}
        self.depths: dict[str, int] = {}
        self.title_depth = -1
        self.titles = 0
        self.has_content = False
        self.has_source = False

    def read(self, item: Element, around: str) -> dict[str, Any]:
        """Returns the item in feedparser's form."""
        if item.get("href") or item.get("lastmod"):
            raise UnusualError("The item is one of CDF.")
        about = item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
        if about:
            self.facts["id"] = about
        self.take(item, 1, self.reader.base(item, around))
        if self.has_source and self.titles > 1:
            raise UnusualError("An item has several titles and a source.")
        return self.facts

    def take(self, parent: Element, depth: int, around: str) -> None:
        """Takes everything in an element, in the order of the document."""
        names = self.reader.names
        for child in parent:
            name = names[child.tag]
            act = _ACTS.get(name)
            if act is not None:
                base = self.reader.base(child, around) if child.attrib else around
                act(self, child, depth, base)
            elif name in _LEFT_OUT:
                self.has_source = self.has_source or name == "source"
            elif name in _UNUSUAL or name.startswith("?:"):
                raise UnusualError(f"There is {name} in an item.")
            elif len(child):
                self.take(child, depth + 1, self.reader.base(child, around))

    def save(self, key: str, value: Any, depth: int) -> None:
        """Keeps a fact unless one from nearer the item is there."""
        if depth <= self.depths.get(key, depth):
            self.depths[key] = depth
            self.facts[key] = value

    def title(self, child: Element, depth: int, base: str, *, is_media: bool = False) -> None:
        """Takes a title."""
        detail = self.reader.content(child, "text/plain", base)
        self.titles += 1
        if not -1 < self.title_depth <= depth:
            self.save("title", detail["value"], depth)
            self.facts["title_detail"] = detail
        if detail["value"] and not is_media:
            self.title_depth = depth

    def media_title(self, child: Element, depth: int, base: str) -> None:
        """Takes a title of Media RSS, which no other has to give way to."""
        self.title(child, depth, base, is_media=True)

    def description(self, child: Element, depth: int, base: str) -> None:
        """Takes a description of RSS, in HTML."""
        self._summary(child, depth, base, default="text/html")

    def summary(self, child: Element, depth: int, base: str) -> None:
        """Takes a summary of Atom or iTunes, in plain text."""
        self._summary(child, depth, base, default="text/plain")

    def _summary(self, child: Element, depth: int, base: str, *, default: str) -> None:
        if "summary" in self.facts and not self.has_content:
            self.content(child, depth, base)
            return
        detail = self.reader.content(child, default, base)
        self.save("summary", detail["value"], depth)
        self.facts["summary_detail"] = detail

    def content(self, child: Element, depth: int, base: str, *, default: str = "text/plain") -> None:
        """Takes the whole text."""
        self.has_content = True
        detail = self.reader.content(child, default, base)
        self.facts.setdefault("content", []).append(detail)
        self.facts.setdefault("summary", detail["value"])

    def encoded(self, child: Element, depth: int, base: str) -> None:
        """Takes the whole text as RSS has it, in HTML."""
        self.content(child, depth, base, default="text/html")

    def link(self, child: Element, depth: int, base: str) -> None:
        """Takes a link."""
        self.reader.link(child, self.facts, base, is_entry=True)

    def guid(self, child: Element, depth: int, base: str) -> None:
        """Takes the identity, which is a link as well unless it says no."""
        is_link = self.reader.attributes(child).get("ispermalink", "true") == "true"
        text = leaf(child)
        value = referee.mended(referee.joined(base, text) if is_link and text else text)
        self.save("id", value, depth)
        if is_link:
            self.facts.setdefault("link", value)

    def author(self, child: Element, depth: int, base: str) -> None:
        """Takes an author: text, or a name and an address."""
        detail: dict[str, str] = {}
        self.facts.setdefault("authors", []).append(detail)
        for part in child:
            key = _AUTHOR_PARTS.get(self.reader.names[part.tag])
            if key is None:
                raise UnusualError("There is more to an author than a name.")
            value = referee.mended(leaf(part))
            self.facts.setdefault("author_detail", {})[key] = value
            referee.sync_author(self.facts)
            detail[key] = value
        text = (child.text or "") + "".join(part.tail or "" for part in child)
        self.save("author", referee.mended(text.strip()), depth)
        referee.sync_author(self.facts)

    def published(self, child: Element, depth: int, base: str) -> None:
        """Takes the date of publication."""
        self.facts["published_parsed"] = referee.moment(referee.mended(leaf(child)))

    def updated(self, child: Element, depth: int, base: str) -> None:
        """Takes the date of the last change."""
        self.facts["updated_parsed"] = referee.moment(referee.mended(leaf(child)))

    def created(self, child: Element, depth: int, base: str) -> None:
        """Takes the date of creation."""
        self.facts["created_parsed"] = referee.moment(referee.mended(leaf(child)))

    def enclosure(self, child: Element, depth: int, base: str) -> None:
        """Takes attached media."""
        attributes = self.reader.attributes(child)
        attributes["href"] = attributes.get("url", attributes.get("uri", attributes.get("href", "")))
        self.facts.setdefault("links", []).append(attributes | {"rel": "enclosure"})

    def image(self, child: Element, depth: int, base: str) -> None:
        """Takes the item's picture."""
        _own_image(child, self.facts)

    def media(self, child: Element, depth: int, base: str) -> None:
        """Takes media of Media RSS, and what stands in them."""
        _media(self.reader, child, self.reader.names[child.tag], self.facts)
        if len(child):
            self.take(child, depth + 1, base)


_AUTHOR_PARTS = {
    "name": "name",
    "itunes:name": "name",
    "email": "email",
    "itunes:email": "email",
    "url": "href",
    "uri": "href",
    "homepage": "href",
}
_ACTS: dict[str, Callable[[_Entry, Element, int, str], None]] = {
    **dict.fromkeys(("title", "dc:title"), _Entry.title),
    **dict.fromkeys(("description", "dc:description", "media:description"), _Entry.description),
    **dict.fromkeys(("summary", "itunes:summary"), _Entry.summary),
    **dict.fromkeys(("content:encoded", "fullitem"), _Entry.encoded),
    **dict.fromkeys(("guid", "id"), _Entry.guid),
    **dict.fromkeys(("author", "dc:creator", "dc:author", "itunes:author", "managingeditor"), _Entry.author),
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms:issued"), _Entry.published),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), _Entry.updated),
    **dict.fromkeys(("created", "dcterms:created"), _Entry.created),
    **dict.fromkeys(("itunes:image", "itunes:link"), _Entry.image),
    **dict.fromkeys(("media:content", "media:thumbnail"), _Entry.media),
    "media:title": _Entry.media_title,
    "content": _Entry.content,
    "link": _Entry.link,
    "enclosure": _Entry.enclosure,
}


def leaf(element: Element) -> str:
    """Returns the text of an element that has no others in it."""
    if len(element):
        raise UnusualError(f"There is markup in {element.tag}.")
    text: str | None = element.text
    return text.strip() if text else ""


def _whole_query(url: str, *, is_entry: bool) -> str:
    if "&" not in url:
        return referee.mended(url)
    url = url.replace("&amp;", "&") if is_entry else url
    return referee.mended(_LOST_AMPERSAND.sub(r"&\1", url))


def _own_image(element: Element, facts: dict[str, Any]) -> None:
    address = element.get("href") or element.get("url")
    if address:
        facts["image"] = {"href": address}


def _media(reader: _Reader, element: Element, name: str, facts: dict[str, Any]) -> None:
    attributes = reader.attributes(element)
    if name == "media:thumbnail" and "url" not in attributes:
        attributes["url"] = leaf(element)
    facts.setdefault(name.replace(":", "_"), []).append(attributes)


def _markup(element: Element) -> str:
    """Returns the markup in an element as feedparser writes it: no prefixes, and every element closed."""
    parts = [escape(element.text or "", quote=False)]
    for child in element:
        name = child.tag.rpartition("}")[2].lower()
        attributes = "".join(
            f' {key.rpartition("}")[2].lower()}="{escape(value)}"' for key, value in child.attrib.items()
        )
        parts += [f"<{name}{attributes}>", _markup(child), f"</{name}>", escape(child.tail or "", quote=False)]
    return "".join(parts)
