"""The installation's keys in a backup: fingerprints to tell them by, and whether two sets of them fit. Pure."""

import hashlib
import hmac
from collections.abc import Sequence

from curator.tokens import RETIRED


def fingerprints(secrets: Sequence[str]) -> tuple[str, ...]:
    """Returns what tells keys apart and gives none away, in their order; "" for one that is retired."""
    return tuple("" if secret.startswith(RETIRED) else _fingerprint(secret) for secret in secrets)


def fit(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Tells whether links signed with the keys of a backup work with an installation's keys: `ours` go on from them.

    Both are fingerprints. A key has its number by its place, so the places have to be the same.
    """
    if len(ours) < len(theirs):
        return False
    return all("" in (one, other) or one == other for one, other in zip(theirs, ours, strict=False))


def _fingerprint(secret: str) -> str:
    return hmac.digest(secret.encode(), b"curator: which key", hashlib.sha256).hex()[:16]
