"""How somebody works a page: by mouse, or by keyboard alone. A journey is told once and walked with either."""

import re
from contextlib import suppress
from typing import Any, Protocol

from playwright.sync_api import JSHandle, Locator, Page
from playwright.sync_api import TimeoutError as TooLong

# A full inbox has fifty rows of five buttons; whoever has not come to a thing after so many stops never will.
MOST_STOPS = 500

# What a keyboard user must see at every stop: something has the focus, it is in sight, nothing covers it, and a ring
# of at least 2 px (WCAG 2.4.7, 2.4.11, 2.4.13) in a colour told apart from what is around it (1.4.11) shows where.
STOP = """(wanted) => {
  const at = document.activeElement, isThere = at === wanted;
  if (!at || at === document.body || at === document.documentElement) return {name: "", isThere, faults: []};
  const words = (at.innerText || at.value || at.id || at.name || "").trim();
  const name = `${at.tagName.toLowerCase()} ${words.slice(0, 60)}`;
  if (at.tagName === "IFRAME") return {name, isThere, faults: []};
  const faults = [], style = getComputedStyle(at), box = at.getBoundingClientRect();
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push("no ring");
  else if (contrast(style.outlineColor, ground(at)) < 3) faults.push(`a pale ring: ${style.outlineColor}`);
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  if (right <= left || bottom <= top) faults.push("out of sight");
  else if (![0.5, 0.1, 0.9].some((part) => {
    const over = document.elementFromPoint(left + (right - left) * part, top + (bottom - top) * part);
    return over && (at.contains(over) || over.contains(at) || [...(at.labels || [])].some((l) => l.contains(over)));
  })) faults.push("covered");
  return {name, isThere, faults};

  function ground(element) {
    for (let around = element.parentElement; around; around = around.parentElement) {
      const color = getComputedStyle(around).backgroundColor;
      if (!/, 0\\)$/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  }
  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }
  function luminance(color) {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
}"""

# A mail in its frame is a program of its own: on the way out of it the focus is nowhere until both have spoken.
SOMEWHERE = "() => ![null, document.body, document.documentElement].includes(document.activeElement)"
HANDED_OVER_MS = 1_000

# Whether the button that has the focus sends a form away, with a page for an answer or a part of this one.
SENDS_A_FORM = """() => {
  const button = document.activeElement;
  return button.type === "submit" && button.form?.method === "post";
}"""


class Hands(Protocol):
    """What a person does to a page. A name is what is read out, with " ... " for anything between its words and a $
    for its end.
    """

    page: Page

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        """Follows the first link of this name, on the whole page or a part of it."""

    def press(self, name: str) -> None:
        """Presses the first button of this name."""

    def write(self, label: str, words: str) -> None:
        """Puts words into the first field of this label, instead of what stands there."""

    def tick(self, label: str) -> None:
        """Ticks the first box of this label, or takes its tick away."""


class Mouse:
    """Points and clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        """Clicks the link."""
        _link(within or self.page, name).click()

    def press(self, name: str) -> None:
        """Clicks the button."""
        _button(self.page, name).click()

    def write(self, label: str, words: str) -> None:
        """Clicks into the field and types."""
        _field(self.page, label).fill(words)

    def tick(self, label: str) -> None:
        """Clicks the box."""
        _box(self.page, label).click()


class Keys:
    """Uses Tab, Enter, Space and the arrows only. At every stop the focus must be somewhere, and to be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        """Goes to the link and opens it with Enter."""
        self._go_to(_link(within or self.page, name))
        self._leave("Enter")

    def press(self, name: str) -> None:
        """Goes to the button and presses it with Space; what it does may come in its place or on another page."""
        self._go_to(_button(self.page, name))
        if not self.page.evaluate(SENDS_A_FORM):
            self.page.keyboard.press("Space")
            return
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            self.page.keyboard.press("Space")
        self.page.wait_for_load_state()

    def write(self, label: str, words: str) -> None:
        """Goes to the field, selects what stands in it and types."""
        self._go_to(_field(self.page, label))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words)

    def tick(self, label: str) -> None:
        """Goes to the box and presses Space."""
        self._go_to(_box(self.page, label))
        self.page.keyboard.press("Space")

    def _go_to(self, wanted: Locator) -> None:
        wanted.wait_for()
        handle, lost = wanted.element_handle(), 0
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self._stop(handle)
            assert not stop["faults"], (
                f"{self.page.url}: the focus on {stop['name']} is not to be seen: {stop['faults']}"
            )
            if stop["isThere"]:
                return
            # Once around the page the focus goes by the browser's own bar, which the page sees as being nowhere.
            lost += not stop["name"]
            assert lost <= 1, f"{self.page.url}: the focus is lost"
        raise AssertionError(f"{self.page.url}: no number of tabs leads to {wanted}")

    def _stop(self, wanted: JSHandle) -> Any:
        """Returns where the focus is, once it is somewhere."""
        stop = self.page.evaluate(STOP, wanted)
        if stop["name"]:
            return stop
        with suppress(TooLong):
            self.page.wait_for_function(SOMEWHERE, timeout=HANDED_OVER_MS)
        return self.page.evaluate(STOP, wanted)

    def _leave(self, key: str) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press(key)


def _link(part: Page | Locator, name: str) -> Locator:
    return part.get_by_role("link", name=_pattern(name)).first


def _button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=_pattern(name)).first


def _field(page: Page, label: str) -> Locator:
    return page.get_by_label(_pattern(label)).and_(page.locator("input, textarea, select")).first


def _box(page: Page, label: str) -> Locator:
    return page.get_by_role("checkbox", name=_pattern(label)).first


def _pattern(name: str) -> re.Pattern[str]:
    words, end = name.removesuffix("$"), "$" if name.endswith("$") else ""
    return re.compile(".*".join(re.escape(part) for part in words.split(" ... ")) + end)
