"""The checks as the preview lists them: what must be mended, what to look at, each with its place to jump to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from curator.accounts.values import Right
from curator.db import Session
from curator.issues.checks import look_links, store
from curator.issues.checks.values import Finding, Group, LinkRound, Page, Report
from curator.issues.values import IssueRow
from curator.queue import store as queue
from curator.web import here

# A worker that has not said anything for so long has stopped; one link may take half a minute.
_SILENT = timedelta(seconds=90)
_LONGEST_WAIT_S = 15
# As many of one kind stand in the list; the others unfold.
_SHOWN = 2
_PAGES: dict[Page | None, tuple[str, str, Right]] = {
    Page.INBOX: ("desk.inbox", "the inbox", Right.LOOK),
    Page.SETTINGS: ("desk.newsletter", "the settings", Right.MANAGE),
    Page.READERS: ("desk.subscribers", "the readers", Right.READERS),
}


@dataclass(frozen=True)
class Line:
    """One finding with the address where it is mended; empty where there is none."""

    finding: Finding
    url: str
    goes_to: str


@dataclass(frozen=True)
class Bundle:
    """What one rule found: the first stand in the list, `more` unfolds."""

    code: str
    first: tuple[Line, ...]
    more: tuple[Line, ...]


@dataclass(frozen=True)
class Grouped:
    """What was found in one group of rules."""

    group: Group
    bundles: tuple[Bundle, ...]


@dataclass(frozen=True)
class Checklist:
    """All checks of an issue, counted, grouped and bundled."""

    report: Report
    blocking: tuple[Grouped, ...]
    warnings: tuple[Grouped, ...]

    @property
    def tally(self) -> str:
        """The counts in words: "2 must be mended, 3 to look at, 17 fine"."""
        report = self.report
        parts = [
            f"{len(report.blocking)} must be mended" if report.blocking else "",
            f"{len(report.warnings)} to look at" if report.warnings else "",
            f"{len(report.ticked)} checked by hand" if report.ticked else "",
            f"{len(report.fine)} fine",
        ]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Progress:
    """How far the look at the links is; `wait_s` is after how long it is worth asking again."""

    round: LinkRound
    is_over: bool
    is_silent: bool
    wait_s: int


def checklist(report: Report, issue: IssueRow) -> Checklist:
    """Returns a report as the page lists it."""
    return Checklist(report, _grouped(report.blocking, issue), _grouped(report.warnings, issue))


def link_progress(session: Session, issue_id: int) -> Progress | None:
    """Returns how far the look at an issue's links is; None before anybody asked for one."""
    found = store.link_round(session, issue_id)
    if found is None:
        return None
    is_over = found.finished_at is not None
    waits = queue.is_unfinished(session, look_links.key_of(issue_id))
    passed = (here.now() - found.asked_at).total_seconds()
    is_silent = not is_over and (not waits or here.now() - found.beat_at > _SILENT)
    # Every second at first, and less and less often while it takes long; a runner that is started again shows too.
    wait_s = _LONGEST_WAIT_S if is_silent else min(max(round(passed**0.5 / 2), 1), _LONGEST_WAIT_S)
    return Progress(found, is_over, is_silent, wait_s)


def place(finding: Finding, issue: IssueRow) -> tuple[str, str]:
    """Returns the address where a finding is mended and what that is called; empty where there is none."""
    if finding.episode_id is not None:
        return url_for("desk.episode", item_id=finding.episode_id, _anchor="artwork_alt"), "the episode"
    if finding.block_id is not None:
        board = url_for("desk.board", issue_id=issue.id, _anchor=f"block-{finding.block_id}")
        return board, finding.where.strip('"') or "the board"
    if finding.field:
        return url_for("desk.preview", issue_id=issue.id, _anchor=finding.field), f"the {finding.field}"
    return _page(finding.page, issue)


def _page(page: Page | None, issue: IssueRow) -> tuple[str, str]:
    """Nobody is led to a page that is not theirs to see."""
    if page is Page.LINKS:
        return url_for("desk.preview", issue_id=issue.id, _anchor="links"), "the links"
    if page is Page.LOOKS:
        return url_for("desk.preview", issue_id=issue.id, _anchor="looks"), "what programs say"
    endpoint, name, right = _PAGES.get(page, ("", "", Right.LOOK))
    if not endpoint or not here.may(right):
        return "", ""
    return url_for(endpoint, newsletter=issue.newsletter_id), name


def _grouped(findings: Iterable[Finding], issue: IssueRow) -> tuple[Grouped, ...]:
    by_group: dict[Group, list[Finding]] = {}
    for finding in findings:
        by_group.setdefault(finding.group, []).append(finding)
    return tuple(Grouped(group, _bundles(found, issue)) for group, found in by_group.items())


def _bundles(findings: Iterable[Finding], issue: IssueRow) -> tuple[Bundle, ...]:
    by_code: dict[str, list[Line]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(Line(finding, *place(finding, issue)))
    return tuple(Bundle(code, tuple(lines[:_SHOWN]), tuple(lines[_SHOWN:])) for code, lines in by_code.items())
