"""The demo's one promise, checked: no mail leaves this machine."""

from ipaddress import ip_address
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from curator.errors import SettingError
from curator.settings import Settings


def require_loopback(settings: Settings) -> None:
    """Raises SettingError unless mail goes to this very machine and the web answers to it alone."""
    if not _stays_here(settings.smtp_url or ""):
        raise SettingError("CURATOR_SMTP_URL", "names another machine; the demo sends mail to its own sink only.")
    if not all(_stays_here(each.url) for each in settings.transports):
        raise SettingError("CURATOR_TRANSPORTS", "names another machine; the demo sends mail to its own sink only.")
    if not is_loopback(settings.bind_host):
        raise SettingError("CURATOR_BIND", "names another address than 127.0.0.1; the demo is for this machine only.")


def _stays_here(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


def is_loopback(host: str) -> bool:
    """Tells whether a host is an address of this very machine; a name is not, whatever it leads to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def offline(folder: Path, *, public_url: str, smtp_url: str, **more: Any) -> Settings:
    """Returns the settings of a line that runs by itself in a folder and reaches nothing but this machine."""
    settings = Settings(
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'curator.sqlite3'}",
        secret_key=token_urlsafe(48),
        public_url=public_url,
        smtp_url=smtp_url,
        allow_private_addresses=True,
        is_demo=True,
        **more,
    )
    require_loopback(settings)
    return settings
