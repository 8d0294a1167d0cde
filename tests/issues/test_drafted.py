"""Drafted blurbs on the board: marked until edited or accepted, and never out unseen."""

from datetime import timedelta

import pytest

from curator.activity import store as activity
from curator.activity.undo import undo
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.issues import board, drafted, publish
from curator.issues.checks import run
from curator.issues.publish import UnfinishedError
from curator.issues.render import Renderer
from curator.issues.reverts import REVERTS
from curator.issues.values import BoardBlock
from tests.issues.scene import NOW, Scene, fill, scene

TEXT = "Index cards were the search engines of their time. A librarian kept one card for each of the books there."


@pytest.fixture
def ready(database: Database) -> tuple[Scene, int, int]:
    there = scene(database)
    fill(there)
    item = there.item("The cards", feed=1, summary_text=TEXT)
    issue_id = publish.draft(database, there.newsletter_id, now=NOW)
    block_id = board.pick_into(database, issue_id, item, there.sections[2], by=None, now=NOW)
    return there, issue_id, block_id


def _block(there: Scene, issue_id: int, block_id: int) -> BoardBlock:
    return next(block for section in there.board(issue_id).sections for block in section.blocks if block.id == block_id)


def _is_draft(there: Scene, issue_id: int, block_id: int) -> bool:
    pick = _block(there, issue_id, block_id).pick
    return pick is not None and pick.is_blurb_draft


def _undo_last(there: Scene, minutes: int) -> str:
    with there.db.read() as session:
        change = activity.recent(session, limit=1)[0]
    return undo(there.db, change.id, REVERTS, by=None, now=NOW + timedelta(minutes=minutes)).words


def test_a_draft_keeps_the_issue_from_being_approved_until_it_is_accepted(
    ready: tuple[Scene, int, int], renderer: Renderer
) -> None:
    there, issue_id, block_id = ready
    drafted.draft_blurb(there.db, block_id, by=None, now=NOW)
    with pytest.raises(UnfinishedError) as refused:
        publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    assert '"The cards"' in str(refused.value)
    drafted.accept_blurb(there.db, block_id, by=None, now=NOW)
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    assert there.board(issue_id).issue.approved_hash is not None


def test_somebody_may_tick_a_draft_off_and_another_draft_asks_again(
    ready: tuple[Scene, int, int], renderer: Renderer
) -> None:
    there, issue_id, block_id = ready
    drafted.draft_blurb(there.db, block_id, by=None, now=NOW)
    found = next(
        each for each in run.report(there.db, renderer, issue_id, now=NOW).findings if each.code == "blurb-draft"
    )
    run.tick(there.db, renderer, issue_id, code=found.code, about=found.about, content=found.content, by=None, now=NOW)
    assert "blurb-draft" not in {each.code for each in run.report(there.db, renderer, issue_id, now=NOW).blocking}


def test_a_draft_voids_the_approval_that_stood_before_it(ready: tuple[Scene, int, int], renderer: Renderer) -> None:
    there, issue_id, block_id = ready
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    drafted.draft_blurb(there.db, block_id, by=None, now=NOW)
    assert there.board(issue_id).issue.approved_hash is None


def test_an_edit_takes_the_mark_away_and_its_undo_brings_it_back(ready: tuple[Scene, int, int]) -> None:
    there, issue_id, block_id = ready
    drafted.draft_blurb(there.db, block_id, by=None, now=NOW)
    version = _block(there, issue_id, block_id).version
    board.edit_pick(there.db, block_id, title="", link="", blurb="Mine.", expected_version=version, by=None, now=NOW)
    assert not _is_draft(there, issue_id, block_id)
    _undo_last(there, 1)
    assert _is_draft(there, issue_id, block_id)


def test_a_title_alone_takes_no_mark_away(ready: tuple[Scene, int, int]) -> None:
    there, issue_id, block_id = ready
    drafted.draft_blurb(there.db, block_id, by=None, now=NOW)
    block = _block(there, issue_id, block_id)
    assert block.pick is not None
    board.edit_pick(
        there.db,
        block_id,
        title="Cards",
        link="",
        blurb=block.pick.blurb,
        expected_version=block.version,
        by=None,
        now=NOW,
    )
    assert _is_draft(there, issue_id, block_id)


def test_a_draft_and_its_acceptance_can_be_taken_back(ready: tuple[Scene, int, int]) -> None:
    there, issue_id, block_id = ready
    drafted.draft_blurb(there.db, block_id, by=None, now=NOW)
    _undo_last(there, 1)
    pick = _block(there, issue_id, block_id).pick
    assert pick is not None
    assert (pick.blurb, pick.is_blurb_draft) == ("", False)
    drafted.draft_blurb(there.db, block_id, by=None, now=NOW)
    drafted.accept_blurb(there.db, block_id, by=None, now=NOW)
    assert "draft again" in _undo_last(there, 2)
    assert _is_draft(there, issue_id, block_id)


def test_a_draft_taken_out_and_put_back_is_a_draft_still(ready: tuple[Scene, int, int]) -> None:
    there, issue_id, block_id = ready
    drafted.draft_blurb(there.db, block_id, by=None, now=NOW)
    board.remove(there.db, block_id, by=None, now=NOW)
    _undo_last(there, 1)
    assert _is_draft(there, issue_id, block_id)


def test_what_is_no_pick_or_has_words_is_refused(ready: tuple[Scene, int, int]) -> None:
    there, issue_id, block_id = ready
    text = board.add_text(there.db, issue_id, None, "Hello.", by=None, now=NOW)
    with pytest.raises(InvalidError, match="not a pick"):
        drafted.draft_blurb(there.db, text, by=None, now=NOW)
    with pytest.raises(StateError, match="no blurb any more"):
        drafted.accept_blurb(there.db, block_id, by=None, now=NOW)
    board.edit_pick(there.db, block_id, title="", link="", blurb="Mine.", expected_version=1, by=None, now=NOW)
    with pytest.raises(StateError, match="has words already"):
        drafted.draft_blurb(there.db, block_id, by=None, now=NOW)
