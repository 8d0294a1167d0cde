"""The tokens and addresses of tracked links: which link of which mailing, and whose, in 32 characters. Pure."""

import hmac
import struct
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from curator import tokens
from curator.errors import TokenError

# A 32-bit mailing, a 16-bit link and a 56-bit subscriber: with key id and MAC 24 bytes, 32 characters.
_CLICK = struct.Struct(">BIH7s10s")
_OLD_PAYLOAD = struct.Struct(">IH7s")
_SUBSCRIBER_BYTES = 7
_LINK = struct.Struct(">IH")
_TOKEN = 32
# One mac has 32 bytes and a link needs 10 of them: three links have one between them. A message has 50 links, and
# their macs took half of the time that it is made in.
_SHARE = 3


@dataclass(frozen=True)
class ClickLink:
    """One link in one reader's message; link 0 is the canary, which no person sees."""

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
        groups = sorted({link // _SHARE for link in links})
        begins = [_LINK.pack(mailing_id, group) for group in groups]
        self._press = tokens.Press(keys, tokens.Purpose.CLICKS, begins)
        self._links = [
            (bytes([keys.current]) + _LINK.pack(mailing_id, link), groups.index(link // _SHARE), _share(link))
            for link in links
        ]

    def tokens(self, subscriber_id: int) -> list[bytes]:
        """Returns a reader's tokens in the order of the links."""
        reader = subscriber_id.to_bytes(_SUBSCRIBER_BYTES)
        macs = self._press.macs(reader)
        # A raw token has 24 bytes, a multiple of three, so all of them can be written as base64 in one go.
        raw = b"".join([begins + reader + macs[group][share] for begins, group, share in self._links])
        row = urlsafe_b64encode(raw)
        return [row[at : at + _TOKEN] for at in range(0, len(row), _TOKEN)]


def read_click_token(keys: tokens.Keys, token: str) -> ClickLink:
    """Returns what a click token names, or raises TokenError."""
    raw = tokens.raw_of(token)
    if len(raw) != _CLICK.size:
        raise TokenError("This link is damaged.")
    key_id, mailing_id, link, reader, mac = _CLICK.unpack(raw)
    body = bytes([key_id]) + _LINK.pack(mailing_id, link // _SHARE) + reader
    whole = tokens.whole_mac(keys, tokens.Purpose.CLICKS, body)
    if not hmac.compare_digest(mac, whole[_share(link)]):
        return _old(keys, raw)
    return ClickLink(mailing_id, link, int.from_bytes(reader))


def _share(link: int) -> slice:
    """Returns which bytes of its group's mac are a link's."""
    begins = link % _SHARE * tokens.MAC_BYTES
    return slice(begins, begins + tokens.MAC_BYTES)


def _old(keys: tokens.Keys, raw: bytes) -> ClickLink:
    """Reads a token of mail that left when each link had a mac of its own."""
    mailing_id, link, reader = _OLD_PAYLOAD.unpack(tokens.opened(keys, tokens.Purpose.CLICK, raw))
    return ClickLink(mailing_id, link, int.from_bytes(reader))


def click_url(public_url: str, token: str) -> str:
    """Returns the address of a tracked link."""
    return f"{public_url}/l/{token}"
