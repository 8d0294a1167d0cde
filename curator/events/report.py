"""An issue's results, put together from counters: no page scans events."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from curator.audience.growth import store as growth
from curator.db import Session
from curator.events import store, summary, usual
from curator.events.values import IssueItems, MailingCounters, Results
from curator.issues.values import IssueRow

# Eight issues are two months of a weekly newsletter: enough to tell a good issue from a good year.
_COMPARED = 8


def results(session: Session, issue: IssueRow, *, is_compared: bool = True) -> Results:
    """Returns what came of an issue; a fixed number of queries. `is_compared` adds what issues before got."""
    ours = [_with_accepted(session, each) for each in summary.shown(store.counters(session, [issue.id]))]
    ids = [each.mailing_id for each in ours]
    links = store.link_results(session, ids)
    before = _before(session, issue) if is_compared else {}
    return summary.results(
        issue,
        ours,
        [links.get(id_, []) for id_ in ids],
        shares=summary.shares(list(before.values())[:_COMPARED]),
        before=_items(session, before) if is_compared else [],
        bounces=store.bounces_by_reason(session, ids),
        signed_up=growth.from_issues(session, issue.newsletter_id, [issue.number])[issue.number],
    )


def newest_revision(session: Session, issue_id: int) -> int | None:
    """Returns the revision that left with the newest mailing of those that an issue's results are about."""
    ours = summary.shown(store.counters(session, [issue_id]))
    return ours[-1].revision_id if ours else None


def items_of(session: Session, issue_ids: Collection[int]) -> list[IssueItems]:
    """Returns what readers clicked in each of these issues that went to readers at all; two queries."""
    return _items(session, summary.by_issue(store.counters(session, issue_ids)))


def _items(session: Session, issues: Mapping[int, Sequence[MailingCounters]]) -> list[IssueItems]:
    ours = {issue_id: [each for each in mailings if not each.is_test] for issue_id, mailings in issues.items()}
    links = store.link_results(session, [each.mailing_id for mailings in ours.values() for each in mailings])
    return [
        IssueItems(
            issue_id,
            sum(each.accepted for each in mailings),
            summary.items(summary.merged([links.get(each.mailing_id, []) for each in mailings])),
        )
        for issue_id, mailings in ours.items()
        if mailings
    ]


def _before(session: Session, issue: IssueRow) -> dict[int, list[MailingCounters]]:
    """Returns the mailings of the issues before, the newest issue first."""
    ids = store.sent_before(session, issue.newsletter_id, number=issue.number, limit=usual.MOST_ISSUES)
    found = summary.by_issue(store.counters(session, ids))
    return {id_: found[id_] for id_ in ids if id_ in found}


def _with_accepted(session: Session, counters: MailingCounters) -> MailingCounters:
    """Asks the ledger while a mailing runs, and where none is counted: a kill may have come before the counting."""
    if counters.is_over and counters.accepted:
        return counters
    return replace(counters, accepted=store.accepted(session, counters.mailing_id))
