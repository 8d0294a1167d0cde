"""Queries on tags: by name, of subscribers, and the runs that tag many."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from curator.audience.matching.store import Scope, Wanted, readers
from curator.audience.tables import SubscriberTag, Subscription, Tag, Tagging, Untagged
from curator.audience.tags.rules import key_of
from curator.audience.tags.values import TaggingRow, TaggingState, TagRow
from curator.db import changed, insertion, upsert
from curator.errors import NotFoundError

# --- tags


def tags(session: Session, *, limit: int = 500) -> list[TagRow]:
    """Returns the tags by name."""
    rows = session.execute(select(Tag.id, Tag.name).order_by(Tag.key).limit(limit))
    return [TagRow(row.id, row.name) for row in rows]


def tag(session: Session, name: str) -> TagRow | None:
    """Returns the tag of this name in any spelling, None when nobody made it."""
    row = session.execute(select(Tag.id, Tag.name).where(Tag.key == key_of(name))).one_or_none()
    return None if row is None else TagRow(row.id, row.name)


def ensure(session: Session, name: str) -> TagRow:
    """Returns the tag of this name; the first who names it decides the spelling."""
    upsert(session, Tag, [{"name": name, "key": key_of(name)}], keys=["key"])
    found = tag(session, name)
    assert found is not None, "it was just made, or was there"
    return found


def name_of(session: Session, tag_id: int) -> str:
    """Returns a tag's name. Raises NotFoundError."""
    found = session.scalar(select(Tag.name).where(Tag.id == tag_id))
    if found is None:
        raise NotFoundError("tag", tag_id)
    return found


# --- of subscribers


def of(session: Session, subscriber_ids: Collection[int]) -> dict[int, list[TagRow]]:
    """Returns the tags of subscribers, by name; those without any are left out."""
    rows = session.execute(
        select(SubscriberTag.subscriber_id, Tag.id, Tag.name)
        .join(Tag, Tag.id == SubscriberTag.tag_id)
        .where(SubscriberTag.subscriber_id.in_(list(subscriber_ids)))
        .order_by(Tag.key)
    )
    found: dict[int, list[TagRow]] = {}
    for subscriber_id, tag_id, name in rows:
        found.setdefault(subscriber_id, []).append(TagRow(tag_id, name))
    return found


def put_on(session: Session, subscriber_id: int, tag_id: int, *, at: datetime) -> bool:
    """Puts a tag on a subscriber; False when they had it."""
    row = {"subscriber_id": subscriber_id, "tag_id": tag_id, "at": at}
    return upsert(session, SubscriberTag, [row], keys=["subscriber_id", "tag_id"]) == 1


def take_off(session: Session, subscriber_id: int, tag_id: int) -> datetime | None:
    """Takes a tag off a subscriber; returns since when they had it, None when they had not."""
    theirs = SubscriberTag.subscriber_id == subscriber_id, SubscriberTag.tag_id == tag_id
    return session.scalar(delete(SubscriberTag).where(*theirs).returning(SubscriberTag.at))


# --- runs that tag many


def add_tagging(
    session: Session,
    newsletter_id: int,
    tag_id: int,
    *,
    puts_on: bool,
    words: str,
    search: str,
    by: int | None,
    at: datetime,
) -> int:
    """Writes a run down that goes over the newsletter's readers of this moment; returns its id."""
    of_newsletter = select(func.count(), func.coalesce(func.max(Subscription.subscriber_id), 0))
    total, highest = session.execute(of_newsletter.where(Subscription.newsletter_id == newsletter_id)).one()
    row = Tagging(
        newsletter_id=newsletter_id,
        tag_id=tag_id,
        puts_on=puts_on,
        words=words,
        search=search,
        by=by,
        at=at,
        highest_id=highest,
        total=total,
    )
    session.add(row)
    session.flush()
    return row.id


def tagging(session: Session, tagging_id: int, *, lock: bool = False) -> TaggingRow:
    """Returns a run; `lock` holds it until the commit. Raises NotFoundError."""
    query = _taggings().where(Tagging.id == tagging_id)
    row = session.execute(query.with_for_update(of=Tagging) if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("tagging", tagging_id)
    return _tagging(row)


def newest_tagging(session: Session, newsletter_id: int) -> TaggingRow | None:
    """Returns the newsletter's last run, None before the first."""
    query = _taggings().where(Tagging.newsletter_id == newsletter_id).order_by(Tagging.id.desc()).limit(1)
    row = session.execute(query).one_or_none()
    return None if row is None else _tagging(row)


def newsletter_of_tagging(session: Session, tagging_id: int) -> int | None:
    """Returns the newsletter that a run belongs to, None when it is gone."""
    return session.scalar(select(Tagging.newsletter_id).where(Tagging.id == tagging_id))


def _tagging(row: Any) -> TaggingRow:
    return replace(TaggingRow(*row), state=TaggingState(row.state))


def _taggings() -> Select[*tuple[Any, ...]]:
    return select(
        *(Tagging.id, Tagging.newsletter_id, Tagging.tag_id, Tag.name, Tagging.puts_on, Tagging.words, Tagging.search),
        *(Tagging.state, Tagging.at, Tagging.cursor, Tagging.highest_id),
        *(Tagging.total, Tagging.looked_at, Tagging.changed),
    ).join(Tag, Tag.id == Tagging.tag_id)


def set_tagging(
    session: Session, tagging_id: int, state: TaggingState, *, cursor: int, looked_at: int, changed: int
) -> None:
    """Says how far a run is. What was searched for may be an address: it is kept while it is needed, and no longer."""
    values: dict[str, Any] = {"state": state, "cursor": cursor, "looked_at": looked_at, "changed": changed}
    if state is not TaggingState.WAITING:
        values["search"] = ""
    session.execute(update(Tagging).where(Tagging.id == tagging_id).values(values))


def next_stretch(session: Session, newsletter_id: int, *, after: int, up_to: int, limit: int) -> tuple[int, int] | None:
    """Returns how many the next `limit` subscriptions after an id are, and the last of them; None at the end."""
    some = (
        select(Subscription.subscriber_id)
        .where(
            Subscription.newsletter_id == newsletter_id,
            Subscription.subscriber_id > after,
            Subscription.subscriber_id <= up_to,
        )
        .order_by(Subscription.subscriber_id)
        .limit(limit)
        .subquery()
    )
    many, last = session.execute(select(func.count(), func.max(some.c.subscriber_id))).one()
    return (many, last) if many else None


def tag_stretch(session: Session, run: TaggingRow, wanted: Wanted, where: Scope, *, after: int, up_to: int) -> int:
    """Puts a run's tag on those who fit among the ids after one up to another; returns on how many it was new."""
    fit = _stretch(wanted, where, after=after, up_to=up_to).with_only_columns(
        Subscription.subscriber_id, literal(run.tag_id), literal(run.at, SubscriberTag.at.type)
    )
    names = ["subscriber_id", "tag_id", "at"]
    written = insertion(session, SubscriberTag).from_select(names, fit, include_defaults=False)
    return changed(session, written.on_conflict_do_nothing().execution_options(preserve_rowcount=True))


def untag_stretch(session: Session, run: TaggingRow, wanted: Wanted, where: Scope, *, after: int, up_to: int) -> int:
    """Takes a run's tag off those who fit and notes since when they had it; returns of how many."""
    fit = _stretch(wanted, where, after=after, up_to=up_to)
    theirs = SubscriberTag.tag_id == run.tag_id, SubscriberTag.subscriber_id.in_(fit)
    noted = select(literal(run.id), SubscriberTag.subscriber_id, SubscriberTag.at).where(*theirs)
    names = ["tagging_id", "subscriber_id", "at"]
    kept = insert(Untagged).from_select(names, noted, include_defaults=False)
    session.execute(kept)
    # By what was noted: the filter may name the very tag that goes.
    gone = select(Untagged.subscriber_id).where(
        Untagged.tagging_id == run.id, Untagged.subscriber_id > after, Untagged.subscriber_id <= up_to
    )
    off = delete(SubscriberTag).where(SubscriberTag.tag_id == run.tag_id, SubscriberTag.subscriber_id.in_(gone))
    return changed(session, off.execution_options(synchronize_session=False))


def take_back_stretch(session: Session, run: TaggingRow, *, after: int, up_to: int) -> int:
    """Undoes what a run did to the ids after one up to another; returns to how many."""
    if run.puts_on:
        mine = SubscriberTag.tag_id == run.tag_id, SubscriberTag.at == run.at
        place = SubscriberTag.subscriber_id > after, SubscriberTag.subscriber_id <= up_to
        return changed(session, delete(SubscriberTag).where(*mine, *place).execution_options(synchronize_session=False))
    noted = Untagged.tagging_id == run.id, Untagged.subscriber_id > after, Untagged.subscriber_id <= up_to
    back = select(Untagged.subscriber_id, literal(run.tag_id), Untagged.at).where(*noted)
    written = insertion(session, SubscriberTag).from_select(
        ["subscriber_id", "tag_id", "at"], back, include_defaults=False
    )
    return changed(session, written.on_conflict_do_nothing().execution_options(preserve_rowcount=True))


def _stretch(wanted: Wanted, where: Scope, *, after: int, up_to: int) -> Select[int]:
    place = Subscription.subscriber_id > after, Subscription.subscriber_id <= up_to
    return readers(wanted, where).where(*place)
