"""The opposites of what is done with segments: kept, changed, taken away, and issues that go to them."""

from datetime import datetime

from curator.activity import store as activity
from curator.activity.values import ActivityRow, Revert
from curator.audience.segments import edit
from curator.audience.segments import store as segments
from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.issues import store as issues
from curator.issues.aimed import aim


def _removed(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    try:
        name = aim.remove_segment(db, change.subject_id, by=by, now=now)
    except NotFoundError:
        return "The segment is gone already."
    return f"The segment “{name}” is gone again."


def _as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        found = segments.segment(session, change.subject_id)
    if (found.name, found.words) != (change.became("name"), change.became("words")):
        raise StateError(f"The segment was changed since; it says: {found.words}")
    name, words = change.was("name"), change.was("words")
    edit.change(db, found.id, name=name, words=words, expected_version=found.version, by=by, now=now)
    return f"The segment “{name}” is as it was before."


def _back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    name, newsletter_id = change.was("name"), change.was("newsletter")
    with db.write() as session:
        segment_id = segments.restore(session, change.was("row"))
        if segment_id is None:
            raise StateError(f"There is another segment “{name}” by now.")
        after = {"newsletter": newsletter_id, "name": name, "words": change.was("row")["words"]}
        activity.record(session, at=now, actor=by, verb="made", subject="segment", subject_id=segment_id, after=after)
    return f"The segment “{name}” is back."


def _aimed_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        there = issues.issue_row(session, change.subject_id).segment_id
    if there != change.became("segment"):
        raise StateError("It goes to other readers by now.")
    try:
        aim.aim(db, change.subject_id, change.was("segment"), by=by, now=now)
    except NotFoundError as error:
        raise StateError("The segment that it went to before is gone.") from error
    return "It goes to those again to whom it went before."


REVERTS: dict[str, Revert] = {
    "segment.made": _removed,
    "segment.changed": _as_before,
    "segment.removed": _back,
    "issue.aimed": _aimed_back,
}
