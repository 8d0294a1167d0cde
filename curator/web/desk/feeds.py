"""The feeds: how each is doing, new ones, and their switches. The web asks no feed itself: it says what is due."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import InvalidError
from curator.feeds import ingest, store
from curator.web import here
from curator.web.desk.door import blueprint
from curator.web.desk.offers import offered
from curator.web.forms import Form


@blueprint.get("/feeds")
def feeds() -> str:
    """Lists every feed with its health in words."""
    return _page(Form())


@blueprint.post("/feeds")
def add_feed() -> Response | tuple[str, int]:
    """Adds a feed by its address; a known one is shown where it stands."""
    form = Form(request.form)
    with here.db().read() as session:
        known = {feed.id for feed in store.feed_rows(session, limit=10_000)}
    try:
        feed_id = ingest.add_feed(
            here.db(),
            form.value("url").strip(),
            now=here.now(),
            is_own_show=form.value("own") == "yes",
            by=here.editor_id(),
        )
    except InvalidError as error:
        form.take(error)
        return _page(form), 422
    said = "That feed was here already." if feed_id in known else "Added. It is asked for news within seconds."
    flash(said, "done")
    return here.go(url_for("desk.feeds"), anchor=f"feed-{feed_id}")


@blueprint.post("/feeds/<key:feed_id>/poll")
def poll_feed(feed_id: int) -> Response:
    """Makes a feed due now; the runner asks it."""
    ingest.ask_now(here.db(), feed_id, now=here.now())
    return _done(feed_id, "It is asked within seconds.")


@blueprint.post("/feeds/<key:feed_id>/pause")
def pause_feed(feed_id: int) -> Response:
    """Stops asking a feed."""
    ingest.pause(here.db(), feed_id, now=here.now(), by=here.editor_id())
    return _done(feed_id, "Paused. Its items stay.")


@blueprint.post("/feeds/<key:feed_id>/resume")
def resume_feed(feed_id: int) -> Response:
    """Asks a paused or gone feed again."""
    ingest.resume(here.db(), feed_id, now=here.now(), by=here.editor_id())
    return _done(feed_id, "It is asked again.")


@blueprint.post("/feeds/<key:feed_id>/own")
def mark_own_show(feed_id: int) -> Response:
    """Says whether a feed is a show of one's own."""
    is_own_show = request.form.get("own") == "yes"
    ingest.mark_own_show(here.db(), feed_id, is_own_show=is_own_show, now=here.now(), by=here.editor_id())
    return _done(
        feed_id, "Marked as a show of your own." if is_own_show else "Not marked as a show of your own any more."
    )


def _page(form: Form) -> str:
    with here.db().read() as session:
        rows = store.feed_rows(session)
        offers = offered(session, rows)  # intake: for desk/_offers.html
    return render_template("desk/feeds.html", feeds=rows, offers=offers, form=form, address=url_for("desk.feeds"))


def _done(feed_id: int, said: str) -> Response:
    with here.db().read() as session:
        title = store.feed_row(session, feed_id).title
    flash(f"{title}: {said}", "done")
    return here.go(url_for("desk.feeds"), anchor=f"feed-{feed_id}")
