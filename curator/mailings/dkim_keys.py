"""The files that DKIM keys lie in: made for a domain, and read at the start."""

import os
from collections.abc import Iterable
from enum import StrEnum

from curator.errors import InvalidError, SettingError, StateError
from curator.mailings.dkim import Keyring, SigningKey, parse_key
from curator.settings.keys import DkimKeyFile

SETTING = "CURATOR_DKIM_KEYS"


class KeyKind(StrEnum):
    """RSA is understood by every receiver; Ed25519 is for a second signature beside it (RFC 8463)."""

    RSA = "rsa"
    ED25519 = "ed25519"


def make(named: DkimKeyFile, kind: KeyKind) -> SigningKey:
    """Writes a new private key that only its owner may read, and returns it.

    Raises StateError when the file exists already: mail that is on its way is verified with that one.
    """
    try:
        named.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(named.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise StateError(f"There is a key in {named.path} already; take another selector for a new one.") from error
    except OSError as error:
        raise StateError(f"No key can be written to {named.path}: {error.strerror}.") from error
    pem = _new_pem(kind)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return parse_key(pem, domain=named.domain, selector=named.selector)


def load(files: Iterable[DkimKeyFile]) -> Keyring:
    """Returns the keys in these files, or raises SettingError that names the first that cannot be used."""
    return Keyring(tuple(map(_loaded, files)))


def _loaded(named: DkimKeyFile) -> SigningKey:
    try:
        pem = named.path.read_bytes()
    except OSError as error:
        raise SettingError(SETTING, f"names {named.path}, which cannot be read: {error.strerror}.") from error
    try:
        return parse_key(pem, domain=named.domain, selector=named.selector)
    except InvalidError as error:
        raise SettingError(SETTING, f"names {named.path}, which {error.reason}.") from error


def _new_pem(kind: KeyKind) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = (
        ed25519.Ed25519PrivateKey.generate()
        if kind is KeyKind.ED25519
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
