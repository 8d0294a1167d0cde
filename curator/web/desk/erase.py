"""Erasing a reader at the desk, and the copy of what is kept of one for whoever asks in writing: an owner's matters."""

import json

from flask import Response, flash, make_response, render_template, url_for
from werkzeug.wrappers import Response as Answer

from curator.accounts.values import Right
from curator.audience import store
from curator.errors import NotFoundError
from curator.privacy import copy, erase, retention
from curator.web import here
from curator.web.desk.door import blueprint, needs


@blueprint.get("/subscribers/<key:subscriber_id>/erase")
@needs(Right.MANAGE)
def erasure(subscriber_id: int) -> str:
    """Says what would go, and asks once."""
    with here.db().read() as session:
        seen = store.subscriber_row(session, None, subscriber_id)
    if seen is None:
        raise NotFoundError("subscriber", subscriber_id)
    return render_template("desk/erase.html", reader=seen, found=erase.look(here.db(), subscriber_id))


@blueprint.post("/subscribers/<key:subscriber_id>/erase")
@needs(Right.MANAGE)
def erase_subscriber(subscriber_id: int) -> Answer:
    """Erases a reader; a second press finds nobody and says so."""
    found = erase.erase(here.db(), subscriber_id, by=here.editor_id(), now=here.now())
    if found is None:
        raise NotFoundError("subscriber", subscriber_id)
    flash("Erased: nothing that names them is left. They come back by signing up themselves.", "done")
    return here.go(url_for("desk.subscribers"))


@blueprint.get("/subscribers/<key:subscriber_id>/data.json")
@needs(Right.MANAGE)
def subscriber_data(subscriber_id: int) -> Response:
    """Gives the whole copy of what is kept of a reader, for an owner to hand over."""
    found = copy.copy(here.db(), subscriber_id, retention.keeping(here.app().settings), now=here.now())
    if found is None:
        raise NotFoundError("subscriber", subscriber_id)
    response = make_response(json.dumps(found.as_facts(), ensure_ascii=False, indent=2) + "\n")
    response.headers["Content-Type"] = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="subscriber-{subscriber_id}.json"'
    response.headers["Cache-Control"] = "no-store"
    return response
