"""The desk in colours that its reader forced: where the focus is, what is a button, and where a sheet ends is seen."""

import pytest
from playwright.sync_api import Page

from tests.e2e.promoted import promoted
from tests.e2e.scene import Scene

PAGES = {
    "inbox": "/desk/inbox",
    "item": "/desk/inbox/1",
    "board": "/desk/issues/{scene.draft}",
    "preview": "/desk/issues/{scene.draft}/preview",
    "checks": "/desk/issues/{scene.approved}/preview",
    "send": "/desk/issues/{scene.approved}/send",
    "promotions": "/desk/promotions",
    "promotion": "/desk/promotions/{promotion}",
    "calendar": "/desk/issues/calendar",
    "activity": "/desk/activity",
    "people": "/desk/people",
    "account": "/desk/account",
}

# Everything that takes the focus shows a ring of at least 2 px then, in another colour than what is around it.
RINGLESS = """() => {
  const ground = (at) => {
    for (let around = at.parentElement; around; around = around.parentElement) {
      const color = getComputedStyle(around).backgroundColor;
      if (!/, 0\\)$/.test(color)) return color;
    }
    return getComputedStyle(document.documentElement).backgroundColor;
  };
  const wanted = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  return wanted.filter((at) => at.checkVisibility() && !at.disabled && at.type !== "hidden").filter((at) => {
    at.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== at) return false;
    const style = getComputedStyle(at);
    const isThere = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return !isThere || style.outlineColor === ground(at);
  }).map((at) => at.outerHTML.slice(0, 120));
}"""

# Fills and shadows are gone in these colours: only a border tells what is pressed or filled in, and where a part ends.
# The marks of a text stand side by side and share an edge with the one before.
EDGELESS = """() => [...document.querySelectorAll("button, .button, input, select, textarea, .sheet, .note")]
  .filter((at) => at.checkVisibility() && !at.matches("[type=hidden], [type=checkbox], [type=radio], .sr"))
  .filter((at) => {
    const style = getComputedStyle(at);
    const sides = ["Top", "Right", "Bottom", "Left"].filter((side) =>
      style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]) >= 1);
    return sides.length < (at.matches(".note") ? 1 : at.matches(".marks button") ? 3 : 4);
  }).map((at) => at.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("page", PAGES)
def test_focus_and_edges_are_seen_in_forced_colours(page: str, desk: Page, scene: Scene) -> None:
    desk.emulate_media(forced_colors="active")
    url = PAGES[page]
    desk.goto(url.format(scene=scene, promotion=promoted(scene).promotion if "{promotion}" in url else 0))
    assert desk.evaluate(RINGLESS) == []
    assert desk.evaluate(EDGELESS) == []


def test_what_has_no_focus_has_no_ring_so_that_the_check_can_fail(desk: Page) -> None:
    desk.emulate_media(forced_colors="active")
    desk.goto("/desk/account")
    desk.evaluate("""() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("main button { outline: none !important; border: 0 !important; }");
      document.adoptedStyleSheets = [sheet];
    }""")
    assert desk.evaluate(RINGLESS)
    assert desk.evaluate(EDGELESS)
