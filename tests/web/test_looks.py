"""What programs say of a mail stands in the preview: passed or failed, with places; and one press cleans links."""

from dataclasses import replace

import pytest

from curator.accounts.values import Role
from curator.app import TEMPLATES, App
from curator.issues import board
from curator.issues.preflight.memory import MemoryLooker
from curator.issues.preflight.values import Machine, Note, Preflight, Said, Weight
from curator.issues.render import Renderer
from curator.jobs import tasks
from curator.web import create_app
from tests.web.conftest import Browser, Newsroom, signed_in

_HX = {"HX-Request": "true"}
PALE = Note("color-contrast", "Words must stand out", Weight.SERIOUS, ("<p>pale & thin</p>",), ("dark, 320 px",))


@pytest.fixture
def issue_id(newsroom: Newsroom) -> int:
    return newsroom.issue()


@pytest.fixture
def axe() -> MemoryLooker:
    return MemoryLooker(Machine.AXE, Said((PALE,), 30, version="4.12"))


@pytest.fixture
def equipped(sqlite_app: App, axe: MemoryLooker) -> App:
    """The application with a browser to look at mails, and without a spam filter."""
    return replace(sqlite_app, renderer=Renderer(TEMPLATES, preflight=Preflight(lookers=(axe,))))


@pytest.fixture
def ada(equipped: App) -> Browser:
    """An editor at the equipped desk."""
    return signed_in(create_app(equipped), equipped, "Ada", Role.EDITOR)


def _preview(issue_id: int) -> str:
    return f"/desk/issues/{issue_id}/preview"


def test_a_desk_without_programs_says_what_to_install(theo: Browser, issue_id: int) -> None:
    page = theo.see(_preview(issue_id))
    assert "CURATOR_CHROMIUM" in page
    assert "Have it looked at" not in page
    assert "have not been run" not in page


def test_a_mail_is_looked_at_and_the_page_says_failed_or_passed(
    ada: Browser, issue_id: int, equipped: App, axe: MemoryLooker
) -> None:
    assert "It has not looked at this mail yet" in ada.see(_preview(issue_id))
    page = ada.follow(ada.post(f"/desk/issues/{issue_id}/looks"))
    assert "The mail is being looked at" in page
    assert f'hx-get="/desk/issues/{issue_id}/looks"' in page
    assert "is being looked at already" in ada.follow(ada.post(f"/desk/issues/{issue_id}/looks"))
    tasks.look_at_mail(equipped, {"issue_id": issue_id})
    page = ada.see(_preview(issue_id))
    assert "Failed: 1 rule that shuts readers out" in page
    assert "&lt;p&gt;pale &amp; thin&lt;/p&gt;" in page
    assert "axe: Words must stand out (dark, 320 px)." in page
    board.add_text(equipped.db, issue_id, None, "More.", by=None, now=equipped.clock())
    axe.said = Said(passed=30)
    tasks.look_at_mail(equipped, {"issue_id": issue_id})
    assert "Passed: 30 rules hold" in ada.see(_preview(issue_id))


def test_the_part_alone_is_for_scripts_and_a_browser_is_led_to_the_page(ada: Browser, issue_id: int) -> None:
    ada.see(_preview(issue_id))
    answer = ada.client.get(f"/desk/issues/{issue_id}/looks", headers=_HX)
    assert answer.text.strip().startswith('<div id="mail-looks"')
    assert ada.client.get(f"/desk/issues/{issue_id}/looks").status_code == 303


def test_looking_at_the_links_has_the_mail_looked_at_too(
    ada: Browser, issue_id: int, equipped: App, axe: MemoryLooker
) -> None:
    ada.post(f"/desk/issues/{issue_id}/links")
    assert "The mail is being looked at" in ada.see(_preview(issue_id))


def test_one_press_cleans_a_link_and_the_page_offers_undo(theo: Browser, issue_id: int, sqlite_app: App) -> None:
    words = "[the paper](https://example.org/x?utm_source=a)"
    block = board.add_text(sqlite_app.db, issue_id, None, words, by=None, now=sqlite_app.clock())
    page = theo.see(_preview(issue_id))
    assert "Clean it" in page
    fields: dict[str, object] = {"block": block, "back": _preview(issue_id)}
    page = theo.follow(theo.post(f"/desk/issues/{issue_id}/checks/clean", fields))
    assert "The links are clean." in page
    assert "Undo" in page
    assert "Clean it" not in page
    page = theo.follow(theo.post(f"/desk/issues/{issue_id}/checks/clean", fields))
    assert "nothing to take out" in page


def test_a_block_of_another_issue_is_not_touched(theo: Browser, issue_id: int, newsroom: Newsroom) -> None:
    assert theo.post(f"/desk/issues/{issue_id}/checks/clean", {"block": 999}).status_code == 404
    assert theo.post(f"/desk/issues/{issue_id}/checks/clean", {"block": "zebra"}).status_code == 404


def test_checks_stand_in_groups(theo: Browser, issue_id: int, sqlite_app: App) -> None:
    board.add_text(sqlite_app.db, issue_id, None, "By TK.", by=None, now=sqlite_app.clock())
    page = theo.see(_preview(issue_id))
    assert "<h4>Words</h4>" in page
    assert "<dt>Delivery</dt>" in page
    assert "<dt>Accessibility</dt>" in page


def test_a_card_on_the_board_cleans_its_links_and_keeps_what_was_typed(
    theo: Browser, issue_id: int, sqlite_app: App
) -> None:
    words = "[the paper](https://example.org/x?utm_source=a)"
    block = board.add_text(sqlite_app.db, issue_id, None, words, by=None, now=sqlite_app.clock())
    assert "Clean links" in theo.see(f"/desk/issues/{issue_id}")
    fields: dict[str, object] = {"do": "clean", "version": 1, "body": f"Typed: {words}"}
    page = theo.follow(theo.post(f"/desk/issues/{issue_id}/blocks/{block}", fields))
    assert "track nobody any more" in page
    assert "Typed: [the paper](https://example.org/x)" in page
    assert "Clean links" not in page


def test_a_script_that_cleans_gets_the_new_words_and_their_version(
    theo: Browser, issue_id: int, sqlite_app: App
) -> None:
    words = "[the paper](https://example.org/x?utm_source=a)"
    block = board.add_text(sqlite_app.db, issue_id, None, words, by=None, now=sqlite_app.clock())
    fields = {"do": "clean", "version": "1", "csrf_token": theo.token()}
    answer = theo.client.post(f"/desk/issues/{issue_id}/blocks/{block}", data=fields, headers=_HX)
    assert 'data-version="2"' in answer.text
    assert "[the paper](https://example.org/x)" in answer.text
