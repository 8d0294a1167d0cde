"""Whom an issue would reach if it left now, and who is left out for what."""

from dataclasses import dataclass
from datetime import timedelta

from curator.accounts import store as accounts
from curator.audience import store as audience
from curator.audience.matching import store as matching
from curator.audience.matching.store import Wanted
from curator.audience.segments.parse import parse
from curator.audience.segments.values import Count
from curator.audience.values import SubscriberCounts
from curator.db import Session
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueRow, IssueState
from curator.mailings import store as mailings
from curator.mailings.mended import store as mended
from curator.newsletters.values import NewsletterSpec
from curator.web import here

_COUNTS_WITHIN = timedelta(seconds=3)
"""This number decides something, so it may take longer than one that follows the typing."""


@dataclass(frozen=True)
class Audience:
    """Who an issue would go to if it left now: so many get it, and the others are left out for these reasons.

    `had_it` of them have had the issue; `text_only` is how many readers want the text alone. `is_exact` is False where
    counting a segment takes too long.
    """

    counts: SubscriberCounts
    excluded: dict[str, int]
    reached: int
    had_it: int
    is_exact: bool = True
    text_only: int = 0


def reached(session: Session, issue: IssueRow, newsletter: NewsletterSpec) -> Audience:
    """Returns whom an issue would reach; a test goes to the desk, whatever segment the issue goes to."""
    counts = audience.counts(session, newsletter.id)
    excluded = audience.exclusion_counts(session, newsletter.id, now=here.now())
    unpaused = counts.active - excluded.get(audience.PAUSED, 0)
    is_test = newsletter.is_test_mode
    staff = accounts.staff_keys(session) if is_test else None
    allowed = unpaused if staff is None else audience.mailable(session, newsletter.id, staff, now=here.now())
    inside, only = (None, None) if is_test else _inside(session, issue, newsletter)
    fit = allowed if inside is None else min(inside.number, allowed)
    revision = revisions.latest_revision(session, issue.id)
    revision_id = 0 if revision is None else revision.id
    had_it = mailings.got_it_already(session, issue.id, revision_id, is_test=is_test, among=staff, only=only)
    gets = max(fit - had_it, 0)
    stopped_id = None if is_test else mended.to_finish(session, issue.id)
    if stopped_id is not None and issue.state is not IssueState.SENDING:
        gets = min(gets, mended.left(session, stopped_id))
    reasons = {
        mailings.TEST_MODE: unpaused - allowed,
        mailings.NOT_IN_SEGMENT: allowed - fit,
        mailings.GOT_IT: had_it,
        mailings.CAME_LATER: max(fit - had_it, 0) - gets,
    }
    excluded |= {reason: number for reason, number in reasons.items() if number}
    is_exact, text_only = inside is None or inside.is_exact, audience.count_text_only(session, newsletter.id)
    return Audience(counts, excluded, gets, had_it, is_exact=is_exact, text_only=text_only)


def _inside(
    session: Session, issue: IssueRow, newsletter: NewsletterSpec
) -> tuple[Count | None, matching.Condition | None]:
    """Returns how many of the issue's segment would get mail, and what holds of them; None twice where it has none."""
    if not issue.segment_words:
        return None, None
    filter_ = parse(issue.segment_words)
    where = matching.scope(session, newsletter.id, filter_, zone=newsletter.cadence.zone, now=here.now())
    found = matching.count_reached(session, Wanted(filter_), where, limit=_COUNTS_WITHIN)
    return found, matching.condition(filter_, where)
