"""A worker has programs look at an issue's mail; what each said is kept with the revision and counts in the checks."""

from dataclasses import replace

import pytest

from curator.db import Database
from curator.issues import board, publish
from curator.issues.checks import run
from curator.issues.preflight import look, store
from curator.issues.preflight.memory import MemoryLooker
from curator.issues.preflight.values import Machine, MailLook, Note, Preflight, Said, Weight
from curator.issues.render import Renderer
from curator.issues.revisions import store as revisions
from curator.mailings.proof.message import MessageProver
from curator.tokens import Keys
from tests.conftest import FakeClock
from tests.issues.conftest import TEMPLATES
from tests.issues.scene import NOW, Scene, fill, scene

SHUT_OUT = Note("color-contrast", "Words must stand out", Weight.SERIOUS, ("<p>pale</p>",), ("dark, 320 px",))


@pytest.fixture
def there(database: Database) -> Scene:
    made = scene(database)
    fill(made)
    return made


@pytest.fixture
def issue_id(there: Scene) -> int:
    return publish.draft(there.db, there.newsletter_id, now=NOW)


@pytest.fixture
def axe() -> MemoryLooker:
    return MemoryLooker(Machine.AXE, Said((SHUT_OUT,), 30, version="4.12"))


@pytest.fixture
def spam() -> MemoryLooker:
    return MemoryLooker(Machine.SPAM, Said((Note("BAD", "Bad words", Weight.NOTE, points=0.4),), score=0.4))


@pytest.fixture
def renderer(axe: MemoryLooker, spam: MemoryLooker) -> Renderer:
    prover = MessageProver(Keys.from_secret("k" * 40), "https://news.example")
    return Renderer(TEMPLATES, preflight=Preflight(prover, (axe, spam)))


def _look(there: Scene, renderer: Renderer, issue_id: int) -> bool:
    return look.look(there.db, renderer, issue_id, clock=FakeClock(NOW), is_over=lambda: False)


def _kept(there: Scene, issue_id: int) -> dict[Machine, MailLook]:
    with there.db.read() as session:
        revision = revisions.latest_revision(session, issue_id)
        assert revision is not None
        return {each.machine: each for each in store.looks(session, revision.id)}


def _codes(there: Scene, renderer: Renderer, issue_id: int) -> set[str]:
    report = run.report(there.db, renderer, issue_id, now=NOW)
    return {each.code for each in (*report.blocking, *report.warnings)}


def test_what_each_program_said_is_kept_with_the_revision(
    there: Scene, issue_id: int, renderer: Renderer, axe: MemoryLooker, spam: MemoryLooker
) -> None:
    assert {"axe-not-asked", "spam-not-asked"} <= _codes(there, renderer, issue_id)
    assert not _look(there, renderer, issue_id)
    kept = _kept(there, issue_id)
    assert (kept[Machine.AXE].notes, kept[Machine.AXE].passed, kept[Machine.AXE].version) == ((SHUT_OUT,), 30, "4.12")
    assert (kept[Machine.SPAM].score, kept[Machine.SPAM].at) == (0.4, NOW)
    assert "slot.invalid" not in axe.seen[0].html
    assert b"\r\nList-Unsubscribe: <https://news.example/u/" in spam.seen[0].message
    codes = _codes(there, renderer, issue_id)
    assert {"axe", "spam-points"} <= codes
    assert not {"axe-not-asked", "spam-not-asked"} & codes


def test_a_content_is_looked_at_once_and_another_again(
    there: Scene, issue_id: int, renderer: Renderer, axe: MemoryLooker
) -> None:
    for _ in range(2):
        _look(there, renderer, issue_id)
    assert len(axe.seen) == 1
    board.add_text(there.db, issue_id, None, "More words.", by=None, now=NOW)
    assert "axe-not-asked" in _codes(there, renderer, issue_id)
    _look(there, renderer, issue_id)
    assert len(axe.seen) == 2


def test_what_shuts_readers_out_keeps_an_issue_from_being_approved_until_somebody_ticks_it_off(
    there: Scene, issue_id: int, renderer: Renderer
) -> None:
    _look(there, renderer, issue_id)
    with pytest.raises(publish.UnfinishedError, match="Words must stand out") as caught:
        publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    (place,) = caught.value.places
    run.tick(there.db, renderer, issue_id, code=place.code, about=place.about, content=place.content, by=None, now=NOW)
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)


def test_a_program_that_fails_says_so_blocks_nothing_and_is_asked_again(
    there: Scene, issue_id: int, renderer: Renderer, axe: MemoryLooker
) -> None:
    axe.trouble = "Chromium took longer than 60 s."
    _look(there, renderer, issue_id)
    assert _kept(there, issue_id)[Machine.AXE].error == "Chromium took longer than 60 s."
    report = run.report(there.db, renderer, issue_id, now=NOW)
    assert report.is_clear
    assert "axe-failed" in {each.code for each in report.warnings}
    axe.trouble, axe.said = "", Said(passed=30)
    _look(there, renderer, issue_id)
    assert _kept(there, issue_id)[Machine.AXE].error == ""
    assert "axe-failed" not in _codes(there, renderer, issue_id)


def test_when_time_is_over_the_next_call_goes_on(there: Scene, issue_id: int, renderer: Renderer) -> None:
    turns = iter([False, True])
    assert look.look(there.db, renderer, issue_id, clock=FakeClock(NOW), is_over=lambda: next(turns))
    assert set(_kept(there, issue_id)) == {Machine.AXE}
    assert not _look(there, renderer, issue_id)
    assert set(_kept(there, issue_id)) == set(Machine)


def test_a_look_is_queued_once_and_never_where_there_is_no_program(
    there: Scene, issue_id: int, renderer: Renderer
) -> None:
    assert not look.ask(there.db, Renderer(TEMPLATES), issue_id, now=NOW)
    assert look.ask(there.db, renderer, issue_id, now=NOW)
    assert not look.ask(there.db, renderer, issue_id, now=NOW)


def test_what_was_approved_is_looked_at_whatever_becomes_of_the_templates(
    there: Scene, issue_id: int, renderer: Renderer, axe: MemoryLooker
) -> None:
    revision = publish.approve(there.db, Renderer(TEMPLATES), issue_id, by=None, now=NOW)
    _look(there, renderer, issue_id)
    with there.db.read() as session:
        assert [each.revision_id for each in store.looks(session, revision.id)] == [revision.id] * 2
    assert len(axe.seen) == 1


def test_an_issue_that_does_not_render_has_nothing_to_look_at(
    there: Scene, issue_id: int, renderer: Renderer, axe: MemoryLooker
) -> None:
    for number in range(12):
        board.add_text(there.db, issue_id, None, f"{number} {'word ' * 1_900}", by=None, now=NOW)
    assert not _look(there, renderer, issue_id)
    assert axe.seen == []


def test_a_mail_of_the_real_templates_passes_every_rule_that_needs_no_program(
    there: Scene, issue_id: int, renderer: Renderer
) -> None:
    preflight = replace(renderer.preflight, lookers=())
    own = Renderer(TEMPLATES, public_url="https://news.example", preflight=preflight)
    report = run.report(there.db, own, issue_id, now=NOW)
    assert report.is_clear, [each.words for each in report.blocking]
    about_mail = {each.code for each in report.warnings if each.group in ("Delivery", "Accessibility")}
    assert about_mail == set()
