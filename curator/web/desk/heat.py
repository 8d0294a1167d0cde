"""The mail with its counts: a badge in each link, the darker the more of those who clicked followed it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

# A tag of ours, whatever stands in its attributes; no part of it can be read in two ways.
_ANCHOR = re.compile(r"<a\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>|</a>", re.IGNORECASE)
_SLOT = re.compile(r"https://link-(\d{1,5})\.slot\.invalid/")
# From hardly anybody to every second one. The colours are the badge's own: the mail's may be any. Each bears its words
# at more than 4.5 to 1.
STEPS = (0.02, 0.05, 0.15, 0.3)
_COLOURS = (
    ("#e9edf5", "#1d2736"),
    ("#ffe9a8", "#3d2c00"),
    ("#ffc36b", "#3d2200"),
    ("#e0592a", "#000000"),
    ("#a3131f", "#ffffff"),
)


@dataclass(frozen=True)
class Heat:
    """What stands beside a link: its number in the table, its clicks, and its part of those who clicked."""

    number: int
    clicks: int
    share: float

    @property
    def level(self) -> int:
        """From 0, hardly anybody, to 4."""
        return sum(self.share >= step for step in STEPS)


def badged(html: str, heats: Mapping[int, Heat]) -> str:
    """Returns a mail's HTML, its slots still in it, with a badge at the end of each link of which a count is known."""
    shown: list[str] = []
    done, open_heat = 0, None
    for found in _ANCHOR.finditer(html):
        if found.group().lower() != "</a>":
            slot = _SLOT.search(found.group())
            open_heat = heats.get(int(slot.group(1))) if slot else None
        elif open_heat is not None:
            shown += [html[done : found.start()], _badge(open_heat)]
            done, open_heat = found.start(), None
    return "".join([*shown, html[done:]])


def _badge(heat: Heat) -> str:
    ground, words = _COLOURS[heat.level]
    style = (
        f"display:inline-block;margin:0 0 0 4px;padding:0 6px;border-radius:9px;border:1px solid {words};"
        f"background-color:{ground};color:{words};font:600 12px/16px sans-serif;text-decoration:none;"
        "letter-spacing:0;vertical-align:middle;white-space:nowrap;"
    )
    told = escape(f"Link {heat.number}: {heat.clicks:,}, {heat.share:.0%}")
    return f'<span style="{style}" title="{told}">{heat.clicks:,}</span>'
