"""Codes of a second factor: which 30 seconds a code is of (RFC 6238), and what a recovery code looks like. Pure."""

import hashlib
import hmac
from datetime import datetime

from pyotp import TOTP

STEP_S = 30
# A phone's clock may be half a minute off, and typing takes a while.
_OFF_BY = 1
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz234567")


def step_of(secret: str, typed: str, *, at: datetime) -> int | None:
    """Returns the 30 seconds, counted since 1970, that a code is of: now, the ones before or after; else None."""
    code = "".join(typed.split())
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    now, totp = int(at.timestamp()) // STEP_S, TOTP(secret)
    steps = range(now - _OFF_BY, now + _OFF_BY + 1)
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)]
    return max(fitting, default=None)


def plain(typed: str) -> str:
    """Returns a recovery code as it is hashed: without dashes, spaces and capitals; "" for what cannot be one."""
    letters = "".join(typed.split()).replace("-", "").casefold()
    return letters if len(letters) == 16 and _LETTERS.issuperset(letters) else ""


def hash_of(code: str) -> str:
    """Returns what is kept of a recovery code: its 80 bits are chance, so a plain hash cannot be guessed back."""
    return hashlib.sha256(code.encode()).hexdigest()


def in_fours(text: str, *, between: str) -> str:
    """Returns letters in groups of four, as people read them out."""
    return between.join(text[start : start + 4] for start in range(0, len(text), 4))
