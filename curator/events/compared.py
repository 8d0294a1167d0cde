"""Issues beside each other: one line of sums each, from counters."""

from dataclasses import dataclass
from datetime import datetime

from curator.audience.growth import store as growth
from curator.db import Session
from curator.events import store, summary
from curator.events.values import MailingCounters
from curator.issues import store as issues
from curator.issues.values import IssueRow
from curator.newsletters.values import Tracking


@dataclass(frozen=True)
class Line:
    """What came of one issue. `click_rate` is readers who clicked for each accepted mail, None where nobody knows."""

    issue_id: int
    number: int
    subject: str
    sent_at: datetime | None
    accepted: int
    clicks: int
    click_rate: float | None
    unsubscribed: int
    complained: int
    bounced: int
    signed_up: int
    robot_hits: int


def lines(session: Session, newsletter_id: int, *, limit: int) -> list[Line]:
    """Returns the last issues of a newsletter that were sent, newest first; four queries, however many events."""
    ids = store.sent_before(session, newsletter_id, limit=limit)
    rows = issues.issues_by_id(session, ids)
    counted = summary.by_issue(store.counters(session, ids))
    joined = growth.from_issues(session, newsletter_id, [rows[id_].number for id_ in ids])
    return [_line(rows[id_], counted.get(id_, []), joined[rows[id_].number]) for id_ in ids]


def _line(row: IssueRow, mailings: list[MailingCounters], signed_up: int) -> Line:
    ours = [each for each in mailings if not each.is_test]
    accepted = sum(each.accepted for each in ours)
    by_reader = bool(ours) and all(each.measured[0] is Tracking.INDIVIDUAL for each in ours)
    return Line(
        row.id,
        row.number,
        row.subject,
        row.sent_at,
        accepted,
        clicks=sum(each.clicks for each in ours),
        click_rate=sum(each.clickers for each in ours) / accepted if accepted and by_reader else None,
        unsubscribed=sum(each.unsubscribed for each in ours),
        complained=sum(each.complained for each in ours),
        bounced=sum(each.bounced for each in ours),
        signed_up=signed_up,
        robot_hits=sum(each.robot_hits for each in ours),
    )
