"""What came of an issue: who clicked what and where it stood, who left, what bounced."""

from flask import Response, render_template

from curator.events import report, usual
from curator.events.bounces.values import Reason
from curator.events.tally import MOST_AGENTS, MOST_HITS
from curator.issues import store as issues
from curator.mailings.mended import store as mended
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk.door import blueprint
from curator.web.export import csv_file

# What a reason and a link's place are called on the page.
WHY = {
    Reason.USER_UNKNOWN: "no such address",
    Reason.MAILBOX_FULL: "mailbox full",
    Reason.BLOCKED: "refused because of us: spam, policy or authentication",
    Reason.DOMAIN: "its domain takes no mail",
    Reason.SIZE: "too large for them",
    Reason.CONTENT: "refused for what it holds",
    Reason.UNREACHED: "never reached",
    Reason.OTHER: "anything else",
}
PLACES = {"title": "Its title", "go": "Its button", "text": "In the words", "page": "Elsewhere"}

ALL_OF = {"title": "Titles", "go": "Buttons", "text": "In the words", "page": "Elsewhere"}


@blueprint.get("/issues/<key:issue_id>/results")
def results(issue_id: int) -> str:
    """Shows an issue's results; it reads counters only, however many readers clicked."""
    with here.db().read() as session:
        issue = issues.issue_row(session, issue_id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        found = report.results(session, issue)
        shares = mended.shares(session, issue_id)
    return render_template(
        "desk/results.html",
        issue=issue,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        results=found,
        shares=shares,
        places=PLACES,
        all_of=ALL_OF,
        why=WHY,
        fewest_issues=usual.FEWEST_ISSUES,
        most_issues=usual.MOST_ISSUES,
        most_hits=MOST_HITS,
        most_agents=MOST_AGENTS,
        most=max((item.clicks for item in found.items), default=0),
    )


@blueprint.get("/issues/<key:issue_id>/results.csv")
def results_file(issue_id: int) -> Response:
    """Gives the clicks of an issue as a file, one row a link."""
    with here.db().read() as session:
        issue = issues.issue_row(session, issue_id)
        slug = newsletters.newsletter(session, issue.newsletter_id).slug
        found = report.results(session, issue)
    columns = ("section", "item", "link", "words", "url", "clicks", "readers", "scanner hits", "item against median")
    rows = (
        (
            item.section,
            item.title,
            PLACES[str(each.link.placement)],
            each.link.label,
            each.link.url,
            each.clicks,
            each.readers,
            each.robot_hits,
            item.against.ratio if item.against else None,
        )
        for item in found.items
        for each in item.links
    )
    return csv_file(f"results-{slug}-{issue.number}", columns, rows)
