"""Pieces that the quick reader's parts share: bases, attributes, content, links and media, after feedparser's rules."""

import re
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
UNUSUAL = frozenset(
    {
        *("links", "authors", "media_content", "media_thumbnail", "title_detail", "summary_detail", "author_detail"),
        *("published_parsed", "updated_parsed", "created_parsed", "item", "entry", "channel", "feed", "image"),
        *("body", "xhtml:body", "textinput", "xhtml:svg", "svg"),
    }
)
"""Names that feedparser would write over what it collects, and elements that turn its state about."""


class UnusualError(ParseError):
    """The document holds what only feedparser reads as feedparser does."""


class Pieces:
    """Reads the pieces of one document."""

    def __init__(self, names: Names, *, is_atom: bool) -> None:
        self.names = names
        self.is_atom = is_atom

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

    def media(self, element: Element, facts: dict[str, Any], base: str) -> None:
        """Takes a thumbnail or a content of Media RSS."""
        name = self.names[element.tag]
        attributes = self.attributes(element)
        if name == "media:thumbnail" and (text := leaf(element)):
            attributes.setdefault("url", referee.mended(referee.joined(base, text)))
        facts.setdefault(name.replace(":", "_"), []).append(attributes)


def leaf(element: Element) -> str:
    """Returns the text of an element that has no others in it."""
    if len(element):
        raise UnusualError(f"There is markup in {element.tag}.")
    text: str | None = element.text
    return text.strip() if text else ""


def own_image(element: Element, facts: dict[str, Any]) -> None:
    """Takes the picture that iTunes is told of."""
    address = element.get("href") or element.get("url")
    if address:
        facts["image"] = {"href": address}


def _whole_query(url: str, *, is_entry: bool) -> str:
    if "&" not in url:
        return referee.mended(url)
    url = url.replace("&amp;", "&") if is_entry else url
    return referee.mended(_LOST_AMPERSAND.sub(r"&\1", url))


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
