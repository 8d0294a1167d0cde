"""Taking back what people do to an issue: the board is as it was, or it is said why that is too late."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.accounts import admit
from curator.accounts.values import Role
from curator.activity import store as activity
from curator.activity.undo import undo
from curator.activity.values import ActivityRow
from curator.app import TEMPLATES
from curator.db import Database
from curator.episodes.quotes import store as quotes
from curator.episodes.quotes.values import QuotedTurn
from curator.errors import CuratorError, StateError
from curator.feeds import store as feeds
from curator.issues import board, publish, store
from curator.issues.blocks import store as block_store
from curator.issues.render import Renderer
from curator.issues.reverts import REVERTS
from curator.issues.values import Board, IssueState
from curator.picks import store as picks
from tests.issues.scene import NOW, Scene, fill, scene

LATER = NOW + timedelta(hours=1)
MINA, THEO = 1, 2


@pytest.fixture
def there(database: Database) -> Scene:
    made = scene(database)
    fill(made)
    for name in ("Mina", "Theo"):
        admit.create_user(database, f"{name}@podcast.example", name=name, role=Role.EDITOR, now=NOW)
    return made


@pytest.fixture
def issue_id(there: Scene) -> int:
    return publish.draft(there.db, there.newsletter_id, now=NOW)


def _newest(db: Database, count: int = 1) -> ActivityRow:
    with db.read() as session:
        return activity.recent(session, limit=count)[-1]


def _undo(db: Database, change: ActivityRow | None = None) -> str:
    change = change or _newest(db)
    return undo(db, change.id, REVERTS, by=MINA, now=LATER).words


def _looks(shown: Board) -> list[list[tuple[object, ...]]]:
    """What a reader would see of a board, in its order."""
    return [
        [
            (block.id, block.kind, block.body, block.quote and block.quote.id)
            if block.pick is None
            else (block.id, block.pick.item.id, block.pick.title, block.pick.link, block.pick.blurb)
            for block in blocks
        ]
        for blocks in (shown.intro, *(section.blocks for section in shown.sections))
    ]


def _quote(there: Scene) -> int:
    item_id = there.item("A long talk", feed=0, days=6)
    with there.db.write() as session:
        turns = [QuotedTurn("Ada", "It was never about the machine.")]
        return quotes.add_quote(session, item_id, turns, first=0, last=0, start_ms=None, by=None, now=NOW)


def _deeds(there: Scene, issue_id: int) -> dict[str, Callable[[], object]]:
    db, first = there.db, there.board(issue_id).sections[2].blocks[0]
    words = {"title": "Cards", "link": "", "blurb": "Read **this**."}
    intro = board.add_text(db, issue_id, None, "Good morning.", by=THEO, now=NOW)
    with db.read() as session:
        version = store.issue_row(session, issue_id).version
    return {
        "picking": lambda: board.pick_into(db, issue_id, there.item("Late"), there.sections[1], by=MINA, now=LATER),
        "a text": lambda: board.add_text(db, issue_id, there.sections[0], "Words.", by=MINA, now=LATER),
        "a quote": lambda: board.add_quote(db, issue_id, None, _quote(there), by=MINA, now=LATER),
        "words": lambda: board.edit_pick(db, first.id, **words, expected_version=1, by=MINA, now=LATER),
        "a text's words": lambda: board.edit_text(db, intro, body="Bye.", expected_version=1, by=MINA, now=LATER),
        "a move": lambda: board.nudge(db, first.id, up=False, by=MINA, now=LATER),
        "another section": lambda: board.move(
            db, first.id, section_id=there.sections[1], after_block_id=None, by=MINA, now=LATER
        ),
        "a pick taken out": lambda: board.remove(db, first.id, by=MINA, now=LATER),
        "a text taken out": lambda: board.remove(db, intro, by=MINA, now=LATER),
        "the subject": lambda: board.edit_settings(
            db, issue_id, subject="Shore", preheader="", expected_version=version, by=MINA, now=LATER
        ),
    }


DEEDS = (
    "picking",
    "a text",
    "a quote",
    "words",
    "a text's words",
    "a move",
    "another section",
    "a pick taken out",
    "a text taken out",
    "the subject",
)


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_is_taken_back_and_done_again(there: Scene, issue_id: int, name: str) -> None:
    deeds = _deeds(there, issue_id)
    assert tuple(deeds) == DEEDS
    before = _looks(there.board(issue_id)), there.board(issue_id).issue.subject
    deeds[name]()
    after = _looks(there.board(issue_id)), there.board(issue_id).issue.subject
    assert after != before
    assert _undo(there.db)
    assert (_looks(there.board(issue_id)), there.board(issue_id).issue.subject) == before
    redo = _newest(there.db)
    assert redo.undoes is not None
    _undo(there.db, redo)
    assert (_looks(there.board(issue_id)), there.board(issue_id).issue.subject) == after


def test_what_was_taken_back_says_so_and_by_whom(there: Scene, issue_id: int) -> None:
    board.add_text(there.db, issue_id, None, "Words.", by=THEO, now=NOW)
    change = _newest(there.db)
    _undo(there.db, change)
    with there.db.read() as session:
        seen = activity.change(session, change.id)
    assert (seen.undone_at, seen.undone_by) == (LATER, MINA)
    with pytest.raises(StateError, match="taken back already"):
        _undo(there.db, change)


def test_an_item_that_waited_for_an_issue_waits_again(there: Scene, issue_id: int) -> None:
    item_id = there.item("Waiting")
    with there.db.write() as session:
        picks.add_pick(session, there.newsletter_id, item_id, there.sections[1], by=THEO, now=NOW)
    board.pick_into(there.db, issue_id, item_id, there.sections[1], by=MINA, now=LATER)
    _undo(there.db)
    with there.db.read() as session:
        assert len(block_store.waiting_picks(session, there.newsletter_id)) == 1


def test_newer_words_are_never_overwritten_and_are_shown(there: Scene, issue_id: int) -> None:
    block = there.board(issue_id).sections[2].blocks[0]
    for version, blurb in enumerate(("Mina's words.", "Theo's words."), start=1):
        board.edit_pick(
            there.db, block.id, title="", link="", blurb=blurb, expected_version=version, by=MINA, now=LATER
        )
    with pytest.raises(StateError, match=r"The blurb of “.+” was changed since; it is now: “Theo's words"):
        _undo(there.db, _newest(there.db, 2))


def test_a_pick_that_somebody_wrote_for_stays(there: Scene, issue_id: int) -> None:
    block_id = board.pick_into(there.db, issue_id, there.item("Late"), there.sections[1], by=MINA, now=LATER)
    picked = _newest(there.db)
    board.edit_pick(there.db, block_id, title="", link="", blurb="New.", expected_version=1, by=THEO, now=LATER)
    with pytest.raises(StateError, match="Its words were changed since"):
        _undo(there.db, picked)


def test_a_text_that_somebody_wrote_on_stays(there: Scene, issue_id: int) -> None:
    block = board.add_text(there.db, issue_id, None, "Mine.", by=MINA, now=LATER)
    added = _newest(there.db)
    board.edit_text(there.db, block, body="Theirs.", expected_version=1, by=THEO, now=LATER)
    with pytest.raises(StateError, match="they are now: “Theirs"):
        _undo(there.db, added)


def test_a_block_that_was_moved_on_stays_there(there: Scene, issue_id: int) -> None:
    block = there.board(issue_id).sections[2].blocks[0]
    board.nudge(there.db, block.id, up=False, by=MINA, now=LATER)
    moved = _newest(there.db)
    board.nudge(there.db, block.id, up=False, by=THEO, now=LATER)
    with pytest.raises(StateError, match="number 3 of its section now"):
        _undo(there.db, moved)


def test_a_move_is_taken_back_though_something_else_came_first(there: Scene, issue_id: int) -> None:
    first, second, *_ = there.board(issue_id).sections[2].blocks
    board.nudge(there.db, second.id, up=True, by=MINA, now=LATER)
    moved = _newest(there.db)
    board.move(
        there.db,
        there.board(issue_id).sections[2].blocks[2].id,
        section_id=there.sections[2],
        after_block_id=None,
        by=THEO,
        now=LATER,
    )
    _undo(there.db, moved)
    order = [block.id for block in there.board(issue_id).sections[2].blocks]
    assert order[1] == second.id
    assert first.id in order


def test_what_stands_in_the_issue_again_is_not_put_back_twice(there: Scene, issue_id: int) -> None:
    block = there.board(issue_id).sections[2].blocks[0]
    assert block.pick is not None
    board.remove(there.db, block.id, by=MINA, now=LATER)
    removed = _newest(there.db)
    board.pick_into(there.db, issue_id, block.pick.item.id, there.sections[1], by=THEO, now=LATER)
    before = _looks(there.board(issue_id))
    with pytest.raises(StateError, match="stands in the issue again"):
        _undo(there.db, removed)
    assert _looks(there.board(issue_id)) == before


def test_what_left_cannot_be_changed_by_taking_something_back(there: Scene, issue_id: int) -> None:
    board.add_text(there.db, issue_id, None, "Words.", by=MINA, now=LATER)
    with there.db.write() as session:
        store.mark_sent(session, issue_id, now=LATER)
    with pytest.raises(StateError, match="is sent"):
        _undo(there.db)


def _approved(there: Scene, issue_id: int) -> Renderer:
    renderer = Renderer(TEMPLATES)
    publish.approve(there.db, renderer, issue_id, by=None, now=LATER)
    return renderer


def _issue(there: Scene, issue_id: int) -> tuple[IssueState, object]:
    with there.db.read() as session:
        row = store.issue_row(session, issue_id)
    return row.state, row.send_at


def test_an_approval_is_taken_back_and_given_again_as_it_was(there: Scene, issue_id: int) -> None:
    _approved(there, issue_id)
    _undo(there.db)
    assert _issue(there, issue_id)[0] is IssueState.DRAFT
    _undo(there.db)
    with there.db.read() as session:
        row = store.issue_row(session, issue_id)
    assert (row.state, row.approved_by, row.approved_at) == (IssueState.APPROVED, None, LATER)


def test_an_approval_is_not_given_again_for_other_words(there: Scene, issue_id: int) -> None:
    _approved(there, issue_id)
    publish.unapprove(there.db, issue_id, by=MINA, now=LATER)
    taken_back = _newest(there.db)
    board.add_text(there.db, issue_id, None, "New words.", by=THEO, now=LATER)
    with pytest.raises(StateError, match="approve it anew"):
        _undo(there.db, taken_back)


def test_a_schedule_is_taken_back_and_given_again_until_its_moment(there: Scene, issue_id: int) -> None:
    _approved(there, issue_id)
    at = LATER + timedelta(days=1)
    publish.schedule(there.db, issue_id, at=at, by=MINA, now=LATER)
    _undo(there.db)
    assert _issue(there, issue_id) == (IssueState.APPROVED, None)
    taken_off = _newest(there.db)
    with pytest.raises(StateError, match="is over"):
        undo(there.db, taken_off.id, REVERTS, by=MINA, now=at)
    _undo(there.db, taken_off)
    assert _issue(there, issue_id) == (IssueState.SCHEDULED, at)


def test_a_moved_schedule_goes_back_to_the_moment_before(there: Scene, issue_id: int) -> None:
    _approved(there, issue_id)
    first, second = LATER + timedelta(days=1), LATER + timedelta(days=2)
    publish.schedule(there.db, issue_id, at=first, by=MINA, now=LATER)
    earlier = _newest(there.db)
    publish.schedule(there.db, issue_id, at=second, by=MINA, now=LATER)
    with pytest.raises(StateError, match="scheduled anew"):
        _undo(there.db, earlier)
    _undo(there.db)
    assert _issue(there, issue_id) == (IssueState.SCHEDULED, first)


def test_a_forgotten_quote_is_there_again(there: Scene) -> None:
    quote_id = _quote(there)
    board.forget_quote(there.db, quote_id, by=MINA, now=LATER)
    _undo(there.db)
    with there.db.read() as session:
        assert quotes.quote(session, quote_id).turns[0].text == "It was never about the machine."
    _undo(there.db)
    with there.db.read() as session:
        assert quotes.quotes_by_id(session, [quote_id]) == {}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8))
def test_a_row_of_deeds_taken_back_from_the_last_gives_the_same_board(
    there: Scene, issue_id: int, steps: list[tuple[int, int, int]]
) -> None:
    spares = _spares(there)
    before = _looks(there.board(issue_id))
    with there.db.read() as session:
        since = activity.last_id(session)
    for deed, which, where in steps:
        _do(there, issue_id, spares, (deed, which, where))
    with there.db.read() as session:
        done = [change for change in activity.page(session, limit=100) if change.id > since]
    for change in done:
        _undo(there.db, change)
    assert _looks(there.board(issue_id)) == before


def _spares(there: Scene) -> list[int]:
    with there.db.read() as session:
        known = [item.id for item in feeds.fresh_items(session, since=None) if item.title.startswith("Spare")]
    return known or [there.item(f"Spare {number}") for number in range(3)]


def _do(there: Scene, issue_id: int, spares: list[int], step: tuple[int, int, int]) -> None:
    deed, which, where = step
    shown = there.board(issue_id)
    blocks = [*shown.intro, *(block for section in shown.sections for block in section.blocks)]
    if not blocks:
        return
    db, block, section = there.db, blocks[which % len(blocks)], there.sections[where % 3]
    others = [one.id for part in shown.sections if part.spec.id == section for one in part.blocks if one.id != block.id]
    words = {"title": f"Title {where}", "link": "", "blurb": f"Blurb {where}"}
    deeds: list[Callable[[], object]] = [
        lambda: board.remove(db, block.id, by=MINA, now=LATER),
        lambda: board.move(
            db, block.id, section_id=section, after_block_id=others[-1] if others else None, by=MINA, now=LATER
        ),
        lambda: board.nudge(db, block.id, up=bool(where % 2), by=MINA, now=LATER),
        lambda: board.add_text(db, issue_id, section, f"Text {where}", by=MINA, now=LATER),
        lambda: board.edit_pick(db, block.id, **words, expected_version=block.version, by=MINA, now=LATER),
        lambda: board.pick_into(db, issue_id, spares[which % len(spares)], section, by=MINA, now=LATER),
    ]
    with contextlib.suppress(CuratorError):
        deeds[deed]()
