"""The rows of what comes back: what was set aside, what is new since, and what came back already."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from curator.db import in_parts, insert_once
from curator.feeds.tables import Feed, Item
from curator.feeds.values import ItemKind
from curator.newsletters.tables import Newsletter
from curator.picks.resurface.values import ComesBack, SetAside, Shipped
from curator.picks.tables import Later, Pick, RelatedRow, Resurfaced, Skip, StoryItem
from curator.picks.values import SkipReason

MOST_SET_ASIDE = 2000
"""Items of each kind that are looked through, the newest first: what was passed over before is over."""


def newsletter_ids(session: Session) -> list[int]:
    """Returns every newsletter, in order."""
    return list(session.scalars(select(Newsletter.id).order_by(Newsletter.id)))


def came_back_since(session: Session, newsletter_id: int, *, since: datetime) -> int:
    """Returns how many items came back from a moment on."""
    of_these = Resurfaced.newsletter_id == newsletter_id, Resurfaced.at > since
    return session.scalar(select(func.count()).select_from(Resurfaced).where(*of_these)) or 0


def set_aside(session: Session, newsletter_id: int, *, since: datetime, now: datetime) -> list[SetAside]:
    """Returns what was passed over without a reason, or put off until later than now, from a moment on.

    Nothing that came back before, and nothing whose page or story is picked or ran. At most `MOST_SET_ASIDE` of both.
    """
    skipped = select(Item.id, Item.title, Item.feed_id, Item.first_seen_at, Skip.skipped_at).join(
        Skip, and_(Skip.item_id == Item.id, Skip.newsletter_id == newsletter_id)
    )
    skipped = skipped.where(Skip.reason == SkipReason.NONE, Skip.skipped_at >= since)
    put_off = select(Item.id, Item.title, Item.feed_id, Item.first_seen_at, Later.put_off_at).join(
        Later, and_(Later.item_id == Item.id, Later.newsletter_id == newsletter_id)
    )
    put_off = put_off.where(Later.until > now, Later.put_off_at >= since)
    found: list[SetAside] = []
    for query, at, is_put_off in ((skipped, Skip.skipped_at, False), (put_off, Later.put_off_at, True)):
        open_ones = query.where(*_is_open(newsletter_id)).order_by(at.desc(), Item.id).limit(MOST_SET_ASIDE)
        found += [SetAside(*row, is_put_off=is_put_off) for row in session.execute(open_ones)]
    return found


def shipped(session: Session, item_ids: Sequence[int], *, since: datetime) -> dict[int, Shipped]:
    """Returns by item the episode of the own show since then that is nearest to it."""
    found: dict[int, Shipped] = {}
    for ids in in_parts(item_ids):
        query = (
            select(RelatedRow.item_id, Item.title, Item.first_seen_at, RelatedRow.score)
            .join(Item, Item.id == RelatedRow.other_id)
            .join(Feed, Feed.id == Item.feed_id)
            .where(RelatedRow.item_id.in_(ids), Feed.is_own_show, Item.kind == ItemKind.EPISODE)
            .where(Item.first_seen_at >= since, Item.is_archive.is_(False))
            .order_by(RelatedRow.score.desc(), Item.id)
        )
        for item_id, title, at, score in session.execute(query):
            found.setdefault(item_id, Shipped(title, at, score))
    return found


def bring_back(session: Session, newsletter_id: int, one: ComesBack, *, now: datetime) -> bool:
    """Notes that an item comes back; False when it did before."""
    row = {"newsletter_id": newsletter_id, "item_id": one.item_id, "why": one.why[:200], "at": now}
    return insert_once(session, Resurfaced, row)


def _is_open(newsletter_id: int) -> list[ColumnElement[bool]]:
    """Tells that an item never came back, and that neither it nor its page or story is picked."""
    came_back = select(Resurfaced.item_id).where(
        Resurfaced.item_id == Item.id, Resurfaced.newsletter_id == newsletter_id
    )
    mine, theirs, picked = aliased(StoryItem), aliased(StoryItem), aliased(Item)
    itself = select(Pick.id).where(Pick.newsletter_id == newsletter_id, Pick.item_id == Item.id)
    of_page = (
        select(Pick.id)
        .join(picked, picked.id == Pick.item_id)
        .where(Pick.newsletter_id == newsletter_id, picked.canonical_url == Item.canonical_url)
    )
    of_story = (
        select(Pick.id)
        .join(theirs, theirs.item_id == Pick.item_id)
        .join(mine, mine.story_id == theirs.story_id)
        .where(Pick.newsletter_id == newsletter_id, mine.item_id == Item.id)
    )
    return [~query.exists() for query in (came_back, itself, of_page, of_story)]
