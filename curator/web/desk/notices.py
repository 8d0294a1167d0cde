"""Which notices a person gets by mail."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.issues.notices import store
from curator.issues.notices.values import NOTICES, Notice
from curator.web import here
from curator.web.desk.door import blueprint, needs


@blueprint.get("/notices")
def notices() -> str:
    """Shows the kinds of notices that concern whoever looks, and which are on."""
    with here.db().read() as session:
        off = store.switched_off(session, here.editor_id())
    return render_template("desk/notices.html", notices=_mine(), off=off)


@blueprint.post("/notices")
@needs(Right.LOOK)
def choose_notices() -> Response:
    """Switches notices on and off; what does not concern somebody stays as it was."""
    mine = {notice.kind for notice in _mine()}
    wanted = {notice.kind for notice in NOTICES if request.form.get(notice.kind) == "yes"}
    with here.db().write() as session:
        kept = store.switched_off(session, here.editor_id()) - mine
        store.switch_off(session, here.editor_id(), sorted(kept | (mine - wanted)))
    flash("Your choice is saved.", "done")
    return here.go(url_for("desk.notices"))


def _mine() -> list[Notice]:
    return [notice for notice in NOTICES if here.may(notice.right)]
