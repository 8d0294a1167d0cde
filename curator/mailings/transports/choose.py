"""From the URL in a setting to a transport."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from curator.errors import SettingError
from curator.mailings.dkim import Keyring
from curator.mailings.transports.maildir import MaildirTransport
from curator.mailings.transports.port import Transport
from curator.mailings.transports.signed import SignedTransport
from curator.mailings.transports.smtp import SmtpTransport

NO_KEYS = Keyring()


def transport_for(url: str, keyring: Keyring = NO_KEYS) -> Transport:
    """Returns the transport that a checked CURATOR_SMTP_URL names, signing with our keys; opens no connection yet.

    Amazon signs by itself, and changes headers that a signature of ours would cover.
    """
    match urlsplit(url).scheme:
        case "maildir":
            transport: Transport = MaildirTransport(Path(unquote(urlsplit(url).path)))
        case "ses":
            return _ses(url)
        case _:
            transport = SmtpTransport(url)
    return SignedTransport(transport, keyring) if keyring.keys else transport


def _ses(url: str) -> Transport:
    # Amazon's library is an optional extra, and loading it takes half a second.
    try:
        from curator.mailings.transports.ses import SesTransport
    except ModuleNotFoundError as error:
        raise SettingError(
            "CURATOR_SMTP_URL", "names Amazon SES, whose library is missing: pip install 'curator[ses]'."
        ) from error
    return SesTransport(url)
