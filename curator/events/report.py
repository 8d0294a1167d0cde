"""An issue's results, put together from counters: no page scans events."""

from collections.abc import Collection
from dataclasses import replace

from curator.db import Session
from curator.events import store, summary
from curator.events.values import IssueItems, MailingCounters, Results
from curator.issues.values import IssueRow

# Eight issues are two months of a weekly newsletter: enough to tell a good issue from a good year.
_COMPARED = 8


def results(session: Session, issue: IssueRow, *, is_compared: bool = True) -> Results:
    """Returns what came of an issue; a fixed number of queries. `is_compared` adds the median of issues before."""
    ours = [_with_accepted(session, each) for each in summary.shown(store.counters(session, [issue.id]))]
    ids = [each.mailing_id for each in ours]
    links = store.link_results(session, ids)
    return summary.results(
        issue,
        ours,
        [links.get(id_, []) for id_ in ids],
        shares=_shares_before(session, issue) if is_compared else [],
    )


def items_of(session: Session, issue_ids: Collection[int]) -> list[IssueItems]:
    """Returns what readers clicked in each of these issues that went to readers at all; two queries."""
    ours = [each for each in store.counters(session, issue_ids) if not each.is_test]
    links = store.link_results(session, [each.mailing_id for each in ours])
    return [
        IssueItems(
            issue_id,
            sum(each.accepted for each in mailings),
            summary.items(summary.merged([links.get(each.mailing_id, []) for each in mailings])),
        )
        for issue_id, mailings in summary.by_issue(ours).items()
    ]


def _shares_before(session: Session, issue: IssueRow) -> list[float]:
    before = store.sent_before(session, issue.newsletter_id, number=issue.number, limit=_COMPARED)
    return summary.shares(summary.by_issue(store.counters(session, before)).values())


def _with_accepted(session: Session, counters: MailingCounters) -> MailingCounters:
    """Asks the ledger while a mailing runs, and where none is counted: a kill may have come before the counting."""
    if counters.is_over and counters.accepted:
        return counters
    return replace(counters, accepted=store.accepted(session, counters.mailing_id))
