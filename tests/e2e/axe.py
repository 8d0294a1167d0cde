"""Holds a page to the accessibility rules, at every width and in both colour schemes."""

from collections.abc import Iterator, Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SCHEMES = ("light", "dark")
WIDE, NARROW = 1280, 390
# WCAG 1.4.10: at 320 px nothing is to be read by scrolling sideways.
REFLOW = 320
HEIGHT = 900
# A scheme changes colours and nothing else, so the second one asks only the rules about colours: half the time.
COLOURS = ("color-contrast", "link-in-text-block")
# What holds for a page, but not for the HTML of a mail, which is always shown inside another.
PAGES_ONLY = ("landmark-one-main", "region")


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
    is_first = scheme == SCHEMES[0]
    options = {
        "runOnly": {"type": "tag", "values": TAGS} if is_first else {"type": "rule", "values": COLOURS},
        "resultTypes": ["violations"],
        "rules": {rule: {"enabled": False} for rule in but} if is_first else {},
    }
    for violation in page.evaluate("(options) => axe.run(options).then((told) => told.violations)", options):
        yield _words(violation)


def _sideways(page: Page, width: int) -> Iterator[str]:
    needed = page.evaluate("document.documentElement.scrollWidth")
    if needed > width:
        yield f"the page is {needed} px wide"


def _words(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    shown = "".join(f"\n    {node['html'][:200]}\n      {node.get('failureSummary', '')[:300]}" for node in nodes[:4])
    return f"{violation['id']}, {len(nodes)} times: {violation['help']}{shown}"
