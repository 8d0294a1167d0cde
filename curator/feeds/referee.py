"""What feedparser does to single words, for the quick reader, which must do the same."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from feedparser.datetimes import _parse_date
from feedparser.html import _cp1252
from feedparser.mixin import _FeedParserMixin
from feedparser.urls import _urljoin, make_safe_absolute_uri

PREFIXES: dict[str, str] = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items() if uri}
"""The prefix by which feedparser knows each namespace; empty for those of RSS and Atom themselves."""

_WHOLE_URL = re.compile(r"https?://[\w.-]+/[\w/.,:@!$&'()*+=~%-]*(?:\?[\w/.,:@!$&'()*+=~%?-]+)?", re.ASCII)
_RFC_822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|Z|([+-])(\d\d)(\d\d))",
    re.ASCII,
)
_RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII | re.IGNORECASE
)
_C1 = re.compile("[\x80-\x9f]")
_MONTHS = {
    name: n
    for n, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}


def looks_like_html(text: str) -> bool:
    """Tells whether feedparser would take what is called plain text for HTML."""
    return ("</" in text or "&" in text) and bool(_FeedParserMixin.looks_like_html(text))


def mended(text: str) -> str:
    """Returns text with UTF-8 that was read as Latin-1 put right, and Windows-1252 where Latin-1 has controls."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return str(text.translate(_cp1252)) if _C1.search(text) else text


def joined(base: str, url: str) -> str:
    """Returns a URL against its base, whatever its scheme."""
    return url if _WHOLE_URL.fullmatch(url) else str(_urljoin(base, url))


def safe_base(base: str, url: str) -> str:
    """Returns what an element's `xml:base` makes of the base around it."""
    return str(make_safe_absolute_uri(base, url) or base) if base else str(_urljoin(base, url))


def moment(text: str) -> datetime | Any:
    """Returns a date as a moment where it is written as the standards say, else as the nine numbers of feedparser."""
    found = _RFC_822.fullmatch(text)
    if found:
        day, month, year, *rest = found.groups()
        return _moment(year, _MONTHS.get(month), day, *rest) or _parse_date(text)
    found = _RFC_3339.fullmatch(text)
    return (_moment(*found.groups()) if found else None) or _parse_date(text)


def _moment(*parts: Any) -> datetime | None:
    """Returns the moment of year, month, day, hour, minute, second, and the zone's sign, hours and minutes."""
    *numbers, sign, hours, minutes = parts
    try:
        year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
        stated = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        ahead = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
        return stated + ahead if sign == "-" else stated - ahead
    except (ValueError, OverflowError):
        return None


class _Context:
    """As much of feedparser's reader as it needs to take an author apart."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self._facts = facts

    def _get_context(self) -> dict[str, Any]:
        return self._facts


def sync_author(facts: dict[str, Any]) -> None:
    """Makes author and author_detail of an entry agree, an address in the author's name taken out of it."""
    _FeedParserMixin._sync_author_detail(_Context(facts))  # noqa: SLF001 - the referee's own rule
