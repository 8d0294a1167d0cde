"""Moments, lengths, sizes and fates in words that a person reads at a glance."""

from datetime import date, datetime, timedelta
from typing import assert_never
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from curator.letters.values import LetterState
from curator.mailings.eta import Eta
from curator.mailings.store import GOT_IT, MAY_HAVE_GOT_IT, NOT_IN_SEGMENT, TEST_MODE
from curator.newsletters.values import Tracking

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def moment(at: datetime, zone: str, now: datetime) -> str:
    """Returns "Tue 1 Dec 2026, 07:00 Europe/London (in 3 d 4 h)"."""
    return f"{date_time(at, zone)} {zone} ({distance(at, now)})"


def in_full(at: datetime, zone: str) -> str:
    """Returns "Tuesday 1 December 2026 at 07:00 Europe/London"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B} {local:%Y} at {local:%H:%M} {zone}"


def day(at: datetime, zone: str, now: datetime) -> str:
    """Returns "Tue 1 Dec" on the zone's calendar, with the year where it is another one."""
    local = at.astimezone(ZoneInfo(zone))
    year = "" if local.year == now.astimezone(ZoneInfo(zone)).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}"


def local_day(at: datetime, zone: str) -> date:
    """Returns the day that a moment is of on the zone's calendar."""
    return at.astimezone(ZoneInfo(zone)).date()


def date_time(at: datetime, zone: str) -> str:
    """Returns "Tue 1 Dec 2026, 07:00" on the zone's wall clock."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b} {local:%Y}, {local:%H:%M}"


def distance(at: datetime, now: datetime) -> str:
    """Returns "in 3 d 4 h", "in 40 s", "5 min ago" or "just now"."""
    away = at - now
    if abs(away) < _MINUTE:
        seconds = round(away.total_seconds())
        return f"in {seconds} s" if seconds > 0 else "just now"
    return f"in {span(away)}" if away > timedelta(0) else f"{span(-away)} ago"


def measured(clicks: Tracking, opens: Tracking) -> str:
    """Returns a sentence about what is noted when readers follow links and open the mail."""
    said = {
        Tracking.OFF: "are not noted",
        Tracking.AGGREGATE: "are noted as sums that name nobody",
        Tracking.INDIVIDUAL: "are noted by reader",
    }
    if clicks is opens:
        return f"Clicks and openings {said[clicks]}."
    return f"Clicks {said[clicks]}, openings {said[opens]}."


def moments_ago(at: datetime, now: datetime) -> str:
    """Returns "10 s ago", or "5 min ago": how long ago somebody else was quicker."""
    seconds = max(round((now - at).total_seconds()), 0)
    return f"{seconds} s ago" if seconds < 60 else f"{span(now - at)} ago"


def date_of(at: datetime, zone: str) -> str:
    """Returns "2026-12-01", as a date field wants it."""
    return at.astimezone(ZoneInfo(zone)).date().isoformat()


def countdown(until: datetime, now: datetime) -> str:
    """Returns how long it is until a moment, to the second: "4:12", "1:00:05"."""
    seconds = max(round((until - now).total_seconds()), 0)
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def arrival(told: Eta, zone: str, now: datetime) -> str:
    """Returns about when a mailing is done: "about 10 min left", "done about 14:30, pauses included", or nothing."""
    if told.done_at is None:
        return ""
    left = told.done_at - now
    if told.has_pauses or left > 3 * _HOUR:
        pauses = ", pauses included" if told.has_pauses else ""
        return f"done about {clock(told.done_at, zone, now)}{pauses}"
    # Rounded up: a promise that is kept is worth more than one that is close.
    return f"about {span(left + _MINUTE - timedelta(seconds=1))} left"


def clock(at: datetime, zone: str, now: datetime) -> str:
    """Returns a moment on the zone's wall clock, with its day where that is another one: "07:18 on Tue 1 Dec"."""
    local = at.astimezone(ZoneInfo(zone))
    day = "" if local.date() == now.astimezone(ZoneInfo(zone)).date() else f" on {local:%a} {local.day} {local:%b}"
    return f"{local:%H:%M}{day}"


def span(length: timedelta) -> str:
    """Returns a length of time in its two largest units that say something: "3 d 4 h", "2 h 5 min", "41 d"."""
    days, hours, minutes = length // _DAY, length % _DAY // _HOUR, length % _HOUR // _MINUTE
    if days >= 14:
        return f"{days} d"
    parts = [
        f"{days} d" if days else "",
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes and not days else "",
    ]
    return " ".join(part for part in parts if part) or "less than a minute"


def age(at: datetime, now: datetime) -> str:
    """Returns how long ago something was, in one unit: "12 min", "5 h", "3 d", "8 months", "4 years"."""
    past = max(now - at, timedelta(0))
    if past < _HOUR:
        return f"{max(past // _MINUTE, 1)} min"
    if past < 2 * _DAY:
        return f"{past // _HOUR} h"
    if past < 90 * _DAY:
        return f"{past // _DAY} d"
    if past < 730 * _DAY:
        return f"{past // (30 * _DAY)} months"
    return f"{past // (365 * _DAY)} years"


def length(seconds: int) -> str:
    """Returns an episode's length: "41 min", "1 h 5 min", "50 s"."""
    return f"{seconds} s" if seconds < 60 else span(timedelta(minutes=round(seconds / 60)))


def size(number_of_bytes: int) -> str:
    """Returns a size: "61 KB"."""
    return f"{number_of_bytes / 1000:.0f} KB" if number_of_bytes >= 1000 else f"{number_of_bytes} bytes"


def count(number: int, one: str, many: str = "") -> str:
    """Returns a number with its noun: "1 reader", "4,812 readers"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def excerpt(text: str, at_most: int = 220) -> str:
    """Returns the beginning of a text, cut between words."""
    flat = " ".join(text.split())
    if len(flat) <= at_most:
        return flat
    head, _, _ = flat[: at_most + 1].rpartition(" ")
    return f"{head or flat[:at_most]} …"


def fate(state: LetterState) -> str:
    """Returns what became of a letter: "sent", "waits"."""
    match state:
        case LetterState.QUEUED:
            return "waits"
        case LetterState.SENDING:
            return "is leaving"
        case LetterState.HELD:
            return "held back"
        case LetterState.DROPPED:
            return "not sent"
        case LetterState.SENT | LetterState.REFUSED:
            return str(state)
        case _:
            assert_never(state)


# What the sender and the list note for machines, and what it means.
_LEFT_OUT = {
    "suppressed: bounced": "their address bounced",
    "suppressed: complained": "they called a mail spam",
    "suppressed: by hand": "somebody at the desk said never to mail them",
    "suppressed: erased": "they had their address erased",
    "erased": "they had their address erased",
    "not confirmed": "they have not confirmed yet",
    "unsubscribed": "they unsubscribed",
    NOT_IN_SEGMENT: "they are not in the segment that it goes to",
    TEST_MODE: "they are not at the desk, and this is a test",
    GOT_IT: "they had this issue already",
    MAY_HAVE_GOT_IT: "they may have had this issue already",
}


def left_out(reason: str) -> str:
    """Returns why a reader gets no message, in words: "their address bounced"; what is not known here as it stands."""
    return _LEFT_OUT.get(reason, reason or "no reason was noted")


def host(url: str) -> str:
    """Returns the site that a URL leads to: "podcast.example"."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url


def masked(address: str) -> str:
    """Returns an address as its owner recognises it and a stranger cannot use it: "a…@example.org"."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
