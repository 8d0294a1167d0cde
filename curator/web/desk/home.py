"""The desk itself: where each newsletter's issue stands, what waits, and what is in trouble."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import render_template

from curator.accounts.values import Right
from curator.activity import store as activity
from curator.audience import sign_up
from curator.backup import store as restored
from curator.db import Session
from curator.events import report
from curator.events.values import Results
from curator.feeds.health import store as feeds
from curator.feeds.health.values import Show
from curator.issues import deadlines
from curator.issues import store as issues
from curator.issues.revisions import store as revisions
from curator.issues.values import Board, IssueRow, IssueState
from curator.mailings import store as mailings
from curator.mailings.values import MailingState, MailingView
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSchedule, NewsletterSpec
from curator.picks.inbox import store as inbox
from curator.queue import store as queue
from curator.queue.values import LATE_AFTER
from curator.web import here
from curator.web.desk import failed
from curator.web.desk.choice import chosen
from curator.web.desk.course import etas, motions
from curator.web.desk.door import blueprint
from curator.web.desk.first_issue import first_issue
from curator.web.desk.first_steps import first_steps
from curator.web.desk.standing import NO_ISSUE, Standing, standing
from curator.web.templating import outbox_url

# A skipped slot or a sent issue is news for this long.
_RECENT = timedelta(days=14)
# Who floods a form tries again within days.
_FLOOD_TOLD = timedelta(days=3)
# Feeds in trouble that are told one by one: whoever has more works through the list of feeds.
_TROUBLED = 20


@dataclass(frozen=True)
class Desk:
    """One newsletter as the desk shows it; `mailing` is that of its present issue, as long as it has not ended."""

    newsletter: NewsletterSpec
    schedule: NewsletterSchedule
    issue: IssueRow | None
    mailing: MailingView | None
    standing: Standing
    unlooked: int
    others: tuple[IssueRow, ...]
    last: Results | None
    deadline: datetime | None
    flooded_at: datetime | None


@dataclass(frozen=True)
class Glance:
    """Another newsletter in one line: its present issue, and when the next one comes."""

    newsletter: NewsletterSpec
    issue: IssueRow | None
    next_issue_at: datetime | None


@blueprint.get("", strict_slashes=False)
def home() -> str:
    """Shows the desk."""
    now = here.now()
    with here.db().read() as session:
        known = [one for one in newsletters.newsletters(session) if here.may(Right.LOOK, one.id)]
        troubled = feeds.in_trouble(session, limit=_TROUBLED + 1)
        running = mailings.mailings(session, is_live=True, limit=20)
        live = [one for one in running if here.may(Right.LOOK, one.newsletter_id)]
        first = chosen(known)
        desks = [] if first is None else [_desk(session, first, live)]
        shown = [desk.mailing for desk in desks]
        return render_template(
            "desk/home.html",
            desks=desks,
            all_newsletters=known,
            others=[_glance(session, newsletter, live) for newsletter in known if newsletter != first],
            first=first_steps(session, known, has_read_feed=feeds.has_answered(session)),
            first_issue=first_issue(session, next((desk.issue for desk in desks), None), outbox_url=outbox_url()),
            troubled=troubled[:_TROUBLED],
            has_more_trouble=len(troubled) > _TROUBLED,
            has_feeds=feeds.counts(session)[Show.ALL] > 0,
            live=[mailing for mailing in live if mailing not in shown],
            etas=etas(session, live, now=now),
            motions=motions(session, live, now=now),
            zones={newsletter.id: newsletter.cadence.zone for newsletter in known},
            failed=failed.shown(session),
            jobs=queue.job_counts(session, now=now),
            restored=restored.held(session),
            late=_is_late(queue.job_counts(session, now=now).oldest_due_at),
        )


def is_checked(session: "Session", issue_id: int) -> bool:
    """Tells whether the newest preview of an issue is younger than its newest change."""
    revision = revisions.latest_revision(session, issue_id)
    changes = activity.recent(session, limit=1, subject="issue", subject_id=issue_id)
    return revision is not None and (not changes or revision.created_at >= changes[0].at)


def issue_standing(session: "Session", newsletter: NewsletterSpec, board: Board, unlooked: int) -> Standing:
    """Returns where an issue of a newsletter stands."""
    return standing(
        board,
        minimum_picks=newsletter.minimum_picks,
        unlooked=unlooked,
        is_checked=is_checked(session, board.issue.id),
        is_holding=board.issue.id in mailings.holding_issue_ids(session),
    )


def _desk(session: "Session", newsletter: NewsletterSpec, live: Sequence[MailingView]) -> Desk:
    issue, mailing = _present(session, newsletter.id, live)
    unlooked = inbox.unlooked(session, newsletter.id, now=here.now())
    stands = (
        NO_ISSUE if issue is None else issue_standing(session, newsletter, issues.board(session, issue.id), unlooked)
    )
    since = here.now() - _RECENT
    recent = issues.issue_rows(session, newsletter_id=newsletter.id, limit=4)
    return Desk(
        newsletter=newsletter,
        schedule=newsletters.schedule(session, newsletter.id),
        issue=issue,
        mailing=mailing,
        standing=stands,
        unlooked=unlooked,
        others=tuple(row for row in recent if (issue is None or row.id != issue.id) and row.created_at > since),
        last=_last(session, recent),
        deadline=None if issue is None or not issue.state.is_open else deadlines.deadline(issue, newsletter),
        flooded_at=sign_up.flooded_at(session, newsletter.id, since=here.now() - _FLOOD_TOLD),
    )


def _glance(session: "Session", newsletter: NewsletterSpec, live: Sequence[MailingView]) -> Glance:
    issue, _ = _present(session, newsletter.id, live)
    return Glance(newsletter, issue, newsletters.schedule(session, newsletter.id).next_issue_at)


def _present(
    session: "Session", newsletter_id: int, live: Sequence[MailingView]
) -> tuple[IssueRow | None, MailingView | None]:
    """Returns the issue that a newsletter is about, and its mailing.

    What can still be taken back comes before all; what is leaving, after the next one that somebody works on.
    """
    mine = [mailing for mailing in live if mailing.newsletter_id == newsletter_id]
    held = next((mailing for mailing in mine if mailing.state is MailingState.HOLDING), None)
    current = None if held else issues.current_issue(session, newsletter_id)
    mailing = held or next(iter(mine), None)
    if current is not None or mailing is None:
        return current, None
    return issues.issue_row(session, mailing.issue_id), mailing


def _last(session: "Session", recent: Sequence[IssueRow]) -> Results | None:
    """Returns what came of the newest issue that has left, if it is among the last few."""
    held = mailings.holding_issue_ids(session)
    left = [row for row in recent if row.state in (IssueState.SENDING, IssueState.SENT) and row.id not in held]
    gone = [row for row in left if row.imported_at is None]  # of a back issue nothing is known
    return report.results(session, gone[0], is_compared=False) if gone else None


def _is_late(oldest_due_at: datetime | None) -> bool:
    return oldest_due_at is not None and here.now() - oldest_due_at > LATE_AFTER
