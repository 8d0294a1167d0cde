"""The audit log: written down, read back."""

from datetime import UTC, datetime

from curator.activity.store import recent, record
from curator.db import Database

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def test_changes_come_back_newest_first_with_what_an_inverse_needs(database: Database) -> None:
    with database.write() as session:
        record(session, at=AT, actor=7, verb="pause", subject="feed", subject_id=1, before={"state": "active"})
        record(session, at=AT, actor=None, verb="resume", subject="feed", subject_id=2, after={"state": "active"})
        record(session, at=AT, actor=7, verb="approve", subject="issue", subject_id=1)
    with database.read() as session:
        assert [change.verb for change in recent(session)] == ["approve", "resume", "pause"]
        assert [change.verb for change in recent(session, limit=1)] == ["approve"]
        assert [change.verb for change in recent(session, subject="feed")] == ["resume", "pause"]
        (pause,) = recent(session, subject="feed", subject_id=1)
    assert (pause.at, pause.actor, pause.before, pause.after) == (AT, 7, {"state": "active"}, None)


def test_a_change_that_is_rolled_back_leaves_no_trace(database: Database) -> None:
    try:
        with database.write() as session:
            record(session, at=AT, actor=7, verb="pause", subject="feed", subject_id=1)
            raise RuntimeError
    except RuntimeError:
        pass
    with database.read() as session:
        assert recent(session) == []
