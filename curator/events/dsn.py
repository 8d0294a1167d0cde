"""What a mail that came back says: whose message, and which of its recipients got nothing, and why (RFC 3464). Pure.

Anybody may send us anything, so the standard library's parser, which follows parts into parts by recursion and builds
them all, is not used. This one looks at a bounded beginning, at a bounded number of parts, and never raises.

Only reports in the standard's own form are read. What others write in words of their own, and complaints (ARF), are
not told apart here yet.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from quopri import decodestring

from curator.events import outcome

MAX_BYTES = 512_000
"""What is looked at of a mail: a report comes before the message that it gives back, and that one's header with it."""

_MOST_PARTS = 50
_DEEPEST = 4
_MOST_REPORTS = 20
_LONGEST_WORDS = 200
_MOST_HEADER_BYTES = 64_000
_FIELD_END = re.compile(r"\r?\n(?![ \t])")
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
# Control characters too: PostgreSQL takes no NUL, and nobody's terminal is to be told anything.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TYPE = re.compile(r"\s*([a-z0-9.+-]+/[a-z0-9.+-]+)", re.IGNORECASE)
_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
# Where the address to which a bounce came stands; mail servers differ in which of them they write.
_ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "apparently-to", "to")

Fields = dict[str, list[str]]


@dataclass(frozen=True)
class Report:
    """What became of one recipient. `status` is "" where none was named."""

    action: str
    status: str
    words: str

    @property
    def is_permanent(self) -> bool:
        """Whether the message was given up for a reason that will still hold tomorrow."""
        code = self.status or str(self.code)
        return self.action == "failed" and code.startswith("5")

    @property
    def is_dead(self) -> bool:
        """Whether the address is not there and never will be."""
        return self.is_permanent and outcome.is_reported_dead(self.status, self.code, self.words)

    @property
    def code(self) -> int:
        """The SMTP code in the words; 0 without any."""
        found = _CODE.search(self.words)
        return int(found.group(1)) if found else 0

    @property
    def told(self) -> str:
        """The status and the words, as a person is told."""
        return self.words if self.status in self.words else f"{self.status} {self.words}".strip()


@dataclass(frozen=True)
class Returned:
    """A mail that came back: to whom it was addressed, which messages it gives back, and its reports."""

    addressed: tuple[str, ...]
    message_ids: tuple[str, ...]
    reports: tuple[Report, ...]


def read(content: bytes) -> Returned:
    """Returns what a mail says, whatever its bytes are; only its first MAX_BYTES are looked at."""
    head, body = _split(content[:MAX_BYTES])
    fields = _fields(head)
    addressed = tuple(value for name in _ADDRESSED for value in fields.get(name, []))
    message_ids: list[str] = []
    reports: list[Report] = []
    for kind, part in _parts(fields, body, _DEEPEST, [_MOST_PARTS]):
        if kind in _REPORTS:
            reports += _reports(part)
        elif kind in _RETURNED:
            message_ids += _fields(_split(part)[0]).get("message-id", [])
    return Returned(addressed, tuple(message_ids), tuple(reports[:_MOST_REPORTS]))


def _parts(fields: Fields, body: bytes, depth: int, left: list[int]) -> Iterator[tuple[str, bytes]]:
    """Yields kind and decoded content of every part that is no container; `left` counts down over all of them."""
    kind, boundary = _kind(fields)
    if not kind.startswith("multipart/"):
        yield kind, _decoded(fields, body)
    elif boundary is not None and depth:
        for piece in _pieces(body, boundary, left):
            head, inner = _split(piece)
            yield from _parts(_fields(head), inner, depth - 1, left)


def _pieces(body: bytes, boundary: str, left: list[int]) -> Iterator[bytes]:
    mark = re.compile(rb"(?:^|\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*\r?(?=\n|$)")
    found = mark.search(body)
    while found is not None and found.group(1) is None and left[0] > 0:
        left[0] -= 1
        start = found.end() + 1
        # From the line end that closes the mark on: two marks in a row have an empty part between them.
        found = mark.search(body, found.end())
        yield body[start : len(body) if found is None else found.start() + 1]


def _split(content: bytes) -> tuple[bytes, bytes]:
    """Returns header and body; a part may begin with its blank line and so have no header."""
    if content.startswith((b"\n", b"\r\n")):
        return b"", content.lstrip(b"\r\n")
    end = _BLANK_LINE.search(content)
    return (content, b"") if end is None else (content[: end.start()], content[end.end() :])


def _fields(head: bytes) -> Fields:
    found: Fields = {}
    for line in _FIELD_END.split(head[:_MOST_HEADER_BYTES].decode("utf-8", "replace")):
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), []).append(_BLANKS.sub(" ", value).strip())
    return found


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


def _reports(content: bytes) -> list[Report]:
    """Returns a report for each recipient; the first group of fields is about the message as a whole."""
    groups = (_fields(each) for each in _BLANK_LINE.split(content, maxsplit=_MOST_REPORTS + 1))
    return [_report(each) for each in groups if "action" in each or "status" in each]


def _report(fields: Fields) -> Report:
    action = fields.get("action", [""])[0].split(" ")[0].lower()
    words = fields.get("diagnostic-code", [""])[0]
    # "smtp; 550 5.1.1 ...": what stands before the first semicolon is the kind of code.
    kind, semicolon, said = words.partition(";")
    words = said.strip() if semicolon and " " not in kind.strip() else words
    status = _STATUS.search(fields.get("status", [""])[0])
    return Report(action, status.group() if status else "", words[:_LONGEST_WORDS])
