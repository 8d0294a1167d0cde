"""The main screens for whoever has no mouse: every stop in sight, in the page's order, nothing left out, no trap."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests import builders
from tests.e2e.hands import MOST_STOPS, STOP
from tests.e2e.scene import Scene

SCREENS = (
    "/desk",
    "/desk/inbox",
    "/desk/issues/{scene.draft}",
    "/desk/issues/{scene.draft}/preview",
    "/desk/issues/{scene.approved}/send",
    "/desk/mailings/{scene.mailing}",
    "/desk/feeds",
    "/desk/newsletter",
    "/outbox/{scene.mail_key}",
)
# The place of each thing that can be reached, in the order of the page; a date's fields are several stops of one thing.
REACHABLE = """() => [...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex='0']"
)].filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({checkVisibilityCSS: true}))
  .map((e, place) => { e.dataset.place = place; return place; })"""
PLACE = "() => document.activeElement.dataset.place ?? ''"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("url", SCREENS)
def test_tabs_go_through_the_whole_page_in_its_order(url: str, width: int, desk: Page, scene: Scene) -> None:
    desk.set_viewport_size({"width": width, "height": 900})
    desk.goto(url.format(scene=scene))
    reachable = [str(place) for place in desk.evaluate(REACHABLE)]
    reached: list[str] = []
    faults: list[str] = []
    for _ in range(MOST_STOPS):
        desk.keyboard.press("Tab")
        if len(reached) < len(reachable):
            # A frame is a process of its own: the focus may come to it a moment after the key.
            desk.wait_for_function(f"() => ({PLACE})() !== ''")
        stop = desk.evaluate(STOP, None)
        faults += [f"{stop['name']}: {fault}" for fault in stop["faults"]]
        place = desk.evaluate(PLACE)
        if not place:
            break
        if place not in reached[-1:]:
            reached.append(place)
    assert not faults
    assert reached == reachable


def test_the_first_stop_skips_to_the_page(desk: Page) -> None:
    desk.goto("/desk/inbox")
    desk.keyboard.press("Tab")
    skip = desk.get_by_role("link", name="Skip to the page")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_after_a_press_the_next_stop_is_the_row_below(desk: Page, scene: Scene) -> None:
    # Rows of its own: in the scene's inbox other tests may have left fewer than two.
    db, now = scene.server.app.db, scene.server.app.clock()
    feed = builders.feed_row(db, "Row by row", next_poll_at=now + timedelta(days=30))
    for age in range(3):
        builders.item_row(db, feed, f"Story {age} of the rows", at=now - timedelta(hours=age + 1))
    desk.goto(f"/desk/inbox?newsletter={scene.newsletter}&feed={feed}")
    rows = desk.locator(".rows > li")
    expect(rows).to_have_count(3)
    first, second = (rows.nth(place).get_attribute("id") for place in (0, 1))
    rows.first.get_by_role("button", name="Skip").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(f"#{first}")).to_have_count(0)
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.closest('li').id") == second


def test_a_stop_that_is_not_to_be_seen_is_told(desk: Page) -> None:
    desk.goto("/desk/account")
    desk.keyboard.press("Tab")
    assert desk.evaluate(STOP, None)["faults"] == []
    desk.evaluate("document.styleSheets[0].insertRule('*:focus-visible { outline: none !important; }')")
    assert desk.evaluate(STOP, None)["faults"] == ["no ring"]
    desk.evaluate("document.styleSheets[0].insertRule('.skip:focus { top: -9rem !important; }')")
    assert "out of sight" in desk.evaluate(STOP, None)["faults"]
