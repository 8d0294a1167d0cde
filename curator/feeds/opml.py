"""OPML to lists of feeds and back: folders nest, and what is no feed is named with its line."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from curator.errors import InvalidError
from curator.feeds.address import feed_address
from curator.feeds.decode import text_of
from curator.feeds.normalize import one_line
from curator.http.urls import absolute_url

MAX_BYTES = 5_000_000
"""Of one file: 20,000 feeds take about 4 MB."""

MAX_FEEDS = 20_000
MAX_DEPTH = 20
"""Folders in folders; nobody's reader shows more, and libxml2 itself stops at 256 elements."""

MAX_NAME = 200
MAX_TITLE = 500
MAX_REFUSED = 1_000
"""Lines that are told one by one; what comes after them is only counted."""

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,1000}\?>")
# A URL pasted as it is: "?a=1&b=2" is no XML, and readers have exported it all the same.
_LONE_AMPERSAND = re.compile(r"&(?!#?\w{1,32};)")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FEED_TYPES = frozenset({"rss", "rss1", "rss2", "atom", "atom10", "feed", "podcast", "json"})


@dataclass(frozen=True)
class OutlineFeed:
    """A feed of a list; `folder` are the names of the folders that it lies in, outermost first. `type` is OPML's."""

    url: str
    title: str = ""
    site_url: str | None = None
    folder: tuple[str, ...] = ()
    type: str = "rss"


@dataclass(frozen=True)
class RefusedOutline:
    """An outline that is not taken: its line in the file, what it is called, and why not."""

    line: int
    title: str
    reason: str


@dataclass(frozen=True)
class Outlines:
    """What a file holds: each feed once, as it first comes; `repeated` and `refused_beyond` are counts."""

    feeds: tuple[OutlineFeed, ...]
    refused: tuple[RefusedOutline, ...] = ()
    repeated: int = 0
    refused_beyond: int = 0


def read_opml(content: bytes) -> Outlines:
    """Returns the feeds in an OPML file (1.0 or 2.0, whatever its encoding), in their order.

    The file asks for nothing: entities and external documents are refused. Damage is read over as far as it goes.
    Raises InvalidError (field "file") for what is no OPML at all, and for what is too large.
    """
    root, refused = _root(content)
    found: dict[str, OutlineFeed] = {}
    repeated = 0
    for element, folder in _outlines(root):
        read = _read(element, folder)
        if read is None:
            continue
        if isinstance(read, RefusedOutline):
            refused.append(read)
        elif read.url in found:
            repeated += 1
        else:
            found[read.url] = read
        if len(found) > MAX_FEEDS:
            raise InvalidError("file", f"The file holds more than {MAX_FEEDS:,} feeds. Split it and import the parts.")
    told = tuple(refused[:MAX_REFUSED])
    return Outlines(tuple(found.values()), told, repeated, refused_beyond=len(refused) - len(told))


def written_opml(feeds: Iterable[OutlineFeed], *, title: str) -> bytes:
    """Returns an OPML 2.0 file of the feeds; a folder comes where its first feed comes. Reading it gives them again."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _xml_text(title)
    folders: dict[tuple[str, ...], etree._Element] = {(): etree.SubElement(root, "body")}
    for feed in feeds:
        parent = _folder(folders, feed.folder)
        name = _xml_text(feed.title or feed.url)
        outline = etree.SubElement(parent, "outline", type=feed.type, text=name, title=name, xmlUrl=feed.url)
        if feed.site_url:
            outline.set("htmlUrl", feed.site_url)
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written


def _root(content: bytes) -> tuple[etree._Element, list[RefusedOutline]]:
    """Returns the root, and the place from which on nothing was read, if there is one."""
    if len(content) > MAX_BYTES:
        raise InvalidError("file", f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it, import the parts.")
    text = _XML_DECLARATION.sub("", _NOT_XML.sub("", text_of(content, content_type="")), count=1)
    if not text.strip():
        raise InvalidError("file", "The file is empty.")
    if "<!entity" in text.lower():
        raise InvalidError("file", "The file declares entities of its own, which no list of feeds needs.")
    # No recovery of what is too deep or too large (huge_tree): libxml2's own limits stay.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, recover=True, encoding="utf-8"
    )
    try:
        root = etree.fromstring(_LONE_AMPERSAND.sub("&amp;", text).encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise InvalidError("file", "The file is no OPML: it cannot be read as XML.") from error
    if root is None or _tag(root) not in ("opml", "outlinedocument", "body"):
        raise InvalidError("file", "The file is no OPML: it should begin with <opml>.")
    ends = [error.line for error in parser.error_log if error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT]
    return root, [
        RefusedOutline(line, "", "Too many folders in folders: nothing was read from here on.") for line in ends
    ]


def _outlines(root: etree._Element) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Gives every outline with the folders that it lies in, in the file's order and without recursion."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(child, ()) for child in reversed(_bodies(root))]
    while waiting:
        element, folder = waiting.pop()
        inner = folder
        if _tag(element) == "outline":
            yield element, folder
            name = one_line(_attributes(element).get("text") or _attributes(element).get("title", ""), limit=MAX_NAME)
            inner = (*folder, name) if name else folder
        waiting += [(child, inner) for child in reversed(element) if _tag(child) in ("outline", "body")]


def _bodies(root: etree._Element) -> Sequence[etree._Element]:
    return [root] if _tag(root) == "body" else [child for child in root if _tag(child) == "body"]


def _read(element: etree._Element, folder: tuple[str, ...]) -> OutlineFeed | RefusedOutline | None:
    given = _attributes(element)
    type_ = given.get("type", "").strip().lower()
    title = one_line(given.get("title") or given.get("text", ""), limit=MAX_TITLE)
    address = (given.get("xmlurl") or (given.get("url", "") if type_ in _FEED_TYPES else "")).strip()

    def refused(reason: str) -> RefusedOutline:
        return RefusedOutline(element.sourceline or 0, title, reason)

    if not address:
        is_folder = any(_tag(child) == "outline" for child in element)
        return None if is_folder else refused("It names no feed (no xmlUrl).")
    if len(folder) > MAX_DEPTH:
        return refused(f"It lies in more than {MAX_DEPTH} folders.")
    try:
        url = feed_address(address)
    except InvalidError:
        return refused(f"This is no web address: {one_line(address, limit=100)}")
    site_url = absolute_url(given.get("htmlurl", ""))
    return OutlineFeed(url, title, site_url, folder, type_ if type_ in _FEED_TYPES else "rss")


def _folder(folders: dict[tuple[str, ...], etree._Element], path: tuple[str, ...]) -> etree._Element:
    for depth in range(1, len(path) + 1):
        here = path[:depth]
        if here not in folders:
            folders[here] = etree.SubElement(folders[here[:-1]], "outline", text=_xml_text(here[-1]))
    return folders[path]


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name).rpartition("}")[2].lower(): str(value) for name, value in element.attrib.items()}


def _tag(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _xml_text(text: str) -> str:
    return _NOT_XML.sub("", text)
