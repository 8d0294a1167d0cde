"""What a round does, in this order. It imports numpy: only the child process imports it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from curator.db import Database
from curator.events import hand_back
from curator.issues.runs.store import runs
from curator.jobs.apart.values import Asked
from curator.newsletters import store as newsletters
from curator.picks.ranking import renew
from curator.picks.related import refresh as related
from curator.picks.resurface import refresh as resurface
from curator.picks.scoreboard import walk
from curator.picks.stories import refresh as stories
from curator.picks.trends import refresh as trends


@dataclass(frozen=True)
class Piece:
    """A piece of work under its name; one that fails does not stop the others."""

    name: str
    do: Callable[[], Any]


def _taste(db: Database, newsletter_id: int, asked: Asked) -> object:
    return renew.renew(db, newsletter_id, runs=runs, now=asked.now, seed=asked.seed, is_asked=asked.is_asked)


def _scoreboard(db: Database, newsletter_id: int, asked: Asked) -> object:
    with db.read() as session:
        is_due = asked.is_asked or walk.is_due(session, newsletter_id, now=asked.now)
    if not is_due:
        return None
    score = walk.measure(db, newsletter_id, runs=runs, now=asked.now, seed=asked.seed)
    return {"weeks": score.weeks, "note": score.note}


# For the whole installation, each `refresh(db, *, now)`: stories and trends come before the tastes that they feed.
_BEFORE: dict[str, Callable[..., object]] = {
    "clicks": hand_back.refresh,
    "stories": stories.refresh,
    "trends": trends.refresh,
}
# For each newsletter.
_EACH: dict[str, Callable[[Database, int, Asked], object]] = {"taste": _taste}
_AFTER: dict[str, Callable[..., object]] = {"related": related.refresh, "resurface": resurface.refresh}
# For each newsletter, last: once a week it takes a minute, for which nothing else shall wait.
_LAST: dict[str, Callable[[Database, int, Asked], object]] = {"scoreboard": _scoreboard}


def pieces(db: Database, asked: Asked) -> list[Piece]:
    """Returns what there is to do, in order."""
    newsletter_ids = _newsletters(db, asked)
    found = [
        *_of_all(db, _BEFORE, asked.now),
        *_of_each(db, _EACH, newsletter_ids, asked),
        *_of_all(db, _AFTER, asked.now),
        *_of_each(db, _LAST, newsletter_ids, asked),
    ]
    wanted = [piece for piece in found if asked.only in ("", piece.name.partition(" ")[0])]
    names = [piece.name for piece in wanted]
    return wanted[names.index(asked.after) + 1 :] if asked.after in names else wanted


def _of_all(db: Database, arrows: dict[str, Callable[..., object]], now: datetime) -> list[Piece]:
    return [Piece(name, partial(refresh, db, now=now)) for name, refresh in arrows.items()]


def _of_each(
    db: Database, works: dict[str, Callable[[Database, int, Asked], object]], newsletter_ids: list[int], asked: Asked
) -> list[Piece]:
    return [Piece(f"{name} {id_}", partial(do, db, id_, asked)) for name, do in works.items() for id_ in newsletter_ids]


def _newsletters(db: Database, asked: Asked) -> list[int]:
    if asked.newsletter_id is not None:
        return [asked.newsletter_id]
    with db.read() as session:
        return [each.id for each in newsletters.newsletters(session)]
