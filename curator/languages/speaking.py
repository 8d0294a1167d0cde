"""One language's words, with its dates and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.core import UnknownLocaleError

from curator.languages import catalogs, tags

# The house's English is British where a tag says no region.
_HOUSE_ENGLISH = "en_GB"


def msgid(message: str) -> str:
    """Returns a message as it is; it stands in the catalogs, and is said where the language is known."""
    return message


@dataclass(frozen=True)
class Speech:
    """One language's words. `lang` is the language they are really in: English where the house has no other words.

    `language` is the tag that was asked for.
    """

    lang: str
    language: str = "en"
    words: NullTranslations = field(default_factory=NullTranslations, repr=False, compare=False)

    @property
    def is_foreign(self) -> bool:
        """Whether the words are English for want of the language's own."""
        return tags.base(self.lang) != tags.base(self.language)

    @property
    def direction(self) -> str:
        """Which way the words are written: "ltr" or "rtl"."""
        return tags.direction(self.lang)

    @cached_property
    def locale(self) -> Locale:
        """Whose dates and numbers are used."""
        for tag in tags.lookup(self.lang):
            try:
                return Locale.parse(_HOUSE_ENGLISH if tag == "en" else tag, sep="_" if tag == "en" else "-")
            except (UnknownLocaleError, ValueError):
                continue
        return Locale.parse(_HOUSE_ENGLISH)

    def gettext(self, message: str, /, **values: object) -> str:
        """Returns a message in this language, with `%(name)s` filled in; the message is its English words."""
        # The empty message is the catalog's own head.
        said = self.words.gettext(message) if message else ""
        return said % values if values else said

    def ngettext(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Returns the form of a message that belongs to a number, which is `%(num)s` where values are given."""
        said = self.words.ngettext(one, many, number)
        return said % {"num": self.number(number), **values} if values else said

    def counted(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Returns a number with its noun: "1 issue", "4,812 issues"; the number is `%(num)s`."""
        return self.words.ngettext(one, many, number) % {"num": self.number(number), **values}

    def number(self, number: float) -> str:
        """Returns a number as the language writes it: "4,812"."""
        return numbers.format_decimal(number, locale=self.locale)

    def dated(self, on: date) -> str:
        """Returns "1 December 2026"."""
        return dates.format_date(_day(on), "long", locale=self.locale)

    def dated_in(self, at: datetime, zone: str) -> str:
        """Returns the day of a moment on a zone's calendar, as `dated` does."""
        return self.dated(at.astimezone(ZoneInfo(zone)))

    def day(self, on: date) -> str:
        """Returns "1 December"."""
        return dates.format_skeleton("MMMMd", _day(on), locale=self.locale)

    def month(self, on: date) -> str:
        """Returns "December 2026"."""
        return dates.format_skeleton("yMMMM", _day(on), locale=self.locale)

    def dates(self, first: date, last: date) -> str:
        """Returns a range of days: "3 – 5 Dec 2026"."""
        return dates.format_interval(_day(first), _day(last), "yMMMMd", locale=self.locale)

    def weekday(self, number: int) -> str:
        """Returns the name of a weekday, of which Monday is 0."""
        return str(dates.get_day_names("wide", "stand-alone", self.locale)[number])

    def clock(self, at: datetime, zone: str) -> str:
        """Returns the time of a moment on a zone's clock: "07:00"."""
        return self.time(at.astimezone(ZoneInfo(zone)).time())

    def time(self, at: time) -> str:
        """Returns a time of day: "07:00", "7:00 AM"."""
        return dates.format_time(at, "short", locale=self.locale)

    def moment(self, at: datetime, zone: str) -> str:
        """Returns "Monday 16 November 2026 at 09:00 (Europe/London)"."""
        local = at.astimezone(ZoneInfo(zone))
        return self.gettext(
            "%(weekday)s %(date)s at %(time)s (%(zone)s)",
            weekday=self.weekday(local.weekday()),
            date=self.dated(local),
            time=self.clock(at, zone),
            zone=zone,
        )

    def duration(self, minutes: int) -> str:
        """Returns a length of time: "38 min", "1 h 4 min"."""
        hours, rest = divmod(minutes, 60)
        if not hours:
            return self.gettext("%(minutes)s min", minutes=rest)
        if not rest:
            return self.gettext("%(hours)s h", hours=hours)
        return self.gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)

    def length(self, seconds: int) -> str:
        """Returns how long a recording is, to the minute."""
        return self.duration(max(1, round(seconds / 60)))

    def joined(self, names: Sequence[str]) -> str:
        """Returns "a, b and c"."""
        if len(names) < 2:
            return "".join(names)
        return self.gettext("%(first)s and %(last)s", first=self.comma.join(names[:-1]), last=names[-1])

    @property
    def comma(self) -> str:
        """What stands between the parts of a list."""
        return "، " if self.direction == "rtl" else ", "


ENGLISH = Speech("en")


def known() -> frozenset[str]:
    """Returns the languages that the house has words of, English among them."""
    return catalogs.languages() | {"en"}


@lru_cache(maxsize=128)
def speech(language: str) -> Speech:
    """Returns the words of a language (a BCP 47 tag); English where there are none.

    A region chooses among catalogs where there are several, and dates and numbers where there is one.
    """
    for tag in tags.lookup(language):
        if tag == "en":
            return Speech(language, language)
        if tag in catalogs.languages():
            return Speech(language, language, catalogs.words(tag))
    return Speech("en", language)


def _day(at: date) -> date:
    return at.date() if isinstance(at, datetime) else at
