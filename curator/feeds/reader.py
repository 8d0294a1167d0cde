"""feedparser, made safe to hand hostile documents: no network, no files, no pattern that runs for minutes."""

import io
import re
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from curator.errors import ParseError

MAX_PROLOGUE = 20_000
"""Characters before the first element; feedparser's patterns for what stands there take quadratic time."""

_XML_DECLARATION = re.compile(r"^<\?xml[^>]{0,1000}\?>")
_FIRST_ELEMENT = re.compile(r"<\w")
_LONG_ENTITY = re.compile(r"<!ENTITY[^>]{40,}>")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,8})|(\d{1,8}));")
# What is no character in XML 1.0; it would throw the whole document to feedparser's loose reader.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def read(text: str, *, url: str, language: str) -> dict[str, Any]:
    """Returns what feedparser makes of a document; raises ParseError for a prologue that no feed has.

    HTML comes back as the feed has it: cleaning and resolving links is the caller's.
    """
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    if language:
        headers["content-language"] = language
    # A stream, never a str or bytes: those feedparser takes for a URL or a file name, and opens it.
    found = feedparser.parse(
        io.BytesIO(_document(text)), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    return dict(found)


def _document(text: str) -> bytes:
    """Returns UTF-8 that says so on a line of its own (feedparser searches the whole first line for an encoding)."""
    text = _NOT_XML.sub("", _XML_DECLARATION.sub("", text))
    first = _FIRST_ELEMENT.search(text)
    start = first.start() if first else 0
    if start > MAX_PROLOGUE:
        raise ParseError("The document does not begin like a feed: no element in its first 20,000 characters.")
    # Long entities go: named a million times they would fill the memory.
    prologue = _LONG_ENTITY.sub("", re.sub(r"\s+", " ", text[:start])).replace("<!", "\n<!")
    body = _REFERENCE.sub(_real_reference, text[start:])
    return ('<?xml version="1.0" encoding="utf-8"?>\n' + prologue + body).encode("utf-8", "replace")


def _real_reference(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    return match[0] if number <= 0x10FFFF and not _NOT_XML.match(chr(number)) else ""


# feedparser 6.0.14 looks for an e-mail address in an author with a pattern that backtracks (28 s for 20 kB of "a."),
# and compares each category of an item with all before it. Both are bounded here, as it offers no other way to.
_author_of = _FeedParserMixin._sync_author_detail  # noqa: SLF001 - wrapped below
_tag_of = _FeedParserMixin._add_tag  # noqa: SLF001 - wrapped below


def _bounded_author(self: Any, key: str = "author") -> None:
    context = self._get_context()
    author = dict.get(context, key)
    if isinstance(author, str):
        context[key] = author[:300]
    _author_of(self, key)


def _bounded_tag(self: Any, term: object, scheme: object, label: object) -> None:
    if len(self._get_context().setdefault("tags", [])) < 50:
        _tag_of(self, term, scheme, label)


_FeedParserMixin._sync_author_detail = _bounded_author  # noqa: SLF001 - see above
_FeedParserMixin._add_tag = _bounded_tag  # noqa: SLF001 - see above
