"""The move itself: refuse what cannot go well, copy table by table, compare each, and only then call it whole."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice

from curator import schema
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.move import sources
from curator.move.postgres import Summing, Target
from curator.move.sources import Source
from curator.move.values import Compared, Shape, Unfit

_MOST_UNFIT = 20


def carry(
    source: Database,
    url: str,
    *,
    again: bool,
    tell: Callable[[Compared], None],
    passed: Callable[[str, int], None] = lambda _table, _rows: None,
) -> list[Compared]:
    """Copies a database into the empty PostgreSQL database at `url`, and returns how every table compares.

    The source stands still meanwhile and is never written. `tell` hears of each table when it is through, and
    `passed` how many of its rows have passed by now. When all are equal the copy is whole; otherwise, or after a kill,
    it stays unfinished: nothing starts on it, and a call with `again` removes it and begins anew. Raises InvalidError
    or StateError, before any row is copied, for what cannot go well.
    """
    target = Target(url)
    _require_another(source, target)
    require_newest(source)
    with target.held():
        target.require_empty(again=again)
        found = target.prepare()
        with sources.opened(source, found) as reading:
            _require_fit(reading, target, found)
            compared = []
            for shape in found:
                compared.append(_carried(reading, target, shape, partial(passed, shape.table)))
                tell(compared[-1])
        if all(each.is_equal for each in compared):
            target.finish()
    return compared


def require_newest(source: Database) -> None:
    """Refuses a database that does not stand where this version expects it."""
    if (current := schema.current(source)) != schema.newest():
        raise StateError(f"The database stands at {current}; run `curator db upgrade` first, then move it.")


def _carried(reading: Source, target: Target, shape: Shape, passed: Callable[[int], None]) -> Compared:
    passing = Summing(reading.blocks(shape), passed)
    target.fill(shape, passing)
    target.count_on(shape, reading.highest(shape))
    return Compared(shape.table, here=passing.sum, there=target.sum(shape))


def _require_another(source: Database, target: Target) -> None:
    if not source.is_sqlite and target.is_at(source.url):
        raise InvalidError("url", f"{target.shown} is the database that Curator works on already.")


def _require_fit(reading: Source, target: Target, found: Sequence[Shape]) -> None:
    every = (each for shape in found for each in reading.unfit(shape))
    unfit = list(islice(every, _MOST_UNFIT))
    if unfit:
        target.abandon()
        raise StateError(_unfit_words(unfit))


def _unfit_words(unfit: Sequence[Unfit]) -> str:
    lines = [f"  {each.table} {each.key}: {each.column} {each.why}" for each in unfit]
    more = " (there may be more)" if len(unfit) == _MOST_UNFIT else ""
    return "\n".join(
        (
            f"PostgreSQL would not take these values{more}. Nothing was copied.",
            *lines,
            "Change them at the desk, or take the characters out with SQLite's own program, and move again.",
        )
    )
