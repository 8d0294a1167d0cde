"""The mail as it left, with what was clicked beside each of its links; and the same as a table."""

from dataclasses import dataclass

from flask import make_response, render_template
from werkzeug.wrappers import Response

from curator.db import Session
from curator.errors import NotFoundError
from curator.events import report
from curator.events.values import Results
from curator.issues import store as issues
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueRow, Link, RenderedRevision
from curator.newsletters import store as newsletters
from curator.newsletters.values import Tracking
from curator.web import headers, here
from curator.web.desk import pictures, views
from curator.web.desk.door import blueprint
from curator.web.desk.heat import Heat, badged
from curator.web.desk.preview import framed
from curator.web.desk.results import PLACES


@dataclass(frozen=True)
class Counted:
    """An issue's mail with the heat of its links; `revision` is None before anything was sent."""

    issue: IssueRow
    results: Results
    revision: RenderedRevision | None
    links: tuple[Link, ...]
    heats: dict[int, Heat]


@blueprint.get("/issues/<key:issue_id>/results/mail")
def results_mail(issue_id: int) -> str:
    """Shows the mail in a frame and its links in a table, both with their counts."""
    with here.db().read() as session:
        counted = _counted(session, issue_id)
        newsletter = newsletters.newsletter(session, counted.issue.newsletter_id)
    return render_template(
        "desk/results_mail.html",
        issue=counted.issue,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        results=counted.results,
        counted=counted,
        view=views.asked(),
        places=PLACES,
    )


@blueprint.get("/issues/<key:issue_id>/results/mail.html")
def results_mail_html(issue_id: int) -> Response:
    """Returns the mail for the frame, under the preview's policy."""
    with here.db().read() as session:
        counted = _counted(session, issue_id)
    if counted.revision is None:
        raise NotFoundError("sent mail of issue", issue_id)
    view = views.asked()
    html = badged(pictures.ours(counted.revision.html, here.app().renderer.public_url), counted.heats)
    response = make_response(framed(pictures.with_fields(html), counted.links, scheme=view.scheme))
    response.headers["Content-Security-Policy"] = headers.PREVIEW_POLICY
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def _counted(session: Session, issue_id: int) -> Counted:
    issue = issues.issue_row(session, issue_id)
    results = report.results(session, issue, is_compared=False)
    revision_id = report.newest_revision(session, issue_id)
    if revision_id is None:
        return Counted(issue, results, None, (), {})
    links = tuple(revisions.links(session, revision_id))
    return Counted(issue, results, revisions.revision(session, revision_id), links, _heats(results, links))


def _heats(results: Results, links: tuple[Link, ...]) -> dict[int, Heat]:
    """Returns what came of each link of the newest mail; what only an earlier one had stands in the results alone."""
    ours = set(links)
    by_reader = results.clicks_by is Tracking.INDIVIDUAL
    whole = results.clickers if by_reader else results.clicks
    found = {}
    for item in results.items:
        for each in item.links:
            if each.link in ours:
                part = each.readers if by_reader else each.clicks
                found[each.link.number] = Heat(each.link.number, each.clicks, part / whole if whole else 0.0)
    return dict(sorted(found.items()))
