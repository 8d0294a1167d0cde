"""A feed document as a tree of elements, read by lxml: no network, no entities, nothing huge."""

from typing import Any

from lxml import etree

from curator.feeds.referee import PREFIXES

Element = Any
"""An element of lxml, which has no types of its own."""

XML = "{http://www.w3.org/XML/1998/namespace}"
_MORE_PREFIXES = {
    "https://podcastindex.org/namespace/1.0": "podcast",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://podlove.org/simple-chapters/": "psc",
}


class Names(dict[str, str]):
    """Every tag of a document by its name, lower case, behind the prefix by which the namespace is known.

    An unknown namespace keeps the prefix that the document's root gives it, or gets "?".
    """

    def __init__(self, root: Element) -> None:
        self._prefixes = {uri.lower(): prefix or "?" for prefix, uri in root.nsmap.items() if uri}
        self._prefixes |= PREFIXES | _MORE_PREFIXES

    def __missing__(self, tag: str) -> str:
        uri, _, local = tag.rpartition("}")
        prefix = self._prefixes.get(uri[1:].lower(), "?") if uri else ""
        if "backend.userland.com/rss" in uri.lower():
            prefix = ""
        name = f"{prefix}:{local}".lower() if prefix else local.lower()
        self[tag] = name
        return name


def strict_root(document: bytes) -> Element | None:
    """Returns the root of a well-formed document without a DOCTYPE, None for any other."""
    parser = _parser(recover=False)
    try:
        root = etree.fromstring(document, parser)
    except (etree.LxmlError, ValueError):
        return None
    return None if len(parser.error_log) or root.getroottree().docinfo.doctype else root


def recovered_root(document: bytes) -> Element | None:
    """Returns the root of what lxml can make of a document, None when that is nothing."""
    try:
        return etree.fromstring(document, _parser(recover=True))
    except (etree.LxmlError, ValueError):
        return None


def elements_of_items(root: Element, names: Names) -> list[Element]:
    """Returns a document's items, in order."""
    return [element for element in root.iter("{*}item", "{*}entry") if names[element.tag] in ("item", "entry")]


def channel_of(root: Element, names: Names) -> Element:
    """Returns the element that tells about the feed itself."""
    return next((child for child in root if names[child.tag] == "channel"), root)


def _parser(*, recover: bool) -> Any:
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
