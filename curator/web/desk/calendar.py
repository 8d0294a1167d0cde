"""The calendar: which issues come, newsletter beside newsletter; slots let go, and issues between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.db import Session
from curator.errors import NotFoundError, StateError
from curator.issues.planned import plan, store
from curator.issues.planned.store import Dated, Planned
from curator.newsletters import slots
from curator.newsletters import store as newsletter_store
from curator.newsletters.cadence import Slot, describe
from curator.newsletters.values import NewsletterSpec
from curator.web import here, words
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form

# An issue planned for later than this is a slip of the keyboard.
_FURTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Day:
    """One line of the calendar: a slot to come, a planned issue, or an issue that is there; `at` is its moment."""

    at: datetime
    slot: Slot | None = None
    issue: Dated | None = None
    planned: Planned | None = None
    is_skipped: bool = False
    draft_at: datetime | None = None


@dataclass(frozen=True)
class Column:
    """One newsletter's part of the calendar."""

    newsletter: NewsletterSpec
    rhythm: str
    coming: tuple[Day, ...]
    past: tuple[Dated, ...]


@blueprint.get("/issues/calendar")
def calendar() -> str:
    """Shows the issues to come of every newsletter, and the last ones below."""
    return _page(Form())


@blueprint.post("/issues/calendar/skip")
@needs(Right.PUBLISH)
def skip_slot() -> Response:
    """Lets a slot go."""
    newsletter, key = _named(), request.form.get("slot", "")
    try:
        plan.skip(here.db(), newsletter.id, key, by=here.editor_id(), now=here.now())
    except StateError as error:
        flash(str(error), "error")
    else:
        flash(f"{_wall(key)} is skipped: no issue of {newsletter.name} comes then.", "done")
    return _to_page(newsletter)


@blueprint.post("/issues/calendar/unskip")
@needs(Right.PUBLISH)
def unskip_slot() -> Response:
    """Takes the skipping of a slot back."""
    newsletter, key = _named(), request.form.get("slot", "")
    plan.unskip(here.db(), newsletter.id, key, by=here.editor_id(), now=here.now())
    flash(f"{_wall(key)} stands again.", "done")
    return _to_page(newsletter)


@blueprint.post("/issues/calendar/plan")
@needs(Right.PUBLISH)
def plan_issue() -> Response | tuple[str, int]:
    """Adds an issue outside of the cadence, drafted at once or at the newsletter's lead."""
    newsletter, form = _named(), Form(request.form)
    field = f"at-{newsletter.id}"
    at = form.moment(field, newsletter.cadence.zone)
    if at is not None and not here.now() < at < here.now() + _FURTHEST:
        form.refuse(field, "Choose a moment to come, within a year.")
    if at is None or not form.is_good:
        return _page(form), 422
    is_now = form.value("draft") == "now"
    planned_id = plan.plan(here.db(), newsletter.id, at, is_drafted_now=is_now, by=here.editor_id(), now=here.now())
    told = words.moment(at, newsletter.cadence.zone, here.now())
    if planned_id is None:
        flash(f"An issue is planned for {told} already.", "error")
    else:
        when = "It is being drafted." if is_now else "It is drafted like any other, so long before."
        flash(f"One more issue of {newsletter.name} is planned for {told}. {when}", "done")
    return _to_page(newsletter)


@blueprint.post("/issues/calendar/planned/<key:planned_id>/remove")
@needs(Right.PUBLISH)
def unplan_issue(planned_id: int) -> Response:
    """Takes a planned issue out again."""
    try:
        plan.unplan(here.db(), planned_id, by=here.editor_id(), now=here.now())
    except StateError as error:
        flash(str(error), "error")
    else:
        flash("That issue is not planned any more.", "done")
    return here.go(url_for("desk.calendar"))


def _page(form: Form) -> str:
    with here.db().read() as session:
        columns = [_column(session, newsletter) for newsletter in newsletters()]
    return render_template("desk/calendar.html", columns=columns, form=form)


def _column(session: "Session", newsletter: NewsletterSpec) -> Column:
    now = here.now()
    return Column(
        newsletter=newsletter,
        rhythm=describe(newsletter.cadence),
        coming=tuple(sorted(_days(session, newsletter, now), key=_order)),
        past=tuple(store.past(session, newsletter.id, before=now)),
    )


def _days(session: "Session", newsletter: NewsletterSpec, now: datetime) -> Iterator[Day]:
    skipped = newsletter_store.skipped_dates(session, newsletter.id)
    issues = store.dated(session, newsletter.id, after=now)
    by_date = {slots.on_date(issue.slot): issue for issue in issues if issue.slot}
    lead = timedelta(hours=newsletter.draft_lead_hours)
    shown = set()
    for slot in slots.coming(newsletter.cadence, after=now, number=plan.SHOWN):
        date = slots.on_date(slot.key)
        issue = by_date.get(date)
        shown |= {issue.id} if issue is not None else set()
        yield Day(slot.at, slot=slot, issue=issue, is_skipped=date in skipped, draft_at=slot.at - lead)
    for issue in issues:
        if issue.id not in shown:
            yield Day(issue.at, issue=issue)
    for planned in store.coming(session, newsletter.id, after=now):
        yield Day(planned.at, planned=planned, draft_at=planned.draft_at)


def _order(day: Day) -> tuple[datetime, int]:
    return day.at, 0 if day.issue is None else day.issue.number


def _named() -> NewsletterSpec:
    newsletter = chosen(newsletters())
    if newsletter is None:
        raise NotFoundError("newsletter", request.form.get("newsletter", "")[:20])
    return newsletter


def _wall(key: str) -> str:
    """Returns a slot's wished date in words; its key is checked by then."""
    wished = datetime.fromisoformat(key)
    return f"{wished:%A} {wished.day} {wished:%B}"


def _to_page(newsletter: NewsletterSpec) -> Response:
    return here.go(url_for("desk.calendar"), anchor=f"newsletter-{newsletter.id}")
