"""A newsletter's look: a sample that follows what is typed, saved by keyboard, by mouse and without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from curator.newsletters import restyle
from curator.newsletters import store as newsletters
from curator.newsletters.theme import HOUSE, Theme
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene
from tests.e2e.test_mails import PHONE, WIDE, without_sandbox

PAGE = "/desk/newsletter/look"
SAMPLE = f"{PAGE}/sample.html?accent=%237a1f5c&page=%23f2e8ee&sheet=%23fffcfe&ink=&headings=humanist&words=system"
REST = "&corner=14&density=usual&when_large=take&scheme="


@pytest.fixture(autouse=True)
def house(scene: Scene) -> Iterator[None]:
    """Others look at the newsletter too: it has the house's look again at the end."""
    yield
    app = scene.server.app
    restyle.restyle(app.db, scene.newsletter, accent="", theme=HOUSE, by=None, now=app.clock())


@pytest.fixture
def bare(open_browser: Open, scene: Scene, states: dict[int, Any]) -> Page:
    """A window without scripts in which the owner is signed in."""
    return open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=False)


def _theme(scene: Scene) -> Theme:
    with scene.server.app.db.read() as session:
        return newsletters.newsletter(session, scene.newsletter).theme


def _sample(page: Page) -> FrameLocator:
    return page.frame_locator(".look-sample iframe")


def _save(hands: Hands, scene: Scene) -> None:
    hands.page.goto(PAGE)
    hands.write("Around the sheet", "#f2e8ee")
    hands.write("Round corners", "12")
    hands.press("Save the look")
    expect(hands.page.get_by_text("has its new look.").first).to_be_visible()
    assert (_theme(scene).page, _theme(scene).corner) == ("#f2e8ee", 12)


def test_the_sample_and_its_contrasts_follow_what_is_typed(desk: Page) -> None:
    desk.goto(PAGE)
    expect(_sample(desk).get_by_role("heading", level=1)).to_be_visible()
    desk.get_by_label("Words", exact=True).fill("#a0a0a0")
    expect(desk.get_by_text("too faint").first).to_be_visible()
    expect(desk.get_by_text("It shows the look as it is saved, because")).to_be_visible()
    desk.get_by_label("Words", exact=True).fill("#333333")
    expect(desk.get_by_text("All words can be read")).to_be_visible()
    heading = _sample(desk).get_by_role("heading", level=3, name="The index card, a history").get_by_role("link")
    expect(heading).to_have_css("color", "rgb(51, 51, 51)")
    desk.get_by_role("radio", name="dark screen").check()
    expect(desk.get_by_title("A sample mail on a dark screen")).to_be_visible()


def test_a_look_is_saved_by_keyboard_and_undone(desk: Page, scene: Scene) -> None:
    _save(Keys(desk), scene)
    Keys(desk).press("Undo")
    expect(desk.get_by_text("has its look of before").first).to_be_visible()
    assert _theme(scene) == HOUSE


def test_a_look_is_saved_by_mouse_and_without_scripts(desk: Page, bare: Page, scene: Scene) -> None:
    _save(Mouse(desk), scene)
    hands = Mouse(bare)
    bare.goto(PAGE)
    expect(bare.locator("input[type=color]").first).to_be_hidden()
    hands.follow("Plum")
    hands.press("Preview")
    expect(bare.get_by_text("A sample, not saved yet")).to_be_visible()
    assert _theme(scene).corner == 12
    hands.press("Save the look")
    assert _theme(scene).corner == 14
    hands.press("Back to the house")
    assert _theme(scene) == HOUSE


def test_the_page_is_within_the_rules_with_a_look_that_is_refused(desk: Page) -> None:
    desk.goto(PAGE)
    desk.get_by_label("Sheet", exact=True).fill("#777777")
    desk.get_by_role("button", name="Save the look").click()
    expect(desk.get_by_role("heading", name="One thing needs another look")).to_be_visible()
    assert not (found := axe.faults(desk, widths=(axe.WIDE, axe.NARROW))), found


@pytest.mark.parametrize("scheme", axe.SCHEMES)
def test_a_themed_mail_is_within_the_rules(desk: Page, scheme: str) -> None:
    desk.route("**/sample.html*", without_sandbox)
    desk.goto(SAMPLE + REST + scheme)
    assert not (found := axe.faults(desk, widths=(WIDE, PHONE), but=axe.PAGES_ONLY)), found
