"""Asking for an issue's review, and answering that."""

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.errors import InvalidError, StateError
from curator.issues import review
from curator.web import here, words
from curator.web.desk import send
from curator.web.desk.door import blueprint, needs
from curator.web.forms import Form


@blueprint.post("/issues/<key:issue_id>/review")
def ask_review(issue_id: int) -> Response:
    """Asks whoever may publish to approve the issue."""
    try:
        told = review.ask(here.db(), issue_id, by=here.editor_id(), now=here.now())
    except StateError as error:
        flash(str(error), "error")
    else:
        whom = f" {words.count(told, 'person')} {'is' if told == 1 else 'are'} told by mail." if told else ""
        flash(f"A review is asked for.{whom} The issue stays open for edits.", "done")
    return _to_page(issue_id)


@blueprint.post("/issues/<key:issue_id>/review/take-back")
def take_back_review(issue_id: int) -> Response:
    """Makes an issue in review a draft again."""
    review.take_back(here.db(), issue_id, by=here.editor_id(), now=here.now())
    flash("The review is not asked for any more.", "done")
    return _to_page(issue_id)


@blueprint.post("/issues/<key:issue_id>/hand-back")
@needs(Right.PUBLISH)
def hand_back(issue_id: int) -> Response | tuple[str, int]:
    """Gives an issue in review back to its writers, with words."""
    form = Form(request.form)
    try:
        review.hand_back(here.db(), issue_id, form.value("words"), by=here.editor_id(), now=here.now())
    except InvalidError as error:
        form.take(error)
        return send.page(issue_id, form), 422
    except StateError as error:
        flash(str(error), "error")
    else:
        flash("It is handed back, and whoever asked for the review is told.", "done")
    return _to_page(issue_id)


def _to_page(issue_id: int) -> Response:
    return here.go(url_for("desk.send", issue_id=issue_id))
