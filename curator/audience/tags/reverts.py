"""The opposites of tagging, for the log's Undo."""

from datetime import datetime

from curator.activity.store import record as log
from curator.activity.values import ActivityRow, Revert
from curator.audience.record import store as record
from curator.audience.tags import store, tag
from curator.db import Database
from curator.errors import NotFoundError, StateError


def _off(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    name = tag.take_off(db, change.subject_id, change.became("tag"), by=by, now=now)
    return f"The tag “{name}” is off again."


def _on(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    tag_id, name = change.was("tag"), change.was("name")
    since = datetime.fromisoformat(change.was("since"))
    with db.write() as session:
        if record.hold(session, change.subject_id) is None:
            raise StateError("This subscriber is gone.")
        try:
            store.name_of(session, tag_id)
        except NotFoundError as error:
            raise StateError("This tag is gone.") from error
        if store.put_on(session, change.subject_id, tag_id, at=since):
            after = {"tag": tag_id, "name": name}
            log(
                session,
                at=now,
                actor=by,
                verb="tagged",
                subject="subscriber",
                subject_id=change.subject_id,
                after=after,
            )
    return f"The tag “{name}” is on again."


def _taken_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    tag.take_back(db, change.subject_id, by=by, now=now)
    return "It is being taken back: whoever got the tag by it loses it, whoever lost it has it again."


REVERTS: dict[str, Revert] = {
    "subscriber.tagged": _off,
    "subscriber.untagged": _on,
    "tagging.began": _taken_back,
}

FINAL: dict[str, str] = {
    "tagging.took back": "Start it again from the list: who fits may be others by now.",
}
