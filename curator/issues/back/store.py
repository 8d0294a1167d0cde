"""Back issues' rows: which are here, what they hold, and writing and removing one with what came with it."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Executable, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curator.db import Base, in_parts, insertion, upsert
from curator.feeds.tables import Item
from curator.feeds.values import ItemKind
from curator.issues.back.values import BackLink
from curator.issues.tables import Block, Issue
from curator.issues.values import BlockKind, IssueState
from curator.picks.related import store as related
from curator.picks.tables import Pick


@dataclass(frozen=True)
class Known:
    """An issue that is here under a number, imported if that moment is set; `urls` are its picks' canonical ones."""

    id: int
    imported_at: datetime | None
    urls: frozenset[str]


@dataclass(frozen=True)
class Made:
    """What an import wrote: the issue, and the picks and items that were not there before."""

    issue_id: int
    pick_ids: tuple[int, ...]
    item_ids: tuple[int, ...]


def known(session: Session, newsletter_id: int, numbers: Collection[int]) -> dict[int, Known]:
    """Returns a newsletter's issues that have these numbers, by number; two queries for 500."""
    found: dict[int, Known] = {}
    for part in in_parts(sorted(numbers)):
        query = select(Issue.id, Issue.number, Issue.imported_at)
        rows = session.execute(query.where(Issue.newsletter_id == newsletter_id, Issue.number.in_(part))).all()
        urls = _urls(session, [row.id for row in rows])
        found |= {row.number: Known(row.id, row.imported_at, frozenset(urls.get(row.id, ()))) for row in rows}
    return found


def items_of(session: Session, urls: Collection[str]) -> dict[str, int]:
    """Returns the item by which each of these pages is known, by canonical URL: the first that was seen.

    Items of many a feed link to its home page and are not it, so for one only what was added by hand counts.
    """
    found: dict[str, int] = {}
    for part in in_parts(sorted(urls)):
        query = select(Item.id, Item.canonical_url, Item.feed_id).where(Item.canonical_url.in_(part))
        for row in session.execute(query.order_by(Item.first_seen_at, Item.id)):
            url = row.canonical_url or ""
            if row.feed_id is None or urlsplit(url).path not in ("", "/"):
                found.setdefault(url, row.id)
    return found


def picked(session: Session, newsletter_id: int, item_ids: Collection[int]) -> dict[int, int]:
    """Returns the picks that a newsletter has of these items, by item."""
    found: dict[int, int] = {}
    for part in in_parts(sorted(item_ids)):
        query = select(Pick.item_id, Pick.id).where(Pick.newsletter_id == newsletter_id, Pick.item_id.in_(part))
        found |= {row.item_id: row.id for row in session.execute(query)}
    return found


def add(
    session: Session,
    newsletter_id: int,
    links: Sequence[BackLink],
    *,
    number: int,
    title: str,
    sent_at: datetime,
    now: datetime,
) -> Made:
    """Writes a back issue that was sent then, with its picks; items and picks that are here stay as they are."""
    issue = Issue(
        newsletter_id=newsletter_id,
        number=number,
        state=IssueState.SENT,
        subject=title,
        sent_at=sent_at,
        created_at=sent_at,
        imported_at=now,
    )
    session.add(issue)
    session.flush()
    new_items = _add_items(session, links, at=sent_at, now=now)
    items = items_of(session, {link.canonical for link in links})
    new_picks = _add_picks(session, newsletter_id, links, items, at=sent_at)
    related.ask_anew(session, sorted(items.values()))
    picks = picked(session, newsletter_id, items.values())
    _add_blocks(session, issue.id, [(link, picks[items[link.canonical]]) for link in links])
    return Made(issue.id, tuple(new_picks), tuple(new_items))


def remove(session: Session, made: Made) -> bool:
    """Removes a back issue, and of what came with it the picks and items that nothing else uses.

    False, and nothing happens, for one that is gone already, or is no back issue.
    """
    found = select(Issue.id).where(Issue.id == made.issue_id, Issue.imported_at.is_not(None))
    if session.scalar(found) is None:
        return False
    session.execute(delete(Issue).where(Issue.id == made.issue_id))
    _remove_unused(session, Pick, made.pick_ids)
    _remove_unused(session, Item, made.item_ids)
    return True


def imported(session: Session, issue_ids: Sequence[int]) -> frozenset[int]:
    """Returns which of these issues were imported."""
    query = select(Issue.id).where(Issue.id.in_(issue_ids), Issue.imported_at.is_not(None))
    return frozenset(session.scalars(query))


def _urls(session: Session, issue_ids: Sequence[int]) -> Mapping[int, set[str]]:
    query = select(Block.issue_id, Item.canonical_url).join(Pick, Pick.id == Block.pick_id)
    found: dict[int, set[str]] = {}
    rows = session.execute(query.join(Item, Item.id == Pick.item_id).where(Block.issue_id.in_(issue_ids)))
    for issue_id, url in rows:
        found.setdefault(issue_id, set()).add(url or "")
    return found


def _add_items(session: Session, links: Sequence[BackLink], *, at: datetime, now: datetime) -> list[int]:
    """Adds a page for each link that is not here: as of its issue, and as archive, so that nobody sees it as new."""
    here = items_of(session, {link.canonical for link in links})
    identities = {link.canonical: _identity(link.canonical) for link in links if link.canonical not in here}
    rows = [
        {
            "feed_id": None,
            "identity": identities[link.canonical],
            "kind": ItemKind.ARTICLE,
            "url": link.url,
            "canonical_url": link.canonical,
            "title": link.title,
            "author": "",
            "summary_html": "",
            "summary_text": "",
            "content_hash": identities[link.canonical],
            "at": at,
            "first_seen_at": at,
            "updated_at": now,
            "is_archive": True,
            "edits": 0,
            "is_date_odd": False,
        }
        for link in links
        if link.canonical in identities
    ]
    # Somebody may add the same page in this moment: then theirs is it.
    added = insertion(session, Item).on_conflict_do_nothing().returning(Item.id)
    return sorted(session.connection().execute(added, rows).scalars()) if rows else []


def _identity(canonical: str) -> str:
    """As `feeds.add` makes it: a page is added by hand once."""
    return hashlib.sha256(f"page\0{canonical}".encode()).hexdigest()


def _add_picks(
    session: Session, newsletter_id: int, links: Sequence[BackLink], items: Mapping[str, int], *, at: datetime
) -> list[int]:
    here = picked(session, newsletter_id, items.values())
    titles = _titles(session, items.values())
    rows: list[dict[str, Any]] = [
        {
            "newsletter_id": newsletter_id,
            "item_id": items[link.canonical],
            "section_id": link.section_id,
            "blurb": link.blurb,
            # What it was called then, where its feed calls it otherwise.
            "title": None if titles[items[link.canonical]] == link.title else link.title,
            "link": None,
            "reasons": "",
            "picked_by": None,
            "picked_at": at,
            "version": 1,
            "is_blurb_draft": False,
        }
        for link in links
        if items[link.canonical] not in here
    ]
    upsert(session, Pick, rows, keys=["newsletter_id", "item_id"])
    return sorted(picked(session, newsletter_id, [row["item_id"] for row in rows]).values())


def _titles(session: Session, item_ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in in_parts(sorted(item_ids)):
        found |= {row.id: row.title for row in session.execute(select(Item.id, Item.title).where(Item.id.in_(part)))}
    return found


def _add_blocks(session: Session, issue_id: int, placed: Sequence[tuple[BackLink, int]]) -> None:
    positions: dict[int | None, int] = {}
    for link, pick_id in placed:
        position = positions.get(link.section_id, 0)
        positions[link.section_id] = position + 1
        block = Block(
            issue_id=issue_id,
            section_id=link.section_id,
            position=position,
            kind=BlockKind.PICK,
            pick_id=pick_id,
        )
        session.add(block)
    session.flush()


def _remove_unused(session: Session, table: type[Base], ids: Sequence[int]) -> None:
    """Removes rows at once; where something else holds one of them, one by one, and what is held stays."""
    key = next(iter(table.__mapper__.primary_key))
    for part in in_parts(ids):
        if not _removed(session, delete(table).where(key.in_(part))):
            for each in part:
                _removed(session, delete(table).where(key == each))


def _removed(session: Session, statement: Executable) -> bool:
    try:
        with session.begin_nested():
            session.execute(statement)
    except IntegrityError:
        return False
    return True
