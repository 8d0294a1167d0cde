"""Podcast facts that feedparser drops: people, transcripts, chapters and soundbites, read from the elements."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from curator.feeds.normalize import one_line
from curator.feeds.tree import Element, Names
from curator.feeds.values import Chapter, ParsedEpisode, Person, Soundbite, TranscriptLink
from curator.feeds.words import duration_s, language_of, seconds, whole
from curator.http.urls import absolute_url

MAX_PEOPLE = 50
MAX_TRANSCRIPTS = 20
MAX_CHAPTERS = 500
MAX_SOUNDBITES = 50
"""What one item may list: a three-hour show has some 60 chapters; more than these is a mistake or an attack."""

_PREFERRED = ("text/vtt", "application/json", "application/x-subrip", "text/html")
_SAME_TYPES = {
    "application/srt": "application/x-subrip",
    "text/srt": "application/x-subrip",
    "text/json": _PREFERRED[1],
}
_BY_SUFFIX = {".vtt": "text/vtt", ".srt": "application/x-subrip", ".json": "application/json", ".html": "text/html"}
_EXPLICIT = {**dict.fromkeys(("yes", "true", "explicit"), True), **dict.fromkeys(("no", "false", "clean"), False)}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIOD_MINUTES = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_RULE_PART = re.compile(r"(FREQ|INTERVAL|BYDAY)=([A-Z0-9,+-]{1,80})", re.IGNORECASE)


@dataclass(frozen=True)
class Show:
    """What a podcast says once for all its episodes, and when it wants to be asked."""

    people: tuple[Person, ...] = ()
    is_explicit: bool | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    update_minutes: int | None = None


def show_of(channel: Element, names: Names, *, base: str) -> Show:
    """Returns what the channel says; a second word on the same matter is not listened to."""
    told = _Told(channel, names)
    return Show(
        people=_people(told, base),
        is_explicit=_EXPLICIT.get(told.text("itunes:explicit").lower()),
        skip_hours=tuple(sorted({hour % 24 for hour in _hours(told)})),
        skip_days=tuple(sorted({_DAYS.index(day) for day in told.inner("skipdays", "day") if day in _DAYS})),
        update_minutes=_update_minutes(told),
    )


def episode_of(item: Element, names: Names, *, show: Show, base: str) -> ParsedEpisode:
    """Returns the audio facts of an item; the show's people are the hosts of an episode that names nobody."""
    told = _Told(item, names)
    explicit = _EXPLICIT.get(told.text("itunes:explicit").lower())
    return ParsedEpisode(
        duration_s=duration_s(told.text("itunes:duration")),
        season=whole(told.text("podcast:season") or told.text("itunes:season"), low=0, high=100_000),
        number=whole(told.text("podcast:episode") or told.text("itunes:episode"), low=0, high=1_000_000),
        episode_type=one_line(told.text("itunes:episodetype"), limit=20).lower() or None,
        subtitle=one_line(told.text("itunes:subtitle"), limit=500),
        guid=one_line(told.text("podcast:guid") or told.text("guid") or told.text("id"), limit=200) or None,
        is_explicit=show.is_explicit if explicit is None else explicit,
        image_url=_url(told.attribute("itunes:image", "href"), base),
        author=one_line(told.text("itunes:author"), limit=300),
        location=one_line(told.text("podcast:location"), limit=200),
        chapters_url=_url(told.attribute("podcast:chapters", "url"), base),
        people=_people(told, base) or show.people,
        transcripts=_transcripts(told, base),
        chapters=_chapters(told, base),
        soundbites=_soundbites(told),
    )


class _Told:
    """The children of an element by name."""

    def __init__(self, element: Element, names: Names) -> None:
        self.names = names
        self._children: dict[str, list[Element]] = {}
        for child in element:
            if isinstance(child.tag, str):  # an entity that lxml leaves alone is no element
                self._children.setdefault(names[child.tag], []).append(child)

    def all(self, name: str, *, limit: int) -> list[Element]:
        """Returns at most `limit` children of a name."""
        return self._children.get(name, [])[:limit]

    def text(self, name: str) -> str:
        """Returns the text of the first child of a name that has any."""
        texts = ((child.text or "").strip()[:5000] for child in self.all(name, limit=5))
        return next((text for text in texts if text), "")

    def attribute(self, name: str, key: str) -> str:
        """Returns an attribute of the first child of a name that has it."""
        return next((found for child in self.all(name, limit=5) if (found := _attribute(child, key))), "")

    def inner(self, name: str, inner: str) -> Iterator[str]:
        """Yields the texts, lower case, of the elements of a name within the first child of another."""
        for child in self.all(name, limit=1):
            for part in child[:50]:
                if isinstance(part.tag, str) and self.names[part.tag] == inner:
                    yield (part.text or "").strip().lower()


def _people(told: _Told, base: str) -> tuple[Person, ...]:
    found: dict[tuple[str, str], Person] = {}
    for element in told.all("podcast:person", limit=MAX_PEOPLE):
        name = one_line(element.text or "", limit=200)
        role = one_line(_attribute(element, "role"), limit=60).lower() or "host"
        group = one_line(_attribute(element, "group"), limit=60).lower() or "cast"
        person = Person(
            name, role, group, _url(_attribute(element, "href"), base), _url(_attribute(element, "img"), base)
        )
        if name:
            found.setdefault((name.casefold(), role), person)
    return tuple(found.values())


def _transcripts(told: _Told, base: str) -> tuple[TranscriptLink, ...]:
    found: dict[str, TranscriptLink] = {}
    for element in told.all("podcast:transcript", limit=MAX_TRANSCRIPTS):
        url = _url(_attribute(element, "url"), base)
        if url:
            kind = _media_type(_attribute(element, "type"), url)
            is_captions = _attribute(element, "rel").lower() == "captions"
            language = language_of(_attribute(element, "language"))
            found.setdefault(url, TranscriptLink(url, kind, language, is_captions=is_captions))
    return tuple(sorted(found.values(), key=_preference))


def _media_type(stated: str, url: str) -> str:
    kind = one_line(stated.partition(";")[0], limit=100).lower()
    suffix = re.search(r"\.[a-z]{3,4}(?=$|[?#])", url.lower())
    return _SAME_TYPES.get(kind, kind) or _BY_SUFFIX.get(suffix[0] if suffix else "", "")


def _preference(link: TranscriptLink) -> int:
    return _PREFERRED.index(link.media_type) if link.media_type in _PREFERRED else len(_PREFERRED)


def _chapters(told: _Told, base: str) -> tuple[Chapter, ...]:
    found = []
    for element in (part for outer in told.all("psc:chapters", limit=1) for part in outer[:MAX_CHAPTERS]):
        title = one_line(_attribute(element, "title"), limit=500)
        if title and told.names[element.tag] == "psc:chapter":
            links = (_url(_attribute(element, key), base) for key in ("href", "image"))
            found.append(Chapter(seconds(_attribute(element, "start")), title, *links))
    return tuple(found)


def _soundbites(told: _Told) -> tuple[Soundbite, ...]:
    found = []
    for element in told.all("podcast:soundbite", limit=MAX_SOUNDBITES):
        start, length = seconds(_attribute(element, "starttime")), seconds(_attribute(element, "duration"))
        if start is not None and length:
            found.append(Soundbite(start, length, one_line(element.text or "", limit=200)))
    return tuple(found)


def _hours(told: _Told) -> Iterator[int]:
    for text in told.inner("skiphours", "hour"):
        hour = whole(text, low=0, high=24)
        if hour is not None:
            yield hour


def _update_minutes(told: _Told) -> int | None:
    for element in told.all("podcast:updatefrequency", limit=1):
        minutes = _rule_minutes(_attribute(element, "rrule"))
        if minutes:
            return minutes
    period = _PERIOD_MINUTES.get(told.text("sy:updateperiod").lower())
    times = whole(told.text("sy:updatefrequency"), low=1, high=1000) or 1
    return max(1, period // times) if period else None


def _rule_minutes(rule: str) -> int | None:
    """Returns the minutes between two moments of a recurrence rule (RFC 5545), as far as a poll needs to know."""
    parts = {name.upper(): value.upper() for name, value in _RULE_PART.findall(rule[:300])}
    period = _PERIOD_MINUTES.get(parts.get("FREQ", "").lower())
    interval = whole(parts.get("INTERVAL", "1"), low=1, high=1000)
    days = len(parts["BYDAY"].split(",")) if "BYDAY" in parts and parts.get("FREQ") == "WEEKLY" else 1
    return max(1, period * interval // days) if period and interval else None


def _attribute(element: Element, key: str) -> str:
    found: Any = element.get(key)
    if found is None:
        found = next((value for name, value in element.attrib.items() if name.lower() == key), "")
    return str(found).strip()[:2000]


def _url(text: str, base: str) -> str | None:
    return absolute_url(text, base=base) if text else None


Facts = Callable[[Element], ParsedEpisode]
"""What turns an item's element into its audio facts."""
