"""The opposites of what an editor did with readers' tips, by subject and verb of the activity log."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.picks.tips import decide
from curator.picks.tips.values import TipState


def _accepted(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _reopen(db, change, TipState.ACCEPTED, by=by, now=now)
    return "The tip waits again."


def _refused(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _reopen(db, change, TipState.REFUSED, by=by, now=now)
    return "The tip waits again."


def _spam(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _reopen(db, change, TipState.SPAM, by=by, now=now)
    number = len(change.became("tips"))
    return "The tip waits again." if number == 1 else f"{number} tips wait again, and more may come from there."


def _reopened(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    match TipState(change.was("state")):
        case TipState.ACCEPTED:
            decide.accept(db, change.subject_id, by=by, now=now)
            return "The tip is in the inbox again."
        case TipState.SPAM:
            decide.shut_out(db, change.subject_id, change.was("senders"), by=by, now=now)
            return "It is marked as spam again."
        case _:
            decide.refuse(db, change.subject_id, by=by, now=now)
            return "The tip is refused again."


def _opened(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    decide.set_open(db, change.subject_id, is_open=False, by=by, now=now)
    return "Tips are closed again."


def _closed(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    decide.set_open(db, change.subject_id, is_open=True, by=by, now=now)
    return "Tips are open again."


def _reopen(db: Database, change: ActivityRow, was: TipState, *, by: int | None, now: datetime) -> None:
    try:
        decide.reopen(db, change.subject_id, change.became("tips"), was, by=by, now=now)
    except NotFoundError as error:
        raise StateError("The tip is forgotten by now.") from error


REVERTS: dict[str, Revert] = {
    "tip.accepted": _accepted,
    "tip.refused": _refused,
    "tip.marked as spam": _spam,
    "tip.reopened": _reopened,
    "newsletter.opened the tips of": _opened,
    "newsletter.closed the tips of": _closed,
}
