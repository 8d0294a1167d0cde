"""Whether a call comes from the provider that it says: one way for each. Pure.

Comparisons take the same time however much fits. A key that cannot be read proves nothing.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from curator.events.providers.values import text

_NOTIFIED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_ASKED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SNS_HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - version 1 is what SNS signs with unless told otherwise
_SNS_HOST = re.compile(r"sns\.([a-z0-9-]{1,40})\.amazonaws\.com(?:\.cn)?")
_SNS_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{8,64}\.pem")
_TOPIC = re.compile(r"arn:aws[a-z-]{0,20}:sns:([a-z0-9-]{1,40}):\d{12}:[A-Za-z0-9_.-]{1,256}")


def is_by_mailgun(key: str, *, timestamp: str, token: str, signature: str) -> bool:
    """Tells whether an HMAC over timestamp and token was made with the account's webhook signing key."""
    right = hmac.digest(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hex()
    return hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace"))


def is_by_sendgrid(public_key: str, *, timestamp: str, body: bytes, signature: str) -> bool:
    """Tells whether the holder of the key that belongs to `public_key` signed timestamp and body as they came."""
    key = sendgrid_key(public_key)
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(signature, validate=True), timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@lru_cache(8)
def sendgrid_key(public_key: str) -> ec.EllipticCurvePublicKey | None:
    """Returns the key that SendGrid shows as one line of base64; None for what is none."""
    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None


def is_given(wanted: str, authorization: str) -> bool:
    """Tells whether an Authorization header holds `wanted`, which is USER:PASSWORD (RFC 7617)."""
    scheme, _, given = authorization.partition(" ")
    right = base64.b64encode(wanted.encode())
    return scheme.lower() == "basic" and hmac.compare_digest(right, given.strip().encode("utf-8", "replace"))


def is_by_sns(certificate: str, envelope: Mapping[str, Any], *, now: datetime) -> bool:
    """Tells whether a message of SNS was signed with the key of a certificate that is good now."""
    found = _certificate(certificate)
    algorithm = _SNS_HASHES.get(text(envelope, "SignatureVersion"))
    if found is None or algorithm is None or not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        return False
    key = found.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        signature = base64.b64decode(text(envelope, "Signature"), validate=True)
        key.verify(signature, sns_signed(envelope), padding.PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def sns_signed(envelope: Mapping[str, Any]) -> bytes:
    """Returns what a message's signature is over: names and values line by line, as SNS documents it."""
    names = _NOTIFIED if envelope.get("Type") == "Notification" else _ASKED
    lines = [f"{name}\n{value}\n" for name in names if isinstance(value := envelope.get(name), str)]
    return "".join(lines).encode("utf-8", "replace")


def sns_certificate_url(envelope: Mapping[str, Any]) -> str | None:
    """Returns where the certificate of a message lies; None where that is no address of SNS in the topic's region."""
    given = text(envelope, "SigningCertURL")
    parts = urlsplit(given) if _is_of_sns(given, text(envelope, "TopicArn")) else None
    is_good = parts is not None and not parts.query and _SNS_CERTIFICATE.fullmatch(parts.path)
    return given if is_good else None


def sns_confirmation_url(envelope: Mapping[str, Any]) -> str | None:
    """Returns the address that confirms a subscription; None where it is no address of SNS in the topic's region."""
    given = text(envelope, "SubscribeURL")
    return given if _is_of_sns(given, text(envelope, "TopicArn")) and len(given) <= 2000 else None


def is_topic(arn: str) -> bool:
    """Tells whether something is the name of a topic of SNS."""
    return _TOPIC.fullmatch(arn) is not None


def _is_of_sns(url: str, topic: str) -> bool:
    region = _TOPIC.fullmatch(topic)
    try:
        parts = urlsplit(url)
        host = _SNS_HOST.fullmatch(parts.netloc)
    except ValueError:
        return False
    is_there = host is not None and region is not None and host.group(1) == region.group(1)
    return is_there and parts.scheme == "https" and not parts.fragment and url.isascii()


@lru_cache(8)
def _certificate(pem: str) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
