"""The feeds that a web page offers: an editor says which one was meant."""

from collections.abc import Iterable

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from curator.db import Session
from curator.feeds import finding
from curator.feeds.discover import Offer
from curator.feeds.outlines import store
from curator.feeds.values import FeedRow
from curator.web import here
from curator.web.desk.door import blueprint


@blueprint.post("/feeds/<key:feed_id>/use")
def use_offer(feed_id: int) -> Response:
    """Makes one of a page's feeds the address that is asked."""
    outcome = finding.use_offer(here.db(), feed_id, request.form.get("offer", ""), now=here.now(), by=here.editor_id())
    flash("That feed was here already." if outcome.feed_id != feed_id else "It is asked within seconds.", "done")
    return here.go(url_for("desk.feed", feed_id=outcome.feed_id))


def offered(session: Session, feeds: Iterable[FeedRow]) -> dict[int, tuple[Offer, ...]]:
    """Returns what `desk/_offers.html` shows, by feed: one query for 500 feeds."""
    return store.offers(session, [feed.id for feed in feeds])
