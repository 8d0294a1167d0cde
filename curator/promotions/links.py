"""The sponsor's own links: signed, bound to one booking, or to one report. Pure."""

import struct

from curator import tokens
from curator.errors import TokenError

_ID = struct.Struct(">Q")


def sponsor_token(keys: tokens.Keys, booking_id: int) -> str:
    """Returns the token of the page on which a sponsor writes the words of one booking."""
    return tokens.sign(keys, tokens.Purpose.SPONSOR, _ID.pack(booking_id))


def read_sponsor_token(keys: tokens.Keys, token: str) -> int:
    """Returns the booking's id of a sponsor's token, or raises TokenError."""
    return _read(keys, tokens.Purpose.SPONSOR, token)


def sponsor_url(public_url: str, token: str) -> str:
    """Returns the address of a sponsor's page."""
    return f"{public_url}/s/{token}"


def report_token(keys: tokens.Keys, report_id: int) -> str:
    """Returns the token of the page that shows what came of a promotion."""
    return tokens.sign(keys, tokens.Purpose.SPONSOR_REPORT, _ID.pack(report_id))


def read_report_token(keys: tokens.Keys, token: str) -> int:
    """Returns the report's id of such a token, or raises TokenError."""
    return _read(keys, tokens.Purpose.SPONSOR_REPORT, token)


def report_url(public_url: str, token: str) -> str:
    """Returns the address of a report's page."""
    return f"{public_url}/r/{token}"


def _read(keys: tokens.Keys, purpose: tokens.Purpose, token: str) -> int:
    payload = tokens.verify(keys, purpose, token)
    if len(payload) != _ID.size:
        raise TokenError("This link is damaged.")
    return int(_ID.unpack(payload)[0])
