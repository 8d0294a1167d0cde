"""Review, deadlines and the second person: who approves, by when, and what happens when nobody does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from curator.accounts import admit, roles
from curator.accounts.values import Role, StandIn
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.issues import board, edit, publish, review, settle
from curator.issues.notices import store as notices
from curator.issues.render import Renderer
from curator.issues.values import IssueRow, IssueState
from curator.letters.tables import Letter
from curator.letters.values import LetterKind
from curator.newsletters.tables import Newsletter
from tests.issues.scene import NOW, Scene, fill, scene

DUE = NOW + timedelta(days=3)
LIMIT = timedelta(hours=24)


@dataclass(frozen=True)
class _Found:
    is_clear: bool


class _Checks:
    """Checks that find what the test says."""

    def __init__(self, *, is_clear: bool) -> None:
        self.found = _Found(is_clear)

    def __call__(self, _db: Database, _renderer: Renderer, _issue_id: int, /, *, now: datetime) -> _Found:  # noqa: ARG002 - a port
        return self.found


@pytest.fixture
def there(database: Database) -> Scene:
    made = scene(database, approval_lead_minutes=120)
    fill(made)
    return made


@pytest.fixture
def mina(there: Scene) -> int:
    return admit.create_user(there.db, "mina@podcast.example", name="Mina", role=Role.OWNER, now=NOW)


@pytest.fixture
def theo(there: Scene) -> int:
    return admit.create_user(there.db, "theo@podcast.example", name="Theo", role=Role.WRITER, now=NOW)


@pytest.fixture
def issue_id(there: Scene, mina: int, theo: int) -> int:
    return publish.draft(there.db, there.newsletter_id, now=NOW, due_at=DUE)


def _issue(there: Scene, issue_id: int) -> IssueRow:
    return there.board(issue_id).issue


def _letters(there: Scene) -> list[tuple[LetterKind, str]]:
    with there.db.read() as session:
        rows = session.scalars(select(Letter).order_by(Letter.id))
        return [(LetterKind(row.kind), row.name) for row in rows]


def _set(there: Scene, **columns: object) -> None:
    with there.db.write() as session:
        session.execute(update(Newsletter).values(**columns))


def _settle(there: Scene, renderer: Renderer, issue_id: int, *, now: datetime, is_clear: bool = True) -> None:
    checks = _Checks(is_clear=is_clear)
    settle.settle(there.db, renderer, checks, issue_id, now=now, missed_limit=LIMIT)


def test_what_the_clock_drafts_is_told_to_whoever_writes(there: Scene, issue_id: int) -> None:
    assert _letters(there) == [(LetterKind.DRAFT_READY, "Mina"), (LetterKind.DRAFT_READY, "Theo")]


def test_a_notice_goes_by_the_role_in_its_newsletter_and_to_stand_ins(there: Scene, issue_id: int, theo: int) -> None:
    lea, sam, ann = (
        admit.create_user(there.db, f"{name}@podcast.example", name=name.title(), role=role, now=NOW)
        for name, role in (("lea", Role.EDITOR), ("sam", Role.VIEWER), ("ann", Role.WRITER))
    )
    nowhere, here = {there.newsletter_id: None}, {there.newsletter_id: Role.EDITOR}
    roles.change_role(there.db, lea, Role.EDITOR, differing=nowhere, now=NOW, by=None)
    roles.change_role(there.db, sam, Role.VIEWER, differing=here, now=NOW, by=None)
    stead = StandIn(0, ann, sam, there.newsletter_id, NOW, NOW + timedelta(days=1))
    roles.add_stand_in(there.db, stead, now=NOW, by=None)
    before = len(_letters(there))
    review.ask(there.db, issue_id, by=theo, now=NOW)
    assert sorted(name for _, name in _letters(there)[before:]) == ["Ann", "Mina", "Sam"]


def test_a_review_is_asked_for_once_and_told_to_whoever_may_publish(there: Scene, issue_id: int, theo: int) -> None:
    assert review.ask(there.db, issue_id, by=theo, now=NOW) == 1
    assert review.ask(there.db, issue_id, by=theo, now=NOW + timedelta(minutes=1)) == 0
    issue = _issue(there, issue_id)
    assert (issue.state, issue.review_by, issue.review_at) == (IssueState.REVIEW, theo, NOW)
    assert _letters(there)[2:] == [(LetterKind.REVIEW_ASKED, "Mina")]


def test_an_edit_keeps_the_issue_in_review_and_says_so(there: Scene, issue_id: int, theo: int) -> None:
    review.ask(there.db, issue_id, by=theo, now=NOW)
    board.add_text(there.db, issue_id, None, "One more thing.", by=theo, now=NOW)
    issue = _issue(there, issue_id)
    assert (issue.state, issue.note) == (IssueState.REVIEW, edit.CHANGED_IN_REVIEW)
    assert issue.review_by == theo


def test_an_issue_is_handed_back_with_words(there: Scene, issue_id: int, mina: int, theo: int) -> None:
    review.ask(there.db, issue_id, by=theo, now=NOW)
    with pytest.raises(InvalidError):
        review.hand_back(there.db, issue_id, "  ", by=mina, now=NOW)
    review.hand_back(there.db, issue_id, "The second\nlink is dead.", by=mina, now=NOW)
    issue = _issue(there, issue_id)
    assert (issue.state, issue.review_by) == (IssueState.DRAFT, None)
    assert issue.note == "Mina handed it back: The second link is dead."
    assert _letters(there)[-1] == (LetterKind.GIVEN_BACK, "Theo")
    with pytest.raises(StateError):
        review.hand_back(there.db, issue_id, "Again.", by=mina, now=NOW)


def test_a_review_is_taken_back(there: Scene, issue_id: int, theo: int) -> None:
    review.ask(there.db, issue_id, by=theo, now=NOW)
    review.take_back(there.db, issue_id, by=theo, now=NOW)
    assert _issue(there, issue_id).state is IssueState.DRAFT


def test_what_is_approved_is_not_reviewed(there: Scene, issue_id: int, renderer: Renderer, mina: int) -> None:
    publish.approve(there.db, renderer, issue_id, by=mina, now=NOW)
    with pytest.raises(StateError, match="is approved, so there is nothing to review"):
        review.ask(there.db, issue_id, by=mina, now=NOW)


def test_whoever_switched_a_notice_off_does_not_get_it(there: Scene, issue_id: int, mina: int, theo: int) -> None:
    with there.db.write() as session:
        notices.switch_off(session, mina, [LetterKind.REVIEW_ASKED])
    assert review.ask(there.db, issue_id, by=theo, now=NOW) == 0


# -- the second person


def test_the_last_editor_does_not_approve_while_somebody_else_could(
    there: Scene, issue_id: int, renderer: Renderer, mina: int
) -> None:
    _set(there, needs_second_person=True)
    board.add_text(there.db, issue_id, None, "Mine.", by=mina, now=NOW)
    publish.approve(there.db, renderer, issue_id, by=mina, now=NOW)
    publish.unapprove(there.db, issue_id, by=mina, now=NOW)
    ada = admit.create_user(there.db, "ada@podcast.example", name="Ada", role=Role.EDITOR, now=NOW)
    with pytest.raises(StateError, match="needs a second person: ask Ada to approve it"):
        publish.approve(there.db, renderer, issue_id, by=mina, now=NOW)
    publish.approve(there.db, renderer, issue_id, by=ada, now=NOW)
    assert _issue(there, issue_id).approved_by == ada


def test_a_writer_is_no_second_person(there: Scene, issue_id: int, renderer: Renderer, mina: int, theo: int) -> None:
    _set(there, needs_second_person=True)
    board.add_text(there.db, issue_id, None, "Mine.", by=mina, now=NOW)
    publish.approve(there.db, renderer, issue_id, by=mina, now=NOW)
    assert _issue(there, issue_id).state is IssueState.APPROVED


# -- deadlines


def test_the_desk_is_told_once_that_a_deadline_is_near(there: Scene, issue_id: int) -> None:
    soon = DUE - timedelta(hours=20)
    with there.db.read() as session:
        assert settle.near(session, now=DUE - timedelta(hours=27)) == []
        assert settle.near(session, now=soon) == [issue_id]
    for _ in range(2):
        settle.tell_near(there.db, issue_id, now=soon)
    assert _letters(there)[2:] == [(LetterKind.DEADLINE_NEAR, "Mina")]
    with there.db.read() as session:
        assert settle.near(session, now=soon) == []


def test_the_desk_is_told_once_that_an_approved_issue_has_no_schedule(
    there: Scene, issue_id: int, renderer: Renderer
) -> None:
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    early, near = DUE - timedelta(hours=25), DUE - timedelta(hours=24)
    with there.db.read() as session:
        assert settle.forgotten(session, now=early) == []
        assert settle.forgotten(session, now=near) == [issue_id]
    for _ in range(2):
        settle.tell_forgotten(there.db, issue_id, now=near)
    assert _letters(there)[2:] == [(LetterKind.NOT_SCHEDULED, "Mina")]
    with there.db.read() as session:
        assert settle.forgotten(session, now=near) == []
    publish.unapprove(there.db, issue_id, by=None, now=near)
    publish.approve(there.db, renderer, issue_id, by=None, now=near)
    with there.db.read() as session:
        assert settle.forgotten(session, now=near + timedelta(hours=11)) == []
        assert settle.forgotten(session, now=near + timedelta(hours=12)) == [issue_id]


def test_of_an_issue_that_is_scheduled_or_only_a_test_nobody_is_told(
    there: Scene, issue_id: int, renderer: Renderer
) -> None:
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    _set(there, live_at=None)
    with there.db.read() as session:
        assert settle.forgotten(session, now=DUE) == []
    _set(there, live_at=NOW)
    publish.schedule(there.db, issue_id, at=DUE, by=None, now=NOW)
    with there.db.read() as session:
        assert settle.forgotten(session, now=DUE) == []


def test_what_nobody_approved_is_held_once(there: Scene, issue_id: int, renderer: Renderer) -> None:
    over = DUE - timedelta(hours=2)
    _settle(there, renderer, issue_id, now=over - timedelta(seconds=1))
    assert _issue(there, issue_id).state is IssueState.DRAFT
    _settle(there, renderer, issue_id, now=over)
    issue = _issue(there, issue_id)
    assert (issue.state, issue.note) == (IssueState.HELD, settle.HELD)
    assert _letters(there)[2:] == [(LetterKind.DEADLINE_OVER, "Mina")]
    board.add_text(there.db, issue_id, None, "Late words.", by=None, now=over)
    _settle(there, renderer, issue_id, now=DUE)
    assert _issue(there, issue_id).state is IssueState.DRAFT, "an editor works on it: it is not held again"


def test_where_all_checks_pass_it_is_sent_by_itself_at_its_moment(
    there: Scene, issue_id: int, renderer: Renderer, theo: int
) -> None:
    _set(there, when_unapproved="send")
    review.ask(there.db, issue_id, by=theo, now=NOW)
    _settle(there, renderer, issue_id, now=DUE - timedelta(hours=1))
    issue = _issue(there, issue_id)
    assert (issue.state, issue.send_at, issue.approved_by) == (IssueState.SCHEDULED, DUE, None)
    assert (issue.note, issue.is_test_schedule) == (settle.BY_ITSELF, False)
    assert _letters(there)[-1] == (LetterKind.DEADLINE_OVER, "Mina")


def test_a_check_that_fails_holds_it(there: Scene, issue_id: int, renderer: Renderer) -> None:
    _set(there, when_unapproved="send")
    _settle(there, renderer, issue_id, now=DUE, is_clear=False)
    issue = _issue(there, issue_id)
    assert issue.state is IssueState.HELD
    assert "not all checks pass" in issue.note


def test_unfinished_words_never_leave_by_themselves(there: Scene, issue_id: int, renderer: Renderer) -> None:
    _set(there, when_unapproved="send")
    board.add_text(there.db, issue_id, None, "By TK.", by=None, now=NOW)
    _settle(there, renderer, issue_id, now=DUE)
    issue = _issue(there, issue_id)
    assert issue.state is IssueState.HELD
    assert "The word TK still stands" in issue.note


def test_in_test_mode_what_leaves_by_itself_is_a_test(there: Scene, issue_id: int, renderer: Renderer) -> None:
    _set(there, when_unapproved="send", live_at=None)
    _settle(there, renderer, issue_id, now=DUE)
    assert _issue(there, issue_id).is_test_schedule is True


def test_what_is_late_beyond_the_limit_is_held(there: Scene, issue_id: int, renderer: Renderer) -> None:
    _set(there, when_unapproved="send")
    _settle(there, renderer, issue_id, now=DUE + timedelta(hours=25))
    issue = _issue(there, issue_id)
    assert issue.state is IssueState.HELD
    assert "its moment is over by 25 hours" in issue.note


def test_what_was_held_before_keeps_its_words(there: Scene, renderer: Renderer, mina: int) -> None:
    _set(there, when_unapproved="send", minimum_picks=50)
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW, due_at=DUE)
    was = _issue(there, issue_id)
    _settle(there, renderer, issue_id, now=DUE)
    issue = _issue(there, issue_id)
    assert (issue.state, issue.note) == (IssueState.HELD, was.note)


def test_an_approval_in_time_keeps_the_deadline_away(
    there: Scene, issue_id: int, renderer: Renderer, mina: int
) -> None:
    publish.approve(there.db, renderer, issue_id, by=mina, now=NOW)
    _settle(there, renderer, issue_id, now=DUE)
    assert _issue(there, issue_id).state is IssueState.APPROVED
    with there.db.read() as session:
        assert settle.over(session, now=DUE) == []
