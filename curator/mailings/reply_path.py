"""Where readers answer to, and the address that ends one subscription when a mail comes to it. Pure.

`replies+TOKEN@podcast.example`: the token names a reader and the mailing that they leave by, and nobody else can make
it up. It stands beside the https link of List-Unsubscribe (RFC 2369), where that mailbox is read.
"""

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from curator import tokens
from curator.errors import TokenError

# A 32-bit mailing and a 56-bit subscriber; with key id and MAC 22 bytes: always 36 letters of base 32.
_LEAVING = struct.Struct(">I7s")
_SUBSCRIBER_BYTES = 7
_TAGGED = re.compile(r"\+([a-z2-7]{36})@", re.IGNORECASE)
# A stranger's mail may hold thousands of such words, and each costs an HMAC.
_MOST_TRIED = 20


@dataclass(frozen=True)
class Leaving:
    """Who leaves, and by which mailing."""

    mailing_id: int
    subscriber_id: int


@dataclass(frozen=True)
class ReplyPath:
    """The address to which readers answer."""

    address: str
    keys: tokens.Keys

    def leave_url(self, mailing_id: int, subscriber_id: int) -> str:
        """Returns the mailto link that ends a reader's subscription."""
        local, _, domain = self.address.rpartition("@")
        token = leave_token(self.keys, Leaving(mailing_id, subscriber_id))
        return f"mailto:{local}+{token}@{domain}?subject=unsubscribe"


def leave_token(keys: tokens.Keys, leaving: Leaving) -> str:
    """Returns 36 lower-case letters and digits, however large the numbers are."""
    payload = _LEAVING.pack(leaving.mailing_id, leaving.subscriber_id.to_bytes(_SUBSCRIBER_BYTES))
    return tokens.sign_caseless(keys, tokens.Purpose.LEAVE_BY_MAIL, payload)


def by_leave_token(keys: tokens.Keys, addressed: Iterable[str]) -> Leaving | None:
    """Returns who leaves by a mail to these addresses; None when no token there is ours."""
    found = (match.group(1) for text in addressed for match in _TAGGED.finditer(text))
    return next((each for token in islice(found, _MOST_TRIED) if (each := _read(keys, token)) is not None), None)


def ways_out(url: str, mailto: str | None) -> str:
    """Returns the value of List-Unsubscribe: the link, and behind it the address where there is one."""
    return f"<{url}>" if mailto is None else f"<{url}>, <{mailto}>"


def _read(keys: tokens.Keys, token: str) -> Leaving | None:
    try:
        payload = tokens.verify_caseless(keys, tokens.Purpose.LEAVE_BY_MAIL, token)
    except TokenError:
        return None
    if len(payload) != _LEAVING.size:
        return None
    mailing_id, subscriber = _LEAVING.unpack(payload)
    return Leaving(mailing_id, int.from_bytes(subscriber))
