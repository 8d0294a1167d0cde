"""The tokens and addresses of what a mail is measured by: which link of which mailing (or its opening), whose. Pure."""

import hmac
import struct
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from curator import tokens
from curator.errors import TokenError

# A 32-bit mailing, a 16-bit link and a 56-bit subscriber: with key id and MAC 24 bytes, 32 characters.
_CLICK = struct.Struct(">BIH7s10s")
_SUBSCRIBER_BYTES = 7
_LINK = struct.Struct(">IH")
_TOKEN = 32
# One mac has 64 bytes and a link needs 10 of them: six links have one between them. A message has 50 links, and with a
# mac for each they took half of the time that it is made in.
_SHARE = 6
_SHARES = struct.Struct(f"{tokens.MAC_BYTES}s" * _SHARE + "4x")
# Of mail that left before: one mac of 32 bytes for three links.
_SHARE_BEFORE = 3


_OPEN = struct.Struct(">I7s")

NOBODY = 0
"""The reader in a token that everybody's message has: it says which mailing and place, and not whose."""


@dataclass(frozen=True)
class ClickLink:
    """One link in one reader's message, or in everybody's; link 0 is the canary, which no person sees."""

    mailing_id: int
    link: int
    subscriber_id: int


def click_token(keys: tokens.Keys, click: ClickLink) -> str:
    """Returns the token of a reader's own way to a link: always 32 URL-safe characters."""
    press = ClickPress(keys, mailing_id=click.mailing_id, links=[click.link])
    return press.tokens(click.subscriber_id)[0].decode()


class ClickPress:
    """Makes the tokens of all links of one mailing for reader after reader; each is that of `click_token`."""

    def __init__(self, keys: tokens.Keys, *, mailing_id: int, links: Sequence[int]) -> None:
        key_id = bytes([keys.current])
        self._begins = [key_id + _LINK.pack(mailing_id, link) for link in links]
        groups = sorted({link // _SHARE for link in links})
        beginnings = [key_id + _LINK.pack(mailing_id, group) for group in groups]
        self._press = tokens.Press(keys.secrets[keys.current], tokens.Purpose.CLICK_ROW, beginnings)
        self._places = [groups.index(link // _SHARE) * _SHARE + link % _SHARE for link in links]
        self._row = struct.Struct(f"{_TOKEN}s" * len(links))

    def tokens(self, subscriber_id: int) -> tuple[bytes, ...]:
        """Returns a reader's tokens in the order of the links."""
        reader = subscriber_id.to_bytes(_SUBSCRIBER_BYTES)
        macs = [*chain.from_iterable(map(_SHARES.unpack, self._press.macs(reader)))]
        raw = [reader] * (3 * len(self._begins))
        raw[::3] = self._begins
        raw[2::3] = [macs[place] for place in self._places]
        # A raw token has 24 bytes, a multiple of three, so all of them can be written as base64 in one go.
        return self._row.unpack(urlsafe_b64encode(b"".join(raw)))


def read_click_token(keys: tokens.Keys, token: str) -> ClickLink:
    """Returns what a click token names, or raises TokenError."""
    raw = tokens.raw_of(token)
    if len(raw) != _CLICK.size:
        raise TokenError("This link is damaged.")
    key_id, mailing_id, link, reader, mac = _CLICK.unpack(raw)
    if not any(hmac.compare_digest(mac, each) for each in _macs(keys, bytes([key_id]), mailing_id, link, reader)):
        raise TokenError("This link is damaged.")
    return ClickLink(mailing_id, link, int.from_bytes(reader))


def _macs(keys: tokens.Keys, key_id: bytes, mailing_id: int, link: int, reader: bytes) -> Iterator[bytes]:
    """Yields the mac that a token has today, and those of mail that left before."""
    beginning = key_id + _LINK.pack(mailing_id, link // _SHARE)
    press = tokens.Press(tokens.secret_of(keys, key_id), tokens.Purpose.CLICK_ROW, [beginning])
    yield _SHARES.unpack(press.macs(reader)[0])[link % _SHARE]
    body = key_id + _LINK.pack(mailing_id, link // _SHARE_BEFORE) + reader
    begins = link % _SHARE_BEFORE * tokens.MAC_BYTES
    yield tokens.whole_mac(keys, tokens.Purpose.CLICKS, body)[begins : begins + tokens.MAC_BYTES]
    # The first of all had one for each link.
    body = key_id + _LINK.pack(mailing_id, link) + reader
    yield tokens.whole_mac(keys, tokens.Purpose.CLICK, body)[: tokens.MAC_BYTES]


def open_token(keys: tokens.Keys, *, mailing_id: int, subscriber_id: int) -> str:
    """Returns the token of the picture that is asked for when a message is opened: 30 URL-safe characters."""
    return tokens.sign(keys, tokens.Purpose.OPEN, _OPEN.pack(mailing_id, subscriber_id.to_bytes(_SUBSCRIBER_BYTES)))


def read_open_token(keys: tokens.Keys, token: str) -> tuple[int, int]:
    """Returns the mailing and the reader (or NOBODY) that an opening's token names, or raises TokenError."""
    payload = tokens.verify(keys, tokens.Purpose.OPEN, token)
    if len(payload) != _OPEN.size:
        raise TokenError("This link is damaged.")
    mailing_id, reader = _OPEN.unpack(payload)
    return mailing_id, int.from_bytes(reader)


def open_url(public_url: str, token: str) -> str:
    """Returns the address of the picture."""
    return f"{public_url}/o/{token}"


def click_url(public_url: str, token: str) -> str:
    """Returns the address of a tracked link."""
    return f"{public_url}/l/{token}"
