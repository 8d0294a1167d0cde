"""Tags everybody that the list shows, or takes a tag off them: asked once, done by a worker, told how far it is."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.audience.tags import store as tags
from curator.audience.tags import tag
from curator.errors import InvalidError, StateError
from curator.web import here
from curator.web.desk import asked
from curator.web.desk.choice import required
from curator.web.desk.door import blueprint, needs


@blueprint.post("/subscribers/tag")
@needs(Right.READERS)
def tag_readers() -> Response:
    """Begins a run over whoever the list shows."""
    of = asked.asked(required(), request.form)
    puts_on = request.form.get("do") != "off"
    try:
        if not of.form.is_good:
            raise StateError("The filter cannot be understood; nothing was tagged.")
        tag.begin(
            here.db(),
            of.newsletter.id,
            request.form.get("put_tag", ""),
            puts_on=puts_on,
            words=of.words,
            search=of.wanted.search,
            by=here.editor_id(),
            now=here.now(),
        )
    except (InvalidError, StateError) as error:
        flash(str(error), "error")
    else:
        flash("It is being done. The line above the list says how far it is.", "done")
    return here.go(url_for("desk.subscribers", newsletter=of.newsletter.id, **of.folded()))


@blueprint.get("/subscribers/tagging/<key:tagging_id>")
@needs(Right.READERS)
def tagging(tagging_id: int) -> str:
    """Shows how far a run is."""
    with here.db().read() as session:
        run = tags.tagging(session, tagging_id)
    return render_template("desk/tagging.html", run=run)
