"""The tokens and addresses of tracked links: which link of which mailing, and whose, in 32 characters. Pure."""

import struct
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from curator import tokens
from curator.errors import TokenError

# A 32-bit mailing, a 16-bit link and a 56-bit subscriber: with key id and MAC 24 bytes, 32 characters.
_CLICK = struct.Struct(">IH7s")
_SUBSCRIBER_BYTES = 7
_LINK = struct.Struct(">IH")
_TOKEN = 32


@dataclass(frozen=True)
class ClickLink:
    """One link in one reader's message; link 0 is the canary, which no person sees."""

    mailing_id: int
    link: int
    subscriber_id: int


def click_token(keys: tokens.Keys, click: ClickLink) -> str:
    """Returns the token of a reader's own way to a link: always 32 URL-safe characters."""
    subscriber = click.subscriber_id.to_bytes(_SUBSCRIBER_BYTES)
    return tokens.sign(keys, tokens.Purpose.CLICK, _CLICK.pack(click.mailing_id, click.link, subscriber))


class ClickPress:
    """Makes the tokens of all links of one mailing for reader after reader; each is that of `click_token`."""

    def __init__(self, keys: tokens.Keys, *, mailing_id: int, links: Sequence[int]) -> None:
        self._press = tokens.Press(keys, tokens.Purpose.CLICK, [_LINK.pack(mailing_id, link) for link in links])

    def tokens(self, subscriber_id: int) -> list[bytes]:
        """Returns a reader's tokens in the order of the links."""
        # A raw token has 24 bytes, a multiple of three, so all of them can be written as base64 in one go.
        row = urlsafe_b64encode(self._press.raw(subscriber_id.to_bytes(_SUBSCRIBER_BYTES)))
        return [row[at : at + _TOKEN] for at in range(0, len(row), _TOKEN)]


def read_click_token(keys: tokens.Keys, token: str) -> ClickLink:
    """Returns what a click token names, or raises TokenError."""
    payload = tokens.verify(keys, tokens.Purpose.CLICK, token)
    if len(payload) != _CLICK.size:
        raise TokenError("This link is damaged.")
    mailing_id, link, subscriber = _CLICK.unpack(payload)
    return ClickLink(mailing_id, link, int.from_bytes(subscriber))


def click_url(public_url: str, token: str) -> str:
    """Returns the address of a tracked link."""
    return f"{public_url}/l/{token}"
