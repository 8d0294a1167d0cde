"""Reads a filter from its text: `tag:speaker and clicked within 90 days`. Pure.

filter = all ("or" all)*     all = one ("and" one)*     one = "not" one | "(" filter ")" | term
term = ("tag" | "interest" | "source" | "is") ":" name | ("clicked" | "joined" | "left") when
when = "within" NUMBER ("days" | "weeks") | "before" DAY | "since" DAY | (of clicked and left) nothing
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from curator.audience.segments.values import (
    All,
    Before,
    CameFrom,
    Deed,
    Did,
    Ever,
    Fact,
    Filter,
    Interested,
    Is,
    Not,
    Since,
    Some,
    Tagged,
    When,
    Within,
)
from curator.audience.segments.words import Kind, Piece, WordsError, pieces

MAX_DEPTH = 12
"""Brackets and nots within each other: deeper is no filter that a person can read, and a database reads it slowly."""

MAX_TERMS = 40
"""Each costs a look into an index for every reader."""

MAX_DAYS = 3650
MAX_NAME = 100

_NAMED: dict[str, Callable[[str], Filter]] = {"tag": Tagged, "interest": Interested, "source": CameFrom}
_EXAMPLES = {
    "tag": "tag:speaker",
    "interest": 'interest:"Vector search"',
    "source": "source:import",
    "is": "is:paused",
}
_DEEDS = {deed.value: deed for deed in Deed}
_UNITS = {"day": 1, "days": 1, "week": 7, "weeks": 7}
_BEGINNINGS = (*_NAMED, "is", *_DEEDS, "not")
_TERM = 'a term, such as tag:speaker, interest:"Vector search", clicked within 90 days or is:paused'


def parse(text: str) -> Filter:
    """Returns the filter that a text says. Raises WordsError, which says where it stops being one and what to do."""
    reader = _Reader(pieces(text))
    if len(reader.pieces) == 1:
        raise WordsError(f"nothing is said yet. Write {_TERM}.", place=1)
    found = _some(reader, depth=0)
    rest = reader.next
    if rest.kind is not Kind.END:
        raise _behind(rest)
    return found


@dataclass
class _Reader:
    """Walks over the pieces; counts the terms."""

    pieces: list[Piece]
    at: int = 0
    terms: int = 0

    @property
    def next(self) -> Piece:
        return self.pieces[self.at]

    def take(self) -> Piece:
        piece = self.pieces[self.at]
        self.at += piece.kind is not Kind.END
        return piece

    def takes(self, *texts: str) -> bool:
        """Steps over one of these words or signs, if it comes next."""
        is_here = self.next.kind in (Kind.WORD, Kind.SIGN) and self.next.text.lower() in texts
        self.at += is_here
        return is_here


def _some(reader: _Reader, *, depth: int) -> Filter:
    parts = [_all(reader, depth=depth)]
    while reader.takes("or"):
        parts.append(_all(reader, depth=depth))
    return parts[0] if len(parts) == 1 else Some(tuple(parts))


def _all(reader: _Reader, *, depth: int) -> Filter:
    parts = [_one(reader, depth=depth)]
    while reader.takes("and"):
        parts.append(_one(reader, depth=depth))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _one(reader: _Reader, *, depth: int) -> Filter:
    here = reader.next
    if depth > MAX_DEPTH:
        raise WordsError(
            f"more than {MAX_DEPTH} brackets and nots within each other. Say it plainer.", place=here.place
        )
    if reader.takes("not"):
        return Not(_one(reader, depth=depth + 1))
    if reader.takes("("):
        found = _some(reader, depth=depth + 1)
        if not reader.takes(")"):
            raise WordsError(
                f"the bracket of character {here.place} is not closed here. Put “)”.", place=reader.next.place
            )
        return found
    return _term(reader)


def _term(reader: _Reader) -> Filter:
    piece = reader.take()
    reader.terms += 1
    if reader.terms > MAX_TERMS:
        raise WordsError(f"more than {MAX_TERMS} terms. Make two segments of it.", place=piece.place)
    word = piece.text.lower() if piece.kind is Kind.WORD else ""
    if word in _DEEDS:
        return Did(_DEEDS[word], _when(reader, _DEEDS[word]))
    if word == "is":
        return Is(_fact(_name(reader, "is")))
    if word in _NAMED:
        return _NAMED[word](_name(reader, word).text)
    raise _no_term(piece)


def _name(reader: _Reader, of: str) -> Piece:
    """Returns the name behind a term and its colon, in one line."""
    example = _EXAMPLES[of]
    if not reader.takes(":"):
        raise WordsError(f"behind “{of}” comes a colon and a name, such as {example}.", place=reader.next.place)
    piece = reader.take()
    text = " ".join(piece.text.split())
    if piece.kind in (Kind.SIGN, Kind.END) or not text:
        raise WordsError(f"behind “{of}:” comes a name, such as {example}.", place=piece.place)
    if len(text) > MAX_NAME:
        raise WordsError(f"this name is longer than {MAX_NAME} characters.", place=piece.place)
    return Piece(piece.kind, text, piece.place)


def _fact(piece: Piece) -> Fact:
    wanted = "-".join(piece.text.lower().split())
    for fact in Fact:
        if fact.value == wanted:
            return fact
    raise WordsError(f"“is:” knows {', '.join(Fact)}; “{_short(piece.text)}” is none of them.", place=piece.place)


def _when(reader: _Reader, deed: Deed) -> When:
    if reader.takes("within"):
        return _within(reader)
    if reader.takes("before"):
        return Before(_day(reader, "before"))
    if reader.takes("since"):
        return Since(_day(reader, "since"))
    if deed is Deed.JOINED:
        raise WordsError(
            "behind “joined” comes when: within 30 days, before 2026-06-01 or since 2026-06-01.",
            place=reader.next.place,
        )
    return Ever()


def _within(reader: _Reader) -> Within:
    number, unit = reader.take(), reader.take()
    is_number = number.kind is Kind.WORD and number.text.isascii() and number.text.isdigit() and len(number.text) < 6
    factor = _UNITS.get(unit.text.lower(), 0) if unit.kind is Kind.WORD else 0
    if not is_number or not factor:
        place = unit.place if is_number else number.place
        raise WordsError("behind “within” comes how long: 90 days, or 12 weeks.", place=place)
    days = int(number.text) * factor
    if not 1 <= days <= MAX_DAYS:
        raise WordsError(f"choose from 1 to {MAX_DAYS:,} days.", place=number.place)
    return Within(days)


def _day(reader: _Reader, word: str) -> date:
    piece = reader.take()
    try:
        day = date.fromisoformat(piece.text) if len(piece.text) == 10 and piece.kind is Kind.WORD else None
    except ValueError:
        day = None
    # The years' bounds keep the arithmetic of zones within the calendar.
    if day is None or not 1990 <= day.year < 2200:
        raise WordsError(f"behind “{word}” comes a day as year, month and day: 2026-06-01.", place=piece.place)
    return day


def _no_term(piece: Piece) -> WordsError:
    if piece.kind is Kind.END:
        return WordsError(f"the filter ends too early. Here comes {_TERM}.", place=piece.place)
    if piece.kind is Kind.WORD:
        near = get_close_matches(piece.text.lower(), _BEGINNINGS, n=1)
        if near:
            return WordsError(f"“{_short(piece.text)}” is no term. Did you mean “{near[0]}”?", place=piece.place)
    return WordsError(f"“{_short(piece.text)}” is no term. Here comes {_TERM}.", place=piece.place)


def _behind(piece: Piece) -> WordsError:
    if piece.text == ")":
        return WordsError("this bracket closes nothing. Take it out, or open one before.", place=piece.place)
    if piece.text == ":":
        return WordsError('a name with a colon in it stands in quotes: source:"import:list".', place=piece.place)
    said = f"before “{_short(piece.text)}” comes “and” or “or”"
    return WordsError(f"{said}. A name of several words stands in quotes.", place=piece.place)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
