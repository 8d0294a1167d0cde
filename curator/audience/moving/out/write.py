"""Writes readers, suppressions and consents out as CSV or lines of JSON, in pieces, however many there are."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from curator.audience.moving.cells import defused
from curator.audience.moving.out import store
from curator.db import Database


class What(StrEnum):
    """What is written out."""

    SUBSCRIBERS = "subscribers"
    SUPPRESSIONS = "suppressions"
    CONSENTS = "consents"


class Form(StrEnum):
    """How it is written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


COLUMNS: Mapping[What, tuple[str, ...]] = {
    What.SUBSCRIBERS: (
        "email",
        "name",
        "newsletter",
        "status",
        "since",
        "how",
        "tags",
        "interests",
        "joined_at",
        "source",
        "consent_basis",
        "consented_at",
        "paused_until",
        "text_only",
        "clicked_at",
        "suppressed",
    ),
    What.SUPPRESSIONS: ("email", "hash", "reason", "note", "at"),
    What.CONSENTS: ("email", "newsletter", "step", "at", "place", "words"),
}


def written(db: Database, what: What, form: Form, *, newsletter_id: int | None = None) -> Iterator[str]:
    """Yields the text of an export, piece by piece; of one newsletter, or of the whole installation.

    Suppressions are always all there are: they hold for every newsletter. Each piece is read in a transaction of its
    own, so a slow line holds up nobody; whoever comes in meanwhile may be in it or not. Spreadsheets evaluate nothing
    of it, and our own import reads back what was there.
    """
    pages = _pages(db, what, newsletter_id)
    if form is Form.JSON_LINES:
        for page in pages:
            yield "".join(json.dumps(_plain(row), ensure_ascii=False) + "\n" for row in page)
        return
    columns = COLUMNS[what]
    yield lines([columns])
    for page in pages:
        yield lines([_cell(row[name]) for name in columns] for row in page)


def _pages(db: Database, what: What, newsletter_id: int | None) -> Iterator[list[dict[str, Any]]]:
    if what is What.SUPPRESSIONS:
        yield from _suppressions(db)
        return
    read = store.subscribers if what is What.SUBSCRIBERS else store.consents
    after_id: int | None = 0
    while after_id is not None:
        with db.read() as session:
            rows, after_id = read(session, newsletter_id=newsletter_id, after_id=after_id)
        if rows:
            yield rows


def _suppressions(db: Database) -> Iterator[list[dict[str, Any]]]:
    after = ""
    while True:
        with db.read() as session:
            found = list(store.suppressions(session, after=after))
        if not found:
            return
        after = found[-1][0]
        yield [_suppression(*each) for each in found]


def _suppression(key: str, reason: str, note: str, at: datetime) -> dict[str, Any]:
    """Returns a row; of somebody who was erased there is no address any more, only its hash."""
    is_address = "@" in key
    return {
        "email": key if is_address else "",
        "hash": "" if is_address else key,
        "reason": reason,
        "note": note,
        "at": at,
    }


def lines(rows: Iterable[Iterable[str]]) -> str:
    """Returns rows of cells as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return defused(_list(value) if isinstance(value, list) else str(value))


def _list(names: list[str]) -> str:
    """Returns names between commas; as a list in JSON where one of them would not come back so."""
    if any(set(name) & set(',;|"[') for name in names):
        return json.dumps(names, ensure_ascii=False)
    return ", ".join(names)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, StrEnum) else value
        for name, value in row.items()
    }
