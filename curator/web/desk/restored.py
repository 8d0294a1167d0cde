"""Letting mail go again after a restore."""

from flask import flash, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.backup import holding
from curator.web import here
from curator.web.desk.door import blueprint, needs


@blueprint.post("/restored/let-go")
@needs(Right.MANAGE)
def let_go() -> Response:
    """Lets mail leave again; paused mailings stay so."""
    if holding.let_go(here.db(), by=here.editor_id(), now=here.now()):
        flash("Mail may leave again. Paused mailings wait for somebody to resume each.", "done")
    else:
        flash("Nothing was held any more.", "done")
    return here.go(url_for("desk.home"))
