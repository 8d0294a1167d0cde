"""Stores what back issues were made of, as the feeds told it at the time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from curator.db import Database, Session
from curator.demo.past.plan import Back
from curator.demo.samples import media
from curator.demo.samples.back import BackPick
from curator.demo.samples.documents import feed_document
from curator.demo.samples.texts import SampleFeed, SampleItem, sample_feeds
from curator.feeds import merge
from curator.feeds import store as feeds
from curator.feeds.parse import parsed_feed

# A feed is asked about every hour.
_SEEN_AFTER = timedelta(hours=1)

ItemIds = Mapping[tuple[str, str], int]
"""Items' ids by the names of their feeds and their own."""


@dataclass(frozen=True)
class Archive:
    """The sample feeds as they are known to the database; `now` is the moment that they are dated back from."""

    feed_ids: Mapping[str, int]
    base_url: str
    now: datetime


def archive(db: Database, *, base_url: str, now: datetime) -> Archive:
    """Returns the sample feeds, which must have been added; tells them their titles, as a first poll would."""
    with db.write() as session:
        by_url = {row.url: row.id for row in feeds.feed_rows(session)}
        found = {feed.name: _id_of(feed, by_url, base_url) for feed in sample_feeds()}
        for feed in sample_feeds():
            feeds.update_feed(session, found[feed.name], title=feed.title)
    return Archive(found, base_url, now)


def store_items(session: Session, of: Archive, back: Back) -> ItemIds:
    """Stores the items of a back issue; those that are there stay."""
    found: dict[tuple[str, str], int] = {}
    for feed in sample_feeds():
        items = [_dated(feed, pick, back.slot.at, of.now) for pick in back.issue.picks if pick.feed == feed.name]
        if items:
            ids = _stored(session, of, replace(feed, items=tuple(items)))
            found |= {(feed.name, slug): item_id for slug, item_id in ids.items()}
    return found


def _id_of(feed: SampleFeed, by_url: Mapping[str, int], base_url: str) -> int:
    path = f"/feeds/{feed.path}"
    return next(by_url[url] for url in (base_url + path, f"{base_url}/old{path}") if url in by_url)


def _dated(feed: SampleFeed, pick: BackPick, at: datetime, now: datetime) -> SampleItem:
    """Returns the item of a pick: the feed's own, or one that it has let go, dated back from the issue's moment."""
    if pick.item is None:
        return next(item for item in feed.items if item.slug == pick.slug)
    age = now - (at - timedelta(days=pick.days))
    return replace(pick.item, by=pick.item.by or feed.author, hours=round(age / timedelta(hours=1)))


def _stored(session: Session, of: Archive, then: SampleFeed) -> dict[str, int]:
    document = feed_document(then, base_url=of.base_url, now=of.now, audio_bytes=len(media.SILENCE))
    told = parsed_feed(document, url=f"{of.base_url}/feeds/{then.path}", headers={}).items
    new = [merge.placed(item, is_first_poll=False, now=of.now) for item in told]
    feed_id = of.feed_ids[then.name]
    feeds.add_items(session, feed_id, new, now=max(each.at for each in new) + _SEEN_AFTER)
    known = feeds.known_items(session, feed_id, identities=[item.identity for item in told], canonical_urls=())
    ids = {each.identity: each.id for each in known}
    return {item.slug: ids[parsed.identity] for item, parsed in zip(then.items, told, strict=True)}
