"""The demo's one promise, checked: no mail leaves this machine."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from curator.errors import SettingError
from curator.settings import Settings


def require_loopback(settings: Settings) -> None:
    """Raises SettingError unless mail goes to this very machine and the web answers to it alone."""
    smtp_host = urlsplit(settings.smtp_url or "").hostname or ""
    if not _is_loopback(smtp_host):
        raise SettingError("CURATOR_SMTP_URL", "names another machine; the demo sends mail to its own sink only.")
    if not _is_loopback(settings.bind_host):
        raise SettingError("CURATOR_BIND", "names another address than 127.0.0.1; the demo is for this machine only.")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
