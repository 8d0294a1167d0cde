"""Revisions and approval: the same content once, what was seen is what is approved, what is unfit is refused."""

import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from curator.db import Database
from curator.errors import NotFoundError, RenderError, StateError
from curator.issues import board, publish, store
from curator.issues.render import Renderer
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueRow, IssueState, RenderedRevision
from tests.issues.conftest import TEMPLATES
from tests.issues.scene import NOW, Scene, fill, scene

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def there(database: Database) -> Scene:
    made = scene(database)
    fill(made)
    return made


@pytest.fixture
def issue_id(there: Scene) -> int:
    return publish.draft(there.db, there.newsletter_id, now=NOW)


def _issue(there: Scene, issue_id: int) -> IssueRow:
    return there.board(issue_id).issue


def _latest(there: Scene, issue_id: int) -> RenderedRevision | None:
    with there.db.read() as session:
        return revisions.latest_revision(session, issue_id)


def test_the_same_content_is_one_revision(there: Scene, issue_id: int, renderer: Renderer) -> None:
    first = publish.render(there.db, renderer, issue_id, now=NOW)
    assert publish.render(there.db, renderer, issue_id, now=LATER) == first
    board.add_text(there.db, issue_id, None, "Hello", by=None, now=NOW)
    second = publish.render(there.db, renderer, issue_id, now=NOW)
    assert (first.number, second.number) == (1, 2)
    assert first.content_hash != second.content_hash
    assert "Hello" in second.html
    assert "Hello" in second.text


def test_two_renders_at_once_keep_one_row(there: Scene, issue_id: int, renderer: Renderer) -> None:
    start, found = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        found.append(publish.render(there.db, renderer, issue_id, now=NOW))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 4
    assert {(revision.id, revision.number) for revision in found} == {(found[0].id, 1)}


def test_a_template_that_breaks_leaves_the_last_good_revision(there: Scene, issue_id: int, tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES / "email", tmp_path / "email")
    good = publish.render(there.db, Renderer(tmp_path), issue_id, now=NOW)
    (tmp_path / "email" / "issue.mjml").write_text("<mjml>{{ broken.deeply }}</mjml>")
    with pytest.raises(RenderError) as caught:
        publish.render(there.db, Renderer(tmp_path), issue_id, now=LATER)
    assert (caught.value.template, caught.value.line) == ("issue.mjml", 1)
    assert _latest(there, issue_id) == good


def test_approving_binds_to_what_was_seen(there: Scene, issue_id: int, renderer: Renderer) -> None:
    seen = publish.render(there.db, renderer, issue_id, now=NOW)
    approved = publish.approve(there.db, renderer, issue_id, by=None, now=NOW, seen_hash=seen.content_hash)
    assert approved == seen
    issue = _issue(there, issue_id)
    assert (issue.state, issue.approved_hash, issue.approved_at) == (IssueState.APPROVED, seen.content_hash, NOW)
    publish.approve(there.db, renderer, issue_id, by=None, now=LATER)
    assert _issue(there, issue_id) == issue
    assert there.verbs() == ["drafted", "approved"]


def test_what_changed_since_it_was_seen_is_not_approved(there: Scene, issue_id: int, renderer: Renderer) -> None:
    seen = publish.render(there.db, renderer, issue_id, now=NOW)
    board.add_text(there.db, issue_id, None, "Meanwhile", by=None, now=NOW)
    with pytest.raises(StateError, match="changed since you looked"):
        publish.approve(there.db, renderer, issue_id, by=None, now=NOW, seen_hash=seen.content_hash)
    assert _issue(there, issue_id).state is IssueState.DRAFT


def test_words_that_are_taken_back_are_approved_as_they_were(there: Scene, issue_id: int, renderer: Renderer) -> None:
    first = publish.render(there.db, renderer, issue_id, now=NOW)
    block_id = board.add_text(there.db, issue_id, None, "A thought", by=None, now=NOW)
    second = publish.render(there.db, renderer, issue_id, now=NOW)
    board.remove(there.db, block_id, by=None, now=NOW)
    assert _latest(there, issue_id) == second
    assert publish.approve(there.db, renderer, issue_id, by=None, now=NOW) == first
    assert _latest(there, issue_id) == first


def test_an_empty_issue_is_not_approved(sqlite_database: Database, renderer: Renderer) -> None:
    there = scene(sqlite_database)
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    with pytest.raises(StateError, match="empty"):
        publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    board.add_text(there.db, issue_id, None, "   ", by=None, now=NOW)
    with pytest.raises(StateError, match="empty"):
        publish.approve(there.db, renderer, issue_id, by=None, now=NOW)


def test_an_issue_without_subject_is_not_approved(sqlite_database: Database, renderer: Renderer) -> None:
    there = scene(sqlite_database)
    fill(there)
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    board.edit_settings(there.db, issue_id, subject=" ", preheader="", expected_version=2, by=None, now=NOW)
    with pytest.raises(StateError, match="subject"):
        publish.approve(there.db, renderer, issue_id, by=None, now=NOW)


def test_words_still_to_come_are_named(sqlite_database: Database, renderer: Renderer) -> None:
    there = scene(sqlite_database)
    fill(there)
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    block = there.board(issue_id).sections[2].blocks[0]
    board.edit_pick(there.db, block.id, title="", link="", blurb="By **TK**.", expected_version=1, by=None, now=NOW)
    with pytest.raises(publish.UnfinishedError, match='TK still stands in "A history of index cards"') as caught:
        publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    assert [place.block_id for place in caught.value.places] == [block.id]


def test_scheduling_needs_an_approval(there: Scene, issue_id: int, renderer: Renderer) -> None:
    with pytest.raises(StateError, match="not approved"):
        publish.schedule(there.db, issue_id, at=LATER, by=None, now=NOW)
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    publish.schedule(there.db, issue_id, at=LATER, by=None, now=NOW)
    publish.schedule(there.db, issue_id, at=LATER, by=None, now=NOW)
    assert (_issue(there, issue_id).state, _issue(there, issue_id).send_at) == (IssueState.SCHEDULED, LATER)
    with there.db.read() as session:
        assert store.due_issue_ids(session, now=NOW) == []
        assert store.due_issue_ids(session, now=LATER) == [issue_id]
    assert there.verbs() == ["drafted", "approved", "scheduled"]


def test_a_moment_in_the_past_means_now(there: Scene, issue_id: int, renderer: Renderer) -> None:
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    publish.schedule(there.db, issue_id, at=NOW - timedelta(days=3), by=None, now=NOW)
    assert _issue(there, issue_id).send_at == NOW


def test_unscheduling_keeps_the_approval_and_unapproving_takes_both(
    there: Scene, issue_id: int, renderer: Renderer
) -> None:
    revision = publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    publish.schedule(there.db, issue_id, at=LATER, by=None, now=NOW)
    publish.unschedule(there.db, issue_id, by=None, now=NOW)
    issue = _issue(there, issue_id)
    assert (issue.state, issue.send_at, issue.approved_hash) == (IssueState.APPROVED, None, revision.content_hash)
    publish.unschedule(there.db, issue_id, by=None, now=NOW)
    publish.schedule(there.db, issue_id, at=LATER, by=None, now=NOW)
    publish.unapprove(there.db, issue_id, by=None, now=NOW)
    issue = _issue(there, issue_id)
    assert (issue.state, issue.send_at, issue.approved_hash) == (IssueState.DRAFT, None, None)


def test_a_missed_issue_is_held_until_it_is_approved_anew(there: Scene, issue_id: int, renderer: Renderer) -> None:
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    publish.schedule(there.db, issue_id, at=NOW, by=None, now=NOW)
    with there.db.write() as session:
        store.mark_held(session, issue_id, "It was due three days ago.")
        assert store.due_issue_ids(session, now=LATER) == []
        assert not store.mark_sending(session, issue_id)
    assert _issue(there, issue_id).note == "It was due three days ago."
    with pytest.raises(StateError):
        publish.schedule(there.db, issue_id, at=LATER, by=None, now=NOW)
    publish.approve(there.db, renderer, issue_id, by=None, now=LATER)
    publish.schedule(there.db, issue_id, at=LATER, by=None, now=NOW)
    assert _issue(there, issue_id).state is IssueState.SCHEDULED


def test_lists_show_the_newest_first(there: Scene, issue_id: int) -> None:
    second = publish.draft(there.db, there.newsletter_id, now=LATER)
    with there.db.read() as session:
        assert [row.id for row in store.issue_rows(session)] == [second, issue_id]
        assert [row.id for row in store.issue_rows(session, newsletter_id=there.newsletter_id, limit=1)] == [second]
        current = store.current_issue(session, there.newsletter_id)
        assert current is not None
        assert current.id == second
        assert store.current_issue(session, 999) is None
        with pytest.raises(NotFoundError):
            store.issue_row(session, 999)
        with pytest.raises(NotFoundError):
            revisions.revision(session, 999)
