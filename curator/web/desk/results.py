"""What came of an issue: who clicked what and where it stood, who left, what bounced."""

from flask import render_template

from curator.events import report
from curator.events.tally import MOST_AGENTS, MOST_HITS
from curator.issues import store as issues
from curator.mailings.mended import store as mended
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk.door import blueprint

# What a link's place is called on the page.
PLACES = {"title": "Its title", "go": "Its button", "text": "In the words", "page": "Elsewhere"}


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
        most_hits=MOST_HITS,
        most_agents=MOST_AGENTS,
        most=max((item.clicks for item in found.items), default=0),
    )
