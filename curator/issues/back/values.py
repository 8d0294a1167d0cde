"""What crosses the back issues' border: what a file holds, what was not understood, and what came of an import."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAX_BYTES = 1_000_000
"""Of one file: an issue of fifty links as HTML mail takes 200 kB."""

MAX_LINKS = 500
"""Links of one issue; link lists of a year have fewer."""

MAX_LEFT_OUT = 200
"""Lines of one file that are named one by one; what comes after them is only counted."""


@dataclass(frozen=True)
class RunLink:
    """A link in a run of words: its target as it is written, and where in the run's text its words stand."""

    url: str
    start: int
    end: int


@dataclass(frozen=True)
class Run:
    """Words of a file that stand together (a heading, a paragraph, a list's item) as one line, and the links in them.

    `line` counts from 1. `level` is a heading's, 0 for what is none.
    """

    line: int
    text: str
    links: tuple[RunLink, ...] = ()
    level: int = 0


@dataclass(frozen=True)
class Source:
    """A file's runs, and what it says of itself: facts from its head ("date"), and the title of its page."""

    runs: tuple[Run, ...]
    facts: tuple[tuple[str, str], ...] = ()
    title: str = ""
    left_out: tuple["LeftOut", ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A line that was not understood, or is not wanted: what stands there, and why it is left out."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class BackLink:
    """What a back issue recommended. `canonical` is the URL that it is compared by, `heading` what it stood under."""

    line: int
    url: str
    canonical: str
    title: str
    blurb: str
    heading: str = ""
    section_id: int | None = None


@dataclass(frozen=True)
class BackIssue:
    """A back issue as a file tells it; what it does not tell is None or empty."""

    name: str
    number: int | None
    dated_on: date | None
    title: str
    links: tuple[BackLink, ...]
    left_out: tuple[LeftOut, ...] = ()
    left_out_beyond: int = 0


@dataclass(frozen=True)
class File:
    """A file that somebody gave: what it is called, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class StandIns:
    """What stands in for what files do not tell; `number` and `dated_on` are for a single issue.

    `section_id` is where links come in that stand under no section's name; None is the first for articles.
    """

    section_id: int | None = None
    number: int | None = None
    dated_on: date | None = None


class Fate(StrEnum):
    """What an import does, or did, with a back issue.

    KNOWN: it was imported before, and nothing is added. CLASH: an issue of that number is there which is another one.
    REFUSED: the file does not tell what is needed.
    """

    NEW = "new"
    KNOWN = "known"
    CLASH = "clash"
    REFUSED = "refused"


@dataclass(frozen=True)
class Planned:
    """A back issue and what becomes of it; `why` says it in words where nothing is imported.

    Of the links so many are `joined` to items that are here already, and so many stood in an issue before (`ran`).
    `headings` pairs each heading with the section that its links come into; one that no section is called is in
    `unknown_headings`. `issue_id` is set once it is imported.
    """

    issue: BackIssue
    fate: Fate
    why: str = ""
    joined: int = 0
    ran: int = 0
    headings: tuple[tuple[str, str], ...] = ()
    unknown_headings: tuple[str, ...] = ()
    issue_id: int | None = None


@dataclass(frozen=True)
class Report:
    """What became, or would become, of all the issues of an import."""

    issues: tuple[Planned, ...]

    def of(self, fate: Fate) -> tuple[Planned, ...]:
        """Returns the issues with this fate, in their order; a template names it as text."""
        return tuple(each for each in self.issues if each.fate == fate)

    @property
    def links(self) -> int:
        """How many links the new issues have."""
        return sum(len(each.issue.links) for each in self.of(Fate.NEW))

    @property
    def is_whole(self) -> bool:
        """Whether every issue is here or comes in."""
        return not self.of(Fate.CLASH) and not self.of(Fate.REFUSED)
