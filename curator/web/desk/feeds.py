"""The feeds: how each is doing, new ones, and their switches. The web asks no feed itself: it says what is due."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import InvalidError
from curator.feeds import ingest, store
from curator.feeds.health import store as health
from curator.feeds.health.values import Show
from curator.queue import store as queue
from curator.web import here
from curator.web.desk.door import blueprint
from curator.web.desk.offers import offered
from curator.web.forms import Form

PAGE = 50


@blueprint.get("/feeds")
def feeds() -> str:
    """Lists feeds with their health in words, a page at a time."""
    return _page(Form())


@blueprint.post("/feeds")
def add_feed() -> Response | tuple[str, int]:
    """Adds a feed by its address; a known one is shown where it stands."""
    form = Form(request.form)
    with here.db().read() as session:
        before = health.counts(session)[Show.ALL]
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
    with here.db().read() as session:
        is_new = health.counts(session)[Show.ALL] > before
    if is_new:
        _queue(feed_id)
    flash("Added. It is asked for news within seconds." if is_new else "That feed was here already.", "done")
    return here.go(url_for("desk.feed", feed_id=feed_id))


@blueprint.post("/feeds/<key:feed_id>/poll")
def poll_feed(feed_id: int) -> Response:
    """Makes a feed due now and queues its poll; a worker asks it."""
    ingest.ask_now(here.db(), feed_id, now=here.now())
    _queue(feed_id)
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


def poll_key(feed_id: int) -> str:
    """Returns the key of the job with which somebody asks a feed now."""
    return f"poll:{feed_id}"


def _queue(feed_id: int) -> None:
    with here.db().write() as session:
        queue.enqueue(session, "poll_feed", {"feed_id": feed_id}, now=here.now(), key=poll_key(feed_id))


def _page(form: Form) -> str:
    search = request.args.get("q", "").replace("\0", "").strip()[:200]
    number = request.args.get("page", "")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    given = request.args.get("show", "")
    show = next((each for each in Show if each == given), Show.ALL)
    with here.db().read() as session:
        rows = health.feeds(session, show, search=search, start=(page - 1) * PAGE, limit=PAGE + 1)
        counts = health.counts(session)
        run = health.run(session, now=here.now())
        offers = offered(session, [row for row in rows if not row.is_ok])
    chosen = {"show": None if show is Show.ALL else show, "q": search or None}
    return render_template(
        "desk/feeds.html",
        feeds=rows[:PAGE],
        offers=offers,
        counts=counts,
        run=run,
        is_moving=run.is_on(now=here.now()),
        is_stuck=run.is_stuck(now=here.now()),
        lists=[each for each in Show if counts[each] or each in (show, Show.ALL)],
        show=show,
        search=search,
        page=page,
        has_more=len(rows) > PAGE,
        chosen=chosen,
        form=form,
        address=url_for("desk.feeds", show=chosen["show"], q=chosen["q"], page=page if page > 1 else None),
    )


def _done(feed_id: int, said: str) -> Response:
    with here.db().read() as session:
        title = store.feed_row(session, feed_id).title
    flash(f"{title}: {said}", "done")
    return here.go(here.local_path(request.form.get("back"), url_for("desk.feed", feed_id=feed_id)))
