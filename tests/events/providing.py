"""Calls as providers make them, signed with keys that are made for the run."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from curator.events.providers import signatures
from curator.events.providers.judge import Call, Doors
from curator.events.providers.values import Provider

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
CONFIRM_URL = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc"
MAILGUN_KEY = "key-of-the-webhook-that-signs"
POSTMARK = "curator:0123456789abcdef"
SECRET = "the-end-of-the-address"


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def sendgrid_key() -> str:
    der = ec_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def doors() -> Doors:
    return Doors((TOPIC,), POSTMARK, (SECRET,), MAILGUN_KEY, sendgrid_key())


@cache
def certificate(ends: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    begun = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(rsa_key().public_key())
    dated = begun.serial_number(1).not_valid_before(ends - timedelta(days=3000)).not_valid_after(ends)
    return dated.sign(rsa_key(), hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def sns(message: Any, *, at: datetime, id_: str = "m-1", version: str = "2", **changed: Any) -> dict[str, Any]:
    told = {
        "Type": "Notification",
        "MessageId": id_,
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": at.isoformat().replace("+00:00", "Z"),
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE_URL,
        **changed,
    }
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303 - the scheme's own
    signature = rsa_key().sign(signatures.sns_signed(told), padding.PKCS1v15(), algorithm)
    return told | {"Signature": base64.b64encode(signature).decode()}


def ses_call(told: dict[str, Any]) -> Call:
    return Call(Provider.SES, json.dumps(told).encode(), mimetype="text/plain")


def mailgun_call(event: dict[str, Any], *, at: datetime, token: str = "t" * 50, key: str = MAILGUN_KEY) -> Call:
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    told = {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": event}
    return Call(Provider.MAILGUN, json.dumps(told).encode())


def sendgrid_call(events: Any, *, at: datetime) -> Call:
    body, timestamp = json.dumps(events).encode(), str(int(at.timestamp()))
    signature = ec_key().sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return Call(Provider.SENDGRID, body, timestamp=timestamp, signature=base64.b64encode(signature).decode())


def postmark_call(told: dict[str, Any]) -> Call:
    authorization = "Basic " + base64.b64encode(POSTMARK.encode()).decode()
    return Call(Provider.POSTMARK, json.dumps(told).encode(), secret=SECRET, authorization=authorization)


def ses_message(kind: str, *, message_id: str = "", source: str = "", **more: Any) -> dict[str, Any]:
    """What SES says of a message; `message_id` is ours, as it stands among the headers."""
    headers = [{"name": "Message-ID", "value": message_id}] if message_id else []
    mail = {"messageId": "0100-amazon", "source": source, "headers": headers}
    return {"notificationType": kind, "mail": mail, **more}


def ses_bounce(kind: str, sort: str, status: str, words: str, **named: str) -> dict[str, Any]:
    person = {"emailAddress": "r@example.org", "action": "failed", "status": status, "diagnosticCode": words}
    bounce = {
        "bounceType": kind,
        "bounceSubType": sort,
        "bouncedRecipients": [person],
        "feedbackId": "f-1",
        "timestamp": "2026-11-16T08:59:00.000Z",
    }
    return ses_message("Bounce", **named, bounce=bounce)  # type: ignore[arg-type]  # names of headers
