"""What ran, as issues hand it down to the picks."""

from datetime import timedelta

import pytest

from curator.db import Database
from curator.issues.blocks import store as blocks
from curator.issues.runs.store import runs
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from curator.picks import curate
from tests.issues.scene import NOW, Scene, scene


def issue(there: Scene, number: int, item_id: int, **columns: object) -> None:
    pick_id = curate.pick(there.db, there.newsletter_id, item_id, there.sections[2], by=None, now=NOW)
    with there.db.write() as session:
        row = Issue(newsletter_id=there.newsletter_id, number=number, created_at=NOW, **columns)
        session.add(row)
        session.flush()
        blocks.add_block(session, row.id, there.sections[2], pick_id=pick_id)
        blocks.add_block(session, row.id, None, body="Hello")


def test_what_readers_got_ran_and_back_issues_are_marked(database: Database) -> None:
    there = scene(database)
    sent, back, draft = (there.item(title) for title in ("Sent", "Back", "Draft"))
    issue(there, 41, sent, state=IssueState.SENT, sent_at=NOW)
    issue(there, 3, back, state=IssueState.SENT, sent_at=NOW - timedelta(days=700), imported_at=NOW)
    issue(there, 42, draft, state=IssueState.DRAFT)
    with database.read() as session:
        found = runs(session, there.newsletter_id)
        others = runs(session, there.newsletter_id + 1)
    assert [(run.item_id, run.issue, run.at, run.is_back) for run in found] == [
        (sent, "issue 41", NOW, False),
        (back, "issue 3", NOW - timedelta(days=700), True),
    ]
    assert others == []


@pytest.mark.parametrize("state", [IssueState.SENDING, IssueState.SENT])
def test_an_issue_on_its_way_has_run(sqlite_database: Database, state: IssueState) -> None:
    there = scene(sqlite_database)
    issue(there, 41, there.item("Leaves now"), state=state, send_at=NOW)
    with sqlite_database.read() as session:
        assert [run.at for run in runs(session, there.newsletter_id)] == [NOW]
