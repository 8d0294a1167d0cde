"""The log: what everybody at the desk did, newest first, each with Revert where that is possible."""

from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for

from curator.accounts.values import Right
from curator.activity import store
from curator.activity.values import EVERYTHING, ActivityRow, LogFilter
from curator.db import Session
from curator.issues import store as issues
from curator.mailings import store as mailings
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk import whose
from curator.web.desk.deeds import Entry, entries, people
from curator.web.desk.door import blueprint
from curator.web.desk.phrases import SUBJECTS
from curator.web.forms import key

_PAGE = 50


@blueprint.get("/activity")
def activity() -> str:
    """Shows the log of the whole desk."""
    with here.db().read() as session:
        all_newsletters = [one for one in newsletters.newsletters(session) if here.may(Right.LOOK, one.id)]
        chosen = key(request.args.get("newsletter"))
        within = None if chosen is None else whose.belongings(session, chosen)
        only = replace(_wanted(), within=within, outside=whose.closed(session))
        shown = entries(session, _page(session, only))
        return render_template(
            "desk/activity.html",
            **_listed(shown, "desk.activity"),
            people=people(session),
            subjects=SUBJECTS,
            all_newsletters=all_newsletters,
            zone=all_newsletters[0].cadence.zone if all_newsletters else "UTC",
        )


@blueprint.get("/issues/<key:issue_id>/activity")
def issue_activity(issue_id: int) -> str:
    """Shows what was done to one issue."""
    with here.db().read() as session:
        issue = issues.issue_row(session, issue_id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        shown = entries(session, _page(session, LogFilter(things=_of_issues(session, [issue_id]))))
        return render_template(
            "desk/issue_activity.html",
            **_listed(shown, "desk.issue_activity", issue_id=issue_id),
            issue=issue,
            newsletter=newsletter,
            zone=newsletter.cadence.zone,
        )


def _wanted() -> LogFilter:
    subject = request.args.get("kind", "")
    hidden = () if here.may(Right.READERS) else ("subscriber",)
    return replace(
        EVERYTHING,
        actor=key(request.args.get("who")),
        subject=subject if subject in SUBJECTS else None,
        verb=request.args.get("verb", "")[:40] or None,
        hides=hidden,
    )


def _of_issues(session: Session, issue_ids: list[int]) -> dict[str, list[int]]:
    """Returns what is logged of issues: what stands in them, what of it was checked by hand, and how they went out."""
    return {
        "issue": issue_ids,
        "check": issue_ids,
        "correction": issue_ids,
        "mailing": mailings.mailings_of(session, issue_ids),
    }


def _page(session: Session, only: LogFilter) -> list[ActivityRow]:
    """Returns one more than a page, which tells whether there is another."""
    return store.page(session, only=only, before=key(request.args.get("before")), limit=_PAGE + 1)


def _listed(shown: list[Entry], endpoint: str, **where: Any) -> dict[str, object]:
    kept: dict[str, Any] = {
        name: request.args[name] for name in ("who", "kind", "newsletter", "verb") if request.args.get(name)
    }
    older = url_for(endpoint, **where, **kept, before=shown[_PAGE - 1].change.id) if len(shown) > _PAGE else None
    return {
        "entries": shown[:_PAGE],
        "older": older,
        "is_first": not request.args.get("before"),
        "newest": url_for(endpoint, **where, **kept),
        "chosen": kept,
    }
