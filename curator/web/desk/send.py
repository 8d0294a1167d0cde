"""Approve and send: what goes to how many, when; and taking it back while there is time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import store as accounts
from curator.accounts.values import Right
from curator.activity import store as activity
from curator.audience.segments import store as segments
from curator.db import Session
from curator.errors import NotFoundError, StateError
from curator.issues import deadlines, four_eyes, publish, store
from curator.issues.aimed import aim
from curator.issues.checks import run as checks
from curator.issues.checks.values import Finding, Report
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueRow, IssueState, RenderedRevision
from curator.mailings import holding
from curator.mailings import store as mailings
from curator.mailings.eta import Eta
from curator.mailings.values import MailingView
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.web import here, words
from curator.web.desk import approval
from curator.web.desk.course import MOVING, Motion, etas, motions
from curator.web.desk.door import blueprint, needs
from curator.web.desk.preview import look
from curator.web.desk.reach import Audience, reached
from curator.web.desk.since import since
from curator.web.forms import Form, key

# After this long it is late, and the page shows the schedule again: no clock may be at work.
_SOON = timedelta(minutes=2)


@dataclass(frozen=True)
class Approval:
    """Whose word an issue waits for or has: by when, who asked, who gave it, and why somebody may not.

    `refused` is empty where whoever looks may approve as far as the newsletter's rule of two people goes.
    """

    deadline: datetime | None
    asked_by: str
    given_by: str
    refused: str


@dataclass(frozen=True)
class Sending:
    """Everything that the pages about sending show."""

    issue: IssueRow
    newsletter: NewsletterSpec
    audience: Audience
    mailings: list[MailingView]
    etas: dict[int, Eta]
    motions: dict[int, Motion]
    approval: Approval

    @property
    def zone(self) -> str:
        """The newsletter's zone."""
        return self.newsletter.cadence.zone

    @property
    def hold(self) -> str:
        """How long it can be taken back, in words; empty where it is not held."""
        hold = holding.length(self.newsletter)
        return words.count(round(hold.total_seconds() / 60), "minute") if hold else ""

    @property
    def whom(self) -> str:
        """To how many readers it goes, in words; in test mode, to how many people at the desk."""
        if self.newsletter.is_test_mode:
            return words.count(self.audience.reached, "person at the desk", "people at the desk")
        about = "" if self.audience.is_exact else "about "
        return about + words.count(self.audience.reached, "confirmed reader")

    @property
    def narrowed(self) -> str:
        """Which of the readers it goes to, in words; empty where it goes to all, as a test does."""
        is_narrowed = self.issue.segment_name and not self.newsletter.is_test_mode
        return f" in the segment “{self.issue.segment_name}”" if is_narrowed else ""

    @property
    def left_out(self) -> int:
        """How many get nothing although they are on the list."""
        return sum(self.audience.excluded.values())

    @property
    def leaves_at(self) -> datetime | None:
        """When it leaves, or would: its own moment, or else its slot; None when neither is still to come."""
        at = self.issue.send_at or self.issue.due_at
        return at if at is not None and at > here.now() else None


@blueprint.get("/issues/<key:issue_id>/send")
def send(issue_id: int) -> str:
    """Shows what stands between an issue and its readers."""
    return page(issue_id, Form())


@blueprint.post("/issues/<key:issue_id>/approve")
@needs(Right.PUBLISH)
def approve(issue_id: int) -> Response | tuple[str, int]:
    """Approves what was seen. Content that changed since is refused, and the page shows the new one.

    Where a check blocks, the page leads to each place.
    """
    seen = request.form.get("seen_hash", "")
    try:
        revision = publish.approve(
            here.db(), here.app().renderer, issue_id, by=here.editor_id(), now=here.now(), seen_hash=seen
        )
    except publish.UnfinishedError as error:
        return page(issue_id, Form(), unfinished=error.places), 422
    except StateError as error:
        flash(str(error), "error")
    else:
        flash(f"Revision {revision.number} is approved. Now say when it is sent.", "done")
    return _to_page(issue_id)


@blueprint.post("/issues/<key:issue_id>/aim")
def aim_issue(issue_id: int) -> Response:
    """Says whom the issue goes to: a segment, or all readers."""
    with here.db().read() as session:
        before = store.issue_row(session, issue_id)
    chosen = request.form.get("segment", "")
    segment_id = key(chosen)
    if chosen and segment_id is None:
        raise NotFoundError("segment", chosen[:20])
    aim.aim(here.db(), issue_id, segment_id, by=here.editor_id(), now=here.now())
    flash(approval.told("It is said whom it goes to.", before), "done")
    return _to_page(issue_id)


@blueprint.post("/issues/<key:issue_id>/unapprove")
@needs(Right.PUBLISH)
def unapprove(issue_id: int) -> Response:
    """Takes the approval back, and the schedule with it."""
    publish.unapprove(here.db(), issue_id, by=here.editor_id(), now=here.now())
    flash("The approval is taken back. Nothing is sent until it is approved again.", "done")
    return _to_page(issue_id)


@blueprint.post("/issues/<key:issue_id>/schedule")
@needs(Right.PUBLISH)
def schedule(issue_id: int) -> Response | tuple[str, int]:
    """Says when the issue is sent, on the newsletter's wall clock."""
    form, zone = Form(request.form), _sending(issue_id).zone
    at = form.moment("at", zone)
    if at is not None and at < here.now():
        form.refuse("at", "This moment is over. Choose one to come, or send it now.")
    if at is None or not form.is_good:
        return page(issue_id, form), 422
    if _schedule(issue_id, at):
        flash(f"It leaves {words.moment(at, zone, here.now())}.", "done")
    return _to_page(issue_id)


@blueprint.post("/issues/<key:issue_id>/unschedule")
@needs(Right.PUBLISH)
def unschedule(issue_id: int) -> Response:
    """Takes the moment of sending back; the approval stays."""
    publish.unschedule(here.db(), issue_id, by=here.editor_id(), now=here.now())
    flash("It is not scheduled any more. The approval stays.", "done")
    return _to_page(issue_id)


@blueprint.get("/issues/<key:issue_id>/send-now")
@needs(Right.PUBLISH)
def send_now(issue_id: int) -> str | Response:
    """Asks once: mail that left cannot be called back."""
    sending = _sending(issue_id)
    revision = _approved(sending.issue)
    if revision is None:
        flash("Approve the issue first.", "error")
        return _to_page(issue_id)
    return render_template("desk/send_now.html", sending=sending, issue=sending.issue, revision=revision)


@blueprint.post("/issues/<key:issue_id>/send-now")
@needs(Right.PUBLISH)
def do_send_now(issue_id: int) -> Response:
    """Schedules the issue for this moment; the runner begins within seconds."""
    if not _schedule(issue_id, here.now()):
        return here.go(url_for("desk.send_now", issue_id=issue_id))
    if hold := _sending(issue_id).hold:
        flash(f"It is held for {hold}: until then nothing leaves, and it can be taken back.", "done")
    else:
        flash("It is on its way. The first message leaves within seconds.", "done")
    return _to_page(issue_id)


def _schedule(issue_id: int, at: datetime) -> bool:
    """Schedules what the page promised; False, and a sentence on the next page, when that is no longer so."""
    try:
        publish.schedule(
            here.db(),
            issue_id,
            at=at,
            by=here.editor_id(),
            now=here.now(),
            seen_hash=request.form.get("seen_hash", ""),
            seen_test=request.form.get("seen_test") == "yes",
        )
    except StateError as error:
        flash(str(error), "error")
        return False
    return True


def page(issue_id: int, form: Form, *, unfinished: Sequence[Finding] = ()) -> str:
    """Returns the page with what was typed, and what is wrong with it."""
    with here.db().read() as session:
        is_editable = store.issue_row(session, issue_id).state.is_editable
    # What stands on the board is rendered first: the counting goes by the revision.
    looked = look(issue_id) if is_editable else None
    sending = _sending(issue_id)
    issue = sending.issue
    is_about_to_begin = _is_about_to_begin(issue)
    newest = sending.mailings[0].state if sending.mailings else None
    if "at" not in form.values:
        form.values["at"] = _default_moment(issue, sending.zone)
    approved = _approved(issue)
    revision = approved or (looked.revision if looked else None)
    with here.db().read() as session:
        sinces = since(session, issue_id, revision)
        kept = segments.segments(session, issue.newsletter_id)
    return render_template(
        "desk/send.html",
        sending=sending,
        issue=issue,
        newsletter=sending.newsletter,
        zone=sending.zone,
        etas=sending.etas,
        motions=sending.motions,
        looked=looked,
        report=_report(issue_id) if looked is not None and looked.revision and not approved else None,
        is_about_to_begin=is_about_to_begin,
        is_moving=is_about_to_begin or newest in MOVING,
        approved=approved,
        sinces=sinces,
        segments=kept,
        form=form,
        unfinished=unfinished,
        address=url_for("desk.send", issue_id=issue_id),
        has_transport=sending.newsletter.transport in here.app().transports,
    )


def _report(issue_id: int) -> Report:
    return checks.report(here.db(), here.app().renderer, issue_id, now=here.now())


def _sending(issue_id: int) -> Sending:
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        runs = mailings.mailings(session, issue_id=issue_id, limit=10)
        return Sending(
            issue=issue,
            newsletter=newsletter,
            audience=reached(session, issue, newsletter),
            mailings=runs,
            etas=etas(session, runs, now=here.now()),
            motions=motions(session, runs, now=here.now()),
            approval=_approval(session, issue, newsletter),
        )


def _approval(session: "Session", issue: IssueRow, newsletter: NewsletterSpec) -> Approval:
    refused = ""
    if issue.state.is_open and here.may(Right.PUBLISH):
        refused = four_eyes.why_not(session, issue, newsletter, by=here.editor_id(), now=here.now())
    return Approval(
        deadline=deadlines.deadline(issue, newsletter) if issue.state.is_open else None,
        asked_by=_name(session, issue.review_by) or "Somebody",
        given_by=_name(session, issue.approved_by) or _nobodys_name(session, issue),
        refused=refused,
    )


def _name(session: "Session", user_id: int | None) -> str:
    person = None if user_id is None else accounts.user(session, user_id)
    return "" if person is None else person.name


def _nobodys_name(session: "Session", issue: IssueRow) -> str:
    """Returns who approved what no person at the desk did: the machine, or somebody with a shell."""
    if issue.approved_hash is None:
        return ""
    changes = activity.recent(session, limit=20, subject="issue", subject_id=issue.id)
    approved = next((each for each in changes if each.verb == "approved"), None)
    is_by_itself = approved is not None and bool((approved.after or {}).get("by itself"))
    return "Curator itself, because all checks passed" if is_by_itself else "somebody on the command line"


def _approved(issue: IssueRow) -> RenderedRevision | None:
    if issue.approved_hash is None or issue.state not in (IssueState.APPROVED, IssueState.SCHEDULED):
        return None
    with here.db().read() as session:
        return revisions.revision_of(session, issue.id, issue.approved_hash)


def _is_about_to_begin(issue: IssueRow) -> bool:
    """Tells whether its moment has come and its mailing has not: the next tick of a clock begins it, within seconds."""
    has_come = issue.send_at is not None and issue.send_at <= here.now() <= issue.send_at + _SOON
    return issue.state is IssueState.SCHEDULED and has_come


def _default_moment(issue: IssueRow, zone: str) -> str:
    """Returns the issue's own slot for a datetime-local field, empty when it has none or it is over."""
    at = issue.send_at or issue.due_at
    if at is None or at < here.now():
        return ""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def _to_page(issue_id: int) -> Response:
    return here.go(url_for("desk.send", issue_id=issue_id))
