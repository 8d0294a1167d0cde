"""The issues: their list, a new one, and the board on which one is put together."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import ConflictError, InvalidError, NotFoundError
from curator.issues import board as boards
from curator.issues import publish, store
from curator.issues.values import IssueRow
from curator.web import here
from curator.web.desk import approval, arrangement, conflict, lists
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint
from curator.web.forms import Form, key


@blueprint.get("/issues")
def issues() -> str:
    """Lists a newsletter's issues, newest first."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Issues")
    with here.db().read() as session:
        return render_template(
            "desk/issues.html",
            all_newsletters=all_newsletters,
            newsletter=newsletter,
            issues=store.issue_rows(session, newsletter_id=newsletter.id, limit=100),
            current=store.current_issue(session, newsletter.id),
        )


@blueprint.post("/issues")
def start_issue() -> Response:
    """Drafts an issue by hand. While one is open its board is shown instead: a form sent twice starts one issue."""
    newsletter = chosen(newsletters())
    if newsletter is None:
        raise NotFoundError("newsletter", request.form.get("newsletter", ""))
    with here.db().read() as session:
        current = store.current_issue(session, newsletter.id)
    if current is not None:
        flash(f"Issue {current.number} is still open: finish it first, or let its slot come.", "error")
        return here.go(url_for("desk.board", issue_id=current.id))
    issue_id = publish.draft(here.db(), newsletter.id, now=here.now(), by=here.editor_id(), unless_open=True)
    flash("A new issue is drafted from what is fresh and what was picked.", "done")
    return here.go(url_for("desk.board", issue_id=issue_id))


@blueprint.get("/issues/<key:issue_id>")
def board(issue_id: int) -> Response:
    """Shows an issue's board; to a script, what may have changed on it."""
    return arrangement.changed(issue_id) if here.is_fragment() else arrangement.varied(_page(issue_id, Form()), 200)


@blueprint.post("/issues/<key:issue_id>/settings")
def change_settings(issue_id: int) -> Response | tuple[str, int]:
    """Writes subject and preheader."""
    form, before = Form(request.form), _issue(issue_id)
    try:
        version = boards.edit_settings(
            here.db(),
            issue_id,
            subject=form.value("subject"),
            preheader=form.value("preheader"),
            expected_version=key(form.value("version")) or 0,
            by=here.editor_id(),
            now=here.now(),
            is_typing=here.is_fragment() and not form.value("asked"),
        )
    except InvalidError as error:
        if here.is_fragment():
            return arrangement.refused(error.field, error.reason)
        form.take(error)
        return _page(issue_id, form), 422
    except ConflictError:
        return conflict.settings_page(issue_id, form)
    done = "Subject and preheader are saved."
    said = approval.told(done, before)
    if here.is_fragment():
        is_quiet = said == done and not form.value("asked")
        return arrangement.changed(issue_id, said="" if is_quiet else said, version=version, is_whole=False)
    flash(said, "done")
    return here.go(here.local_path(form.value("back"), url_for("desk.board", issue_id=issue_id)), anchor="settings")


@blueprint.post("/issues/<key:issue_id>/text")
def add_text(issue_id: int) -> Response | tuple[str, int]:
    """Adds free text to a section, or to the intro."""
    form, before = Form(request.form), _issue(issue_id)
    form.text("body", at_most=10_000, needed="Write something first.")
    if form.is_good:
        section_id = key(form.value("section"))
        try:
            block_id = boards.add_text(
                here.db(), issue_id, section_id, form.value("body"), by=here.editor_id(), now=here.now()
            )
        except InvalidError as error:
            form.take(error)
        else:
            flash(approval.told("The text is added.", before), "done")
            return here.go(url_for("desk.board", issue_id=issue_id), anchor=f"block-{block_id}")
    return _page(issue_id, form), 422


def _issue(issue_id: int) -> IssueRow:
    with here.db().read() as session:
        return store.issue_row(session, issue_id)


def _page(issue_id: int, form: Form) -> str:
    with here.db().read() as session:
        parts = arrangement.shown(session, issue_id)
        parts["lists"] = lists.offers(session, parts["newsletter"])
        if "subject" not in form.values:
            issue = parts["issue"]
            form.values |= {"subject": issue.subject, "preheader": issue.preheader, "version": str(issue.version)}
        return render_template("desk/board.html", form=form, address=url_for("desk.board", issue_id=issue_id), **parts)
