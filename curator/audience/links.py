"""The tokens of unsubscribe links: one newsletter and one subscriber, signed and short."""

import struct

from curator import tokens
from curator.errors import TokenError

# A 32-bit newsletter id and a 64-bit subscriber id: with key id and MAC 23 bytes, 31 characters in the link, so that
# a List-Unsubscribe header stays short enough never to be folded.
_PAYLOAD = struct.Struct(">IQ")


def unsubscribe_token(keys: tokens.Keys, newsletter_id: int, subscriber_id: int) -> str:
    """Returns the token of a reader's own unsubscribe link, the same for the same pair and key."""
    return tokens.sign(keys, tokens.Purpose.UNSUBSCRIBE, _PAYLOAD.pack(newsletter_id, subscriber_id))


def read_unsubscribe_token(keys: tokens.Keys, token: str) -> tuple[int, int]:
    """Returns (newsletter id, subscriber id) of an unsubscribe token, or raises TokenError."""
    payload = tokens.verify(keys, tokens.Purpose.UNSUBSCRIBE, token)
    if len(payload) != _PAYLOAD.size:
        raise TokenError("This link is damaged.")
    newsletter_id, subscriber_id = _PAYLOAD.unpack(payload)
    return newsletter_id, subscriber_id
