"""Reads the heads of kept mails as a list shows them, finds mails by them, and remembers what it read."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import parseaddr
from enum import StrEnum

from curator.demo.maildir import Maildir

# What `mailings.mime.message_id` writes; letters' ids look otherwise.
_ISSUE_ID = re.compile(r"<m(\d+)\.s(\d+)\.[^@>]+@[^>]+>")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class MailKind(StrEnum):
    """What a mail is: one reader's copy of an issue, or a letter (a confirmation, a welcome, an invitation)."""

    ISSUE = "issue"
    LETTER = "letter"


@dataclass(frozen=True)
class MailHead:
    """What a list says of a mail. `recipient` is the envelope's, which decides who gets it.

    `mailing_id` and `subscriber_id` are what an issue's Message-ID names; None in a letter.
    """

    subject: str
    recipient: str
    name: str
    date: str
    mailing_id: int | None = None
    subscriber_id: int | None = None

    @property
    def kind(self) -> MailKind:
        """Whether this is an issue or a letter."""
        return MailKind.LETTER if self.mailing_id is None else MailKind.ISSUE


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: words in recipient, name or subject (all of them), and a kind; None is any."""

    words: str = ""
    kind: MailKind | None = None

    @property
    def is_anything(self) -> bool:
        """Whether every mail fits."""
        return not self.words.split() and self.kind is None

    def fits(self, head: MailHead) -> bool:
        """Tells whether this mail is looked for."""
        if self.kind is not None and head.kind is not self.kind:
            return False
        text = f"{head.recipient}\n{head.name}\n{head.subject}".casefold()
        return all(word in text for word in self.words.casefold().split())


class Heads:
    """The heads of an outbox. A kept mail never changes, so each is read once; a search of 5,000 then takes no time."""

    def __init__(self, maildir: Maildir) -> None:
        self._maildir = maildir
        self._known: dict[str, MailHead] = {}

    def of(self, key: str) -> MailHead:
        """Returns a mail's head; an empty one when the mail is gone."""
        if key not in self._known:
            self._known[key] = mail_head(self._maildir.read_head(key))
        return self._known[key]

    def found(self, wanted: Wanted) -> Sequence[str]:
        """Returns the keys of the mails that fit, newest first."""
        keys = self._maildir.newest_keys()
        return keys if wanted.is_anything else [key for key in keys if wanted.fits(self.of(key))]


def mail_head(content: bytes) -> MailHead:
    """Returns what a list needs; only the headers are read.

    The standard library's modern policy takes ten times as long as this, which a search of a whole outbox would feel.
    """
    head = _END_OF_HEAD.split(content, maxsplit=1)[0].decode("utf-8", "replace")
    headers = HeaderParser(policy=compat32).parsestr(head)

    def words(name: str) -> str:
        return _decoded(str(headers.get(name, "")))

    named = _ISSUE_ID.search(words("Message-ID"))
    return MailHead(
        subject=words("Subject"),
        recipient=words("Delivered-To"),
        name=_decoded(parseaddr(str(headers.get("To", "")))[0]),
        date=words("Date"),
        mailing_id=int(named.group(1)) if named else None,
        subscriber_id=int(named.group(2)) if named else None,
    )


def _decoded(raw: str) -> str:
    """Returns a header's words on one line; what claims to be encoded and is not stays as it stands."""
    if "=?" in raw:
        with suppress(HeaderParseError, LookupError, ValueError):
            raw = str(make_header(decode_header(raw)))
    return " ".join(raw.split())
