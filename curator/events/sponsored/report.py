"""What came of a promotion: each issue that it ran in, and each day on which its links were followed. From counters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from curator.db import Session
from curator.events import store, summary
from curator.events.sponsored import store as sponsored
from curator.events.tally import DayTally
from curator.issues import store as issues

COLUMNS = ("row", "issue", "on", "section", "accepted", "clicks", "programs' hits, not counted")
"""What `SponsorReport.rows` have."""

# Two years of a weekly newsletter; each costs its document.
_MOST_ISSUES = 104


@dataclass(frozen=True)
class Run:
    """One issue in which a promotion ran, and where; `clicks` are people's on its links."""

    issue_id: int
    number: int
    sent_at: datetime | None
    section: str
    accepted: int
    clicks: int
    robot_hits: int

    @property
    def rate(self) -> float | None:
        """Clicks for each accepted mail."""
        return self.clicks / self.accepted if self.accepted else None


@dataclass(frozen=True)
class SponsorReport:
    """A promotion's issues, newest first, and its days, oldest first."""

    runs: tuple[Run, ...]
    days: tuple[tuple[date, DayTally], ...]

    @property
    def rows(self) -> list[tuple[object, ...]]:
        """The same as rows of one table: a row for each issue, then a row for each day."""
        issues = [
            ("issue", run.number, run.sent_at, run.section, run.accepted, run.clicks, run.robot_hits)
            for run in self.runs
        ]
        days = [("day", None, on, None, None, each.clicks, each.robot_hits) for on, each in self.days]
        return [*issues, *days]

    @property
    def accepted(self) -> int:
        """Mails that it stood in and that were accepted."""
        return sum(run.accepted for run in self.runs)

    @property
    def clicks(self) -> int:
        """People's clicks on its links."""
        return sum(run.clicks for run in self.runs)

    @property
    def robot_hits(self) -> int:
        """Programs' hits on its links."""
        return sum(run.robot_hits for run in self.runs)


def of(session: Session, promotion_id: int) -> SponsorReport:
    """Returns what came of a promotion in its last 104 issues; a fixed number of queries."""
    ids = sponsored.may_have_run_in(session, promotion_id, limit=_MOST_ISSUES)
    rows = issues.issues_by_id(session, ids)
    mailings = [each for each in store.counters(session, ids) if not each.is_test]
    documents = sponsored.documents(session, {each.revision_id for each in mailings})
    blocks = {id_: set(_blocks(document, promotion_id)) for id_, document in documents.items()}
    ran = [each for each in mailings if blocks.get(each.revision_id)]
    links = store.link_results(session, [each.mailing_id for each in ran])
    ours = {
        each.mailing_id: [
            link for link in links.get(each.mailing_id, []) if link.link.block_id in blocks[each.revision_id]
        ]
        for each in ran
    }
    by_issue = summary.by_issue(ran)
    runs = [
        Run(
            issue_id,
            rows[issue_id].number,
            rows[issue_id].sent_at,
            next((link.link.section for each in some for link in ours[each.mailing_id]), ""),
            sum(each.accepted for each in some),
            sum(link.clicks for each in some for link in ours[each.mailing_id]),
            sum(link.robot_hits for each in some for link in ours[each.mailing_id]),
        )
        for issue_id in ids
        if (some := by_issue.get(issue_id))
    ]
    counted = {(mailing_id, each.link.number) for mailing_id, some in ours.items() for each in some}
    return SponsorReport(tuple(runs), _days(session, list(ours), counted))


def _days(session: Session, mailing_ids: list[int], counted: set[tuple[int, int]]) -> tuple[tuple[date, DayTally], ...]:
    sums: dict[date, DayTally] = {}
    for mailing_id, link, on, hits in sponsored.days(session, mailing_ids):
        if (mailing_id, link) in counted:
            before = sums.get(on, DayTally())
            sums[on] = DayTally(before.clicks + hits.clicks, before.robot_hits + hits.robot_hits)
    return tuple(sums.items())


def _blocks(part: object, promotion_id: int) -> Iterator[int]:
    """Yields the blocks of a document in which a promotion stands, wherever in it they are."""
    if isinstance(part, dict):
        if part.get("promotion_id") == promotion_id and isinstance(part.get("block_id"), int):
            yield part["block_id"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _blocks(each, promotion_id)
