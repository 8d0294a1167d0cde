"""Where the links of an issue that has left lead, how often they were followed, and how they come to lead elsewhere."""

from collections import Counter
from collections.abc import Mapping

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import InvalidError, NotFoundError, StateError
from curator.events import report
from curator.events.values import IssueItems
from curator.http.values import MAX_URL
from curator.issues import store as issues
from curator.mailings.repoints import store
from curator.mailings.repoints.repoint import repoint
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form


@blueprint.get("/issues/<key:issue_id>/targets")
def targets(issue_id: int) -> str:
    """Lists the addresses that mail of an issue leads to, with the clicks on each."""
    return _page(issue_id, Form(), "")


@blueprint.post("/issues/<key:issue_id>/targets")
@needs(Right.PUBLISH)
def change_target(issue_id: int) -> Response | tuple[str, int]:
    """Points a link elsewhere, for everybody who has the mail."""
    form = Form(request.form)
    url = form.line("url", at_most=MAX_URL, needed="Give the address that it is to lead to.")
    was, expected = form.value("was"), form.value("expected")
    if form.is_good:
        private = here.app().settings.allow_private_addresses
        try:
            found = repoint(
                here.db(),
                issue_id,
                was,
                url,
                expected=expected,
                by=here.editor_id(),
                now=here.now(),
                allow_private=private,
            )
        except InvalidError as error:
            form.take(error)
        except NotFoundError:
            flash("No mail of this issue leads there.", "error")
            return here.go(url_for("desk.targets", issue_id=issue_id))
        except StateError as error:
            form.refuse("url", str(error))
        else:
            flash(f"It leads to {found} within ten seconds, in the mail that has left too.", "done")
            return here.go(url_for("desk.targets", issue_id=issue_id))
    return _page(issue_id, form, was), 422


def _page(issue_id: int, form: Form, was: str) -> str:
    with here.db().read() as session:
        issue = issues.issue_row(session, issue_id)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        found = store.targets(session, issue_id)
        clicks = _clicks(report.items_of(session, [issue_id]))
    return render_template(
        "desk/targets.html",
        issue=issue,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        targets=found,
        clicks=clicks,
        form=form,
        was=was,
        most=MAX_URL,
    )


def _clicks(found: list[IssueItems]) -> Mapping[str, int]:
    counted: Counter[str] = Counter()
    for link in (link for issue in found for item in issue.items for link in item.links):
        counted[link.link.url] += link.clicks
    return counted
