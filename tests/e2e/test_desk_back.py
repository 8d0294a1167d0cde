"""Back issues and drafted blurbs: by mouse, by keyboard and without scripts, and within the rules for pages."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curator.issues import board, publish
from curator.issues.blocks import store as blocks
from tests import builders
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene

# Far apart: an issue that another test drafts takes the number after the highest of these.
_NUMBERS = (10_000, 20_000, 30_000, 40_000)
_TEXT = "Index cards were the search engines of their time. A librarian kept one card for each of the books there."


@pytest.fixture
def bare(open_browser: Open, scene: Scene, states: dict[int, Any]) -> Page:
    """A window without scripts in which the owner is signed in."""
    return open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=False)


@pytest.fixture
def block(scene: Scene) -> tuple[int, int]:
    """An issue of the test's own, and its block of a page that says something and has no words yet."""
    app = scene.server.app
    issue = publish.draft(app.db, scene.newsletter, now=app.clock(), include_archive=True, by=scene.owner)
    with app.db.read() as session:
        section = board.store.board(session, issue).sections[-1].spec.id
    item = builders.item_row(app.db, None, f"The cards of {issue}", at=app.clock(), summary_text=_TEXT)
    return issue, board.pick_into(app.db, issue, item, section, by=None, now=app.clock())


def _import(hands: Hands, number: int) -> None:
    """Pastes an issue, looks at what would come in, and imports it."""
    page = hands.page
    page.goto("/desk/issues/import")
    hands.write("Or paste an issue", f"# Issue {number}, 2019-02-03: https://back.example/{number}")
    hands.press("Look through it")
    expect(page.get_by_role("heading", name="would come in")).to_be_visible()
    hands.press("Import it")
    expect(page.locator(".said")).to_contain_text("1 back issue with 1 link came in.")


def test_a_back_issue_is_imported_by_mouse_and_taken_back(desk: Page) -> None:
    _import(Mouse(desk), _NUMBERS[0])
    desk.get_by_role("button", name="Undo").first.click()
    expect(desk.locator("body")).to_contain_text("The back issue is gone again.")


def test_a_back_issue_is_imported_by_keyboard(desk: Page) -> None:
    _import(Keys(desk), _NUMBERS[1])


def test_a_back_issue_is_imported_without_scripts(bare: Page) -> None:
    _import(Mouse(bare), _NUMBERS[2])


def test_a_plan_is_within_the_rules_with_everything_open(desk: Page) -> None:
    desk.goto("/desk/issues/import")
    desk.get_by_label("Or paste an issue").fill(
        f"# Issue {_NUMBERS[3]}, 2019-02-03\n\nHello.\n\n## Odds\n\n- [A page](https://back.example/904): said of it\n"
    )
    desk.get_by_role("button", name="Look through it").click()
    expect(desk.get_by_role("heading", name="would come in")).to_be_visible()
    desk.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert axe.faults(desk) == ""


def test_a_blurb_is_drafted_and_accepted_on_the_board(desk: Page, block: tuple[int, int]) -> None:
    issue, block_id = block
    desk.goto(f"/desk/issues/{issue}")
    card = desk.locator(f"#block-{block_id}")
    card.get_by_role("button", name="Draft a blurb").click()
    expect(card.locator(".drafted")).to_contain_text("nobody has accepted")
    expect(card.get_by_label("Blurb")).to_have_value(_TEXT)
    assert axe.faults(desk) == ""
    card.get_by_role("button", name="Accept").click()
    expect(card.locator(".drafted")).to_have_count(0)
    expect(card.get_by_label("Blurb")).to_have_value(_TEXT)


def test_a_word_written_into_a_draft_takes_its_mark_away(desk: Page, block: tuple[int, int]) -> None:
    issue, block_id = block
    desk.goto(f"/desk/issues/{issue}")
    card = desk.locator(f"#block-{block_id}")
    card.get_by_role("button", name="Draft a blurb").click()
    expect(card.locator(".drafted")).to_be_visible()
    card.get_by_label("Blurb").press("End")
    desk.keyboard.type(" And mine.")
    expect(card.locator(".drafted")).to_have_count(0)


def test_a_blurb_is_drafted_without_scripts(bare: Page, block: tuple[int, int]) -> None:
    issue, block_id = block
    bare.goto(f"/desk/issues/{issue}")
    card = bare.locator(f"#block-{block_id}")
    card.get_by_role("button", name="Draft a blurb").click()
    expect(card.locator(".drafted")).to_be_visible()
    card.get_by_role("button", name="Accept").click()
    expect(card.locator(".drafted")).to_have_count(0)


def test_a_blurb_is_drafted_and_accepted_in_the_inbox(desk: Page, scene: Scene, block: tuple[int, int]) -> None:
    app = scene.server.app
    with app.db.read() as session:
        item = blocks.items_of_blocks(session, [block[1]])[block[1]]
    desk.goto(f"/desk/inbox/{item}?newsletter={scene.newsletter}")
    desk.get_by_role("button", name="Draft a blurb").click()
    expect(desk.locator(".drafted")).to_contain_text("nobody has accepted")
    assert axe.faults(desk) == ""
    desk.get_by_role("button", name="Accept").click()
    expect(desk.locator(".drafted")).to_have_count(0)
