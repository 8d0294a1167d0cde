"""How a call is signed, in the form of Standard Webhooks (standardwebhooks.com, 1.0): three headers. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def secret_of(chance: bytes) -> str:
    """Returns a secret as a person copies it."""
    return PREFIX + base64.b64encode(chance).decode()


def headers(public_id: str, body: bytes, secrets: Sequence[str], *, now: datetime) -> dict[str, str]:
    """Returns the headers of a call, with a signature for each secret: whoever has one of them can verify it."""
    timestamp = str(int(now.timestamp()))
    return {
        "webhook-id": public_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signature(each, public_id, timestamp, body) for each in secrets),
    }


def signature(secret: str, public_id: str, timestamp: str, body: bytes) -> str:
    """Returns the signature of version 1: HMAC-SHA256 over id, moment and body, parted by dots."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.digest(key, f"{public_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"
