"""An issue's way at the desk: review, calendar and notices, by mouse, by keyboard alone and without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene

CALENDAR = "/desk/issues/calendar"


@pytest.fixture(params=[Mouse, Keys])
def hands(request: pytest.FixtureRequest, desk: Page) -> Hands:
    return request.param(desk)  # type: ignore[no-any-return]  # one of the two above


def test_a_slot_is_skipped_and_stands_again(hands: Hands, scene: Scene) -> None:
    page = hands.page
    page.goto(CALENDAR)
    hands.press("Skip Tue")
    expect(page.get_by_text("is skipped: no issue of")).to_be_visible()
    hands.press("Do not skip Tue")
    expect(page.get_by_text("stands again.")).to_be_visible()


def test_a_review_is_asked_for_and_taken_back(hands: Hands, scene: Scene) -> None:
    page = hands.page
    page.goto(f"/desk/issues/{scene.draft}/send")
    hands.press("Ask for a review")
    expect(page.get_by_role("heading", name="In review")).to_be_visible()
    assert axe.faults(page) == ""
    page.set_viewport_size({"width": axe.WIDE, "height": axe.HEIGHT})
    hands.press("Take the request back")
    expect(page.get_by_role("heading", name="Approve")).to_be_visible()


def test_everything_works_without_javascript(open_browser: Open, scene: Scene, states: dict[int, object]) -> None:
    page = open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=False)
    page.goto(CALENDAR)
    page.locator("summary", has_text="Add one more issue").click()
    page.get_by_label("Date and time").fill("2027-02-04T16:00")
    page.get_by_role("button", name="hours before").click()
    expect(page.get_by_text("is planned for")).to_be_visible()
    page.get_by_role("button", name="Take out").first.click()
    expect(page.get_by_text("That issue is not planned any more.")).to_be_visible()
    page.goto("/desk/notices")
    page.get_by_label("A draft is ready").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("A draft is ready")).not_to_be_checked()


def test_the_calendar_and_the_notices_hold_for_everybody(desk: Page, scene: Scene) -> None:
    for url in (CALENDAR, "/desk/notices"):
        desk.goto(url)
        assert axe.faults(desk) == "", url


def test_a_reader_elsewhere_sees_their_own_clock(open_browser: Open, scene: Scene, states: dict[int, object]) -> None:
    page = open_browser(scene.server, storage_state=states[scene.owner], timezone_id="America/New_York")
    page.goto(f"/desk/issues/{scene.scheduled}/send")
    expect(page.get_by_text("for you)").first).to_be_visible()
