"""Puts together everything that is kept of a reader."""

import re
from dataclasses import replace
from datetime import datetime

from curator.db import Database
from curator.privacy import store
from curator.privacy.registry import PERSONAL
from curator.privacy.values import Copy, Keeping, Part

_FOR_GOOD = "Until the reader is erased."


def copy(
    db: Database, subscriber_id: int, keeping: Keeping, *, now: datetime, shown_as: str | None = None
) -> Copy | None:
    """Returns a reader's copy; None when they are gone. `keeping` says how long what is kept.

    `shown_as` stands in the place of their address wherever it is, in what mail servers said too. Such a copy is for
    whoever has the link, to whom a mail may have been passed on: what the desk wrote about them is not in it.
    """
    with db.read() as session:
        who = store.who(session, subscriber_id)
        if who is None:
            return None
        shown = [entry for entry in reversed(PERSONAL) if shown_as is None or not entry.is_desks_own]
        found = [(entry, store.part(session, entry, who)) for entry in shown]
    parts = [_dated(part, entry.months, keeping) for entry, part in found if part.rows]
    if shown_as is None:
        return Copy(now, tuple(parts))
    written = {
        cell
        for part in parts
        for row in part.rows
        for column, cell in zip(part.columns, row, strict=True)
        if column.endswith("address") and cell
    }
    return Copy(now, tuple(_masked(part, {*written, who.address_key}, shown_as) for part in parts))


def _dated(part: Part, kind: str, keeping: Keeping) -> Part:
    if not kind:
        return part
    months = keeping.of(kind)
    return replace(part, months=months) if months else replace(part, kept=_FOR_GOOD)


def _masked(part: Part, written: set[str], shown_as: str) -> Part:
    spelled = re.compile("|".join(re.escape(each) for each in sorted(written, key=len, reverse=True)), re.IGNORECASE)
    rows = tuple(tuple(spelled.sub(lambda _: shown_as, cell) for cell in row) for row in part.rows)
    return replace(part, rows=rows)
