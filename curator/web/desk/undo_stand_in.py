"""STAND-IN until the activity log's page comes: takes back what was done in the inbox. Remove this file then."""

from flask import flash, make_response, request, url_for
from werkzeug.wrappers import Response

from curator.activity import store as activity
from curator.activity.values import ActivityRow
from curator.errors import StateError
from curator.issues import board
from curator.picks.reverts import REVERTS
from curator.web import here
from curator.web.desk.door import blueprint


@blueprint.post("/activity/<key:change_id>/undo")
def undo(change_id: int) -> Response:
    """Does the opposite of a change."""
    with here.db().read() as session:
        found = [each for each in activity.recent(session, limit=500) if each.id == change_id]
    if not found:
        raise StateError("This cannot be taken back any more.")
    said = _undone(found[0])
    if here.is_fragment():
        answer = make_response("", 204)
        answer.headers["HX-Trigger"] = "curator:undone"
        return answer
    flash(said, "done")
    return here.go(here.local_path(request.form.get("back"), url_for("desk.home")))


def _undone(change: ActivityRow) -> str:
    by, now = here.editor_id(), here.now()
    if (change.subject, change.verb) == ("issue", "picked into"):
        board.remove(here.db(), (change.after or {})["block"], by=by, now=now)
        return "The pick is taken back."
    revert = REVERTS.get(f"{change.subject}.{change.verb}")
    if revert is None:
        raise StateError("This cannot be taken back here.")
    return revert(here.db(), change, by=by, now=now)
