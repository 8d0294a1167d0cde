"""After sending: a person and a quote are withdrawn, a link is pointed elsewhere, by mouse, keyboard and bare forms."""

from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curator.episodes import enrich
from tests import builders
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene

PAGE = "/desk/withdraw"
SAID = "the sea keeps what the shore forgets to ask for"
_NAMES = (f"Vega {surname}" for surname in ("Quill", "Roan", "Sorrel", "Teal", "Umber", "Vane"))
_NUMBERS = count(1)


@pytest.fixture
def bare(open_browser: Open, scene: Scene, states: dict[int, Any]) -> Page:
    """A window without scripts in which the owner is signed in."""
    return open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=False)


def _guest(scene: Scene) -> tuple[str, int]:
    """An episode with a guest of a name of their own, and a quote of theirs; returns name and quote."""
    app, name = scene.server.app, next(_NAMES)
    title = f"Shores {next(_NUMBERS)}"
    feed = builders.feed_row(app.db, title, is_own_show=True, kind="podcast")
    item = builders.item_row(app.db, feed, title, at=app.clock(), kind="episode")
    enrich.paste(app.db, item, f"{name}: So {SAID}, I think.\n\nJo: Yes.\n", by=None, now=app.clock())
    return name, enrich.take_quote(app.db, item, first=0, last=0, words=[SAID], by=None, now=app.clock())


def _withdraw(hands: Hands, name: str) -> None:
    hands.page.goto(PAGE)
    hands.write("Name", name)
    hands.press("See what it touches")
    expect(hands.page.get_by_text("1 quote goes.")).to_be_visible()
    hands.write("Type", name)
    hands.press("Withdraw for good")
    expect(hands.page.get_by_text("Withdrawn, out of 1 quote")).to_be_visible()


def test_a_person_is_withdrawn_by_mouse(desk: Page, scene: Scene) -> None:
    _withdraw(Mouse(desk), _guest(scene)[0])


def test_a_person_is_withdrawn_by_keyboard(desk: Page, scene: Scene) -> None:
    _withdraw(Keys(desk), _guest(scene)[0])


def test_a_person_is_withdrawn_without_scripts(bare: Page, scene: Scene) -> None:
    _withdraw(Mouse(bare), _guest(scene)[0])


def test_the_page_of_a_quote_is_within_the_rules_and_asks_for_the_word(desk: Page, scene: Scene) -> None:
    _, quote = _guest(scene)
    desk.goto(f"{PAGE}?quote={quote}")
    assert not (found := axe.faults(desk, widths=(axe.WIDE, axe.NARROW))), found
    hands = Mouse(desk)
    hands.write("Type", "yes")
    hands.press("Withdraw for good")
    expect(desk.get_by_role("link", name="Type “withdraw” to say that you mean it.")).to_be_visible()
    assert not (found := axe.faults(desk, widths=(axe.NARROW,))), found


@pytest.mark.parametrize("kind", [Mouse, Keys])
def test_a_link_of_a_sent_issue_is_pointed_elsewhere_and_back(
    desk: Page, scene: Scene, kind: type[Mouse] | type[Keys]
) -> None:
    hands: Hands = kind(desk)
    desk.goto(f"/desk/issues/{scene.past}/targets")
    summary = desk.locator(".target-row summary").first
    if kind is Mouse:
        summary.click()
    else:
        summary.focus()
        desk.keyboard.press("Enter")
    hands.write("New address", "https://mended.example/here")
    hands.press("Point it there")
    expect(desk.get_by_text("https://mended.example/here leads").or_(desk.get_by_text("It leads to"))).to_be_visible()
    assert not (found := axe.faults(desk, widths=(axe.WIDE, axe.NARROW))), found
    hands.press("Undo")
    expect(desk.get_by_role("link", name="https://mended.example/here")).to_have_count(0)
