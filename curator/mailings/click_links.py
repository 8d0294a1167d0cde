"""The tokens and addresses of tracked links: which link of which mailing, and whose, in 32 characters. Pure."""

import struct
from dataclasses import dataclass

from curator import tokens
from curator.errors import TokenError

# A 32-bit mailing, a 16-bit link and a 56-bit subscriber: with key id and MAC 24 bytes, 32 characters.
_CLICK = struct.Struct(">IH7s")
_SUBSCRIBER_BYTES = 7


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
