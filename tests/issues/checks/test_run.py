"""Checks over rows: what is gathered, the gate before an approval, and ticks with who and when."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from curator.accounts import admit
from curator.accounts.values import Role
from curator.activity import store as activity
from curator.activity.values import ActivityRow
from curator.audience.tables import Subscription
from curator.audience.values import SubscriptionState
from curator.db import Database
from curator.errors import InvalidError, NotFoundError
from curator.issues import board, publish
from curator.issues.checks import reverts, run
from curator.issues.checks.values import Finding, Level
from curator.issues.render import Renderer
from curator.issues.tables import Issue
from curator.issues.values import IssueState
from tests import builders
from tests.issues.scene import NOW, Scene, fill, scene


@pytest.fixture
def there(database: Database) -> Scene:
    made = scene(database)
    fill(made)
    return made


@pytest.fixture
def issue_id(there: Scene) -> int:
    return publish.draft(there.db, there.newsletter_id, now=NOW)


@pytest.fixture
def mina(there: Scene) -> int:
    return admit.create_user(there.db, "mina@podcast.example", name="Mina", role=Role.EDITOR, now=NOW)


def _found(there: Scene, renderer: Renderer, issue_id: int, code: str) -> list[Finding]:
    report = run.report(there.db, renderer, issue_id, now=NOW)
    return [each for each in report.findings if each.code == code and each.level is not Level.FINE]


def _changes(there: Scene) -> list[ActivityRow]:
    with there.db.read() as session:
        return activity.recent(session, subject="check")


def _tick(there: Scene, renderer: Renderer, issue_id: int, finding: Finding, *, by: int | None = None) -> None:
    run.tick(
        there.db,
        renderer,
        issue_id,
        code=finding.code,
        about=finding.about,
        content=finding.content,
        by=by,
        now=NOW,
    )


def test_a_draft_is_looked_at_without_writing(there: Scene, issue_id: int, renderer: Renderer) -> None:
    report = run.report(there.db, renderer, issue_id, now=NOW)
    assert report.is_clear
    assert {finding.code for finding in report.warnings} == {
        *("blurb-missing", "no-readers", "link-not-looked-at"),
    } | {finding.code for finding in report.warnings if finding.code in ("length", "subject-length", "section-over")}
    assert len(_found(there, renderer, issue_id, "blurb-missing")) == sum(len(each) for each in there.titles(issue_id))
    assert there.verbs() == ["drafted"]
    with pytest.raises(NotFoundError):
        run.report(there.db, renderer, 999, now=NOW)


def test_readers_silence_the_warning_that_there_are_none(there: Scene, issue_id: int, renderer: Renderer) -> None:
    builders.subscriber_rows(there.db, there.newsletter_id, ["ada@example.org"])
    assert _found(there, renderer, issue_id, "no-readers") == []


def test_what_ran_in_a_sent_issue_is_told_with_its_number(there: Scene, issue_id: int, renderer: Renderer) -> None:
    block = there.board(issue_id).sections[2].blocks[0]
    assert block.pick is not None
    second = publish.draft(there.db, there.newsletter_id, now=NOW)
    board.pick_into(there.db, second, block.pick.item.id, there.sections[2], by=None, now=NOW)
    assert _found(there, renderer, second, "ran-before") == []
    with there.db.write() as session:
        session.get_one(Issue, issue_id).state = IssueState.SENT
    (finding,) = _found(there, renderer, second, "ran-before")
    assert finding.words == f'"{block.pick.title}" ran in issue 1.'


def test_an_issue_that_does_not_render_says_so(there: Scene, issue_id: int, renderer: Renderer) -> None:
    for number in range(12):
        board.add_text(there.db, issue_id, None, f"{number} {'word ' * 1_900}", by=None, now=NOW)
    (finding,) = _found(there, renderer, issue_id, "renders")
    assert "Gmail clips" in finding.words


def test_the_gate_refuses_what_blocks_and_names_each_place(there: Scene, issue_id: int, renderer: Renderer) -> None:
    builders.change_newsletters(there.db, postal_address="")
    text = board.add_text(there.db, issue_id, None, "By TK.", by=None, now=NOW)
    with pytest.raises(publish.UnfinishedError, match="TK still stands") as caught:
        publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    assert [(place.code, place.block_id) for place in caught.value.places] == [("tk", text), ("postal-address", None)]
    assert there.board(issue_id).issue.state is IssueState.DRAFT


def test_what_is_ticked_off_by_hand_is_approved(there: Scene, issue_id: int, renderer: Renderer, mina: int) -> None:
    board.add_text(there.db, issue_id, None, "The country code of Tokelau is TK.", by=None, now=NOW)
    (finding,) = _found(there, renderer, issue_id, "tk")
    _tick(there, renderer, issue_id, finding, by=mina)
    _tick(there, renderer, issue_id, finding, by=mina)
    report = run.report(there.db, renderer, issue_id, now=NOW)
    (ticked,) = report.ticked
    assert ticked.tick is not None
    assert (ticked.tick.by, ticked.tick.by_name, ticked.tick.at) == (mina, "Mina", NOW)
    assert [(each.verb, each.actor) for each in _changes(there)] == [("checked by hand", mina)]
    publish.approve(there.db, renderer, issue_id, by=mina, now=NOW)
    assert run.report(there.db, renderer, issue_id, now=NOW).is_clear


def test_a_changed_text_asks_again(there: Scene, issue_id: int, renderer: Renderer) -> None:
    text = board.add_text(there.db, issue_id, None, "The country code is TK.", by=None, now=NOW)
    (finding,) = _found(there, renderer, issue_id, "tk")
    _tick(there, renderer, issue_id, finding)
    board.edit_text(there.db, text, body="It is TK, and TK.", expected_version=1, by=None, now=NOW)
    (again,) = _found(there, renderer, issue_id, "tk")
    assert again.tick is None
    with pytest.raises(InvalidError, match="changed since you looked"):
        _tick(there, renderer, issue_id, finding)
    _tick(there, renderer, issue_id, again)
    assert _found(there, renderer, issue_id, "tk")[0].tick is not None


def test_only_what_a_person_can_know_better_is_ticked_off(there: Scene, issue_id: int, renderer: Renderer) -> None:
    board.edit_settings(there.db, issue_id, subject="", preheader="", expected_version=2, by=None, now=NOW)
    (finding,) = _found(there, renderer, issue_id, "subject-missing")
    with pytest.raises(InvalidError, match="cannot be left"):
        _tick(there, renderer, issue_id, finding)
    with pytest.raises(InvalidError):
        run.tick(there.db, renderer, issue_id, code="none", about="issue", content="", by=None, now=NOW)


def test_a_tick_is_taken_back_and_put_back(there: Scene, issue_id: int, renderer: Renderer, mina: int) -> None:
    board.add_text(there.db, issue_id, None, "By TK.", by=None, now=NOW)
    (finding,) = _found(there, renderer, issue_id, "tk")
    _tick(there, renderer, issue_id, finding, by=mina)
    (made,) = _changes(there)
    assert reverts.REVERTS["check.checked by hand"](there.db, made, by=mina, now=NOW).endswith("any more.")
    assert not run.report(there.db, renderer, issue_id, now=NOW).is_clear
    assert not run.untick(there.db, issue_id, code=finding.code, about=finding.about, by=mina, now=NOW)
    taken = _changes(there)[0]
    for _ in range(2):
        assert reverts.REVERTS["check.took back the check of"](there.db, taken, by=mina, now=NOW)
    (ticked,) = run.report(there.db, renderer, issue_id, now=NOW).ticked
    assert ticked.tick is not None
    assert ticked.tick.by == mina


def test_an_audience_that_is_another_one_since_the_last_issue_is_told(
    there: Scene, issue_id: int, renderer: Renderer
) -> None:
    builders.subscriber_rows(there.db, there.newsletter_id, [f"old{n}@example.org" for n in range(10)])
    second = publish.draft(there.db, there.newsletter_id, now=NOW)
    assert _found(there, renderer, second, "readers-jump") == [], "there was no issue before"
    with there.db.write() as session:
        last = session.get_one(Issue, issue_id)
        last.state, last.sent_at = IssueState.SENT, NOW
    assert _found(there, renderer, second, "readers-jump") == []
    came = builders.subscriber_rows(there.db, there.newsletter_id, [f"new{n}@example.org" for n in range(11)])
    _changed(there, came, SubscriptionState.ACTIVE)
    (finding,) = _found(there, renderer, second, "readers-jump")
    assert "21 readers" in finding.words
    assert "about 10" in finding.words
    _changed(there, came, SubscriptionState.ENDED)
    (finding,) = _found(there, renderer, second, "readers-jump")
    assert "10 readers" in finding.words
    assert "about 21" in finding.words


def _changed(there: Scene, ids: list[int], state: SubscriptionState) -> None:
    """Has subscriptions come, or end, a minute after the last issue."""
    with there.db.write() as session:
        own = Subscription.subscriber_id.in_(ids)
        session.execute(update(Subscription).where(own).values(state=state, changed_at=NOW + timedelta(minutes=1)))
