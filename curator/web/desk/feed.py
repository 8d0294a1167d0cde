"""One feed: how it stands and what to do, its last polls, what it gives, its addresses, and how often it is asked."""

from datetime import timedelta

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import InvalidError
from curator.feeds import ingest
from curator.feeds.health import store as health
from curator.feeds.health.standing import standing
from curator.feeds.moves import store as moves
from curator.feeds.outlines import store as outlines
from curator.feeds.polling import host_of
from curator.feeds.polls import store as polls
from curator.feeds.values import FeedState
from curator.picks import store as picks
from curator.queue import store as queue
from curator.web import here
from curator.web.desk.door import blueprint
from curator.web.desk.feeds import poll_key
from curator.web.forms import Form

YIELD = timedelta(days=30)


@blueprint.get("/feeds/<key:feed_id>")
def feed(feed_id: int) -> str:
    """Shows one feed."""
    return _page(feed_id)


@blueprint.post("/feeds/<key:feed_id>/pace")
def set_pace(feed_id: int) -> Response | tuple[str, int]:
    """Sets how often the editor wants the feed asked; empty leaves it to Curator."""
    form = Form(request.form)
    typed = form.value("poll_minutes").strip()
    minutes = form.number("poll_minutes", low=ingest.SOONEST_WISH, high=ingest.LATEST_WISH) if typed else None
    if form.is_good:
        try:
            ingest.wish(here.db(), feed_id, minutes, now=here.now(), by=here.editor_id())
        except InvalidError as error:
            form.take(error)
    if not form.is_good:
        return _page(feed_id, form), 422
    flash(f"It is asked every {minutes} minutes." if minutes else "Curator finds its own pace for it.", "done")
    return here.go(url_for("desk.feed", feed_id=feed_id))


def _page(feed_id: int, form: Form | None = None) -> str:
    now = here.now()
    with here.db().read() as session:
        found = health.feed_page(session, feed_id)
        hold = polls.hold(session, host_of(found.url))
        waits_since = queue.waiting_since(session, poll_key(feed_id))
        came, picked = (
            health.items_since(session, feed_id, now - YIELD),
            picks.picked_of_feed(session, feed_id, since=now - YIELD),
        )
        ledger = polls.polls(session, feed_id)
        aliases = moves.aliases(session, feed_id)
        offers = outlines.offers(session, [feed_id])
    is_held = hold is not None and hold.until > now
    is_due = found.state is FeedState.ACTIVE and found.next_poll_at <= now
    return render_template(
        "desk/feed.html",
        feed=found,
        stands=standing(found, hold, now=now),
        held_until=hold.until if hold is not None and is_held else None,
        waits_since=waits_since,
        is_due=is_due,
        is_moving=waits_since is not None or is_due,
        ledger=ledger,
        came=came,
        picked=picked,
        aliases=aliases,
        offers=offers,
        form=form or Form({"poll_minutes": str(found.poll_minutes or "")}),
        soonest=ingest.SOONEST_WISH,
        latest=ingest.LATEST_WISH,
        address=url_for("desk.feed", feed_id=feed_id),
    )
