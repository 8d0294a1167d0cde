"""Who is at a board: heard of within 90 seconds, on which section, and never oneself."""

from datetime import datetime, timedelta

import pytest

from curator.accounts import admit
from curator.accounts.values import Role
from curator.db import Database
from curator.errors import NotFoundError
from curator.issues import board, publish
from curator.issues.presence import attend, store
from curator.issues.presence.values import FRESH_FOR, Present
from tests.issues.scene import NOW, Scene, fill, scene


@pytest.fixture
def there(database: Database) -> Scene:
    made = scene(database)
    fill(made)
    return made


def _person(there: Scene, name: str) -> int:
    address = f"{name.lower()}@podcast.example"
    return admit.create_user(there.db, address, name=name, role=Role.EDITOR, now=NOW)


def _others(there: Scene, issue_id: int, but: int, now: datetime = NOW) -> list[Present]:
    with there.db.read() as session:
        return store.others(session, issue_id, but=but, since=now - FRESH_FOR)


def test_others_see_who_is_there_and_on_which_section(there: Scene) -> None:
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    mina, theo = _person(there, "Mina"), _person(there, "Theo")
    block = there.board(issue_id).sections[1].blocks[0].id
    attend.stay(there.db, issue_id, mina, block_id=block, now=NOW)
    attend.stay(there.db, issue_id, theo, block_id=None, now=NOW)
    title = there.board(issue_id).sections[1].spec.title
    assert _others(there, issue_id, theo) == [Present(mina, "Mina", block, title)]
    assert _others(there, issue_id, mina) == [Present(theo, "Theo", None, "")]
    attend.stay(there.db, issue_id, mina, block_id=None, now=NOW)
    assert _others(there, issue_id, theo) == [Present(mina, "Mina", None, "")]


def test_whoever_was_not_heard_of_for_90_seconds_has_gone(there: Scene) -> None:
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    mina, theo = _person(there, "Mina"), _person(there, "Theo")
    attend.stay(there.db, issue_id, mina, block_id=None, now=NOW)
    soon, late = NOW + timedelta(seconds=90), NOW + timedelta(seconds=91)
    assert [one.name for one in _others(there, issue_id, theo, soon)] == ["Mina"]
    assert _others(there, issue_id, theo, late) == []
    attend.stay(there.db, issue_id, theo, block_id=None, now=late)
    assert _others(there, issue_id, theo, NOW) == [], "the stale row is gone, not only left out"


def test_whoever_leaves_is_gone_at_once_and_twice_does_no_harm(there: Scene) -> None:
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    mina, theo = _person(there, "Mina"), _person(there, "Theo")
    attend.stay(there.db, issue_id, mina, block_id=None, now=NOW)
    attend.leave(there.db, issue_id, mina)
    attend.leave(there.db, issue_id, mina)
    assert _others(there, issue_id, theo) == []


def test_a_block_that_was_taken_out_leaves_its_person_on_the_board(there: Scene) -> None:
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    mina, theo = _person(there, "Mina"), _person(there, "Theo")
    block = there.board(issue_id).sections[1].blocks[0].id
    attend.stay(there.db, issue_id, mina, block_id=block, now=NOW)
    board.remove(there.db, block, by=theo, now=NOW)
    assert _others(there, issue_id, theo) == [Present(mina, "Mina", None, "")]


def test_a_board_that_is_not_there_has_nobody(there: Scene) -> None:
    with pytest.raises(NotFoundError):
        attend.stay(there.db, 999, _person(there, "Mina"), block_id=None, now=NOW)
