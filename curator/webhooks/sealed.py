"""Keeps the secrets of endpoints out of sight: encrypted with a key that is made of the secret key."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from curator.errors import StateError
from curator.tokens import Keys

# So that no key serves two ends.
_PURPOSE = b"webhook secret"


def seal(keys: Keys, secret: str) -> str:
    """Returns the secret encrypted with the newest key."""
    return _box(keys).encrypt(secret.encode()).decode()


def unseal(keys: Keys, sealed: str) -> str:
    """Returns what was sealed with any of the keys; raises StateError where none of them fits."""
    try:
        return _box(keys).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise StateError(
            "The secret was kept with a secret key that is not set any more. Add that to CURATOR_OLD_SECRET_KEYS, or "
            "make a new secret."
        ) from error


def _box(keys: Keys) -> MultiFernet:
    newest_first = [keys.secrets[keys.current], *(keys.secrets[each] for each in sorted(keys.secrets, reverse=True))]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_key(secret))) for secret in newest_first])


def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE, hashlib.sha256)
