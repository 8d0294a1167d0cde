"""The link of a letter to what somebody asked for: signed, bound to one request, good until a moment. Pure."""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from curator import tokens
from curator.errors import TokenError

# A request's number, and the second in which the link ends.
_LINK = struct.Struct(">QQ")


@dataclass(frozen=True)
class DownloadLink:
    """Whose request a link is about, and until when it gives what was asked for."""

    request_id: int
    ends_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Tells whether the link gives nothing any more, but for a new one."""
        return self.ends_at <= now


def download_token(keys: tokens.Keys, link: DownloadLink) -> str:
    """Returns the token of the page on which somebody gets what they asked for."""
    payload = _LINK.pack(link.request_id, int(link.ends_at.timestamp()))
    return tokens.sign(keys, tokens.Purpose.DOWNLOAD, payload)


def read_download_token(keys: tokens.Keys, token: str) -> DownloadLink:
    """Returns what a token names, or raises TokenError; whether it is over is not asked here."""
    payload = tokens.verify(keys, tokens.Purpose.DOWNLOAD, token)
    if len(payload) != _LINK.size:
        raise TokenError("This link is damaged.")
    request_id, ends_s = _LINK.unpack(payload)
    try:
        return DownloadLink(int(request_id), datetime.fromtimestamp(ends_s, UTC))
    except (OverflowError, ValueError, OSError) as error:
        raise TokenError("This link is damaged.") from error


def download_url(public_url: str, token: str) -> str:
    """Returns the address of the page behind a letter's link."""
    return f"{public_url}/get/{token}"
