"""What is done to checks: a finding is ticked off by hand or asked again, and a worker looks at the links."""

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import InvalidError
from curator.issues import store
from curator.issues.checks import look_links, run
from curator.web import here
from curator.web.desk.checklist import link_progress
from curator.web.desk.door import blueprint
from curator.web.forms import Form


@blueprint.post("/issues/<key:issue_id>/checks/tick")
def tick_check(issue_id: int) -> Response:
    """Notes that somebody checked by hand what they saw on the page."""
    form = Form(request.form)
    try:
        run.tick(
            here.db(),
            here.app().renderer,
            issue_id,
            code=form.value("code"),
            about=form.value("about"),
            content=form.value("content"),
            by=here.editor_id(),
            now=here.now(),
        )
    except InvalidError as error:
        flash(error.reason, "error")
    else:
        flash("Checked by hand. It is asked again when the thing changes.", "done")
    return _back(issue_id, form)


@blueprint.post("/issues/<key:issue_id>/checks/untick")
def untick_check(issue_id: int) -> Response:
    """Takes a tick back."""
    form = Form(request.form)
    run.untick(
        here.db(), issue_id, code=form.value("code"), about=form.value("about"), by=here.editor_id(), now=here.now()
    )
    flash("It is not checked by hand any more.", "done")
    return _back(issue_id, form)


@blueprint.post("/issues/<key:issue_id>/links")
def check_links(issue_id: int) -> Response:
    """Has a worker look at every link of the issue."""
    form = Form(request.form)
    if look_links.ask(here.db(), issue_id, now=here.now()):
        flash("The links are being looked at.", "done")
    else:
        flash("The links are being looked at already.", "done")
    return _back(issue_id, form, anchor="links")


@blueprint.get("/issues/<key:issue_id>/links")
def link_check(issue_id: int) -> Response:
    """Returns how far the look at the links is, for the part of the preview that shows it."""
    if not here.is_fragment():
        return here.go(url_for("desk.preview", issue_id=issue_id), anchor="links")
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        progress = link_progress(session, issue_id)
    response = make_response(render_template("desk/_link_check.html", issue=issue, progress=progress, is_asked=True))
    response.headers["Vary"] = "HX-Request"
    return response


def _back(issue_id: int, form: Form, *, anchor: str = "checks") -> Response:
    return here.go(here.local_path(form.value("back"), url_for("desk.preview", issue_id=issue_id)), anchor=anchor)
