"""From the URL in a setting to a transport and its limits."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from curator.errors import SettingError
from curator.mailings.dkim import Keyring
from curator.mailings.pacing import Limits
from curator.mailings.transports.maildir import MaildirTransport
from curator.mailings.transports.marked import MarkedTransport, header_for
from curator.mailings.transports.port import Transport
from curator.mailings.transports.signed import SignedTransport
from curator.mailings.transports.smtp import SmtpTransport

NO_KEYS = Keyring()


def transport_for(url: str, keyring: Keyring = NO_KEYS, *, setting: str = "CURATOR_SMTP_URL") -> Transport:
    """Returns the transport that a checked URL names, signing with our keys; opens no connection yet.

    SettingError names the `setting` that the URL stands in. Amazon signs by itself, and changes headers that a
    signature of ours would cover.
    """
    match urlsplit(url).scheme:
        case "maildir":
            transport: Transport = MaildirTransport(Path(unquote(urlsplit(url).path)))
        case "ses":
            return _ses(url, setting)
        case _:
            header = header_for(urlsplit(url).hostname or "")
            transport = SmtpTransport(url) if header is None else MarkedTransport(SmtpTransport(url), header)
    return SignedTransport(transport, keyring) if keyring.keys else transport


def limits_of(url: str, *, domains: Mapping[str, float]) -> Limits:
    """Returns what the transport of a checked URL may send; the rates of `domains` hold for every transport."""
    words = dict(parse_qsl(urlsplit(url).query))
    return Limits(
        per_second=float(words["per_second"]) if "per_second" in words else None,
        per_day=int(words["per_day"]) if "per_day" in words else None,
        warm_up_on=date.fromisoformat(words["warm_up"]) if "warm_up" in words else None,
        domains=domains,
    )


def _ses(url: str, setting: str) -> Transport:
    # Amazon's library is an optional extra, and loading it takes half a second.
    try:
        from botocore.exceptions import BotoCoreError

        from curator.mailings.transports.ses import SesTransport
    except ModuleNotFoundError as error:
        raise SettingError(
            setting, "names Amazon SES, whose library is missing: pip install 'curator[ses]'."
        ) from error
    try:
        return SesTransport(url)
    except (BotoCoreError, ValueError):
        # Not chained: the library's words may quote what it was given.
        form = "ses://REGION, or ses://KEY_ID:SECRET@REGION with both of them, such as ses://eu-west-1"
        raise SettingError(
            setting, f"names Amazon SES in a way that its library does not take; it must be {form}."
        ) from None
