"""The desk's head on a phone: two rows, targets for a thumb, and the area that a page belongs to in sight."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

from curator.promotions import edit
from curator.promotions.values import PromotionForm, PromotionKind, Words
from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

BOXES = """() => [...document.querySelectorAll(".masthead :is(a, button)")].filter((at) => at.checkVisibility())
  .map((at) => at.getBoundingClientRect())
  .map(({top, bottom, height, width}) => ({middle: (top + bottom) / 2, height, width}))"""
SEEN = """() => {
  const {left, right} = document.querySelector(".areas [aria-current]").getBoundingClientRect();
  return left >= 0 && right <= innerWidth;
}"""


@pytest.fixture
def phone(open_browser: Open, scene: Scene, states: dict[int, Any]) -> Page:
    return open_browser(scene.server, storage_state=states[scene.owner], has_touch=True, is_mobile=True)


@pytest.mark.parametrize("width", [320, 390])
def test_the_head_takes_two_rows_of_targets_for_a_thumb(phone: Page, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": 844})
    phone.goto("/desk/activity")
    boxes = phone.evaluate(BOXES)
    assert len(boxes) >= 12
    assert all(box["height"] >= 44 and box["width"] >= 24 for box in boxes), boxes
    middles = sorted(box["middle"] for box in boxes)
    assert sum(after - before > 10 for before, after in pairwise(middles)) == 1, middles
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert phone.evaluate(SEEN)


def test_a_page_of_the_first_areas_shows_the_strip_from_its_beginning(phone: Page) -> None:
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.goto("/desk/inbox")
    assert phone.evaluate("document.querySelector('.areas').scrollLeft") == 0
    assert phone.evaluate(SEEN)


def test_a_name_without_a_blank_widens_no_page(phone: Page, scene: Scene) -> None:
    now = scene.server.app.clock()
    form = PromotionForm(kind=PromotionKind.SPONSOR, sponsor="A" * 110, words=Words(), ends_at=now + timedelta(days=90))
    wanted = edit.write_promotion(scene.server.app.db, scene.newsletter, form, by=None, now=now)
    phone.set_viewport_size({"width": 320, "height": 844})
    phone.goto(f"/desk/promotions?newsletter={scene.newsletter}&promotion={wanted}")
    assert phone.get_by_text("Press Book wherever").is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.goto(f"/desk/promotions/list?newsletter={scene.newsletter}")
    assert phone.locator(f"#promotion-{wanted}").is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
