"""What opens the doors of providers' webhooks: topics, keys, a name and a password."""

import re
from collections.abc import Mapping
from typing import Any

from curator.errors import SettingError

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+")
_POSTMARK = re.compile(r"[A-Za-z0-9_.-]{1,64}:[A-Za-z0-9_.~-]{16,128}")
# A P-256 public key in DER, as base64: SendGrid shows no other.
_SENDGRID_KEY = re.compile(r"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==")


def hooks(given: Mapping[str, str]) -> dict[str, Any]:
    """Returns what opens providers' doors. Wrong ones are not quoted: three of the four are secrets."""
    topics = tuple(given.get("CURATOR_HOOK_SES_TOPICS", "").split())
    if not all(_TOPIC.fullmatch(each) for each in topics):
        raise SettingError(
            "CURATOR_HOOK_SES_TOPICS",
            "must name topics of SNS, parted by blanks, like arn:aws:sns:eu-west-1:123456789012:mail.",
        )
    postmark, sendgrid = given.get("CURATOR_HOOK_POSTMARK", ""), given.get("CURATOR_HOOK_SENDGRID_KEY", "")
    if postmark and not _POSTMARK.fullmatch(postmark):
        raise SettingError(
            "CURATOR_HOOK_POSTMARK",
            "must be USER:PASSWORD, with 16 letters and digits or more behind the colon (openssl rand -hex 16).",
        )
    if sendgrid and not _SENDGRID_KEY.fullmatch(sendgrid):
        raise SettingError(
            "CURATOR_HOOK_SENDGRID_KEY", "must be the verification key that SendGrid shows: one line that begins MFkw."
        )
    mailgun = given.get("CURATOR_HOOK_MAILGUN_KEY", "").strip()
    if mailgun and len(mailgun) < 16:
        raise SettingError("CURATOR_HOOK_MAILGUN_KEY", "must be the HTTP webhook signing key that Mailgun shows.")
    return {
        "hook_ses_topics": topics,
        "hook_postmark": postmark,
        "hook_mailgun_key": mailgun,
        "hook_sendgrid_key": sendgrid,
    }
