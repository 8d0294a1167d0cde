"""The page of trends: what rises over the feeds, what a newsletter blocks of it, and its way into an issue."""

from datetime import datetime, timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.db import Session
from curator.errors import InvalidError
from curator.issues import made, store, trended
from curator.issues.blocks import store as blocks
from curator.newsletters import store as newsletter_store
from curator.newsletters.values import NewsletterSpec
from curator.picks.trends import block as blocking
from curator.picks.trends import store as trends_store
from curator.picks.trends.reasons import allowed
from curator.picks.trends.refresh import WINDOWS
from curator.picks.trends.rising import LEAST_PAST_DAYS
from curator.web import here
from curator.web.desk import approval, trend_rows
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint
from curator.web.forms import Form, key

LABELS = {2: "2 days", 7: "7 days", 28: "4 weeks"}
_USUAL = 7
# A day begins for every window: whoever has not counted since yesterday counts no more.
_LATE = timedelta(hours=25)


@blueprint.get("/trends")
def trends() -> str | tuple[str, int]:
    """Shows what rises in a window, without what the newsletter blocks."""
    return _page(Form())


@blueprint.post("/trends/block")
def block_term() -> Response | tuple[str, int]:
    """Keeps a term out of the newsletter's trends."""
    form, newsletter = Form(request.form), required()
    try:
        kept = blocking.block(here.db(), newsletter.id, form.value("words"), by=here.editor_id(), now=here.now())
    except InvalidError as error:
        form.take(error)
        page = _page(form)
        return page if isinstance(page, tuple) else (page, 422)
    flash(f"“{kept}” is no trend here any more.", "done")
    return here.go(_address(newsletter.id))


@blueprint.post("/trends/blocked/<key:term_id>/lift")
def lift_term(term_id: int) -> Response:
    """Lets a term be a trend again."""
    with here.db().read() as session:
        newsletter_id = trends_store.blocked_term(session, term_id).newsletter_id
    flash(f"“{blocking.lift(here.db(), term_id, by=here.editor_id(), now=here.now())}” may be a trend again.", "done")
    return here.go(_address(newsletter_id))


@blueprint.post("/issues/<key:issue_id>/trends")
def add_trend(issue_id: int) -> Response:
    """Puts a trend into an issue as it is now: into the section that takes trends, or else the first."""
    form, days = Form(request.form), _days()
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        newsletter = newsletter_store.newsletter(session, issue.newsletter_id)
        topic = trends_store.topic(session, days, form.value("term"))
        facts = None if topic is None else trend_rows.facts(session, topic)
    if facts is None:
        flash("This topic rises no longer: the trends were counted anew meanwhile.", "error")
        return here.go(_address(newsletter.id))
    section = trended.section_for(newsletter.sections)
    block_id = made.add_trend(here.db(), issue_id, section, facts, by=here.editor_id(), now=here.now())
    flash(approval.told(f"“{facts.term}” is in issue {issue.number}. Say what readers should know.", issue), "done")
    return here.go(url_for("desk.board", issue_id=issue_id), anchor=f"block-{block_id}")


def _page(form: Form) -> str | tuple[str, int]:
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Trends")
    with here.db().read() as session:
        given = _given(session, newsletter, _days())
    return render_template(
        "desk/trends.html", all_newsletters=all_newsletters, newsletter=newsletter, form=form, **given
    )


def _given(session: Session, newsletter: NewsletterSpec, days: int) -> dict[str, object]:
    topics, blocked = trends_store.topics(session, days), trends_store.blocked(session, newsletter.id)
    left = allowed(topics, [each.words for each in blocked])
    issue = store.current_issue(session, newsletter.id)
    stands = {} if issue is None else blocks.trend_blocks(session, issue.id)
    made_at = topics[0].made_at if topics else None
    return {
        "days": days,
        "windows": LABELS,
        "past": WINDOWS[days],
        "rows": trend_rows.shown(session, left[: trend_rows.MOST_SHOWN], stands) if left else [],
        "hidden": len(topics) - len(left),
        "blocked": blocked,
        "issue": issue,
        "made_at": made_at,
        "is_late": made_at is not None and here.now() - made_at > _LATE,
        "ready_on": None if topics else _ready_on(session, days),
        "has_items": bool(topics) or trends_store.oldest_at(session, since=_before(days)) is not None,
    }


def _ready_on(session: Session, days: int) -> datetime | None:
    """Returns when there is enough of a past for a window; None where there is, or where there is nothing at all."""
    oldest = trends_store.oldest_at(session, since=_before(days))
    ready = None if oldest is None else oldest + timedelta(days=LEAST_PAST_DAYS + days)
    return ready if ready is not None and ready > here.now() else None


def _before(days: int) -> datetime:
    return here.now() - timedelta(days=days + WINDOWS[days])


def _days() -> int:
    days = key(request.values.get("days"))
    return days if days is not None and days in WINDOWS else _USUAL


def _address(newsletter_id: int) -> str:
    return url_for("desk.trends", newsletter=newsletter_id, days=_days())
