"""Whether a call at a provider's door is taken, and with which answer it is refused. Pure."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from curator import tokens
from curator.errors import InvalidError
from curator.events.providers import signatures
from curator.events.providers.values import Provider, loaded, moment, text

MAX_BYTES = 2_000_000
"""Of one call's body: SendGrid sends at most 768 kB, SNS 256 kB, the others a few."""

CLOCKS_DIFFER = timedelta(minutes=10)
"""How far ahead of ours a provider's clock may be."""

_SIGNED_FOR = {
    # Each is longer than its provider tries one call again: Mailgun for 8 hours, SendGrid for a day, SNS for an hour
    # by itself and for as long as the subscription's policy says.
    Provider.MAILGUN: timedelta(hours=24),
    Provider.SENDGRID: timedelta(hours=48),
    Provider.SES: timedelta(days=14),
}
KEPT_FOR = timedelta(days=15)
"""How long a call's name is kept: longer than its signature is good for, so it can never be sent a second time."""


# What SNS signs is lines of names and values: with a line break in its id, one message could be shown as another.
_MESSAGE_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class Why(StrEnum):
    """What became of a call at the door, as it is counted and logged."""

    TAKEN = "taken"
    AGAIN = "again"
    UNPROVEN = "unproven"
    FORGED = "forged"
    REPLAYED = "replayed"
    STALE = "stale"
    WRONG_DOOR = "wrong door"
    WRONG_TOPIC = "wrong topic"
    BROKEN = "broken"
    WRONG_TYPE = "wrong type"
    TOO_LARGE = "too large"
    FULL = "full"

    @property
    def is_refusal(self) -> bool:
        """Whether nothing of the call was kept."""
        return self not in (Why.TAKEN, Why.AGAIN, Why.UNPROVEN)

    @property
    def status(self) -> int:
        """The HTTP status that answers it."""
        return _STATUS.get(self, 200)


_STATUS = {
    Why.FORGED: 403,
    Why.REPLAYED: 403,
    Why.STALE: 403,
    Why.WRONG_DOOR: 401,
    Why.WRONG_TOPIC: 403,
    Why.BROKEN: 400,
    Why.WRONG_TYPE: 415,
    Why.TOO_LARGE: 413,
    Why.FULL: 503,
}


@dataclass(frozen=True)
class Doors:
    """What opens each provider's door; empty where it stays shut. `postmark` is USER:PASSWORD, `secret` its address."""

    topics: tuple[str, ...] = ()
    postmark: str = ""
    secrets: tuple[str, ...] = ()
    mailgun_key: str = ""
    sendgrid_key: str = ""

    def has(self, provider: Provider) -> bool:
        """Whether calls of a provider are taken at all."""
        opens = {
            Provider.SES: self.topics,
            Provider.POSTMARK: self.postmark,
            Provider.MAILGUN: self.mailgun_key,
            Provider.SENDGRID: self.sendgrid_key,
        }
        return bool(opens[provider])


def hook_secret(keys: tokens.Keys) -> str:
    """Returns what stands at the end of the address that Postmark calls: it has nothing to sign with."""
    return tokens.sign(keys, tokens.Purpose.HOOK, Provider.POSTMARK.encode())


@dataclass(frozen=True)
class Call:
    """One call as it came. `secret` is what stands behind the provider's name in its address."""

    provider: Provider
    body: bytes
    mimetype: str = "application/json"
    secret: str = ""
    authorization: str = ""
    timestamp: str = ""
    signature: str = ""


@dataclass(frozen=True)
class Verdict:
    """What is done with a call; `key` names it for good, so that it counts once."""

    why: Why
    key: str = ""


def judged(
    call: Call, doors: Doors, *, now: datetime, certificate: Callable[[str], str | None] = lambda _: None
) -> Verdict:
    """Returns what is done with a call. `certificate` returns the one at an address, None while it is not known.

    A message of SNS whose certificate is not known yet is unproven: somebody has to fetch it, and look again.
    """
    if len(call.body) > MAX_BYTES:
        return Verdict(Why.TOO_LARGE)
    # SNS says text/plain whatever it sends.
    if call.mimetype not in ("application/json", *(("text/plain",) if call.provider is Provider.SES else ())):
        return Verdict(Why.WRONG_TYPE)
    match call.provider:
        case Provider.POSTMARK:
            return _postmark(call, doors)
        case Provider.MAILGUN:
            return _mailgun(call, doors, now)
        case Provider.SENDGRID:
            return _sendgrid(call, doors, now)
        case Provider.SES:
            return _ses(call, doors, now, certificate)


def _postmark(call: Call, doors: Doors) -> Verdict:
    is_here = any(hmac.compare_digest(each.encode(), call.secret.encode("utf-8", "replace")) for each in doors.secrets)
    if not is_here or not signatures.is_given(doors.postmark, call.authorization):
        return Verdict(Why.WRONG_DOOR)
    if not isinstance(_loaded(call.body), Mapping):
        return Verdict(Why.BROKEN)
    return Verdict(Why.TAKEN, _key(call, hashlib.sha256(call.body).hexdigest()))


def _mailgun(call: Call, doors: Doors, now: datetime) -> Verdict:
    told = _loaded(call.body)
    if not isinstance(told, Mapping) or not isinstance(told.get("signature"), Mapping):
        return Verdict(Why.BROKEN)
    timestamp, token = text(told, "signature", "timestamp"), text(told, "signature", "token")
    signature = text(told, "signature", "signature")
    if not token or not signatures.is_by_mailgun(
        doors.mailgun_key, timestamp=timestamp, token=token, signature=signature
    ):
        return Verdict(Why.FORGED)
    if not _is_fresh(Provider.MAILGUN, _seconds(timestamp), now):
        return Verdict(Why.STALE)
    return Verdict(Why.TAKEN, _key(call, token))


def _sendgrid(call: Call, doors: Doors, now: datetime) -> Verdict:
    is_good = signatures.is_by_sendgrid(
        doors.sendgrid_key, timestamp=call.timestamp, body=call.body, signature=call.signature
    )
    if not is_good:
        return Verdict(Why.FORGED)
    if not _is_fresh(Provider.SENDGRID, _seconds(call.timestamp), now):
        return Verdict(Why.STALE)
    if not isinstance(_loaded(call.body), list):
        return Verdict(Why.BROKEN)
    # Not the signature: of one body there are many that are good.
    return Verdict(Why.TAKEN, _key(call, call.timestamp, hashlib.sha256(call.body).hexdigest()))


def _ses(call: Call, doors: Doors, now: datetime, certificate: Callable[[str], str | None]) -> Verdict:
    told = _loaded(call.body)
    if not isinstance(told, Mapping):
        return Verdict(Why.BROKEN)
    return judged_sns(told, doors, now=now, certificate=certificate)


def judged_sns(
    told: Mapping[str, Any], doors: Doors, *, now: datetime, certificate: Callable[[str], str | None]
) -> Verdict:
    """Returns what is done with a message of SNS: it must be of a topic that is ours, fresh, and signed."""
    if text(told, "TopicArn") not in doors.topics:
        return Verdict(Why.WRONG_TOPIC)
    url, message_id = signatures.sns_certificate_url(told), text(told, "MessageId")
    if url is None or not _MESSAGE_ID.fullmatch(message_id):
        return Verdict(Why.FORGED)
    if not _is_fresh(Provider.SES, moment(told.get("Timestamp")), now):
        return Verdict(Why.STALE)
    pem = certificate(url)
    key = f"{Provider.SES}:{hashlib.sha256(message_id.encode()).hexdigest()}"
    if pem is None:
        return Verdict(Why.UNPROVEN, key)
    return Verdict(Why.TAKEN, key) if signatures.is_by_sns(pem, told, now=now) else Verdict(Why.FORGED)


def _is_fresh(provider: Provider, at: datetime | None, now: datetime) -> bool:
    return at is not None and now - _SIGNED_FOR[provider] <= at <= now + CLOCKS_DIFFER


def _seconds(given: str) -> datetime | None:
    return moment(int(given)) if given.isascii() and given.isdigit() and len(given) < 12 else None


def _loaded(body: bytes) -> Any:
    try:
        return loaded(body)
    except InvalidError:
        return None


def _key(call: Call, *pieces: str) -> str:
    return f"{call.provider}:{hashlib.sha256(chr(0).join(pieces).encode('utf-8', 'replace')).hexdigest()}"
