"""The picks' rows: what an editor chose or passed over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curator.db import upsert
from curator.errors import ConflictError, NotFoundError, StateError
from curator.feeds.store import items_by_id
from curator.feeds.tables import Article, Feed, Item
from curator.feeds.values import ItemKind
from curator.newsletters.tables import Section
from curator.picks.tables import Later, Pick, Skip
from curator.picks.values import PickedItem, SkipReason, TakenError

_LITTLE = 600
"""Characters of a feed's text below which its page says more: about a hundred words, a teaser."""


def add_pick(
    session: Session,
    newsletter_id: int,
    item_id: int,
    section_id: int,
    *,
    by: int | None,
    now: datetime,
    reasons: str = "",
    is_first: bool = False,
) -> int:
    """Picks an item for a section and returns the pick's id; an item that was skipped is skipped no longer.

    The same item again gives the known pick, moved to that section; a person's choice takes over a machine's.
    `is_first` is what somebody says to whom the item was shown as new: TakenError when another was quicker.
    Raises NotFoundError for an item, or a section of this newsletter, that is not there.
    """
    require_item(session, item_id)
    _require_section(session, newsletter_id, section_id)
    row = {
        "newsletter_id": newsletter_id,
        "item_id": item_id,
        "section_id": section_id,
        "blurb": "",
        "reasons": reasons,
        "picked_by": by,
        "picked_at": now,
        "version": 1,
    }
    is_new = upsert(session, Pick, [row], keys=["newsletter_id", "item_id"]) == 1
    pick = session.scalars(select(Pick).where(Pick.newsletter_id == newsletter_id, Pick.item_id == item_id)).one()
    if is_first and not is_new and pick.picked_by != by:
        raise TakenError(item_id, by=pick.picked_by, at=pick.picked_at)
    pick.section_id = section_id
    pick.picked_by = pick.picked_by if by is None else by
    remove_skip(session, newsletter_id, item_id)
    session.flush()
    return pick.id


def move_pick(session: Session, pick_id: int, section_id: int) -> None:
    """Puts a pick into another section of its newsletter."""
    pick = _pick(session, pick_id)
    _require_section(session, pick.newsletter_id, section_id)
    pick.section_id = section_id
    session.flush()


def remove_pick(session: Session, pick_id: int) -> None:
    """Takes a pick away, so that its item is new again; one that is gone stays gone.

    Raises StateError for one that stands in an issue: the transaction is of no use after it.
    """
    try:
        session.execute(delete(Pick).where(Pick.id == pick_id))
    except IntegrityError as error:
        raise StateError("This pick stands in an issue by now; take it out there.") from error


def edit_pick(
    session: Session,
    pick_id: int,
    *,
    title: str,
    link: str,
    blurb: str,
    expected_version: int,
    is_draft: bool = False,
) -> int:
    """Writes an editor's words over the feed's and returns the pick's version.

    An empty title or link, or one equal to the item's, means the item's own. The same words again (a form posted
    twice) change nothing. Another blurb is somebody's own, unless `is_draft` says that nobody wrote it. Raises
    ConflictError when somebody else wrote since `expected_version`.
    """
    pick = _pick(session, pick_id, lock=True)
    item = session.execute(select(Item.title, Item.url).where(Item.id == pick.item_id)).one()
    wanted = (
        title if title not in ("", item.title) else None,
        link if link not in ("", item.url) else None,
        blurb,
    )
    if wanted == (pick.title, pick.link, pick.blurb):
        return pick.version
    if pick.version != expected_version:
        raise ConflictError("pick", pick_id, expected=expected_version, actual=pick.version)
    if blurb != pick.blurb:
        pick.is_blurb_draft = is_draft and bool(blurb.strip())
    pick.title, pick.link, pick.blurb = wanted
    pick.version += 1
    session.flush()
    return pick.version


def mark_blurb(session: Session, pick_id: int, *, is_draft: bool) -> None:
    """Says whether a pick's blurb is a draft that nobody accepted; its words, and so its version, stay."""
    pick = _pick(session, pick_id, lock=True)
    pick.is_blurb_draft = is_draft
    session.flush()


def show_picture(session: Session, pick_id: int, *, is_shown: bool, alt: str) -> int:
    """Says whether a pick's picture is shown, with its words, and returns the pick's version."""
    pick = _pick(session, pick_id, lock=True)
    if (pick.shows_picture, pick.picture_alt) != (is_shown, alt):
        pick.shows_picture, pick.picture_alt = is_shown, alt
        pick.version += 1
        session.flush()
    return pick.version


def newsletter_of(session: Session, pick_id: int) -> int | None:
    """Returns the newsletter of a pick, None for one that is not there."""
    return session.scalar(select(Pick.newsletter_id).where(Pick.id == pick_id))


def picked_items(session: Session, pick_ids: Sequence[int]) -> dict[int, PickedItem]:
    """Returns the picks that are there, by id, each with its item; two queries whatever the number."""
    if not pick_ids:
        return {}
    picks = session.scalars(select(Pick).where(Pick.id.in_(pick_ids)).order_by(Pick.id)).all()
    items = items_by_id(session, [pick.item_id for pick in picks])
    return {
        pick.id: PickedItem(
            id=pick.id,
            item=items[pick.item_id],
            section_id=pick.section_id,
            title=pick.title or items[pick.item_id].title,
            link=pick.link or items[pick.item_id].url or items[pick.item_id].audio_url,
            blurb=pick.blurb,
            version=pick.version,
            is_blurb_draft=pick.is_blurb_draft,
            reasons=pick.reasons,
            shows_picture=pick.shows_picture,
            picture_alt=pick.picture_alt,
        )
        for pick in picks
    }


def ran_before(session: Session, newsletter_id: int) -> frozenset[int | str]:
    """Returns the item ids and canonical URLs of everything that was picked for a newsletter."""
    rows = session.execute(
        select(Item.id, Item.canonical_url)
        .join(Pick, Pick.item_id == Item.id)
        .where(Pick.newsletter_id == newsletter_id)
    ).all()
    return frozenset(row.id for row in rows) | frozenset(row.canonical_url for row in rows if row.canonical_url)


def skipped_items(session: Session, newsletter_id: int) -> frozenset[int]:
    """Returns the ids of the items that an editor passed over."""
    return frozenset(session.scalars(select(Skip.item_id).where(Skip.newsletter_id == newsletter_id)))


def own_feeds(session: Session) -> frozenset[int]:
    """Returns the ids of the publisher's own shows."""
    return frozenset(session.scalars(select(Feed.id).where(Feed.is_own_show)))


def picked_of_feed(session: Session, feed_id: int, *, since: datetime) -> int:
    """Returns how many items of a feed that came since a moment were picked, for whichever newsletter."""
    came = Item.feed_id == feed_id, Item.first_seen_at >= since
    picked = select(func.count(Pick.item_id.distinct())).join(Item, Item.id == Pick.item_id).where(*came)
    return session.scalar(picked) or 0


def add_skip(
    session: Session,
    newsletter_id: int,
    item_id: int,
    *,
    by: int | None,
    now: datetime,
    reason: SkipReason = SkipReason.NONE,
) -> bool:
    """Passes an item over; False when it was already (for whatever reason).

    Raises NotFoundError for an item that is not there, TakenError for one that is picked.
    """
    require_item(session, item_id)
    require_unpicked(session, newsletter_id, item_id)
    row = {"newsletter_id": newsletter_id, "item_id": item_id, "skipped_by": by, "skipped_at": now, "reason": reason}
    return upsert(session, Skip, [row], keys=["newsletter_id", "item_id"]) == 1


def remove_skip(session: Session, newsletter_id: int, item_id: int) -> SkipReason | None:
    """Offers a skipped item again and returns why it was skipped; None when it was not."""
    gone = delete(Skip).where(Skip.newsletter_id == newsletter_id, Skip.item_id == item_id).returning(Skip.reason)
    reason = session.scalar(gone)
    return None if reason is None else SkipReason(reason)


def decided(newsletter_id: Any, item_id: Any) -> list[ColumnElement[bool]]:
    """Tells of an item (both are columns or values) that a newsletter picked it, passed it over, put it off."""
    return [
        exists(select(table.item_id).where(table.item_id == item_id, table.newsletter_id == newsletter_id))
        for table in (Pick, Skip, Later)
    ]


def pick_of(session: Session, newsletter_id: int, item_id: int) -> int | None:
    """Returns the pick that an item has in a newsletter."""
    return session.scalar(select(Pick.id).where(Pick.newsletter_id == newsletter_id, Pick.item_id == item_id))


def unread_item_ids(session: Session, *, since: datetime, limit: int = 20) -> list[int]:
    """Returns at most `limit` articles picked from `since` on whose feed tells little and whose page nobody has read.

    Oldest pick first. What could not be read counts as read: its reason stands on the item's page.
    """
    query = (
        select(Pick.item_id)
        .join(Item, Item.id == Pick.item_id)
        .outerjoin(Article, Article.item_id == Item.id)
        .where(Pick.picked_at >= since, Article.item_id.is_(None))
        .where(Item.kind == ItemKind.ARTICLE, Item.url.is_not(None), func.length(Item.summary_text) < _LITTLE)
        .group_by(Pick.item_id)
        .order_by(func.min(Pick.id))
        .limit(limit)
    )
    return list(session.scalars(query))


def _pick(session: Session, pick_id: int, *, lock: bool = False) -> Pick:
    query = select(Pick).where(Pick.id == pick_id)
    fresh = query.with_for_update().execution_options(populate_existing=True)
    pick = session.scalars(fresh if lock else query).one_or_none()
    if pick is None:
        raise NotFoundError("pick", pick_id)
    return pick


def require_unpicked(session: Session, newsletter_id: int, item_id: int) -> None:
    """Raises TakenError for an item that is picked."""
    found = select(Pick.picked_by, Pick.picked_at).where(Pick.newsletter_id == newsletter_id, Pick.item_id == item_id)
    taken = session.execute(found).one_or_none()
    if taken is not None:
        raise TakenError(item_id, by=taken.picked_by, at=taken.picked_at)


def require_item(session: Session, item_id: int) -> None:
    """Raises NotFoundError for an item that is not there."""
    if session.scalar(select(Item.id).where(Item.id == item_id)) is None:
        raise NotFoundError("item", item_id)


def _require_section(session: Session, newsletter_id: int, section_id: int) -> None:
    found = select(Section.id).where(Section.id == section_id, Section.newsletter_id == newsletter_id)
    if session.scalar(found) is None:
        raise NotFoundError("section", section_id)
