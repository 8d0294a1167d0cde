"""The layout of an issue's mail, in full or compact, chosen with one press."""

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from curator.issues import layout, store
from curator.web import here
from curator.web.desk import approval
from curator.web.desk.door import blueprint

_SAID = {
    True: "Laid out compactly: without pictures, and without a line of its own for each link.",
    False: "Laid out in full again.",
}


@blueprint.post("/issues/<key:issue_id>/layout")
def lay_out(issue_id: int) -> Response:
    """Lays an issue out in the way that the pressed button names."""
    is_compact = request.form.get("layout") == "compact"
    with here.db().read() as session:
        before = store.issue_row(session, issue_id)
    layout.lay_out(here.db(), issue_id, is_compact=is_compact, by=here.editor_id(), now=here.now())
    flash(approval.told(_SAID[is_compact], before), "done")
    return here.go(here.local_path(request.form.get("back"), url_for("desk.board", issue_id=issue_id)))
