"""What crosses the readers' border: a provider, one fact that it tells, and what they read with."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from curator.errors import InvalidError

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_LONGEST_WORDS = 200


class Provider(StrEnum):
    """A firm that hands mail over and tells later what became of it."""

    SES = "ses"
    POSTMARK = "postmark"
    MAILGUN = "mailgun"
    SENDGRID = "sendgrid"

    @property
    def firm(self) -> str:
        """How the firm calls itself."""
        return {"ses": "Amazon SES", "postmark": "Postmark", "mailgun": "Mailgun", "sendgrid": "SendGrid"}[self]


class FactKind(StrEnum):
    """What a fact says of a message."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True)
class Fact:
    """One thing that a provider tells of one message to one person.

    `id` is the same whenever the provider tells it again. `message_ids` and `addressed` (the return path) are what
    says whose message it was. `is_permanent`: the provider calls the address dead; `status` and `words` are what the
    receiving server said.
    """

    id: str
    kind: FactKind
    at: datetime | None
    is_permanent: bool = False
    status: str = ""
    words: str = ""
    message_ids: tuple[str, ...] = ()
    addressed: tuple[str, ...] = ()


def loaded(body: bytes) -> Any:
    """Returns what JSON says; raises InvalidError (field "body") for what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidError("body", "The body is no JSON.") from error


def part(given: Any, *names: str) -> Any:
    """Returns what lies under these names one inside the other; None where something else stands there."""
    for name in names:
        given = given.get(name) if isinstance(given, Mapping) else None
    return given


def text(given: Any, *names: str) -> str:
    """Returns a text or number under these names as one line; empty where there is none."""
    found = part(given, *names) if names else given
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    return _CONTROL.sub(" ", str(found)).strip()


def said(*pieces: str) -> str:
    """Returns words of a server as they are kept: in one line, each once, not too long."""
    words = " ".join(dict.fromkeys(each for each in pieces if each))
    return " ".join(words.split())[:_LONGEST_WORDS]


def named(*ids: str) -> tuple[str, ...]:
    """Returns Message-IDs in their angle brackets, which some providers leave out."""
    return tuple(f"<{each.strip('<> ')}>" for each in ids if each.strip("<> "))


def marked(mark: str) -> tuple[str, ...]:
    """Returns the Message-ID that a mark of ours stands for."""
    return (f"<{mark}@>",) if mark else ()


def fact_id(*pieces: str) -> str:
    """Returns a name of a fact in which no address can be read."""
    return hashlib.sha256("\0".join(pieces).encode("utf-8", "replace")).hexdigest()[:40]


def moment(given: Any) -> datetime | None:
    """Returns a moment that a provider wrote, as seconds or by ISO 8601; None where it is neither."""
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return datetime.fromtimestamp(given, UTC)
        found = datetime.fromisoformat(given)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
