"""What is done to checks: a finding is ticked off by hand or asked again, and a worker looks at the links."""

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import ConflictError, InvalidError, StateError
from curator.issues import store
from curator.issues.checks import clean, look_links, run
from curator.issues.preflight import look as look_mail
from curator.web import here
from curator.web.desk.checklist import link_progress
from curator.web.desk.door import blueprint
from curator.web.desk.looks import looks_of
from curator.web.forms import Form, key


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


@blueprint.post("/issues/<key:issue_id>/checks/clean")
def clean_links(issue_id: int) -> Response:
    """Takes what tracks readers out of a block's links."""
    form = Form(request.form)
    try:
        is_changed = clean.clean(
            here.db(), issue_id, key(form.value("block")) or 0, by=here.editor_id(), now=here.now()
        )
    except (InvalidError, StateError) as error:
        flash(str(error), "error")
    except ConflictError:
        flash("Somebody else is writing there right now. Look at the board, then try again.", "error")
    else:
        flash("The links are clean." if is_changed else "There is nothing to take out any more.", "done")
    return _back(issue_id, form)


@blueprint.post("/issues/<key:issue_id>/links")
def check_links(issue_id: int) -> Response:
    """Has a worker look at every link of the issue, and the programs that there are at its mail."""
    form = Form(request.form)
    look_mail.ask(here.db(), here.app().renderer, issue_id, now=here.now())
    if look_links.ask(here.db(), issue_id, now=here.now(), public_url=here.app().renderer.public_url):
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


@blueprint.post("/issues/<key:issue_id>/looks")
def look_at_mail(issue_id: int) -> Response:
    """Has the programs that there are look at the mail."""
    form = Form(request.form)
    is_asked = look_mail.ask(here.db(), here.app().renderer, issue_id, now=here.now())
    flash("The mail is being looked at." if is_asked else "It is being looked at already.", "done")
    return _back(issue_id, form, anchor="looks")


@blueprint.get("/issues/<key:issue_id>/looks")
def mail_looks(issue_id: int) -> Response:
    """Returns what programs said so far, for the part of the preview that shows it."""
    if not here.is_fragment():
        return here.go(url_for("desk.preview", issue_id=issue_id), anchor="looks")
    with here.db().read() as session:
        issue = store.issue_row(session, issue_id)
        looks = looks_of(session, issue_id)
    response = make_response(render_template("desk/_looks.html", issue=issue, looks=looks, is_asked=True))
    response.headers["Vary"] = "HX-Request"
    return response


def _back(issue_id: int, form: Form, *, anchor: str = "checks") -> Response:
    return here.go(here.local_path(form.value("back"), url_for("desk.preview", issue_id=issue_id)), anchor=anchor)
