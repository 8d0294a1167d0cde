"""Holds a page to the accessibility rules, at every width and in both colour schemes."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SCHEMES = ("light", "dark")
WIDE, NARROW = 1280, 390
# WCAG 1.4.10: at 320 px nothing is to be read by scrolling sideways.
REFLOW = 320
HEIGHT = 900
# A scheme changes colours and nothing else. These rules take most of the time, and are asked about each look of a text
# (`colours.js`) as often as this says: a list of a hundred rows shows a few looks, and most pages show the same ones.
COLOURS = ("color-contrast", "link-in-text-block")
TIMES = 3
# What holds for a page, but not for the HTML of a mail, which is always shown inside another.
PAGES_ONLY = ("landmark-one-main", "region")
_RUN = "(options) => axe.run(options).then((told) => told.violations)"
_RUN_COLOURS = (Path(__file__).parent / "colours.js").read_text()
_wanting: dict[int, int] = {}
"""How often this worker must still find a look without fault, on whatever page; one that is not in here: TIMES."""


def faults(page: Page, *, widths: Sequence[int] = (WIDE, NARROW), but: Sequence[str] = ()) -> str:
    """Returns in words what is wrong with the page, looked at in each width and scheme; nothing is the aim.

    The rules need timers, so the page's context must not have its scripts switched off.
    """
    page.evaluate(Axe().axe_script)
    settings: dict[str, list[str]] = {}
    for width in widths:
        for scheme in SCHEMES:
            for fault in _faults(page, width, scheme, but):
                settings.setdefault(fault, []).append(f"{scheme} {width} px")
    page.set_viewport_size({"width": REFLOW, "height": HEIGHT})
    for fault in _sideways(page, REFLOW):
        settings.setdefault(fault, []).append(f"{REFLOW} px")
    return "\n".join(f"{', '.join(where)}: {fault}" for fault, where in settings.items())


def _faults(page: Page, width: int, scheme: str, but: Sequence[str]) -> Iterator[str]:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    yield from _sideways(page, width)
    if scheme == SCHEMES[0]:
        rules = {rule: {"enabled": False} for rule in (*but, *COLOURS)}
        options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "rules": rules}
        yield from map(_words, page.evaluate(_RUN, options))
    yield from _faults_of_colours(page)


def _faults_of_colours(page: Page) -> Iterator[str]:
    options = {"runOnly": {"type": "rule", "values": COLOURS}, "resultTypes": ["violations"]}
    told = page.evaluate(_RUN_COLOURS, [list(_wanting.items()), TIMES, options])
    if not told["violations"]:
        for look in told["looks"]:
            _wanting[look] = _wanting.get(look, TIMES) - 1
    yield from map(_words, told["violations"])


def _sideways(page: Page, width: int) -> Iterator[str]:
    needed = page.evaluate("document.documentElement.scrollWidth")
    if needed > width:
        yield f"the page is {needed} px wide"


def _words(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    shown = "".join(f"\n    {node['html'][:200]}\n      {node.get('failureSummary', '')[:300]}" for node in nodes[:4])
    return f"{violation['id']}, {len(nodes)} times: {violation['help']}{shown}"
