"""Decides by when an issue has to be approved, when the desk is told, and what happens when it is not. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from curator.issues.values import IssueRow, IssueState
from curator.newsletters.values import NewsletterSpec, WhenUnapproved

# A day before it is time enough to act; of a shorter time between draft and deadline, half is.
_TOLD_BEFORE = timedelta(hours=24)


class Fate(StrEnum):
    """What is to be done about an issue whose deadline is over."""

    HOLD = "hold"
    SEND = "send"
    LEAVE = "leave"


def deadline(issue: IssueRow, newsletter: NewsletterSpec) -> datetime | None:
    """Returns by when an issue has to be approved; None without a moment of its own.

    One that was drafted after its deadline has until its moment. One that was drafted at its moment or after it could
    be approved by nobody in time: it has a deadline only where it may be sent without an approval.
    """
    if issue.due_at is None:
        return None
    at = issue.due_at - timedelta(minutes=newsletter.approval_lead_minutes)
    if at > issue.created_at:
        return at
    if issue.due_at > issue.created_at or newsletter.when_unapproved is WhenUnapproved.SEND:
        return issue.due_at
    return None


def told_at(issue: IssueRow, newsletter: NewsletterSpec) -> datetime | None:
    """Returns when the desk is told that the deadline is near; None where there is none."""
    at = deadline(issue, newsletter)
    return None if at is None else max(at - _TOLD_BEFORE, issue.created_at + (at - issue.created_at) / 2)


def is_near(issue: IssueRow, newsletter: NewsletterSpec, *, now: datetime) -> bool:
    """Tells whether the desk is to be told now; once it was, or once it is over, no more."""
    near, at = told_at(issue, newsletter), deadline(issue, newsletter)
    if near is None or at is None or issue.deadline_told_at is not None or issue.deadline_settled_at is not None:
        return False
    return issue.state.is_open and near <= now < at


def is_forgotten(issue: IssueRow, newsletter: NewsletterSpec, *, now: datetime) -> bool:
    """Tells whether the desk is to be told now that an issue is approved and nobody has said when it leaves.

    It is a day before its moment, or halfway there from an approval within that day; without a moment to come, a day
    after the approval. Once for each approval; never in test mode, where no reader waits for it.
    """
    if issue.state is not IssueState.APPROVED or issue.approved_at is None or newsletter.is_test_mode:
        return False
    if issue.unscheduled_told_at is not None:
        return False
    approved_at, due_at = issue.approved_at, issue.due_at
    if due_at is None or due_at <= approved_at:
        return now >= approved_at + _TOLD_BEFORE
    return now >= max(due_at - _TOLD_BEFORE, approved_at + (due_at - approved_at) / 2)


def is_over(issue: IssueRow, newsletter: NewsletterSpec, *, now: datetime) -> bool:
    """Tells whether the deadline is over and nobody has seen to it."""
    at = deadline(issue, newsletter)
    return issue.state.is_open and issue.deadline_settled_at is None and at is not None and at <= now


def fate(issue: IssueRow, newsletter: NewsletterSpec) -> Fate:
    """Returns what the newsletter's settings say about an issue that is over its deadline.

    What is held waits for a person already: no machine lets it go.
    """
    if issue.state is IssueState.HELD:
        return Fate.LEAVE
    return Fate.SEND if newsletter.when_unapproved is WhenUnapproved.SEND else Fate.HOLD
