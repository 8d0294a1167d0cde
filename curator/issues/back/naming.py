"""Which number a back issue had and when it went out, from its head, its headings or its file's name. Pure."""

import re
from collections.abc import Iterable
from datetime import date

MOST_NUMBER = 100_000

_NUMBERED = re.compile(
    r"(?:\b(?:issue|edition|newsletter|number|no\.?|nr\.?|vol\.?|volume|ausgabe|numéro|número|edición)"
    r"[\s_-]*#?[\s_-]*|#\s?|第\s?)(\d{1,6})(?!\d|[-/.]\d)",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug"),
            *("september sep sept", "october oct", "november nov", "december dec"),
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?:19[89]|20\d|21\d)\d"
_BY_NUMBERS = re.compile(rf"(?<!\d)({_YEAR})[-_./年]\s?(\d{{1,2}})[-_./月]\s?(\d{{1,2}})(?!\d)")
_PACKED = re.compile(rf"(?<!\d)({_YEAR})(0[1-9]|1[0-2])([0-3]\d)(?!\d)")
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+({_YEAR})(?!\d)", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?({_MONTH})\.?,?\s+({_YEAR})(?!\d)", re.IGNORECASE
)
_LONE = re.compile(r"(?<![\d.])(\d{1,5})(?![\d.])")
_MOST_READ = 1_000


def number_in(words: str) -> int | None:
    """Returns the number that words name as an issue's: "Issue 41", "#41", "第41期"; None where they name none."""
    found = _NUMBERED.search(_undated(words[:_MOST_READ]))
    return None if found is None or not 0 < int(found[1]) <= MOST_NUMBER else int(found[1])


def number_of_name(name: str) -> int | None:
    """Returns the number in a file's name: named as one, else the only one besides its date ("2024-05-01-41.md")."""
    stem = _undated(name[:_MOST_READ].rpartition(".")[0] or name[:_MOST_READ])
    named = number_in(stem)
    if named is not None:
        return named
    lone = [int(found) for found in _LONE.findall(stem)]
    return lone[0] if len(lone) == 1 and 0 < lone[0] <= MOST_NUMBER else None


def number_behind(title: str) -> int | None:
    """Returns the number at the end of an issue's title, as in "Latent Letters 41"; a year is none."""
    words = _undated(title[:_MOST_READ]).split()
    number = plain_number(words[-1]) if words else None
    return number if number is not None and not 1980 <= number < 2200 else None


def plain_number(words: str) -> int | None:
    """Returns a number that stands alone, as in the head of a file."""
    text = words.strip().lstrip("#").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 and 0 < int(text) <= MOST_NUMBER else None


def date_in(words: str) -> date | None:
    """Returns the first date that words name: 2024-05-01, 20240501, May 1, 2024, 1 May 2024; None without one."""
    words = words[:_MOST_READ]
    for pattern, order in (
        (_BY_NUMBERS, (1, 2, 3)),
        (_PACKED, (1, 2, 3)),
        (_MONTH_FIRST, (3, 1, 2)),
        (_DAY_FIRST, (3, 2, 1)),
    ):
        for found in pattern.finditer(words):
            year, month, day = (found[place] for place in order)
            made = _date(int(year), _MONTHS.get(month.casefold()) or int(month), int(day))
            if made is not None:
                return made
    return None


def first_date(texts: Iterable[str]) -> date | None:
    """Returns the first date in any of these."""
    return next((found for text in texts if (found := date_in(text)) is not None), None)


def first_number(texts: Iterable[str]) -> int | None:
    """Returns the first issue's number in any of these."""
    return next((found for text in texts if (found := number_in(text)) is not None), None)


def _undated(words: str) -> str:
    for pattern in (_BY_NUMBERS, _PACKED, _MONTH_FIRST, _DAY_FIRST):
        words = pattern.sub(" ", words)
    return words


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
