"""Signs messages with DKIM: relaxed/simple, RSA and Ed25519 (RFC 6376, RFC 8463). Pure.

The library is loaded with the first key: an installation whose relay signs does without it.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curator.errors import InvalidError, RenderError
from curator.mailings.dns import dkim_name
from curator.mailings.transports.stuffing import whole_lines

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# Every header that tells a reader's program what to show or do (RFC 6376 5.4.1). RFC 8058 asks for the two of
# one-click; what relays write or rewrite themselves (Received, Return-Path) must stay out.
_SIGNED = (
    "from", "to", "cc", "subject", "date", "message-id", "reply-to", "sender", "in-reply-to", "references",
    "list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-archive", "list-post",
    "mime-version", "content-type", "content-transfer-encoding", "content-language", "feedback-id", "auto-submitted",
)  # fmt: skip
# Signed once more than they occur, so that nobody can add a second one to a message that still verifies and have it
# shown or acted on (RFC 6376 8.15).
_ONCE_MORE = ("from", "to", "subject", "date", "reply-to", "list-unsubscribe", "list-unsubscribe-post")
_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_BLANKS = re.compile(rb"[ \t]+")
_FOLD_AT = 78
# A DNS string ends at 255 bytes; a TXT record is several of them in a row (RFC 6376 3.6.2.2).
_DNS_STRING = 255
# RFC 8301 3.2: signers should use 2048 bits at least, verifiers need not go beyond 4096.
_RSA_BITS = range(2048, 4097)


@dataclass(frozen=True)
class SigningKey:
    """A private key and where its public half is published. It is never shown."""

    domain: str
    selector: str
    algorithm: str
    public: bytes = field(repr=False)
    sign: Callable[[bytes], bytes] = field(repr=False)
    """Takes a SHA-256 digest."""

    @property
    def dns_name(self) -> str:
        """The name of the TXT record that holds the public half."""
        return dkim_name(self.domain, self.selector)

    @property
    def dns_text(self) -> str:
        """What the TXT record says."""
        return f"v=DKIM1; k={self.algorithm.partition('-')[0]}; p={b64encode(self.public).decode()}"

    @property
    def dns_strings(self) -> list[str]:
        """The record's text in pieces that DNS can carry."""
        text = self.dns_text
        return [text[start : start + _DNS_STRING] for start in range(0, len(text), _DNS_STRING)]


@dataclass(frozen=True)
class Signer:
    """Signs with every one of its keys; a verifier takes the signature that it understands."""

    keys: tuple[SigningKey, ...]

    def sign(self, content: bytes, *, is_whole: bool = False) -> bytes:
        """Returns the message with its signatures in front, its lines ended by CRLF.

        `is_whole` says that they are already, which saves a third of the time. Raises RenderError for a message
        without From, which no signature may leave out.
        """
        content = content if is_whole else whole_lines(content)
        head, _, body = content.partition(b"\r\n\r\n")
        body_hash = b64encode(hashlib.sha256(_simple(body)).digest())
        names, canonical = _chosen(_FIELD_END.split(head))
        return b"".join((*(_signature(key, names, canonical, body_hash) for key in self.keys), content))


@dataclass(frozen=True)
class Keyring:
    """The keys of all domains that this installation sends from."""

    keys: tuple[SigningKey, ...] = ()

    def signer_for(self, domain: str) -> Signer | None:
        """Returns what signs mail from this domain: its own keys, else those of the nearest domain above it.

        Both count as aligned (RFC 7489 3.1.1, relaxed). None means that there is no key.
        """
        parts = domain.lower().split(".")
        for start in range(len(parts) - 1):
            keys = tuple(key for key in self.keys if key.domain == ".".join(parts[start:]))
            if keys:
                return Signer(keys)
        return None


def parse_key(pem: bytes, *, domain: str, selector: str) -> SigningKey:
    """Returns the private key in a PEM file; raises InvalidError whose reason follows "the file ..."."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    # The errors are not chained: their words may quote what was read.
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise InvalidError("key", "is locked with a password; Curator needs it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidError("key", "holds no private key in PEM form") from None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        public = key.public_key().public_bytes_raw()
        return SigningKey(domain, selector, "ed25519-sha256", public, key.sign)
    if isinstance(key, rsa.RSAPrivateKey):
        return _rsa_key(key, domain, selector)
    raise InvalidError("key", "holds a key of a kind that DKIM does not know; it must be RSA or Ed25519")


def _rsa_key(key: "RSAPrivateKey", domain: str, selector: str) -> SigningKey:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if key.key_size not in _RSA_BITS:
        raise InvalidError("key", f"holds an RSA key of {key.key_size} bits; 2048 to 4096 are needed")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    padding, digest = PKCS1v15(), Prehashed(SHA256())
    return SigningKey(domain, selector, "rsa-sha256", public, lambda hashed: key.sign(hashed, padding, digest))


def _chosen(fields: Sequence[bytes]) -> tuple[list[str], bytes]:
    """Returns the names that h= lists, and their headers in canonical form in the order of the names."""
    found: dict[str, list[bytes]] = {}
    for each in fields:
        name, canonical = _relaxed(each)
        found.setdefault(name, []).append(canonical)
    if "from" not in found:
        raise RenderError("The message has no From line, so it cannot be signed.")
    # Several of one name are taken from the last one up (RFC 6376 5.4.2).
    headers = [header for name in _SIGNED for header in reversed(found.get(name, []))]
    names = [name for name in _SIGNED for _ in range(len(found.get(name, [])) + (name in _ONCE_MORE))]
    return names, b"".join(headers)


def _relaxed(header: bytes) -> tuple[str, bytes]:
    """Returns a header's name and its canonical form (RFC 6376 3.4.2)."""
    name, _, value = header.partition(b":")
    name = name.rstrip(b" \t").lower()
    value = _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.decode("ascii", "replace"), b"%b:%b\r\n" % (name, value)


def _simple(body: bytes) -> bytes:
    """Returns the body with one line end behind it, however many there were (RFC 6376 3.4.3)."""
    return body.rstrip(b"\r\n") + b"\r\n"


def _signature(key: SigningKey, names: list[str], canonical: bytes, body_hash: bytes) -> bytes:
    tags = (
        f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/simple;\r\n d={key.domain};\r\n s={key.selector};\r\n"
        f"{_folded_names(names)};\r\n bh={body_hash.decode()};\r\n b="
    ).encode()
    # The signature covers its own header with b= empty and no line end behind it (RFC 6376 3.7).
    digest = hashlib.sha256(canonical + _relaxed(tags)[1].removesuffix(b"\r\n")).digest()
    value = b64encode(key.sign(digest))
    width = _FOLD_AT - len(" b=")
    return tags + b"\r\n ".join(value[at : at + width] for at in range(0, len(value), width)) + b"\r\n"


def _folded_names(names: list[str]) -> str:
    lines, line = [], f" h={names[0]}"
    for name in names[1:]:
        if len(line) + len(name) + 2 > _FOLD_AT:
            lines.append(f"{line}:")
            line = f"  {name}"
        else:
            line += f":{name}"
    return "\r\n".join([*lines, line])
