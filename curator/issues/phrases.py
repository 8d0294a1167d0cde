"""The fixed words of mail that are more than one message: names in a row, lengths, days, labels. Pure.

A language without a catalog gets English, marked as English where it stands, so that a screen reader says it rightly.
"""

from datetime import date

from curator.languages import Speech, msgid, speech

_TO_LISTEN = frozenset(
    (msgid("Watch on"), msgid("Listen on"), msgid("Listen in"), msgid("Listen on the"), msgid("Subscribe by"))
)
_LABELS = frozenset((msgid("Sponsored"), msgid("Event"), msgid("From us")))


def of(language: str) -> Speech:
    """Returns the words of a language, or English."""
    return speech(language)


def dated(on: date, *, language: str) -> str:
    """Returns a date as readers see it; ISO 8601 in languages that the house has no words of."""
    say = speech(language)
    return f"{on:%Y-%m-%d}" if say.is_foreign else say.dated(on)


def place_to_listen(alt: str, *, language: str) -> str:
    """Returns what stands before a platform's name, "Listen on", in a language."""
    return speech(language).gettext(alt) if alt in _TO_LISTEN else alt


def label(words: str, *, language: str) -> str:
    """Returns a promotion's label in a language; what an editor wrote otherwise stays."""
    return speech(language).gettext(words) if words in _LABELS else words


def joined(names: list[str], *, language: str) -> str:
    """Returns "a, b and c"."""
    return speech(language).joined(names)


def length(duration_s: int | None, *, language: str) -> str:
    """Returns "38 min" or "1 h 4 min"; nothing for what is unknown or shorter than half a minute."""
    if duration_s is None or duration_s < 30:
        return ""
    return speech(language).duration(round(duration_s / 60))


def within(days: int, *, language: str) -> str:
    """Returns "in 2 days", "in a week", "in 5 weeks"; what is no whole week is rounded to one from three on."""
    say = speech(language)
    if is_in_days(days):
        return say.counted("in a day", "in %(num)s days", days)
    return say.counted("in a week", "in %(num)s weeks", round(days / 7))


def before(days: int, *, language: str) -> str:
    """Returns "in the 2 days before", "in the week before"."""
    say = speech(language)
    if is_in_days(days):
        return say.counted("in the day before", "in the %(num)s days before", days)
    return say.counted("in the week before", "in the %(num)s weeks before", round(days / 7))


def is_in_days(days: int) -> bool:
    """Tells whether a length of time is told in days: weeks that are none are rounded from three on."""
    return days < 7 or (days % 7 != 0 and round(days / 7) < 3)
