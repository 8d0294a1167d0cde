"""The quick reader's items: what each of their elements says, in the order in which feedparser listens."""

from collections.abc import Callable
from typing import Any, NamedTuple

from curator.feeds import referee
from curator.feeds.quick.pieces import UNUSUAL, Pieces, UnusualError, leaf, own_image
from curator.feeds.tree import Element

_LEFT_OUT = frozenset({"source", "contributor", "dc:contributor", "psc:chapters"})


class _Here(NamedTuple):
    """An element, how deep in its item it stands, and against what its links go."""

    element: Element
    depth: int
    base: str


class Entry:
    """Reads one item."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
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
        self.take(item, 1, self.pieces.base(item, around))
        if self.has_source and self.titles > 1:
            raise UnusualError("An item has several titles and a source.")
        return self.facts

    def take(self, parent: Element, depth: int, around: str) -> None:
        """Takes everything in an element, in the order of the document."""
        names = self.pieces.names
        for child in parent:
            name = names[child.tag]
            act = _ACTS.get(name)
            if act is not None:
                base = self.pieces.base(child, around) if child.attrib else around
                act(self, _Here(child, depth, base))
            elif name in _LEFT_OUT:
                self.has_source = self.has_source or name == "source"
            elif name in UNUSUAL or name.startswith("?:"):
                raise UnusualError(f"There is {name} in an item.")
            elif len(child):
                self.take(child, depth + 1, self.pieces.base(child, around))

    def save(self, key: str, value: Any, depth: int) -> None:
        """Keeps a fact unless one from nearer the item is there."""
        if depth <= self.depths.get(key, depth):
            self.depths[key] = depth
            self.facts[key] = value

    def title(self, here: _Here, *, is_media: bool = False) -> None:
        """Takes a title."""
        detail = self.pieces.content(here.element, "text/plain", here.base)
        self.titles += 1
        if not -1 < self.title_depth <= here.depth:
            self.save("title", detail["value"], here.depth)
            self.facts["title_detail"] = detail
        if detail["value"] and not is_media:
            self.title_depth = here.depth

    def media_title(self, here: _Here) -> None:
        """Takes a title of Media RSS, which no other has to give way to."""
        self.title(here, is_media=True)

    def description(self, here: _Here) -> None:
        """Takes a description of RSS, in HTML."""
        self._summary(here, default="text/html")

    def summary(self, here: _Here) -> None:
        """Takes a summary of Atom or iTunes, in plain text."""
        self._summary(here, default="text/plain")

    def _summary(self, here: _Here, *, default: str) -> None:
        if "summary" in self.facts and not self.has_content:
            self.content(here)
            return
        detail = self.pieces.content(here.element, default, here.base)
        self.save("summary", detail["value"], here.depth)
        self.facts["summary_detail"] = detail

    def content(self, here: _Here, *, default: str = "text/plain") -> None:
        """Takes the whole text."""
        self.has_content = True
        detail = self.pieces.content(here.element, default, here.base)
        self.facts.setdefault("content", []).append(detail)
        self.facts.setdefault("summary", detail["value"])

    def encoded(self, here: _Here) -> None:
        """Takes the whole text as RSS has it, in HTML."""
        self.content(here, default="text/html")

    def link(self, here: _Here) -> None:
        """Takes a link."""
        self.pieces.link(here.element, self.facts, here.base, is_entry=True)

    def guid(self, here: _Here) -> None:
        """Takes the identity, which is a link as well unless it says no."""
        is_link = self.pieces.attributes(here.element).get("ispermalink", "true") == "true"
        text = leaf(here.element)
        value = referee.mended(referee.joined(here.base, text) if is_link and text else text)
        self.save("id", value, here.depth)
        if is_link:
            self.facts.setdefault("link", value)

    def author(self, here: _Here) -> None:
        """Takes an author: text, or a name and an address."""
        detail: dict[str, str] = {}
        self.facts.setdefault("authors", []).append(detail)
        for part in here.element:
            key = _AUTHOR_PARTS.get(self.pieces.names[part.tag])
            if key is None:
                raise UnusualError("There is more to an author than a name.")
            value = referee.mended(leaf(part))
            self.facts.setdefault("author_detail", {})[key] = value
            referee.sync_author(self.facts)
            detail[key] = value
        text = (here.element.text or "") + "".join(part.tail or "" for part in here.element)
        self.save("author", referee.mended(text.strip()), here.depth)
        referee.sync_author(self.facts)

    def published(self, here: _Here) -> None:
        """Takes the date of publication."""
        self.facts["published_parsed"] = referee.moment(referee.mended(leaf(here.element)))

    def updated(self, here: _Here) -> None:
        """Takes the date of the last change."""
        self.facts["updated_parsed"] = referee.moment(referee.mended(leaf(here.element)))

    def created(self, here: _Here) -> None:
        """Takes the date of creation."""
        self.facts["created_parsed"] = referee.moment(referee.mended(leaf(here.element)))

    def enclosure(self, here: _Here) -> None:
        """Takes attached media."""
        attributes = self.pieces.attributes(here.element)
        attributes["href"] = attributes.get("url", attributes.get("uri", attributes.get("href", "")))
        self.facts.setdefault("links", []).append(attributes | {"rel": "enclosure"})

    def image(self, here: _Here) -> None:
        """Takes the item's picture."""
        own_image(here.element, self.facts)

    def media(self, here: _Here) -> None:
        """Takes media of Media RSS, and what stands in them."""
        self.pieces.media(here.element, self.facts, here.base)
        if len(here.element):
            self.take(here.element, here.depth + 1, here.base)


_AUTHOR_PARTS = {
    "name": "name",
    "itunes:name": "name",
    "email": "email",
    "itunes:email": "email",
    "url": "href",
    "uri": "href",
    "homepage": "href",
}
_ACTS: dict[str, Callable[[Entry, _Here], None]] = {
    **dict.fromkeys(("title", "dc:title"), Entry.title),
    **dict.fromkeys(("description", "dc:description", "media:description"), Entry.description),
    **dict.fromkeys(("summary", "itunes:summary"), Entry.summary),
    **dict.fromkeys(("content:encoded", "fullitem"), Entry.encoded),
    **dict.fromkeys(("guid", "id"), Entry.guid),
    **dict.fromkeys(("author", "dc:creator", "dc:author", "itunes:author", "managingeditor"), Entry.author),
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms:issued"), Entry.published),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), Entry.updated),
    **dict.fromkeys(("created", "dcterms:created"), Entry.created),
    **dict.fromkeys(("itunes:image", "itunes:link"), Entry.image),
    **dict.fromkeys(("media:content", "media:thumbnail"), Entry.media),
    "media:title": Entry.media_title,
    "content": Entry.content,
    "link": Entry.link,
    "enclosure": Entry.enclosure,
}
