"""Asks SpamAssassin what it thinks of a mail: offline, with its own rules alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import compat32

from curator.issues.preflight.programs import said_by
from curator.issues.preflight.values import Machine, NoLookError, Note, Said, Shown, Weight

_WITHIN_S = 60.0
# No network, no file of its own left behind, and nothing that it learned before: the same mail gets the same score.
_FLAGS = (
    *("--local", "--nocreate-prefs", "--cf", "use_bayes 0", "--cf", "report_safe 0"),
    *("--cf", "add_header all Report _REPORT_"),
)
_STATUS = re.compile(r"score=(-?\d+(?:\.\d+)?)")
_VERSION = re.compile(r"SpamAssassin (\d[\w.]*)")
# " * -0.1 DKIM_VALID Message has a valid signature": a line that begins with less is the rest of the one above.
_LINE = re.compile(r"^\s*\*?\s*(-?\d+(?:\.\d+)?)\s+([A-Z][A-Z0-9_]+)\s+(.*)$")
# They judge how mail came in, and this one has not left.
_NOT_ABOUT_US = frozenset({"NO_RELAYS", "NO_RECEIVED", "ALL_TRUSTED"})


@dataclass(frozen=True)
class SpamAssassin:
    """The program `spamassassin` at a path."""

    path: str
    within_s: float = _WITHIN_S

    @property
    def machine(self) -> Machine:
        """Which program it is."""
        return Machine.SPAM

    def look(self, mail: Shown) -> Said:
        """Returns its score and rules. Raises NoLookError."""
        if not mail.message:
            raise NoLookError("No message could be made of the mail.")
        return read(said_by((self.path, *_FLAGS), name="SpamAssassin", within_s=self.within_s, given=mail.message))


def read(answer: bytes) -> Said:
    """Returns what the headers say that SpamAssassin put before a message. Raises NoLookError where it put none."""
    headers = BytesHeaderParser(policy=compat32).parsebytes(answer)
    status = " ".join(str(headers.get("X-Spam-Status", "")).split())
    score = _STATUS.search(status)
    if score is None:
        raise NoLookError("SpamAssassin's answer has no score.")
    version = _VERSION.search(str(headers.get("X-Spam-Checker-Version", "")))
    return Said(
        notes=tuple(_notes(str(headers.get("X-Spam-Report", "")))),
        score=float(score[1]),
        version=version[1] if version else "",
    )


def _notes(report: str) -> Iterator[Note]:
    for line in report.splitlines():
        found = _LINE.match(line)
        if found and found[2] not in _NOT_ABOUT_US:
            yield Note(found[2], " ".join(found[3].split()), Weight.NOTE, points=float(found[1]))
