"""What crosses the classifier's border: kinds, reasons, and what a mail says of one recipient."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a mail is, for one recipient."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    OPT_OUT = "opt-out"
    AUTH_FAILURE = "auth-failure"
    AUTO_REPLY = "auto-reply"
    CHALLENGE = "challenge"
    NONE = "none"

    @property
    def is_bounce(self) -> bool:
        """Whether a message was given up."""
        return self in (Kind.HARD, Kind.SOFT)


class Reason(StrEnum):
    """Why a message was not delivered, or what else a mail is about."""

    USER_UNKNOWN = "user unknown"
    MAILBOX_FULL = "mailbox full"
    DOMAIN = "domain"
    BLOCKED = "blocked"
    SIZE = "size"
    CONTENT = "content"
    UNREACHED = "unreached"
    OTHER = "other"
    LATE = "late"
    DELIVERED = "delivered"
    FEEDBACK = "feedback"
    NOTHING = ""


@dataclass(frozen=True)
class Finding:
    """What a mail says of one recipient.

    `recipient` is the address that the last server knew, `original` the one that was written to, where both are named;
    "" where nobody is named. `status` is that of RFC 3463, "" where none stands there; `words` are the server's, in one
    bounded line.
    """

    kind: Kind
    reason: Reason = Reason.NOTHING
    recipient: str = ""
    original: str = ""
    status: str = ""
    words: str = ""

    @property
    def told(self) -> str:
        """The status and the words, as a person is told."""
        return self.words if self.status in self.words else f"{self.status} {self.words}".strip()
