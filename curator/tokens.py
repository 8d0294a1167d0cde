"""Signed tokens for links: bound to a purpose, naming their key, short."""

import hashlib
import hmac
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from curator.errors import TokenError

# 80 bits: a forger who tries a million links a second needs ten billion years; 27 characters in a link stay short
# enough for a List-Unsubscribe header that must not be folded.
MAC_BYTES = 10
# RFC 2104 2: the block of SHA-256, and what each of the two hashes mixes into the key.
_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ mask for byte in range(256)) for mask in (0x36, 0x5C))


class Purpose(StrEnum):
    """What a token allows; a token made for one purpose is refused for any other."""

    UNSUBSCRIBE = "unsubscribe"
    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    CLICK = "click"
    CLICKS = "clicks"
    CLICK_ROW = "click row"
    OPEN = "open"
    SIGN_IN = "sign-in"
    MESSAGE_ID = "message-id"
    RETURN_PATH = "return-path"
    SPONSOR = "sponsor"
    SPONSOR_REPORT = "sponsor report"
    DOWNLOAD = "download"
    ADDRESS = "address"
    FORM = "form"
    TIP_SENDER = "tip sender"
    LEAVE_BY_MAIL = "leave by mail"
    HOOK = "hook"


RETIRED = "retired:"
"""How a key begins of which only its number and its veil are left: see `retired`."""

MOST_KEYS = 256
"""A key's number is one byte of a token."""


@dataclass(frozen=True)
class Keys:
    """The signing keys by key id; `current` signs, all of them verify, so links outlive a rotation.

    `veils` are what is left of keys that were retired: by them erased addresses are known, and nothing is signed.
    """

    current: int
    secrets: dict[int, bytes]
    veils: dict[int, bytes] = field(default_factory=dict)

    @classmethod
    def from_secret(cls, secret: str, *, older: tuple[str, ...] = ()) -> "Keys":
        """Returns keys with the newest id for `secret`; `older` lists earlier ones, oldest first, retired ones too."""
        given = dict(enumerate((*older, secret)))
        secrets = {number: text.encode() for number, text in given.items() if not text.startswith(RETIRED)}
        left = {number: text for number, text in given.items() if number not in secrets}
        veils = {number: bytes.fromhex(text.removeprefix(RETIRED)) for number, text in left.items()}
        return cls(current=len(older), secrets=secrets, veils=veils)


def retired(secret: str) -> str:
    """Returns what takes the place of a key that is retired.

    Its number stays taken, because numbers are places, and the key that made marks of erased addresses stays, because
    nobody could make those anew. Nothing that it signed is believed any more, and the secret is not in it.
    """
    return RETIRED + _veil_key(secret.encode()).hex()


def _veil_key(secret: bytes) -> bytes:
    # RFC 5869 in one step: a key that serves nothing else.
    return hmac.digest(secret, b"curator: addresses that were erased", hashlib.sha256)


def sign(keys: Keys, purpose: Purpose, payload: bytes) -> str:
    """Returns `payload` as URL-safe text that only a holder of the keys could have made (HMAC-SHA256, RFC 2104)."""
    return urlsafe_b64encode(_signed(keys, purpose, payload)).rstrip(b"=").decode()


class Press:
    """Makes the macs of many bodies at once for one purpose: of bodies that differ at their beginning and end alike.

    BLAKE2b with a key (RFC 7693 2.9) hashes once where HMAC hashes twice, and gives twice as many bytes.
    """

    def __init__(self, secret: bytes, purpose: Purpose, beginnings: Sequence[bytes]) -> None:
        key = secret if len(secret) <= _BLOCK else hashlib.sha256(secret).digest()
        self._begun = [hashlib.blake2b(each, key=key, person=purpose.encode()) for each in beginnings]

    def macs(self, ending: bytes) -> list[bytes]:
        """Returns one mac of 64 bytes after the other, in the order of their beginnings."""
        row = []
        for begun in self._begun:
            hashed = begun.copy()
            hashed.update(ending)
            row.append(hashed.digest())
        return row


def secret_of(keys: Keys, body: bytes) -> bytes:
    """Returns the secret that a body's first byte names; raises TokenError for an unknown one."""
    secret = keys.secrets.get(body[0]) if body else None
    if secret is None:
        raise TokenError("This link is damaged.")
    return secret


def whole_mac(keys: Keys, purpose: Purpose, body: bytes) -> bytes:
    """Returns the 32 bytes of the mac of a body, which begins with its key's id; TokenError for an unknown one."""
    return _mac(secret_of(keys, body), purpose, body)


def verify(keys: Keys, purpose: Purpose, token: str) -> bytes:
    """Returns the payload of a token, or raises TokenError without saying which part was wrong."""
    return opened(keys, purpose, raw_of(token))


def raw_of(token: str) -> bytes:
    """Returns the bytes of a token, unverified; raises TokenError for what is none."""
    return _decoded(token, urlsafe_b64decode, urlsafe_b64encode, block=4)


def sign_caseless(keys: Keys, purpose: Purpose, payload: bytes) -> str:
    """Returns `payload` signed like `sign` does, in lower-case letters and digits (RFC 4648's base 32).

    It is for what may change its letters' case on the way: the local part of an address.
    """
    return b32encode(_signed(keys, purpose, payload)).rstrip(b"=").decode().lower()


def verify_caseless(keys: Keys, purpose: Purpose, token: str) -> bytes:
    """Returns the payload of a token of `sign_caseless` in whatever case it came, or raises TokenError."""
    return opened(keys, purpose, _decoded(token.upper(), b32decode, b32encode, block=8))


def opened(keys: Keys, purpose: Purpose, raw: bytes) -> bytes:
    """Returns the payload of a token's bytes, or raises TokenError."""
    body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if not hmac.compare_digest(mac, whole_mac(keys, purpose, body)[:MAC_BYTES]):
        raise TokenError("This link is damaged.")
    return body[1:]


def _decoded(text: str, decode: Callable[[str], bytes], encode: Callable[[bytes], bytes], *, block: int) -> bytes:
    try:
        raw = decode(text + "=" * (-len(text) % block))
    except ValueError as error:
        raise TokenError("This link is damaged.") from error
    if encode(raw).rstrip(b"=") != text.encode(errors="replace"):
        # There are several spellings of the same bytes; one token, one spelling.
        raise TokenError("This link is damaged.")
    return raw


def _signed(keys: Keys, purpose: Purpose, payload: bytes) -> bytes:
    body = bytes([keys.current]) + payload
    return body + _mac(keys.secrets[keys.current], purpose, body)[:MAC_BYTES]


def _mac(secret: bytes, purpose: Purpose, body: bytes) -> bytes:
    begun_inner, begun_outer = _begun(secret, purpose)
    inner, outer = begun_inner.copy(), begun_outer.copy()
    inner.update(body)
    outer.update(inner.digest())
    return outer.digest()


# There are a few keys and eleven purposes.
@lru_cache(maxsize=64)
def _begun(secret: bytes, purpose: Purpose) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """Returns HMAC's two hashes with what depends on key and purpose alone; whoever goes on does so with a copy.

    RFC 2104 4 advises it; a token takes a third of the time that the standard library's HMAC takes.
    """
    key = (secret if len(secret) <= _BLOCK else hashlib.sha256(secret).digest()).ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(key.translate(_INNER) + purpose.encode() + b"\0")
    return inner, hashlib.sha256(key.translate(_OUTER))


class Veil:
    """Turns the keys of addresses that must not be kept into marks, by which they are known should they come again.

    Each key of the installation makes a mark of its own from an address: marks outlive a rotation, and the retirement
    of a key too, of which what makes marks is kept. Without a key nobody can try addresses.
    """

    PREFIX = "erased:"
    """What no address begins with: a mark has no @."""

    def __init__(self, keys: Keys) -> None:
        every = keys.veils | {number: _veil_key(secret) for number, secret in keys.secrets.items()}
        others = [every[number] for number in sorted(every, reverse=True) if number != keys.current]
        self._keys = [every[keys.current], *others]

    def mark(self, address_key: str) -> str:
        """Returns the mark that is to be kept of an address."""
        return self.marks(address_key)[0]

    def marks(self, address_key: str) -> list[str]:
        """Returns every mark that an address may have, that of today's key first (BLAKE2b with a key, RFC 7693)."""
        content = address_key.encode()
        digests = (hashlib.blake2b(content, key=key, digest_size=24).digest() for key in self._keys)
        return [self.PREFIX + urlsafe_b64encode(digest).decode() for digest in digests]
