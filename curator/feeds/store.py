"""The rows of feeds and items: what later stages read, what a poll reads and writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, Select, bindparam, delete, func, select, true, update
from sqlalchemy.orm import Session, aliased

from curator.db import among, each_dialect, in_parts, insert_for, run, upsert
from curator.errors import NotFoundError
from curator.feeds.tables import Enclosure, Episode, Feed, Item
from curator.feeds.values import (
    Chapter,
    FeedKind,
    FeedRow,
    FeedState,
    FreshItem,
    ItemKind,
    KnownItem,
    NewItem,
    ParsedEpisode,
    ParsedItem,
    Person,
    PollState,
    Soundbite,
    TranscriptLink,
    is_audio,
)

Transaction = Session
"""What an arrow hands in; it names the type without importing SQLAlchemy."""


_LISTS = {"people": Person, "transcripts": TranscriptLink, "chapters": Chapter, "soundbites": Soundbite}
"""The columns of an episode that hold lists, and what of."""

_ITEM_COLUMNS = (
    *("identity", "kind", "url", "canonical_url", "title", "author", "summary_html", "summary_text", "image_url"),
    *("content_hash", "published_at"),
)


# What every poll asks or writes is built once, and goes to the connection as columns: SQLAlchemy takes longer to put
# such a statement together, or to make an object of its row, than SQLite to run it.
_POLL_STATES = each_dialect(
    # In order, so that no two who lock several wait for each other.
    lambda dialect: (
        select(*(getattr(Feed, each.name) for each in fields(PollState)))
        .where(among(Feed.id, "feeds", dialect=dialect))
        .order_by(Feed.id)
    )
)
# For all but its key: whoever adds a row that names a feed, an item of it in hand, does not wait for a poll's end.
_POLL_STATES_LOCKED = {dialect: query.with_for_update(key_share=True) for dialect, query in _POLL_STATES.items()}
_UPDATE_FEED = update(Feed).where(Feed.id == bindparam("feed"))


def _published(dialect: str) -> Select[int, datetime | None]:
    """Returns the query for the moments of feeds' newest items: each feed's index is read for so many rows only."""
    wanted = among(Feed.id, "feeds", dialect=dialect)
    one = aliased(Item)
    newest = (
        select(one.id, one.published_at)
        .where(one.feed_id == Feed.id, one.published_at.is_not(None), one.published_at <= bindparam("now"))
        .order_by(one.published_at.desc())
        .limit(bindparam("limit"))
    )
    if dialect == "postgresql":
        each = newest.lateral()
        return select(Feed.id, each.c.published_at).join(each, true()).where(wanted)
    ids = newest.with_only_columns(one.id).correlate(Feed)
    return select(Feed.id, Item.published_at).join(Item, Item.id.in_(ids)).where(wanted)


_PUBLISHED = each_dialect(_published)
_KNOWN = select(Item.id, Item.identity, Item.canonical_url, Item.content_hash, Item.edits).where(
    Item.feed_id == bindparam("feed")
)
_KNOWN_BY_IDENTITY = _KNOWN.where(Item.identity.in_(bindparam("wanted", expanding=True)))
_KNOWN_BY_URL = _KNOWN.where(Item.canonical_url.in_(bindparam("wanted", expanding=True)))
_ADD_ITEMS = each_dialect(
    lambda dialect: (
        insert_for(dialect, Item)
        .on_conflict_do_nothing(index_elements=["feed_id", "identity"])
        .returning(Item.id, Item.identity)
    )
)


def feed_rows(session: Session, *, limit: int = 500) -> list[FeedRow]:
    """Returns at most `limit` feeds, by title."""
    query = feeds_query().order_by(func.lower(Feed.title), Feed.url).limit(limit)
    return [as_feed_row(feed, count) for feed, count in session.execute(query)]


def feed_row(session: Session, feed_id: int) -> FeedRow:
    """Returns one feed, or raises NotFoundError."""
    found = session.execute(feeds_query().where(Feed.id == feed_id)).one_or_none()
    if found is None:
        raise NotFoundError("feed", feed_id)
    feed, count = found
    return as_feed_row(feed, count)


def feed_titles(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Returns what feeds are called, by id; those that are gone are left out."""
    rows = session.execute(select(Feed.id, Feed.title, Feed.url).where(Feed.id.in_(ids)))
    return {row.id: row.title or place_of(row.url) for row in rows}


def item_titles(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Returns the titles of items, by id; those that are gone are left out."""
    return {row.id: row.title for row in session.execute(select(Item.id, Item.title).where(Item.id.in_(ids)))}


def due_feed_ids(session: Session, *, now: datetime, limit: int = 200) -> list[int]:
    """Returns at most `limit` active feeds whose moment has come, longest due first."""
    query = (
        select(Feed.id)
        .where(Feed.state == FeedState.ACTIVE, Feed.next_poll_at <= now)
        .order_by(Feed.next_poll_at, Feed.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def active_feed_ids(session: Session, *, limit: int = 100_000) -> list[int]:
    """Returns at most `limit` feeds that are neither paused nor gone, oldest first."""
    return list(session.scalars(select(Feed.id).where(Feed.state == FeedState.ACTIVE).order_by(Feed.id).limit(limit)))


def fresh_items(
    session: Session, *, since: datetime | None, limit: int = 2000, include_archive: bool = False
) -> list[FreshItem]:
    """Returns at most `limit` items from `since` on (None: from ever), newest `at` first.

    The archive is what lay in a feed, undated or old, when it was first polled. Items of one moment
    go by their feeds' URLs, and within a feed by its own order (the first is the newest, and has the highest id): where
    the limit cuts must not depend on which feed was polled first.
    """
    query = _items().order_by(Item.at.desc(), Feed.url, Item.id.desc()).limit(limit)
    if since is not None:
        query = query.where(Item.at >= since)
    if not include_archive:
        query = query.where(Item.is_archive.is_(False))
    return _fresh(session, query)


def item(session: Session, item_id: int) -> FreshItem:
    """Returns one item. Raises NotFoundError."""
    found = items_by_id(session, [item_id]).get(item_id)
    if found is None:
        raise NotFoundError("item", item_id)
    return found


def items_by_id(session: Session, ids: Sequence[int]) -> dict[int, FreshItem]:
    """Returns the items that are there, by id, in no order; an id without an item is left out."""
    found: dict[int, FreshItem] = {}
    for chunk in in_parts(list(dict.fromkeys(ids))):
        found |= {item.id: item for item in _fresh(session, _items().where(Item.id.in_(chunk)))}
    return found


def add_feed(session: Session, url: str, *, is_own_show: bool, now: datetime) -> tuple[int, bool]:
    """Adds a feed, due at once; returns its id and whether it is new (a known URL is left as it is)."""
    row = {"url": url, "is_own_show": is_own_show, "next_poll_at": now, "created_at": now}
    is_new = upsert(session, Feed, [row], keys=["url"]) == 1
    return session.scalars(select(Feed.id).where(Feed.url == url)).one(), is_new


def update_feed(session: Session, feed_id: int, **columns: Any) -> None:
    """Writes columns of one feed."""
    session.connection().execute(_UPDATE_FEED, {"feed": feed_id, **columns})


def update_feeds(session: Session, columns: Mapping[int, Mapping[str, Any]]) -> None:
    """Writes columns of several feeds, by their ids: one statement for all that write the same columns."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for feed_id, told in columns.items():
        alike.setdefault(tuple(told), []).append({"feed": feed_id, **told})
    for rows in alike.values():
        session.connection().execute(_UPDATE_FEED, rows)


def wish(session: Session, feed_id: int, minutes: int | None, *, now: datetime) -> None:
    """Writes how often an editor wants a feed asked, and makes it due by then at the latest."""
    update_feed(session, feed_id, poll_minutes=minutes)
    if minutes is not None:
        latest = now + timedelta(minutes=minutes)
        feed = Feed.id == feed_id, Feed.next_poll_at > latest
        session.execute(update(Feed).where(*feed).values(next_poll_at=latest))


def poll_state(session: Session, feed_id: int, *, is_locked: bool = False) -> PollState | None:
    """Returns what a poll must know of its feed, None when it is gone.

    `is_locked` holds the row to the end of the transaction, so that two polls of one feed write one after the other.
    """
    return poll_states(session, [feed_id], is_locked=is_locked).get(feed_id)


def poll_states(session: Session, feed_ids: Sequence[int], *, is_locked: bool = False) -> dict[int, PollState]:
    """Returns what `poll_state` does of each of these feeds that is there, by id."""
    rows = run(session, _POLL_STATES_LOCKED if is_locked else _POLL_STATES, {"feeds": list(feed_ids)})
    return {row[0]: _poll_state(row) for row in rows}


def known_items(
    session: Session, feed_id: int, *, identities: Collection[str], canonical_urls: Collection[str]
) -> list[KnownItem]:
    """Returns the feed's items that have one of these identities, in no order.

    Only where an identity is unknown those come too that have one of the canonical URLs: one of them may be the item
    under another name.
    """
    connection = session.connection()
    found: dict[int, KnownItem] = {}
    for statement, wanted in ((_KNOWN_BY_IDENTITY, identities), (_KNOWN_BY_URL, canonical_urls)):
        for chunk in in_parts(list(wanted)):
            rows = connection.execute(statement, {"feed": feed_id, "wanted": chunk})
            found |= {row[0]: KnownItem(*row) for row in rows}
        if len(found) == len(identities):
            break
    return list(found.values())


def add_items(session: Session, feed_id: int, items: Sequence[NewItem], *, now: datetime) -> int:
    """Adds items with their enclosures and audio facts; returns how many were new to the database."""
    rows = [
        {
            **_item_columns(new.item),
            "feed_id": feed_id,
            "at": new.at,
            "is_archive": new.is_archive,
            "is_date_odd": new.is_date_odd,
            "first_seen_at": now,
            "updated_at": now,
        }
        for new in items
    ]
    if not rows:
        return 0
    connection = session.connection()
    added = connection.execute(_ADD_ITEMS[connection.dialect.name], rows).all()
    by_identity = {new.item.identity: new.item for new in items}
    # Whoever added the others meanwhile has written their audio facts too.
    _write_audio(session, {item_id: by_identity[identity] for item_id, identity in added}, is_new=True)
    return len(added)


def change_items(
    session: Session, changed: Sequence[tuple[int, ParsedItem]], *, now: datetime, is_counted: bool = True
) -> None:
    """Writes what feeds now say about items that are stored; `at` stays, so that no edit makes an old item new.

    Without `is_counted` it is no edit that anybody should hear of: `edits` and `updated_at` stay too.
    """
    counted: dict[str, Any] = {"updated_at": now, "edits": Item.edits + 1} if is_counted else {}
    for item_id, item in changed:
        session.execute(update(Item).where(Item.id == item_id).values(**_item_columns(item), **counted))
    _write_audio(session, dict(changed))


def episode_facts(session: Session, item_id: int) -> ParsedEpisode | None:
    """Returns the audio facts of an item as its feed last told them; None for an item without."""
    found = session.get(Episode, item_id)
    if found is None:
        return None
    facts = {each.name: getattr(found, each.name) for each in fields(ParsedEpisode)}
    return ParsedEpisode(**facts | {name: tuple(kind(**row) for row in facts[name]) for name, kind in _LISTS.items()})


def put_chapters(session: Session, item_id: int, chapters: Sequence[Chapter]) -> None:
    """Keeps an episode's chapters, as they were fetched from where its feed says that they lie."""
    rows = [asdict(chapter) for chapter in chapters]
    session.execute(update(Episode).where(Episode.item_id == item_id).values(chapters=rows))


def locked_state(session: Session, feed_id: int) -> PollState:
    """Returns what `poll_state` does of a feed that is there, held to the end. Raises NotFoundError."""
    state = poll_state(session, feed_id, is_locked=True)
    if state is None:
        raise NotFoundError("feed", feed_id)
    return state


def published_moments(
    session: Session, feed_ids: Sequence[int], *, now: datetime, limit: int = 10
) -> dict[int, list[datetime]]:
    """Returns by feed the stated moments of its newest items, in no order; dates in the future are left out."""
    found: dict[int, list[datetime]] = {feed_id: [] for feed_id in feed_ids}
    for feed_id, moment in run(session, _PUBLISHED, {"feeds": list(feed_ids), "now": now, "limit": limit}):
        found[feed_id].append(moment)
    return found


def place_of(url: str) -> str:
    """Returns host and path of a feed's URL: what a feed is called until it has told its title."""
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path.rstrip('/')}" if parts.hostname else url


def _item_columns(item: ParsedItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _ITEM_COLUMNS}


def _write_audio(session: Session, items: Mapping[int, ParsedItem], *, is_new: bool = False) -> None:
    if not is_new:
        for chunk in in_parts(list(items)):
            session.execute(delete(Enclosure).where(Enclosure.item_id.in_(chunk)))
            session.execute(delete(Episode).where(Episode.item_id.in_(chunk)))
    for item_ids in in_parts(list(items)):
        episodes = [{"item_id": i, **asdict(e)} for i in item_ids if (e := items[i].episode)]
        upsert(session, Episode, episodes, keys=["item_id"])
    enclosures = [
        {"item_id": item_id, "position": position, **asdict(enclosure)}
        for item_id, item in items.items()
        for position, enclosure in enumerate(item.enclosures)
    ]
    for rows in in_parts(enclosures):
        upsert(session, Enclosure, rows, keys=["item_id", "position"])


def feeds_query() -> Select[Feed, int]:
    """Returns the query for feeds with the number of their items, for `as_feed_row`."""
    count = select(func.count(Item.id)).where(Item.feed_id == Feed.id).correlate(Feed).scalar_subquery()
    return select(Feed, count)


def as_feed_row(feed: Feed, items: int) -> FeedRow:
    """Returns a feed as it is listed."""
    return FeedRow(
        id=feed.id,
        url=feed.url,
        kind=FeedKind(feed.kind),
        state=FeedState(feed.state),
        title=feed.title or place_of(feed.url),
        site_url=feed.site_url,
        is_own_show=feed.is_own_show,
        is_ok=feed.is_ok,
        note=feed.note,
        last_polled_at=feed.last_polled_at,
        last_ok_at=feed.last_ok_at,
        next_poll_at=feed.next_poll_at,
        failures=feed.failures,
        items=items,
    )


def _poll_state(row: Row[Any]) -> PollState:
    told = row._asdict()
    told |= {name: tuple(told[name]) for name in ("skip_hours", "skip_days")}
    return PollState(**(told | {"state": FeedState(told["state"])}))


_Row = tuple[Item, Episode | None, str | None, str | None]  # outer joins: the last three may be missing


def _items() -> Select[Item, Episode, str, str]:
    return (
        select(Item, Episode, Feed.title, Feed.url)
        .outerjoin(Episode, Episode.item_id == Item.id)
        .outerjoin(Feed, Feed.id == Item.feed_id)
    )


def _fresh(session: Session, query: Select[Item, Episode, str, str]) -> list[FreshItem]:
    rows: list[_Row] = [(item, episode, title, url) for item, episode, title, url in session.execute(query)]
    audio = audio_urls(session, [item.id for item, *_ in rows])
    return [_fresh_item(row, audio.get(row[0].id)) for row in rows]


def audio_urls(session: Session, item_ids: Sequence[int]) -> dict[int, str]:
    """Returns by item the first of its enclosures that can be listened to."""
    found: dict[int, str] = {}
    for chunk in in_parts(item_ids):
        query = (
            select(Enclosure.item_id, Enclosure.url, Enclosure.media_type)
            .where(Enclosure.item_id.in_(chunk))
            .order_by(Enclosure.item_id, Enclosure.position)
        )
        for item_id, url, media_type in session.execute(query):
            if is_audio(media_type, url):
                found.setdefault(item_id, url)
    return found


def _fresh_item(row: _Row, audio_url: str | None) -> FreshItem:
    item, episode, feed_title, feed_url = row
    return FreshItem(
        id=item.id,
        feed_id=item.feed_id,
        feed_title=feed_title or (place_of(feed_url) if feed_url else ""),
        kind=ItemKind(item.kind),
        url=item.url,
        canonical_url=item.canonical_url,
        title=item.title,
        author=item.author,
        summary_html=item.summary_html,
        summary_text=item.summary_text,
        image_url=item.image_url,
        at=item.at,
        first_seen_at=item.first_seen_at,
        is_archive=item.is_archive,
        audio_url=audio_url,
        duration_s=episode.duration_s if episode else None,
        season=episode.season if episode else None,
        number=episode.number if episode else None,
        identity=item.identity,
        feed_url=feed_url or "",
    )
