"""The installation's keys in a backup: fingerprints to tell them by, and the keys themselves behind a passphrase."""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from curator.backup.values import DamagedError
from curator.errors import InvalidError
from curator.tokens import RETIRED

_MAGIC = b"curator-keys-1\n"
_SALT_BYTES, _NONCE_BYTES = 16, 12
# RFC 7914 with 64 MB: half a second for us, and far more than a guesser has for each word of a list.
_COST, _BLOCK = 1 << 16, 8


@dataclass(frozen=True)
class Bundle:
    """An installation's secrets in the order of their numbers, and its DKIM keys by the names of their files."""

    secrets: tuple[str, ...]
    dkim: Mapping[str, str] = field(default_factory=dict)


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


def sealed(bundle: Bundle, passphrase: str) -> bytes:
    """Returns the keys as nobody reads them without the passphrase (scrypt, AES-256-GCM)."""
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    content = json.dumps({"secrets": bundle.secrets, "dkim": dict(bundle.dkim)}).encode()
    return _MAGIC + salt + nonce + AESGCM(_derived(passphrase, salt)).encrypt(nonce, content, _MAGIC)


def opened(content: bytes, passphrase: str) -> Bundle:
    """Returns what was sealed. Raises InvalidError("passphrase") for another one, DamagedError for what is no such."""
    if not content.startswith(_MAGIC):
        raise DamagedError("This backup is damaged: its keys cannot be read.")
    rest = content[len(_MAGIC) :]
    salt, nonce, inner = rest[:_SALT_BYTES], rest[_SALT_BYTES:][:_NONCE_BYTES], rest[_SALT_BYTES + _NONCE_BYTES :]
    try:
        told = json.loads(AESGCM(_derived(passphrase, salt)).decrypt(nonce, inner, _MAGIC))
    except (InvalidTag, ValueError) as error:
        raise InvalidError(
            "passphrase", "CURATOR_BACKUP_PASSPHRASE is not the one with which this backup's keys were put away."
        ) from error
    return Bundle(tuple(told["secrets"]), told["dkim"])


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=1).derive(passphrase.encode())


def _fingerprint(secret: str) -> str:
    return hmac.digest(secret.encode(), b"curator: which key", hashlib.sha256).hex()[:16]
