"""A feed document as every reader gets it: UTF-8 that says so, without what no reader should see."""

import re

from curator.errors import ParseError

MAX_PROLOGUE = 20_000
"""Characters before the first element; feedparser's patterns for what stands there take quadratic time."""

_XML_DECLARATION = re.compile(r"^<\?xml[^>]{0,1000}\?>")
_FIRST_ELEMENT = re.compile(r"<\w")
_LONG_ENTITY = re.compile(r"<!ENTITY[^>]{40,}>")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,8})|(\d{1,8}));")
# What is no character in XML 1.0; it would throw the whole document to feedparser's loose reader.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECLARED = '<?xml version="1.0" encoding="utf-8"?>\n'


def document(text: str) -> bytes:
    """Returns UTF-8 that says so on a line of its own (feedparser searches the whole first line for an encoding).

    Raises ParseError for a prologue that no feed has.
    """
    text = _NOT_XML.sub("", _XML_DECLARATION.sub("", text))
    first = _FIRST_ELEMENT.search(text)
    start = first.start() if first else 0
    if start > MAX_PROLOGUE:
        raise ParseError("The document does not begin like a feed: no element in its first 20,000 characters.")
    # Long entities go: named a million times they would fill the memory.
    prologue = _LONG_ENTITY.sub("", re.sub(r"\s+", " ", text[:start])).replace("<!", "\n<!")
    body = _REFERENCE.sub(_real_reference, text[start:]) if "&#" in text else text[start:]
    return (_DECLARED + prologue + body).encode("utf-8", "replace")


def _real_reference(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    return match[0] if number <= 0x10FFFF and not _NOT_XML.match(chr(number)) else ""
