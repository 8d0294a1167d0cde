"""The opposites of what people do to feeds and to items that they add, for the log's Undo."""

from datetime import datetime

from curator.activity import store as activity
from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.feeds import ingest, store
from curator.feeds.articles import store as articles
from curator.feeds.values import FeedState


def _removed(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    try:
        url = ingest.remove_feed(db, change.subject_id, now=now, by=by)
    except NotFoundError as error:
        raise StateError("The feed is not there any more: it turned out to be another one.") from error
    return f"{store.place_of(url)} is removed."


def _added_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    url = change.was("url")
    ingest.add_feed(db, url, is_own_show=bool(change.was("is_own_show")), now=now, by=by)
    return f"{store.place_of(url)} is asked again."


def _resumed(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    if _state(db, change) is FeedState.ACTIVE:
        raise StateError("The feed is asked again already.")
    ingest.resume(db, change.subject_id, now=now, by=by)
    return "The feed is asked again, at once."


def _paused(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    if _state(db, change) is not FeedState.ACTIVE:
        raise StateError("The feed is not asked any more as it is.")
    ingest.pause(db, change.subject_id, now=now, by=by)
    return "The feed is not asked any more; its items stay."


def _pace_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        state = store.poll_state(session, change.subject_id)
    if state is None or state.poll_minutes != change.became("poll_minutes"):
        raise StateError("Somebody set another pace since.")
    ingest.wish(db, change.subject_id, change.was("poll_minutes"), now=now, by=by)
    return "The feed is asked as often as before."


def _marked_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    was = not change.became("is_own_show")
    ingest.mark_own_show(db, change.subject_id, is_own_show=was, now=now, by=by)
    return "It is one of your own shows again." if was else "It is not one of your own shows any more."


def _page_removed(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.write() as session:
        facts = articles.remove_page(session, change.subject_id)
        if facts is None:
            raise StateError("The page is used by now, so it stays: it is picked, or a feed brought it too.")
        activity.record(
            session,
            at=now,
            actor=by,
            verb="remove",
            subject="item",
            subject_id=change.subject_id,
            before={"row": facts},
        )
    return f"“{facts['title']}” is removed."


def _page_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    facts = change.was("row")
    with db.write() as session:
        item_id = articles.restore_page(session, facts)
        if item_id is None:
            raise StateError("The page is here already.")
        after = {"url": facts["url"]}
        activity.record(session, at=now, actor=by, verb="add", subject="item", subject_id=item_id, after=after)
    return f"“{facts['title']}” is here again."


def _state(db: Database, change: ActivityRow) -> FeedState:
    with db.read() as session:
        return store.feed_row(session, change.subject_id).state


REVERTS: dict[str, Revert] = {
    "feed.add": _removed,
    "feed.remove": _added_again,
    "feed.pause": _resumed,
    "feed.lose": _resumed,
    "feed.resume": _paused,
    "feed.pace": _pace_as_before,
    "feed.mark": _marked_as_before,
    "item.add": _page_removed,
    "item.remove": _page_back,
}

FINAL: dict[str, str] = {
    "feed.move": "The feed told its new address itself; the old one leads there too.",
    "feed.merge": "Both addresses lead to one feed now.",
    "feeds.import": "A file's feeds stay. Pause those that you do not want.",
}
