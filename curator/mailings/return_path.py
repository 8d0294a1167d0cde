"""The return path of every message (VERP): an address that says whose bounce came back, and is signed. Pure.

`bounces+TOKEN@podcast.example`: the token names the delivery, letter or probe, and nobody else can make it up; the mail
server delivers all such addresses to one mailbox.
"""

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from curator import tokens
from curator.errors import TokenError
from curator.mailings import mime
from curator.mailings.values import Outgoing

# A kind, a 32-bit mailing and a 56-bit subscriber: with key id and MAC 23 bytes, 37 letters of base 32.
_DELIVERY = struct.Struct(">BI7s")
_OTHER = struct.Struct(">BQ")
_SUBSCRIBER_BYTES = 7
_KIND_DELIVERY, _KIND_LETTER, _KIND_PROBE = 1, 2, 3
_TAGGED = re.compile(r"\+([a-z2-7]{32}(?:[a-z2-7]{5})?)@", re.IGNORECASE)
_OURS = re.compile(r"<(?:m(\d{1,10})\.s(\d{1,17})|l(\d{1,19}))\.[A-Za-z0-9_-]{12}@")
# A stranger's mail may hold thousands of such words, and each costs an HMAC.
_MOST_TRIED = 20


@dataclass(frozen=True)
class OfDelivery:
    """A message of a mailing to a reader."""

    mailing_id: int
    subscriber_id: int


@dataclass(frozen=True)
class OfLetter:
    """A letter."""

    letter_id: int


@dataclass(frozen=True)
class OfProbe:
    """A probe, sent to see its bounce come back."""

    probe_id: int


Whose = OfDelivery | OfLetter | OfProbe


@dataclass(frozen=True)
class ReturnPath:
    """The address to which bounces come back."""

    address: str
    keys: tokens.Keys

    @property
    def domain(self) -> str:
        """The domain that SPF is asked about."""
        return self.address.rpartition("@")[2]

    def on(self, message: Outgoing, whose: Whose) -> Outgoing:
        """Returns a message whose bounce comes back under a token of its own; its From stays as it is."""
        local, _, domain = self.address.rpartition("@")
        sender = f"{local}+{return_token(self.keys, whose)}@{domain}"
        return replace(message, sender=sender, author=message.from_address)


def return_token(keys: tokens.Keys, whose: Whose) -> str:
    """Returns the signed name of a message: at most 37 lower-case letters and digits."""
    match whose:
        case OfDelivery(mailing_id, subscriber_id):
            payload = _DELIVERY.pack(_KIND_DELIVERY, mailing_id, subscriber_id.to_bytes(_SUBSCRIBER_BYTES))
        case OfLetter(letter_id):
            payload = _OTHER.pack(_KIND_LETTER, letter_id)
        case OfProbe(probe_id):
            payload = _OTHER.pack(_KIND_PROBE, probe_id)
    return tokens.sign_caseless(keys, tokens.Purpose.RETURN_PATH, payload)


def by_return_path(keys: tokens.Keys, addressed: Iterable[str]) -> Whose | None:
    """Returns whose return path stands in these header values; None when no token there is ours."""
    found = (match.group(1) for text in addressed for match in _TAGGED.finditer(text))
    return next((whose for token in islice(found, _MOST_TRIED) if (whose := _read(keys, token)) is not None), None)


def by_message_id(keys: tokens.Keys, message_ids: Iterable[str]) -> Whose | None:
    """Returns which of our messages these Message-IDs name; None when none of them is ours.

    They are signed too, so only somebody who saw the message can name it.
    """
    found = (match for text in message_ids for match in _OURS.finditer(text))
    return next((whose for match in islice(found, _MOST_TRIED) if (whose := _named(keys, match)) is not None), None)


def _read(keys: tokens.Keys, token: str) -> Whose | None:
    try:
        payload = tokens.verify_caseless(keys, tokens.Purpose.RETURN_PATH, token)
    except TokenError:
        return None
    if len(payload) == _DELIVERY.size and payload[0] == _KIND_DELIVERY:
        _, mailing_id, subscriber = _DELIVERY.unpack(payload)
        return OfDelivery(mailing_id, int.from_bytes(subscriber))
    if len(payload) != _OTHER.size:
        return None
    kind, number = _OTHER.unpack(payload)
    if kind == _KIND_LETTER:
        return OfLetter(number)
    return OfProbe(number) if kind == _KIND_PROBE else None


def _named(keys: tokens.Keys, match: re.Match[str]) -> Whose | None:
    mailing, subscriber, letter = match.groups()
    for key_id in keys.secrets:
        then = replace(keys, current=key_id)
        if letter is not None:
            ours = mime.letter_message_id(then, int(letter), domain="")
            whose: Whose = OfLetter(int(letter))
        else:
            ours = mime.message_id(then, mailing_id=int(mailing), subscriber_id=int(subscriber), domain="")
            whose = OfDelivery(int(mailing), int(subscriber))
        if ours.removesuffix(">") == match.group():
            return whose
    return None
