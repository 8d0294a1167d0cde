"""Shows a sponsor what came of a promotion by a link, and takes the link back."""

from datetime import datetime, timedelta

from curator.activity.store import record as log
from curator.db import Database
from curator.errors import InvalidError
from curator.promotions import store
from curator.promotions.reports import store as reports

DAYS = (30, 90, 365)
"""For how long a link may work: a month for whoever pays by the issue, up to a year's contract."""


def share(db: Database, promotion_id: int, *, days: int, by: int | None, now: datetime) -> int:
    """Makes a link's row and returns its id. Raises NotFoundError, and InvalidError("days") for another time."""
    if days not in DAYS:
        raise InvalidError("days", "Choose for how long the link works.")
    with db.write() as session:
        store.promotion(session, promotion_id)
        made = reports.add(session, promotion_id, ends_at=now + timedelta(days=days), by=by, now=now)
        log(session, at=now, actor=by, verb="shared the report of", subject="promotion", subject_id=promotion_id)
    return made


def revoke(db: Database, promotion_id: int, report_id: int, *, by: int | None, now: datetime) -> bool:
    """Takes a link back at once; False where it did not work any more, or is not this promotion's."""
    with db.write() as session:
        if not reports.revoke(session, promotion_id, report_id, now=now):
            return False
        verb = "took back the shared report of"
        log(session, at=now, actor=by, verb=verb, subject="promotion", subject_id=promotion_id)
    return True
