"""Notes: written, edited by one at a time, removed, and all of it taken back; the log never has their words."""

from datetime import datetime

import pytest

from curator.activity import store as activity
from curator.activity.undo import undo
from curator.audience.notes import store, write
from curator.audience.notes.reverts import REVERTS
from curator.db import Database
from curator.errors import ConflictError, InvalidError
from tests.builders import newsletter_row, subscriber_rows


def test_a_note_is_written_edited_and_removed_and_each_is_taken_back(database: Database, now: datetime) -> None:
    [ada] = subscriber_rows(database, newsletter_row(database), ["ada@example.org"])

    def words() -> list[str]:
        with database.read() as session:
            return [note.words for note in store.notes(session, ada)]

    def take_back() -> None:
        with database.read() as session:
            newest = activity.last_id(session)
        undo(database, newest, REVERTS, by=1, now=now)

    note_id = write.write(database, ada, "Met in Oslo.", by=1, now=now)
    write.edit(database, note_id, "Met in Bergen.", expected_version=1, by=1, now=now)
    with pytest.raises(ConflictError):
        write.edit(database, note_id, "Met in Rome.", expected_version=1, by=2, now=now)
    take_back()
    assert words() == ["Met in Oslo."]
    write.remove(database, note_id, by=1, now=now)
    assert words() == []
    take_back()
    assert words() == ["Met in Oslo."]
    with pytest.raises(InvalidError):
        write.write(database, ada, " \n ", by=1, now=now)
    with database.read() as session:
        logged = activity.recent(session, subject="subscriber", subject_id=ada)
    assert not any("Oslo" in str(change) or "Bergen" in str(change) for change in logged)
