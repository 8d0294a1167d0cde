"""A mail's header and its parts, read within bounds: anybody may send us anything. Pure.

The standard library's parser follows parts into parts by recursion and builds them all, so it is not used. This one
looks at a bounded beginning, at a bounded number of parts, and never raises.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from quopri import decodestring

MAX_BYTES = 512_000
"""What is looked at of a mail: a report comes before the message that it gives back, and that one's header with it."""

_MOST_PARTS = 50
_DEEPEST = 6
_MOST_HEADER_BYTES = 64_000
_FIELD_END = re.compile(r"\r?\n(?![ \t])")
BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
# Control characters too: PostgreSQL takes no NUL, and nobody's terminal is to be told anything.
BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TYPE = re.compile(r"\s*([a-z0-9.+-]+/[a-z0-9.+-]+)", re.IGNORECASE)
_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_MARK = re.compile(rb"^--(\S{1,200})[ \t]*\r?$", re.MULTILINE)
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([a-z0-9_.-]{1,30})', re.IGNORECASE)
# Of what senders name, these are text and read in one pass; whatever else they say is read as UTF-8.
_CHARSETS = re.compile(
    r"iso-8859-\d{1,2}|windows-125\d|iso-2022-(?:jp|kr)|shift_jis|euc-(?:jp|kr)|gb\w+|big5|koi8-[ru]"
)
_TAG = re.compile(r"<(?:style|script)\b[^<]{0,20000}</(?:style|script)>|<[^<>]{1,2000}>", re.IGNORECASE)

Fields = dict[str, list[str]]


@dataclass(frozen=True)
class Part:
    """A part that is no container: its type in lower case, its header, its content without its encoding."""

    kind: str
    fields: Fields
    content: bytes

    @property
    def words(self) -> str:
        """The content as text, whatever it says of its characters; of HTML what a reader sees."""
        named = _CHARSET.search(";" + self.fields.get("content-type", [""])[0])
        charset = named.group(1).lower() if named else "utf-8"
        text = decoded(self.content, charset)
        return unescape(_TAG.sub(" ", text)) if self.kind == "text/html" else text


def parts(fields: Fields, body: bytes) -> Iterator[Part]:
    """Yields every part that is no container, in its order; at most fifty, not deeper than six containers."""
    yield from _parts(fields, body, _DEEPEST, [_MOST_PARTS])


def _parts(fields: Fields, body: bytes, depth: int, left: list[int]) -> Iterator[Part]:
    """`left` counts down over all containers."""
    kind, boundary = _kind(fields)
    if not kind.startswith("multipart/"):
        yield Part(kind, fields, _decoded(fields, body))
    elif depth and (boundary := boundary or _guessed(body)) is not None:
        for piece in _pieces(body, boundary, left):
            head, inner = split(piece)
            yield from _parts(fields_of(head), inner, depth - 1, left)


def _guessed(body: bytes) -> str | None:
    """Returns the boundary that a body begins with, where its header lost the name of it."""
    found = _MARK.search(body[:4_000])
    return found.group(1).decode("utf-8", "replace") if found else None


def _pieces(body: bytes, boundary: str, left: list[int]) -> Iterator[bytes]:
    mark = re.compile(rb"(?:^|\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*\r?(?=\n|$)")
    found = mark.search(body)
    while found is not None and found.group(1) is None and left[0] > 0:
        left[0] -= 1
        start = found.end() + 1
        # From the line end that closes the mark on: two marks in a row have an empty part between them.
        found = mark.search(body, found.end())
        yield body[start : len(body) if found is None else found.start() + 1]


def split(content: bytes) -> tuple[bytes, bytes]:
    """Returns header and body; a part may begin with its blank line and so have no header."""
    if content.startswith((b"\n", b"\r\n")):
        return b"", content.lstrip(b"\r\n")
    end = BLANK_LINE.search(content)
    return (content, b"") if end is None else (content[: end.start()], content[end.end() :])


def fields_of(head: bytes) -> Fields:
    """Returns a header's fields by their names in lower case, each value in one line."""
    found: Fields = {}
    for line in _FIELD_END.split(decoded(head[:_MOST_HEADER_BYTES])):
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), []).append(BLANKS.sub(" ", value).strip())
    return found


def decoded(content: bytes, charset: str = "utf-8") -> str:
    """Returns bytes as text: by the named characters where we know them, and Japanese ones by their own marks."""
    if b"\x1b$" in content:
        charset = "iso-2022-jp"
    return content.decode(charset if _CHARSETS.fullmatch(charset) else "utf-8", "replace")


def _kind(fields: Fields) -> tuple[str, str | None]:
    value = fields.get("content-type", ["text/plain"])[0]
    kind, boundary = _TYPE.match(value), _BOUNDARY.search(value)
    named = None if boundary is None else boundary.group(1) or boundary.group(2)
    return (kind.group(1).lower() if kind else "text/plain"), named


def _decoded(fields: Fields, body: bytes) -> bytes:
    encoding = fields.get("content-transfer-encoding", [""])[0].lower()
    if encoding == "quoted-printable":
        return decodestring(body)
    if encoding == "base64":
        try:
            return b64decode(body)
        except binascii.Error:
            return b""
    return body
