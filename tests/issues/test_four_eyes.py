"""Where a second person has to look, what changes an issue's promotions counts like an edit of the issue itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from curator.accounts import admit
from curator.accounts.values import Role
from curator.db import Database
from curator.issues import board, four_eyes, publish, store
from curator.newsletters import store as newsletters
from curator.promotions import book, edit
from curator.promotions.values import PromotionKind
from tests.builders import change_newsletters
from tests.issues.scene import fill
from tests.issues.scene import scene as issues_scene
from tests.promotions.scene import GOOD, ISSUE_AT, NOW, Scene, form, set_scene


@pytest.fixture
def scene(database: Database) -> Scene:
    made = issues_scene(database)
    fill(made)
    return set_scene(database, made.newsletter_id, list(made.sections))


@pytest.fixture
def mina(scene: Scene) -> int:
    """One of two people who may approve."""
    change_newsletters(scene.db, needs_second_person=True)
    admit.create_user(scene.db, "ada@podcast.example", name="Ada", role=Role.EDITOR, now=NOW)
    return admit.create_user(scene.db, "mina@podcast.example", name="Mina", role=Role.OWNER, now=NOW)


def _ready(scene: Scene, mina: int | None) -> int:
    return edit.write_promotion(scene.db, scene.newsletter, form(words=GOOD), by=mina, now=NOW)


def _books(scene: Scene, mina: int) -> None:
    book.book(scene.db, scene.slot, ISSUE_AT.date(), _ready(scene, None), by=mina, now=NOW)


def _frees(scene: Scene, mina: int) -> None:
    booking = scene.book(_ready(scene, None))
    book.free(scene.db, booking.id, by=mina, now=NOW)


def _approves_words(scene: Scene, mina: int) -> None:
    booking = scene.book()
    book.submit(scene.db, booking.id, GOOD, now=NOW)
    book.approve(scene.db, booking.id, by=mina, now=NOW)


def _changes_the_house_promotion(scene: Scene, mina: int) -> None:
    given = form(PromotionKind.HOUSE, sponsor="", words=GOOD)
    edit.change_promotion(scene.db, scene.house, given, expected_version=1, by=mina, now=NOW)


def _changes_the_slot(scene: Scene, mina: int) -> None:
    edit.put_away_slot(scene.db, scene.slot, is_away=True, by=mina, now=NOW)


def _why_not(scene: Scene, issue_id: int, mina: int) -> str:
    with scene.db.read() as session:
        issue, newsletter = store.issue_row(session, issue_id), newsletters.newsletter(session, scene.newsletter)
        return four_eyes.why_not(session, issue, newsletter, by=mina, now=NOW)


@pytest.mark.parametrize("deed", [_books, _frees, _approves_words, _changes_the_house_promotion, _changes_the_slot])
def test_whoever_changed_a_promotion_of_it_last_does_not_approve_it_alone(
    scene: Scene, mina: int, deed: Callable[[Scene, int], None]
) -> None:
    issue_id = publish.draft(scene.db, scene.newsletter, now=NOW, due_at=ISSUE_AT)
    assert _why_not(scene, issue_id, mina) == ""
    deed(scene, mina)
    assert "one of its promotions, and it needs a second person: ask Ada" in _why_not(scene, issue_id, mina)
    board.add_text(scene.db, issue_id, None, "Somebody else's.", by=mina + 1000, now=NOW)
    assert _why_not(scene, issue_id, mina) == ""


def test_what_was_booked_before_the_draft_counts_and_an_old_house_promotion_does_not(scene: Scene, mina: int) -> None:
    _changes_the_house_promotion(scene, mina)
    later = NOW + timedelta(hours=1)
    issue_id = publish.draft(scene.db, scene.newsletter, now=later, due_at=ISSUE_AT)
    assert _why_not(scene, issue_id, mina) == ""
    other = publish.draft(scene.db, scene.newsletter, now=later, due_at=ISSUE_AT + timedelta(days=1))
    book.book(scene.db, scene.slot, (ISSUE_AT + timedelta(days=1)).date(), _ready(scene, None), by=mina, now=NOW)
    assert _why_not(scene, issue_id, mina) == "", "it is booked into another issue"
    assert "second person" in _why_not(scene, other, mina)


def test_a_letter_to_the_sponsor_changes_nothing(scene: Scene, mina: int) -> None:
    issue_id = publish.draft(scene.db, scene.newsletter, now=NOW, due_at=ISSUE_AT)
    booking = scene.book()
    book.ask(scene.db, booking.id, "bo@boats.example", by=mina, now=NOW)
    assert _why_not(scene, issue_id, mina) == ""
