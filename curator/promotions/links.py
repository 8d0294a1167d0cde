"""The sponsor's own link: signed, bound to one booking. Pure."""

import struct

from curator import tokens
from curator.errors import TokenError

_BOOKING = struct.Struct(">Q")


def sponsor_token(keys: tokens.Keys, booking_id: int) -> str:
    """Returns the token of the page on which a sponsor writes the words of one booking."""
    return tokens.sign(keys, tokens.Purpose.SPONSOR, _BOOKING.pack(booking_id))


def read_sponsor_token(keys: tokens.Keys, token: str) -> int:
    """Returns the booking's id of a sponsor's token, or raises TokenError."""
    payload = tokens.verify(keys, tokens.Purpose.SPONSOR, token)
    if len(payload) != _BOOKING.size:
        raise TokenError("This link is damaged.")
    return int(_BOOKING.unpack(payload)[0])


def sponsor_url(public_url: str, token: str) -> str:
    """Returns the address of a sponsor's page."""
    return f"{public_url}/s/{token}"
