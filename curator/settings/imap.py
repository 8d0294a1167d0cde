"""A mailbox that bounces or answers come to, where it lies on another machine (IMAP)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from curator.errors import SettingError

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class ImapUrl:
    """A folder of a mailbox: `tls` is "implicit" (imaps), "starttls" (imap), or "none", which only loopback may be."""

    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)
    folder: str
    tls: str


def imap_url(given: Mapping[str, str], name: str) -> ImapUrl | None:
    """Returns a mailbox, None where none is set. Raises SettingError, which quotes nothing: a password stands in it."""
    if name not in given:
        return None
    try:
        found = _read(given[name])
    except ValueError:
        found = None
    if found is None:
        raise SettingError(
            name,
            "must be like imaps://bounces:PASSWORD@mail.podcast.example/INBOX (imap:// for STARTTLS); write : / @ % in "
            "user and password as %3A %2F %40 %25.",
        )
    return found


def _read(value: str) -> ImapUrl | None:
    parts = urlsplit(value)
    words = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    host, user, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    is_plain = words == {"tls": "none"} and parts.scheme == "imap" and host in _LOOPBACK
    is_whole = bool(host and user and password) and not parts.fragment and parts.scheme in ("imap", "imaps")
    # What stands in a command's quotes: no control character, and no way out of them.
    is_clean = all(each.isprintable() and each.isascii() for each in (user, password, folder)) and '"' not in folder
    if not is_whole or not is_clean or (words and not is_plain):
        return None
    tls = "none" if is_plain else "implicit" if parts.scheme == "imaps" else "starttls"
    return ImapUrl(host, parts.port or (993 if tls == "implicit" else 143), user, password, folder, tls)
