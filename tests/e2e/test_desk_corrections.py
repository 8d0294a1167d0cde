"""Corrections of a sent issue, from the desk to the reader's page: by mouse, by keyboard and without scripts."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curator.issues.corrections import correct
from curator.issues.corrections import store as corrections
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene

TITLE = "The warehouse on a laptop"
NOTE = "We named the wrong machine; it was a laptop of 2019."


@pytest.fixture
def clean(scene: Scene) -> Scene:
    """The scene with nothing corrected in its issue of the past."""
    app = scene.server.app
    with app.db.read() as session:
        made = corrections.of_issue(session, scene.past)
    for each in made:
        correct.take_out(app.db, each.id, by=None, now=app.clock())
    return scene


def _walk(hands: Hands, scene: Scene) -> None:
    """Corrects a title, sees it as readers do, follows its own page, and takes the correction back."""
    page = hands.page
    page.goto(f"/desk/issues/{scene.past}/corrections")
    hands.follow(f"Correct “{TITLE}")
    hands.write("What was wrong, and what is right", NOTE)
    hands.write("Title", "The warehouse on an old laptop")
    hands.press("Publish the correction")
    expect(page.locator(".said")).to_contain_text("The correction is on the web")
    expect(page.locator("#made + ol")).to_contain_text("new words: Title")
    hands.follow("See the web version")
    expect(page.get_by_role("heading", name="The warehouse on an old laptop")).to_be_visible()
    expect(page.locator(".mendings")).to_contain_text(NOTE)
    hands.follow("Link to this ... The warehouse on an old laptop")
    expect(page.get_by_role("heading", level=1)).to_have_text("The warehouse on an old laptop")
    page.goto(f"/desk/issues/{scene.past}/corrections")
    hands.press("Take out")
    expect(page.locator("main")).to_contain_text("Nothing was corrected in this issue.")
    hands.press("Undo")
    expect(page.locator("#made + ol")).to_contain_text(NOTE)


def test_a_correction_is_made_by_mouse(desk: Page, clean: Scene) -> None:
    _walk(Mouse(desk), clean)


def test_a_correction_is_made_by_keyboard_alone(desk: Page, clean: Scene) -> None:
    _walk(Keys(desk), clean)


def test_a_correction_is_made_without_scripts(open_browser: Open, clean: Scene, states: dict[int, Any]) -> None:
    bare = open_browser(clean.server, storage_state=states[clean.owner], java_script_enabled=False)
    _walk(Mouse(bare), clean)


def test_what_was_refused_is_told_at_its_field_and_kept(desk: Page, clean: Scene) -> None:
    desk.goto(f"/desk/issues/{clean.past}/corrections")
    Mouse(desk).follow(f"Correct “{TITLE}")
    desk.get_by_label("Title").fill("My title")
    desk.get_by_role("button", name="Publish the correction").click()
    expect(desk.get_by_text("Say what was wrong").first).to_be_visible()
    expect(desk.get_by_label("Title")).to_have_value("My title")
    expect(desk.get_by_label("What was wrong, and what is right")).to_have_attribute("aria-invalid", "true")
    assert not (found := axe.faults(desk)), found
