"""Understands a row of a file: whom it is about and how they stand, or which cell nobody understands."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from curator.addresses import Address, checked_address
from curator.audience.moving.cells import as_it_was
from curator.audience.moving.moments import moment
from curator.audience.moving.rows import Row
from curator.audience.moving.values import Column, Part, Person, Plan, Refusal, Standing
from curator.audience.moving.vendors import VENDORS, Vendor, standing_of_file
from curator.audience.moving.words import standing_of, truth
from curator.errors import InvalidError
from curator.names import cleaned_name, one_line

MAX_LABELS = 50
"""Tags or interests of one person; more is a column that holds something else."""

_MAX_LABEL, _MAX_SOURCE, _MAX_BASIS = 80, 100, 800
_HASH = re.compile(r"[A-Za-z0-9:_=+/.-]{16,320}")
# The keys of listmonk's attributes and of other tools' metadata that hold what there is a place for here.
_TAG_KEYS, _INTEREST_KEYS = ("tags", "tag", "labels"), ("interests", "topics")
# Whatever says worst of a person counts: nobody is mailed because one column of two forgot.
_GRAVITY = (
    Standing.ACTIVE,
    Standing.UNCONFIRMED,
    Standing.ASIDE,
    Standing.ENDED,
    Standing.BLOCKED,
    Standing.BOUNCED,
    Standing.COMPLAINED,
    Standing.ERASED,
)


class _WrongCellError(Exception):
    def __init__(self, heading: str, reason: str) -> None:
        super().__init__(reason)
        self.heading, self.reason = heading, reason


@dataclass
class Notes:
    """What is worth saying of a row that was understood all the same."""

    undated: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class Understanding:
    """How the rows of one part are read: which cell holds what."""

    part: Part
    plan: Plan
    newsletter: str
    vendor: Vendor = field(init=False)
    at: Mapping[Column, Sequence[int]] = field(init=False)
    of_file: Standing = field(init=False)

    def __post_init__(self) -> None:
        at: dict[Column, list[int]] = {}
        for number, heading in enumerate(self.part.headings):
            column = self.plan.columns.get(heading, Column.IGNORE)
            if column is not Column.IGNORE:
                at.setdefault(column, []).append(number)
        object.__setattr__(self, "at", at)
        object.__setattr__(self, "vendor", VENDORS[self.plan.vendor])
        said = self.plan.standings.get(self.part.name) or standing_of_file(self.vendor, self.part.name)
        object.__setattr__(self, "of_file", said or Standing.ACTIVE)

    def person(self, row: Row, notes: Notes) -> Person | Refusal:
        """Returns whom a row is about, or what is wrong with it."""
        if row.cells is None:
            return Refusal(row.line, "", row.wrong)
        try:
            return self._person(row.line, row.cells, notes)
        except _WrongCellError as wrong:
            return Refusal(row.line, wrong.heading, wrong.reason)

    def _person(self, line: int, cells: Sequence[str], notes: Notes) -> Person:
        standing = self._standing(cells)
        address = self._address(cells)
        if "@" not in address.key:
            standing = Standing.ERASED
        joined, joined_at = self._moment(cells, Column.JOINED_AT, notes)
        confirmed, confirmed_at = self._moment(cells, Column.CONFIRMED_AT, notes)
        left, left_at = self._moment(cells, Column.LEFT_AT, notes)
        tags, interests = self._labels(cells, notes)
        return Person(
            line=line,
            address=address,
            name=self._name(cells),
            standing=standing,
            words=self._words(cells, joined, confirmed, left if standing is Standing.ENDED else ""),
            source=_short(self._cell(cells, Column.SOURCE), _MAX_SOURCE),
            tags=tags,
            interests=interests,
            joined_at=joined_at or confirmed_at,
            left_at=left_at,
        )

    def _cell(self, cells: Sequence[str], column: Column) -> str:
        """Returns the first cell of a kind in which something stands."""
        for at in self.at.get(column, ()):
            if at < len(cells) and cells[at].strip():
                return as_it_was(cells[at])
        return ""

    def _heading(self, column: Column) -> str:
        at = self.at.get(column)
        return self.part.headings[at[0]] if at else ""

    def _address(self, cells: Sequence[str]) -> Address:
        text = self._cell(cells, Column.ADDRESS)
        if not text and (known := self._cell(cells, Column.HASH).strip()):
            if not _HASH.fullmatch(known) or "@" in known:
                raise _WrongCellError(self._heading(Column.HASH), "This is no hash of an erased address.")
            return Address("", known)
        try:
            return checked_address(text)
        except InvalidError as error:
            raise _WrongCellError(self._heading(Column.ADDRESS), error.reason) from error

    def _name(self, cells: Sequence[str]) -> str:
        name = self._cell(cells, Column.NAME)
        if not name and (Column.FIRST_NAME in self.at or Column.LAST_NAME in self.at):
            name = f"{self._cell(cells, Column.FIRST_NAME)} {self._cell(cells, Column.LAST_NAME)}"
        return cleaned_name(name) if name else ""

    def _standing(self, cells: Sequence[str]) -> Standing:
        return max((self.of_file, *self._said(cells)), key=_GRAVITY.index)

    def _said(self, cells: Sequence[str]) -> Iterator[Standing]:
        """Yields what each column says of how a person stands."""
        status = self._cell(cells, Column.STATUS).strip()
        if status:
            yield self._meant(status, Column.STATUS)
        if suppressed := self._cell(cells, Column.SUPPRESSED).strip():
            yield self._meant(suppressed, Column.SUPPRESSED)
        if self._cell(cells, Column.LEFT_AT):
            yield Standing.ENDED
        if self._cell(cells, Column.BOUNCED_AT):
            yield Standing.BOUNCED
        if Column.OPTED_OUT in self.at:
            is_out = truth(self._cell(cells, Column.OPTED_OUT))
            if is_out is None:
                reason = "Yes or no was expected here; nobody is imported on a guess."
                raise _WrongCellError(self._heading(Column.OPTED_OUT), reason)
            if is_out:
                yield Standing.ENDED
        if Column.NEWSLETTER in self.at and self._cell(cells, Column.NEWSLETTER).strip() != self.newsletter:
            yield Standing.ASIDE

    def _meant(self, text: str, column: Column) -> Standing:
        found = standing_of(text, others=self.vendor.words)
        if found is None:
            said = one_line(text, max_characters=40)
            # A column that was taken for another may hold addresses, which a reason must not keep.
            told = (
                f"Nobody knows what “{said}” means here" if "@" not in said else "This is no word for how people stand"
            )
            reason = f"{told}, and nobody is imported on a guess."
            raise _WrongCellError(self._heading(column), reason)
        return found

    def _moment(self, cells: Sequence[str], column: Column, notes: Notes) -> tuple[str, datetime | None]:
        """Returns a date as it is told, and as a moment where it can be read."""
        if column not in self.at:
            return "", None
        text = self._cell(cells, column).strip()
        if not text:
            return "", None
        found = moment(text)
        if found is None:
            notes.undated += 1
            return one_line(text, max_characters=40), None
        return f"{found.isoformat(' ')[:16]} UTC", found

    def _words(self, cells: Sequence[str], joined: str, confirmed: str, left: str) -> str:
        basis = _short(self._cell(cells, Column.BASIS), _MAX_BASIS) or self.plan.basis
        told = [
            f"{name} {date}" for name, date in (("joined", joined), ("confirmed", confirmed), ("left", left)) if date
        ]
        return f"{basis} ({', '.join(told)})" if told else basis

    def _labels(self, cells: Sequence[str], notes: Notes) -> tuple[tuple[str, ...], tuple[str, ...]]:
        tags = self._split(cells, Column.TAGS)
        interests = self._split(cells, Column.INTERESTS)
        if Column.ATTRIBUTES in self.at:
            attributes = self._attributes(cells)
            tags += _listed(attributes, _TAG_KEYS)
            interests += _listed(attributes, _INTEREST_KEYS)
        return _few(tags, notes), _few(interests, notes)

    def _split(self, cells: Sequence[str], column: Column) -> list[str]:
        found: list[str] = []
        for at in self.at.get(column, ()):
            if at < len(cells) and cells[at]:
                found += labels_in(as_it_was(cells[at]))
        return found

    def _attributes(self, cells: Sequence[str]) -> Mapping[str, object]:
        text = self._cell(cells, Column.ATTRIBUTES).strip()
        if not text:
            return {}
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            reason = "This is no JSON object, as it should be: the columns may have shifted."
            raise _WrongCellError(self._heading(Column.ATTRIBUTES), reason) from error
        return found if isinstance(found, dict) else {}


def labels_in(text: str) -> list[str]:
    """Returns the tags of a cell: a list in JSON, or names between commas, semicolons or bars.

    Mailchimp puts each into quotation marks; a comma may stand in there.
    """
    text = text.strip()
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            return [str(each) for each in found if isinstance(each, str | int)]
    if '"' in text:
        return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|([^",;|]+)', text)]
    return re.split("[,;|]", text)


def _listed(attributes: Mapping[str, object], keys: Sequence[str]) -> list[str]:
    found: list[str] = []
    for key, value in attributes.items():
        if key.casefold() in keys:
            found += [str(each) for each in value] if isinstance(value, list) else labels_in(str(value))
    return found


def _few(labels: Sequence[str], notes: Notes) -> tuple[str, ...]:
    if not labels:
        return ()
    found = tuple(dict.fromkeys(name for each in labels if (name := _short(each, _MAX_LABEL))))
    notes.dropped += len(found[MAX_LABELS:])
    return found[:MAX_LABELS]


@lru_cache(maxsize=4096)
def _short(text: str, max_characters: int) -> str:
    return one_line(text, max_characters=max_characters) if text else ""
