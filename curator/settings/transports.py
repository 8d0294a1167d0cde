"""What hands mail over: the transports' URLs and what may stand in them, pace by domain, where bounces come back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from curator.errors import SettingError
from curator.settings.reading import DNS_NAME

# With a plus and a token of 37 characters, 26 make the 64 that a local part may have (RFC 5321 4.5.3.1.1).
_BOUNCE_LOCAL = re.compile(r"(?=.{1,26}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_TRANSPORT_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_TRANSPORT_NAME = 40

USUAL_TRANSPORT = "usual"
"""How the transport of CURATOR_SMTP_URL is called where an empty name would mean none."""


@dataclass(frozen=True)
class TransportUrl:
    """A transport that newsletters may choose by name. Its URL may hold a password."""

    name: str
    url: str = field(repr=False)


def smtp_url(value: str | None) -> str | None:
    """Returns the URL of the usual transport as it stands; raises SettingError for what is none."""
    if value is not None and not _is_transport(value):
        raise SettingError("CURATOR_SMTP_URL", f"{_TRANSPORT_FORM}.")
    return value


_TRANSPORT_FORM = (
    "must be like smtp+starttls://USER:PASSWORD@mail.example.org:587?per_connection=100 "
    "(or smtp://, smtps://, maildir:///FOLDER, ses://REGION)"
)


def transports(value: str) -> tuple[TransportUrl, ...]:
    """Reads NAME=URL, parted by blanks. A wrong one is told by its name: its URL may hold a password."""
    found: list[TransportUrl] = []
    for number, each in enumerate(value.split(), start=1):
        name, is_named, url = each.partition("=")
        if not is_named or not _TRANSPORT_NAME.fullmatch(name) or len(name) > _LONGEST_TRANSPORT_NAME:
            what = f"{_ordinal(number)} transport has no name of lower-case letters and digits: write bulk=smtps://..."
            raise SettingError("CURATOR_TRANSPORTS", f"is wrong: its {what}")
        if name == USUAL_TRANSPORT or name in {one.name for one in found}:
            why = "means the one of CURATOR_SMTP_URL" if name == USUAL_TRANSPORT else "stands there twice"
            raise SettingError("CURATOR_TRANSPORTS", f"is wrong: the name {name!r} {why}. Choose another.")
        if not _is_transport(url):
            raise SettingError("CURATOR_TRANSPORTS", f"is wrong: the URL of {name!r} {_TRANSPORT_FORM}.")
        found.append(TransportUrl(name, url))
    return tuple(found)


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _is_transport(url: str) -> bool:
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        return _names_transport(parts, query)
    except ValueError:
        return False


def _is_count(text: str, *, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most


def _is_rate(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text) is not None and 0.001 <= float(text) <= 100_000


def _is_date(text: str) -> bool:
    return date.fromisoformat(text) is not None


# What may stand behind the ? of a transport's URL, and what tells whether it is right.
_LIMITS: Mapping[str, Callable[[str], bool]] = {
    "per_second": _is_rate,
    "per_day": lambda text: _is_count(text, most=1_000_000_000),
    "warm_up": _is_date,
}
_SMTP_WORDS = {
    "per_connection": lambda text: _is_count(text, most=100_000),
    "connections": lambda text: _is_count(text, most=50),
    **_LIMITS,
}
_SES_WORDS = {"configuration_set": lambda _text: True, **_LIMITS}


def _names_transport(parts: SplitResult, query: Mapping[str, str]) -> bool:
    """Tells whether the parts of a URL name a transport; ValueError says no too."""
    match parts.scheme:
        case "smtp" | "smtps" | "smtp+starttls":
            is_place = bool(parts.hostname) and parts.port != 0 and parts.path in ("", "/")
            return is_place and _are_right(query, _SMTP_WORDS)
        case "maildir":
            is_place = not parts.netloc and len(parts.path) > 1 and "\0" not in unquote(parts.path)
            return is_place and _are_right(query, _LIMITS)
        case "ses":
            return bool(parts.hostname) and parts.port is None and _are_right(query, _SES_WORDS)
    return False


def _are_right(query: Mapping[str, str], words: Mapping[str, Callable[[str], bool]]) -> bool:
    return all(word in words and words[word](value) for word, value in query.items())


def domain_rates(value: str) -> dict[str, float]:
    """Reads DOMAIN=RATE, parted by blanks: messages a second."""
    rates: dict[str, float] = {}
    for each in value.split():
        domain, _, rate = each.lower().partition("=")
        if not DNS_NAME.fullmatch(domain) or "." not in domain or not _is_rate(rate) or domain in rates:
            what = f"{each!r} is not like gmail.com=20 (messages a second), or stands there twice"
            raise SettingError("CURATOR_DOMAIN_RATES", f"is wrong: {what}.")
        rates[domain] = float(rate)
    return rates


def tagged_address(given: Mapping[str, str], name: str) -> str | None:
    """Returns an address that has room for a token behind a plus, in lower case; raises SettingError."""
    if name not in given:
        return None
    local, _, domain = given[name].lower().rpartition("@")
    if not _BOUNCE_LOCAL.fullmatch(local) or not DNS_NAME.fullmatch(domain) or "." not in domain:
        raise SettingError(
            name,
            "must be like bounces@podcast.example: at most 26 letters, digits and . _ - before the @.",
        )
    return f"{local}@{domain}"
