"""From the URL in a setting to a transport."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from curator.errors import SettingError
from curator.mailings.transports.maildir import MaildirTransport
from curator.mailings.transports.port import Transport
from curator.mailings.transports.smtp import SmtpTransport


def transport_for(url: str) -> Transport:
    """Returns the transport that a checked CURATOR_SMTP_URL names; opens no connection yet."""
    match urlsplit(url).scheme:
        case "maildir":
            return MaildirTransport(Path(unquote(urlsplit(url).path)))
        case "ses":
            return _ses(url)
        case _:
            return SmtpTransport(url)


def _ses(url: str) -> Transport:
    # Amazon's library is an optional extra, and loading it takes half a second.
    try:
        from curator.mailings.transports.ses import SesTransport
    except ModuleNotFoundError as error:
        raise SettingError(
            "CURATOR_SMTP_URL", "names Amazon SES, whose library is missing: pip install 'curator[ses]'."
        ) from error
    return SesTransport(url)
