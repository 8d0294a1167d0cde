"""The API's feeds: how each does, new ones, and their switches. Like the desk it asks none itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from curator.accounts.values import ApiScope
from curator.feeds import ingest, store
from curator.feeds.health import store as health
from curator.feeds.health.values import Show
from curator.feeds.ingest import LATEST_WISH, SOONEST_WISH
from curator.feeds.paging import store as paging
from curator.feeds.values import FeedKind, FeedRow, FeedState
from curator.http.values import MAX_URL
from curator.queue import store as queue
from curator.web import here
from curator.web.api.operations import Call, Operation, Page, Paged, Reply, Tag
from curator.web.api.problems import Kind
from curator.web.api.shapes import of, told
from curator.web.desk.feeds import poll_key


@dataclass(frozen=True)
class Feed:
    """A feed, and how it does."""

    id: int
    url: str
    kind: FeedKind
    state: Annotated[FeedState, told("active: it is asked; paused: by hand; gone: it said that it is no more.")]
    title: str
    site_url: str | None
    is_own_show: Annotated[bool, told("Whether it is the publisher's own podcast.")]
    is_ok: Annotated[bool, told("Whether its last poll went well.")]
    note: Annotated[str, told("What the last poll said.")]
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    next_poll_at: datetime
    poll_minutes: Annotated[int | None, told("How often an editor wants it asked; null: Curator finds its pace.")]
    items: Annotated[int, told("How many items it brought.")]


@dataclass(frozen=True)
class NewFeed:
    """A feed to be added."""

    url: Annotated[str, told("Its address.", least=1, most=MAX_URL, example="https://blog.example/feed.xml")]
    is_own_show: Annotated[bool, told("Whether it is the publisher's own podcast.")] = False


class Switch(StrEnum):
    """Whether a feed is asked."""

    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True)
class FeedChange:
    """What is to change; what is not given stays."""

    state: Annotated[Switch | None, told("active asks it again, a gone one too; paused stops asking.")] = None
    is_own_show: Annotated[bool | None, told("Whether it is the publisher's own podcast.")] = None
    poll_minutes: Annotated[
        int | None, told("How often it is asked; null leaves that to Curator.", least=SOONEST_WISH, most=LATEST_WISH)
    ] = None


def list_feeds(call: Call) -> Page:
    """Returns feeds, oldest first."""
    limit = call.query.limit
    after = call.place[0] if call.place else 0
    with here.db().read() as session:
        rows = paging.feeds(session, after_id=after, limit=limit + 1)
        wishes = store.poll_states(session, [row.id for row in rows])
    shown = [_shown(row, wishes[row.id].poll_minutes) for row in rows[:limit]]
    return Page(shown, [rows[limit - 1].id] if len(rows) > limit else None)


def get_feed(call: Call) -> Feed:
    """Returns one feed."""
    return _feed(call.path["feed_id"])


def add_feed(call: Call) -> Reply:
    """Adds a feed, or returns the known one."""
    given: NewFeed = call.body
    with here.db().read() as session:
        before = health.counts(session)[Show.ALL]
    feed_id = ingest.add_feed(here.db(), given.url, now=here.now(), is_own_show=given.is_own_show, by=call.by)
    with here.db().read() as session:
        is_new = health.counts(session)[Show.ALL] > before
    if is_new:
        _queue(feed_id)
    headers = {"Location": f"/api/v1/feeds/{feed_id}"} if is_new else {}
    return Reply(_feed(feed_id), 201 if is_new else 200, headers)


def change_feed(call: Call) -> Feed:
    """Changes what was given."""
    feed_id, given, db, now = call.path["feed_id"], call.body, here.db(), here.now()
    _feed(feed_id)
    if given.is_own_show is not None:
        ingest.mark_own_show(db, feed_id, is_own_show=given.is_own_show, now=now, by=call.by)
    if "poll_minutes" in call.given:
        ingest.wish(db, feed_id, given.poll_minutes, now=now, by=call.by)
    if given.state is Switch.ACTIVE:
        ingest.resume(db, feed_id, now=now, by=call.by)
    elif given.state is Switch.PAUSED:
        ingest.pause(db, feed_id, now=now, by=call.by)
    return _feed(feed_id)


def remove_feed(call: Call) -> Reply:
    """Removes a feed that brought nothing yet."""
    ingest.remove_feed(here.db(), call.path["feed_id"], now=here.now(), by=call.by)
    return Reply(None, 204)


def poll_feed(call: Call) -> Reply:
    """Makes a feed due, and queues its poll."""
    feed_id = call.path["feed_id"]
    ingest.ask_now(here.db(), feed_id, now=here.now())
    _queue(feed_id)
    return Reply(_feed(feed_id), 202)


def _feed(feed_id: int) -> Feed:
    with here.db().read() as session:
        row = store.feed_row(session, feed_id)
        wish = store.poll_states(session, [feed_id])[feed_id].poll_minutes
    return _shown(row, wish)


def _shown(row: FeedRow, poll_minutes: int | None) -> Feed:
    found: Feed = of(Feed, row, poll_minutes=poll_minutes)
    return found


def _queue(feed_id: int) -> None:
    with here.db().write() as session:
        queue.enqueue(session, "poll_feed", {"feed_id": feed_id}, now=here.now(), key=poll_key(feed_id))


OPERATIONS = (
    Operation(
        "list_feeds",
        "GET",
        "/feeds",
        Tag.FEEDS,
        ApiScope.READ_FEEDS,
        "List feeds, oldest first",
        list_feeds,
        {200: None},
        query=Paged,
        item=Feed,
        example_query="limit=20",
    ),
    Operation(
        "add_feed",
        "POST",
        "/feeds",
        Tag.FEEDS,
        ApiScope.WRITE_FEEDS,
        "Add a feed",
        add_feed,
        {201: Feed, 200: Feed},
        about="201 with a new one, 200 with the known one, also where it moved since. A worker asks it within seconds.",
        body=NewFeed,
        example={"url": "https://blog.example/feed.xml"},
    ),
    Operation(
        "get_feed",
        "GET",
        "/feeds/{feed_id}",
        Tag.FEEDS,
        ApiScope.READ_FEEDS,
        "Get a feed",
        get_feed,
        {200: Feed},
    ),
    Operation(
        "change_feed",
        "PATCH",
        "/feeds/{feed_id}",
        Tag.FEEDS,
        ApiScope.WRITE_FEEDS,
        "Pause or resume a feed, or change its pace",
        change_feed,
        {200: Feed},
        body=FeedChange,
        example={"state": "active", "poll_minutes": 60},
    ),
    Operation(
        "remove_feed",
        "DELETE",
        "/feeds/{feed_id}",
        Tag.FEEDS,
        ApiScope.WRITE_FEEDS,
        "Remove a feed that brought nothing yet",
        remove_feed,
        {204: None},
        about="One that brought items stays, because issues may stand on them: pause it.",
        also=(Kind.WRONG_STATE,),
    ),
    Operation(
        "poll_feed",
        "POST",
        "/feeds/{feed_id}/poll",
        Tag.FEEDS,
        ApiScope.WRITE_FEEDS,
        "Ask a feed now",
        poll_feed,
        {202: Feed},
        about="A worker asks it within seconds; `last_polled_at` tells when it has.",
        also=(Kind.WRONG_STATE,),
    ),
)
