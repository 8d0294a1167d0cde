"""The board: what editors do to an issue, what becomes of its approval, and two editors at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from curator.db import Database
from curator.errors import ConflictError, CuratorError, InvalidError, NotFoundError, StateError
from curator.issues import board, publish, store
from curator.issues.render import Renderer
from curator.issues.values import BoardBlock, IssueState
from curator.picks import store as picks
from tests.issues.scene import NOW, Scene, fill, scene

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def there(sqlite_database: Database) -> Scene:
    made = scene(sqlite_database)
    fill(made)
    return made


@pytest.fixture
def issue_id(there: Scene) -> int:
    return publish.draft(there.db, there.newsletter_id, now=NOW)


def _blocks(there: Scene, issue_id: int, section: int) -> tuple[BoardBlock, ...]:
    return there.board(issue_id).sections[section].blocks


def _positions(there: Scene, issue_id: int) -> list[list[int]]:
    shown = there.board(issue_id)
    return [[block.position for block in blocks] for blocks in (shown.intro, *(each.blocks for each in shown.sections))]


def test_an_item_is_picked_into_an_issue_once(there: Scene, issue_id: int) -> None:
    item_id = there.item("Late arrival")
    first = board.pick_into(there.db, issue_id, item_id, there.sections[1], by=None, now=LATER)
    again = board.pick_into(there.db, issue_id, item_id, there.sections[1], by=None, now=LATER)
    assert first == again
    assert there.titles(issue_id)[1] == ["Are vector databases worth it?", "Late arrival"]
    assert there.verbs() == ["drafted", "picked into"]


def test_a_text_that_is_posted_twice_stands_there_once(there: Scene, issue_id: int) -> None:
    section = there.sections[1]
    first = board.add_text(there.db, issue_id, section, "Good morning", by=None, now=LATER)
    again = board.add_text(there.db, issue_id, section, "Good morning", by=None, now=LATER)
    other = board.add_text(there.db, issue_id, section, "Good evening", by=None, now=LATER)
    assert first == again != other
    assert there.verbs().count("added a text to") == 2


def test_picking_into_another_section_moves_the_block(there: Scene, issue_id: int) -> None:
    item_id = there.item("Late arrival")
    first = board.pick_into(there.db, issue_id, item_id, there.sections[2], by=None, now=LATER)
    again = board.pick_into(there.db, issue_id, item_id, there.sections[1], by=None, now=LATER)
    assert first == again
    assert there.titles(issue_id)[1][-1] == "Late arrival"
    assert "Late arrival" not in there.titles(issue_id)[2]
    assert _positions(there, issue_id) == [[], [0, 1], [0, 1], [0, 1, 2]]


def test_a_pick_needs_an_item_and_a_section_of_its_newsletter(there: Scene, issue_id: int) -> None:
    item_id = there.item("Late arrival")
    with pytest.raises(NotFoundError):
        board.pick_into(there.db, issue_id, 999, there.sections[0], by=None, now=LATER)
    with pytest.raises(NotFoundError):
        board.pick_into(there.db, issue_id, item_id, 999, by=None, now=LATER)
    assert there.verbs() == ["drafted"]


def test_words_are_written_over_the_feeds(there: Scene, issue_id: int) -> None:
    block = _blocks(there, issue_id, 2)[0]
    words = {"title": "Cards\u2028 before \n computers", "link": "https://else.example/x", "blurb": "Read **this**."}
    version = board.edit_pick(there.db, block.id, **words, expected_version=block.version, by=None, now=LATER)
    edited = _blocks(there, issue_id, 2)[0]
    assert edited.version == version == block.version + 1
    assert edited.pick is not None
    assert (edited.pick.title, edited.pick.link) == ("Cards before computers", "https://else.example/x")
    version = board.edit_pick(
        there.db, block.id, title="", link="", blurb="", expected_version=version, by=None, now=LATER
    )
    plain = _blocks(there, issue_id, 2)[0].pick
    assert plain is not None
    assert (plain.title, plain.link) == ("A history of index cards", "https://site.example/2/a-history-of-index-cards")


def test_the_second_of_two_editors_is_told(there: Scene, issue_id: int) -> None:
    block = _blocks(there, issue_id, 2)[0]

    def write(blurb: str) -> int:
        words = {"title": "", "link": "", "blurb": blurb}
        return board.edit_pick(there.db, block.id, **words, expected_version=block.version, by=None, now=LATER)

    write("Theo's words")
    with pytest.raises(ConflictError) as caught:
        write("Mina's words")
    assert (caught.value.expected, caught.value.actual) == (block.version, block.version + 1)
    kept = _blocks(there, issue_id, 2)[0].pick
    assert kept is not None
    assert kept.blurb == "Theo's words"
    assert write("Theo's words") == block.version + 1


def test_settings_and_texts_tell_the_second_editor_too(there: Scene, issue_id: int) -> None:
    version = board.edit_settings(
        there.db, issue_id, subject="One", preheader="Two", expected_version=2, by=None, now=LATER
    )
    assert version == 3
    with pytest.raises(ConflictError):
        board.edit_settings(there.db, issue_id, subject="Other", preheader="", expected_version=2, by=None, now=LATER)
    block_id = board.add_text(there.db, issue_id, None, "Hello", by=None, now=LATER)
    assert board.edit_text(there.db, block_id, body="Hi", expected_version=1, by=None, now=LATER) == 2
    with pytest.raises(ConflictError):
        board.edit_text(there.db, block_id, body="Hey", expected_version=1, by=None, now=LATER)
    assert board.edit_text(there.db, block_id, body="Hi", expected_version=1, by=None, now=LATER) == 2


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//x.example", "ftp://x.example/", "https://", "https://a b.c/"]
)
def test_a_link_must_be_one(there: Scene, issue_id: int, link: str) -> None:
    block = _blocks(there, issue_id, 2)[0]
    with pytest.raises(InvalidError) as caught:
        board.edit_pick(there.db, block.id, title="", link=link, blurb="", expected_version=1, by=None, now=LATER)
    assert caught.value.field == "link"


@pytest.mark.parametrize("field", ["subject", "preheader"])
def test_settings_that_are_too_long_name_their_field(there: Scene, issue_id: int, field: str) -> None:
    words = {"subject": "", "preheader": ""} | {field: "x" * 301}
    with pytest.raises(InvalidError) as caught:
        board.edit_settings(there.db, issue_id, **words, expected_version=2, by=None, now=LATER)
    assert caught.value.field == field


def test_blocks_move_and_positions_stay_dense(there: Scene, issue_id: int) -> None:
    first, second, third = _blocks(there, issue_id, 2)
    board.move(there.db, third.id, by=None, now=LATER, section_id=there.sections[2], after_block_id=None)
    assert [block.id for block in _blocks(there, issue_id, 2)] == [third.id, first.id, second.id]
    board.move(there.db, first.id, by=None, now=LATER, section_id=there.sections[0], after_block_id=None)
    assert _blocks(there, issue_id, 0)[0].id == first.id
    moved = _blocks(there, issue_id, 0)[0].pick
    assert moved is not None
    assert moved.section_id == there.sections[0]
    assert _positions(there, issue_id) == [[], [0, 1, 2], [0], [0, 1]]


def test_nudging_stops_at_the_edges(there: Scene, issue_id: int) -> None:
    first, second, third = (block.id for block in _blocks(there, issue_id, 2))
    board.nudge(there.db, first, up=True, by=None, now=LATER)
    board.nudge(there.db, third, up=False, by=None, now=LATER)
    assert there.verbs() == ["drafted"]
    board.nudge(there.db, first, up=False, by=None, now=LATER)
    assert [block.id for block in _blocks(there, issue_id, 2)] == [second, first, third]
    board.nudge(there.db, first, up=True, by=None, now=LATER)
    assert [block.id for block in _blocks(there, issue_id, 2)] == [first, second, third]


def test_only_texts_stand_in_the_intro(there: Scene, issue_id: int) -> None:
    text_id = board.add_text(there.db, issue_id, there.sections[1], "Good morning", by=None, now=LATER)
    board.move(there.db, text_id, by=None, now=LATER, section_id=None, after_block_id=None)
    assert [block.body for block in there.board(issue_id).intro] == ["Good morning"]
    pick = _blocks(there, issue_id, 2)[0]
    with pytest.raises(InvalidError):
        board.move(there.db, pick.id, by=None, now=LATER, section_id=None, after_block_id=None)
    with pytest.raises(InvalidError):
        board.move(there.db, pick.id, by=None, now=LATER, section_id=there.sections[1], after_block_id=text_id)
    with pytest.raises(InvalidError):
        board.add_text(there.db, issue_id, 999, "Nowhere", by=None, now=LATER)


def test_removing_a_block_makes_its_item_new_again(there: Scene, issue_id: int) -> None:
    block = _blocks(there, issue_id, 2)[0]
    board.remove(there.db, block.id, by=None, now=LATER)
    assert _positions(there, issue_id) == [[], [0, 1], [0], [0, 1]]
    with there.db.read() as session:
        assert block.pick is not None
        assert picks.pick_of(session, there.newsletter_id, block.pick.item.id) is None
    with pytest.raises(NotFoundError):
        board.remove(there.db, block.id, by=None, now=LATER)


def test_a_pick_that_an_older_issue_uses_stays(there: Scene, issue_id: int) -> None:
    block = _blocks(there, issue_id, 2)[0]
    assert block.pick is not None
    second = publish.draft(there.db, there.newsletter_id, now=LATER)
    again = board.pick_into(there.db, second, block.pick.item.id, there.sections[2], by=None, now=LATER)
    board.remove(there.db, again, by=None, now=LATER)
    assert block.pick.title in there.titles(issue_id)[2]


Change = Callable[[Scene, int], object]

CHANGES: dict[str, Change] = {
    "pick_into": lambda there, issue: board.pick_into(
        there.db, issue, there.item("Late arrival"), there.sections[1], by=None, now=LATER
    ),
    "add_text": lambda there, issue: board.add_text(there.db, issue, None, "Hello", by=None, now=LATER),
    "edit_pick": lambda there, issue: board.edit_pick(
        there.db,
        _blocks(there, issue, 2)[0].id,
        title="Other",
        link="",
        blurb="",
        expected_version=1,
        by=None,
        now=LATER,
    ),
    "move": lambda there, issue: board.move(
        there.db,
        _blocks(there, issue, 2)[2].id,
        section_id=there.sections[2],
        after_block_id=None,
        by=None,
        now=LATER,
    ),
    "nudge": lambda there, issue: board.nudge(there.db, _blocks(there, issue, 2)[1].id, up=True, by=None, now=LATER),
    "remove": lambda there, issue: board.remove(there.db, _blocks(there, issue, 2)[1].id, by=None, now=LATER),
    "edit_settings": lambda there, issue: board.edit_settings(
        there.db, issue, subject="Other", preheader="", expected_version=2, by=None, now=LATER
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_voids_the_approval_and_unschedules(
    there: Scene, issue_id: int, renderer: Renderer, change: str
) -> None:
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    publish.schedule(there.db, issue_id, at=LATER, by=None, now=NOW)
    CHANGES[change](there, issue_id)
    issue = there.board(issue_id).issue
    assert (issue.state, issue.approved_hash, issue.send_at) == (IssueState.DRAFT, None, None)
    with there.db.read() as session:
        assert store.due_issue_ids(session, now=LATER) == []


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("is_sent", [False, True])
def test_an_issue_that_is_sending_or_sent_refuses(
    there: Scene, issue_id: int, renderer: Renderer, change: str, is_sent: bool
) -> None:
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    publish.schedule(there.db, issue_id, at=NOW, by=None, now=NOW)
    with there.db.write() as session:
        assert store.mark_sending(session, issue_id)
        assert not store.mark_sending(session, issue_id)
        if is_sent:
            store.mark_sent(session, issue_id, now=LATER)
    before = there.board(issue_id)
    with pytest.raises(StateError):
        CHANGES[change](there, issue_id)
    assert there.board(issue_id) == before


def test_what_changes_nothing_leaves_the_approval(there: Scene, issue_id: int, renderer: Renderer) -> None:
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    approved = there.board(issue_id)
    block = approved.sections[2].blocks[0]
    issue = approved.issue
    board.nudge(there.db, block.id, up=True, by=None, now=LATER)
    board.edit_pick(there.db, block.id, title="", link="", blurb="", expected_version=1, by=None, now=LATER)
    words = {"subject": issue.subject, "preheader": issue.preheader}
    board.edit_settings(there.db, issue_id, **words, expected_version=2, by=None, now=LATER)
    board.move(there.db, block.id, section_id=there.sections[2], after_block_id=None, by=None, now=LATER)
    assert there.board(issue_id) == approved


def test_a_held_issue_becomes_a_draft_with_enough_picks(sqlite_database: Database) -> None:
    there = scene(sqlite_database, minimum_picks=2)
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    board.pick_into(there.db, issue_id, there.item("One"), there.sections[2], by=None, now=LATER)
    held = there.board(issue_id).issue
    assert (held.state, held.note[:15]) == (IssueState.HELD, "1 pick was foun")
    board.pick_into(there.db, issue_id, there.item("Two"), there.sections[2], by=None, now=LATER)
    free = there.board(issue_id).issue
    assert (free.state, free.note) == (IssueState.DRAFT, "")


def test_words_of_a_pick_in_two_open_issues_void_both(there: Scene, issue_id: int, renderer: Renderer) -> None:
    block = _blocks(there, issue_id, 2)[0]
    assert block.pick is not None
    second = publish.draft(there.db, there.newsletter_id, now=LATER)
    again = board.pick_into(there.db, second, block.pick.item.id, there.sections[2], by=None, now=LATER)
    publish.approve(there.db, renderer, issue_id, by=None, now=LATER)
    board.edit_pick(there.db, again, title="", link="", blurb="New", expected_version=1, by=None, now=LATER)
    assert there.board(issue_id).issue.state is IssueState.DRAFT


def test_a_block_that_is_gone_is_said(there: Scene) -> None:
    with pytest.raises(CuratorError, match="no block"):
        board.nudge(there.db, 999, up=True, by=None, now=LATER)
