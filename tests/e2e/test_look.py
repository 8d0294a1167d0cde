"""What people ask of their own machine: other colours, less movement, larger letters."""

import pytest
from playwright.sync_api import Page

from tests.e2e.scene import Scene

SCREENS = ("/desk", "/desk/inbox", "/desk/issues/{scene.draft}", "/desk/issues/{scene.draft}/preview", "/desk/feeds")
MOVING = """() => [...document.querySelectorAll("*")].filter((e) => {
  const style = getComputedStyle(e);
  return [style.transitionDuration, style.animationDuration].some((all) => all.split(", ").some((d) => d !== "0s"));
}).map((e) => e.outerHTML.slice(0, 80))"""
# The mark under the area that somebody is in is drawn, so it must be drawn in the colours that were asked for.
MARK = """() => {
  const style = getComputedStyle(document.querySelector(".areas [aria-current]"), "::after");
  return style.backgroundColor !== getComputedStyle(document.body).backgroundColor && style.display !== "none";
}"""
# Whatever can be pressed must still have an edge, because its own background is taken away.
EDGELESS = """() => [...document.querySelectorAll("button, .button, input")].filter((e) =>
  e.checkVisibility() && !e.matches(".quiet, [type=hidden], [type=checkbox]")
  && getComputedStyle(e).borderTopStyle === "none").map((e) => e.outerHTML)"""


@pytest.mark.parametrize("url", SCREENS)
def test_nothing_moves_for_whoever_asked_for_less_movement(url: str, desk: Page, scene: Scene) -> None:
    desk.emulate_media(reduced_motion="reduce")
    desk.goto(url.format(scene=scene))
    assert desk.evaluate(MOVING) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("url", SCREENS)
def test_a_page_keeps_its_shape_in_colours_of_ones_own(url: str, scheme: str, desk: Page, scene: Scene) -> None:
    desk.emulate_media(forced_colors="active", color_scheme=scheme)  # type: ignore[arg-type]
    desk.goto(url.format(scene=scene))
    assert desk.evaluate(MARK)
    assert desk.evaluate(EDGELESS) == []
    assert len(desk.screenshot()) > 10_000, "the picture is blank"


@pytest.mark.parametrize("url", SCREENS)
def test_letters_twice_as_large_fit_a_laptop(url: str, desk: Page, scene: Scene) -> None:
    desk.goto(url.format(scene=scene))
    desk.evaluate("document.documentElement.style.fontSize = '200%'")
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cut = desk.evaluate(
        """() => [...document.querySelectorAll("button, .button, h1, h2, h3, label")].filter((e) =>
          e.checkVisibility() && !e.closest(".sr") && e.scrollWidth > e.clientWidth + 1
          && getComputedStyle(e).overflow !== "visible").map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert cut == []
