"""What a delivery report says: whose message it was, which recipients got nothing, and why (RFC 3464). Pure.

Only reports in the standard's own form are read here; `bounces/` reads the others too, and judges them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from curator.events import outcome
from curator.events.parts import BLANK_LINE, MAX_BYTES, Fields, Part, fields_of, parts, split

__all__ = ["MAX_BYTES", "Report", "Returned", "loose_reports", "opened", "read", "reports", "returned"]

_MOST_REPORTS = 20
_LONGEST_WORDS = 200
_LONGEST_ADDRESS = 254
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
_FINAL = re.compile(rb"^[> \t]{0,8}Final-Recipient ?:", re.IGNORECASE | re.MULTILINE)
_FINAL_NEXT = re.compile(rb"(?<=\n)(?=Final-Recipient ?:)(?<!Action: failed\n)(?<!Action: failed\r\n)", re.IGNORECASE)
_QUOTED = re.compile(rb"^[> \t]{0,8}>[ \t]?", re.MULTILINE)
_LONGEST_GROUP = 3_000
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "message/partial")
# Where the address to which a bounce came stands; mail servers differ in which of them they write.
_ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "apparently-to", "to")


@dataclass(frozen=True)
class Report:
    """What became of one recipient. `status` is "" where none was named; recipients are "" where none is."""

    action: str
    status: str
    words: str
    final: str = ""
    original: str = ""

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
    fields, found = opened(content)
    return returned(fields, found)


def opened(content: bytes) -> tuple[Fields, list[Part]]:
    """Returns a mail's header and its parts."""
    head, body = split(content[:MAX_BYTES])
    fields = fields_of(head)
    return fields, [inner for part in parts(fields, body) for inner in _unfolded(part)]


def _unfolded(part: Part) -> list[Part]:
    """Returns the parts of a report that somebody passed on as a whole; of any other message the message."""
    if part.kind != "message/rfc822":
        return [part]
    head, body = split(part.content)
    fields = fields_of(head)
    is_report = "multipart/report" in fields.get("content-type", [""])[0].lower()
    return list(parts(fields, body)) if is_report else [part]


def returned(fields: Fields, found: list[Part]) -> Returned:
    """Returns what a mail says whose parts are known."""
    addressed = tuple(value for name in _ADDRESSED for value in fields.get(name, [])) + _complained_of(found)
    message_ids = [
        value
        for part in found
        if part.kind in RETURNED
        for value in fields_of(split(part.content)[0]).get("message-id", [])
    ]
    return Returned(addressed, tuple(message_ids), tuple(reports(found))[:_MOST_REPORTS])


def _complained_of(found: list[Part]) -> tuple[str, ...]:
    """Returns the return path of the message that a complaint is about (RFC 5965)."""
    told = [fields_of(part.content.lstrip(b"\r\n")) for part in found if part.kind == "message/feedback-report"]
    given = [fields_of(split(part.content)[0]) for part in found if part.kind in RETURNED] if told else []
    return tuple(
        value
        for name, heads in (("original-mail-from", told), ("return-path", given))
        for head in heads
        for value in head.get(name, [])
    )


def reports(found: list[Part]) -> Iterator[Report]:
    """Yields a report for each recipient; the first group of fields is about the message as a whole."""
    for part in found:
        if part.kind in _REPORTS:
            groups = BLANK_LINE.split(part.content, maxsplit=_MOST_REPORTS + 1)
            # Some leave out the empty line between one recipient and the next.
            rows = (fields_of(row) for group in groups for row in _FINAL_NEXT.split(group, maxsplit=_MOST_REPORTS))
            yield from (_report(each) for each in rows if "action" in each or "status" in each)


def loose_reports(content: bytes) -> list[Report]:
    """Returns the reports of a mail that lost its form on the way: passed on as text, or without its boundary."""
    found = []
    for match in islice(_FINAL.finditer(content[:MAX_BYTES]), _MOST_REPORTS):
        start, end = max(match.start() - _LONGEST_GROUP, 0), match.end() + _LONGEST_GROUP
        before = BLANK_LINE.split(content[start : match.start()])[-1]
        group = before + BLANK_LINE.split(content[match.start() : end], maxsplit=1)[0]
        fields = fields_of(_QUOTED.sub(b"", group))
        if "action" in fields or "status" in fields:
            found.append(_report(fields))
    return found


def _report(fields: Fields) -> Report:
    action = fields.get("action", [""])[0].split(" ")[0].lower()
    words = fields.get("diagnostic-code", [""])[0]
    # "smtp; 550 5.1.1 ...": what stands before the first semicolon is the kind of code.
    kind, semicolon, said = words.partition(";")
    words = said.strip() if semicolon and " " not in kind.strip() else words
    status = _STATUS.search(fields.get("status", [""])[0])
    return Report(
        action,
        status.group() if status else "",
        words[:_LONGEST_WORDS],
        final=_address(fields, "final-recipient"),
        original=_address(fields, "original-recipient"),
    )


def _address(fields: Fields, name: str) -> str:
    """Returns the address in "rfc822; <a@b.example>"; "" where there is none, or a route or a program instead."""
    given = fields.get(name, [""])[0].rpartition(";")[2].strip().strip("<> ")
    # An old source route (RFC 5321, appendix C): @relay.example:a@b.example.
    given = given.rpartition(":")[2] if given.startswith("@") else given
    is_one = "@" in given[1:] and " " not in given and len(given) <= _LONGEST_ADDRESS
    return given if is_one else ""
