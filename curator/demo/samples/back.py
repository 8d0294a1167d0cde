"""Reads the back issues that lie beside this file as JSON: what stood in them, and what feeds let go since."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from curator.demo.samples.texts import FOLDER, SampleItem

SECTIONS = ("highlights", "trends", "recommendations")


@dataclass(frozen=True)
class BackPick:
    """One pick with the editor's words. `item` is None where the feed still has it; `days` is its age when it ran."""

    feed: str
    slug: str
    blurb: str
    item: SampleItem | None = None
    days: int = 0


@dataclass(frozen=True)
class BackIssue:
    """One number that ran; `sections` are the picks of each section in its order."""

    subject: str
    preheader: str
    intro: str
    sections: tuple[tuple[BackPick, ...], ...]

    @property
    def picks(self) -> tuple[BackPick, ...]:
        """All picks in the order of the page."""
        return tuple(pick for section in self.sections for pick in section)


@cache
def back_issues() -> tuple[BackIssue, ...]:
    """Returns the back issues, oldest first."""
    told = json.loads((FOLDER / "past" / "issues.json").read_text(encoding="utf-8"))
    return tuple(
        BackIssue(
            subject=issue["subject"],
            preheader=issue["preheader"],
            intro=issue["intro"],
            sections=tuple(tuple(_pick(pick) for pick in issue[name]) for name in SECTIONS),
        )
        for issue in told
    )


def back_items(feed: str) -> tuple[SampleItem, ...]:
    """Returns the items of a feed that ran and that it has no longer."""
    picks = (pick for issue in back_issues() for pick in issue.picks)
    return tuple(pick.item for pick in picks if pick.feed == feed and pick.item is not None)


@cache
def first_words() -> dict[str, str]:
    """Returns what the demo's editors have written about picks of the issue in work, by the items' slugs."""
    words: dict[str, str] = json.loads((FOLDER / "past" / "words.json").read_text(encoding="utf-8"))
    return words


def _pick(told: dict[str, Any]) -> BackPick:
    place = {"feed": told["feed"], "slug": told["slug"], "blurb": told["blurb"]}
    if "text" not in told:
        return BackPick(**place)
    facts = {name: told[name] for name in ("slug", "title", "text", "season", "number", "duration_s") if name in told}
    item = SampleItem(by=told.get("by", ""), hours=0, **facts)
    return BackPick(**place, item=item, days=told["days"])
