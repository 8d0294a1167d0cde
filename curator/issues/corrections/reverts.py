"""The opposites of corrections: one that was made goes, one that was taken out comes back with its date."""

from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.issues.corrections import correct


def _taken_out(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    try:
        correct.take_out(db, int(change.became("correction")), by=by, now=now)
    except NotFoundError as error:
        raise StateError("That correction was taken out already.") from error
    return "The correction is taken out: the web shows what was sent."


def _put_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    correct.put_back(db, change.was("row"), by=by, now=now)
    return "The correction is back, with its date of before."


REVERTS: dict[str, Revert] = {
    f"{correct.SUBJECT}.{correct.MADE}": _taken_out,
    f"{correct.SUBJECT}.{correct.TAKEN_OUT}": _put_back,
}
