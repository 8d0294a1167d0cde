"""Queries on imports, and those by which a chunk of a file is looked up and written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from curator.audience.consent import SIGN_UP_AFTER_LEAVING
from curator.audience.moving.fates import HOW_ENDED, Here
from curator.audience.moving.values import Import, Mark, Part, Phase, Plan, Refusal, Tally
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import (
    Consent,
    Interest,
    ReaderImport,
    ReaderImportRefusal,
    Subscriber,
    SubscriberInterest,
    SubscriberTag,
    Subscription,
    Suppression,
    Tag,
)
from curator.audience.tags.rules import key_of
from curator.audience.values import ConsentRow, SubscriptionRow, SubscriptionState, SuppressionReason
from curator.db import changed, in_parts, insert_once, upsert
from curator.errors import NotFoundError
from curator.leavings import note as leavings

MAX_REFUSALS = 10_000
"""As many rows are listed; a file of rubbish must not become a table of millions. All of them are counted."""

MAX_TAGS, MAX_INTERESTS = 5_000, 200
"""As many are made; a column that holds something else must not become a million of them."""

_COLUMNS = (
    ReaderImport.id,
    ReaderImport.newsletter_id,
    ReaderImport.actor,
    ReaderImport.file_name,
    ReaderImport.size,
    ReaderImport.phase,
    ReaderImport.parts,
    ReaderImport.plan,
    ReaderImport.mark_part,
    ReaderImport.mark_offset,
    ReaderImport.mark_line,
    ReaderImport.tally,
    ReaderImport.looked,
    ReaderImport.is_looked_whole,
    ReaderImport.tries,
    ReaderImport.note,
    ReaderImport.has_file,
    ReaderImport.created_at,
    ReaderImport.seen_at,
    ReaderImport.finished_at,
)

# --- the imports themselves


def add(
    session: Session,
    newsletter_id: int,
    *,
    file_name: str,
    size: int,
    parts: Sequence[Part],
    actor: int | None,
    now: datetime,
    has_file: bool = True,
) -> int:
    """Writes down that a file was brought and returns the import's id."""
    row = ReaderImport(
        newsletter_id=newsletter_id,
        actor=actor,
        file_name=file_name,
        size=size,
        phase=Phase.STORED,
        parts=[part.to_json() for part in parts],
        has_file=has_file,
        created_at=now,
        seen_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def one(session: Session, import_id: int, *, lock: bool = False) -> Import:
    """Returns an import, or raises NotFoundError; `lock` holds it until the commit."""
    query = _rows().where(ReaderImport.id == import_id)
    row = session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("import", import_id)
    return _import(row)


def newsletter_of(session: Session, import_id: int) -> int | None:
    """Returns the newsletter of an import, None when there is none."""
    return session.scalar(select(ReaderImport.newsletter_id).where(ReaderImport.id == import_id))


def newest(session: Session, newsletter_id: int, *, limit: int = 50) -> list[Import]:
    """Returns a newsletter's imports, newest first."""
    query = _rows().where(ReaderImport.newsletter_id == newsletter_id).order_by(ReaderImport.id.desc())
    return [_import(row) for row in session.execute(query.limit(limit))]


def left_alone(session: Session, *, since: datetime) -> list[int]:
    """Returns imports that are to go on, and at which nobody was since a moment; at most 20."""
    query = select(ReaderImport.id).where(
        ReaderImport.phase.in_((Phase.LOOKING, Phase.RUNNING)), ReaderImport.seen_at < since
    )
    return list(session.scalars(query.order_by(ReaderImport.id).limit(20)))


def moving_ids(session: Session) -> list[int]:
    """Returns imports that go on by themselves."""
    query = select(ReaderImport.id).where(ReaderImport.phase.in_((Phase.LOOKING, Phase.RUNNING)))
    return list(session.scalars(query.order_by(ReaderImport.id)))


def with_file(session: Session, *, seen_before: datetime) -> list[int]:
    """Returns imports whose file lies there and at which nobody was since a moment; at most 100."""
    old = ReaderImport.has_file, ReaderImport.seen_at < seen_before
    return list(session.scalars(select(ReaderImport.id).where(*old).order_by(ReaderImport.id).limit(100)))


def change(session: Session, import_id: int, *, phases: Collection[Phase], **columns: Any) -> bool:
    """Changes an import that is in one of these phases; False when it is in none of them."""
    if not columns:
        return False
    where = ReaderImport.id == import_id, ReaderImport.phase.in_(tuple(phases))
    return changed(session, update(ReaderImport).where(*where).values(**columns)) == 1


def hold(session: Session, import_id: int, *, mark: Mark) -> bool:
    """Holds a running import that stands at a mark until the commit; False when somebody took it on, or ended it."""
    query = select(ReaderImport.id).where(
        ReaderImport.id == import_id,
        ReaderImport.phase == Phase.RUNNING,
        ReaderImport.mark_part == mark.part,
        ReaderImport.mark_offset == mark.offset,
    )
    return session.scalar(query.with_for_update()) is not None


def advance(session: Session, import_id: int, *, mark: Mark, tally: Tally, now: datetime) -> None:
    """Moves the mark of an import that is held."""
    columns = {"tally": tally.to_json(), **at(mark)}
    session.execute(update(ReaderImport).where(ReaderImport.id == import_id).values(seen_at=now, tries=0, **columns))


def at(mark: Mark) -> dict[str, int]:
    """Returns the columns that hold a mark."""
    return {"mark_part": mark.part, "mark_offset": mark.offset, "mark_line": mark.line}


def refuse(session: Session, import_id: int, part: int, refused: Sequence[Refusal], *, room: int) -> None:
    """Lists refused rows, as many as there is room for; the same again changes nothing."""
    rows = [
        {
            "import_id": import_id,
            "part": part,
            "line": each.line,
            "heading": each.column[:80],
            "reason": each.reason[:500],
        }
        for each in refused[: max(0, room)]
    ]
    upsert(session, ReaderImportRefusal, rows, keys=["import_id", "part", "line"])


def forget_refusals(session: Session, import_id: int) -> None:
    """Empties the list of refused rows, before a file is read anew."""
    session.execute(delete(ReaderImportRefusal).where(ReaderImportRefusal.import_id == import_id))


def refusals(
    session: Session, import_id: int, *, after: tuple[int, int] = (-1, -1), limit: int = 200
) -> list[tuple[int, Refusal]]:
    """Returns refused rows with the number of their part, in the file's order, after a part and a line."""
    part, line = after
    table = ReaderImportRefusal
    query = (
        select(table.part, table.line, table.heading, table.reason)
        .where(table.import_id == import_id)
        .where((table.part > part) | ((table.part == part) & (table.line > line)))
        .order_by(table.part, table.line)
        .limit(limit)
    )
    return [(number, Refusal(at, heading, reason)) for number, at, heading, reason in session.execute(query)]


def _rows() -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(*_COLUMNS)
    return query


def _import(row: Row[*tuple[Any, ...]]) -> Import:
    return Import(
        id=row.id,
        newsletter_id=row.newsletter_id,
        actor=row.actor,
        file_name=row.file_name,
        size=row.size,
        phase=Phase(row.phase),
        parts=tuple(Part.of_json(each) for each in row.parts),
        plan=None if row.plan is None else Plan.of_json(row.plan),
        mark=Mark(row.mark_part, row.mark_offset, row.mark_line),
        tally=Tally.of_json(row.tally),
        looked=None if row.looked is None else Tally.of_json(row.looked),
        is_looked_whole=row.is_looked_whole,
        tries=row.tries,
        note=row.note,
        created_at=row.created_at,
        seen_at=row.seen_at,
        finished_at=row.finished_at,
        has_file=row.has_file,
    )


# --- a chunk of a file: at most 1,000 rows, so that no statement has too many parameters


def standings(session: Session, newsletter_id: int, address_keys: Collection[str]) -> dict[str, Here]:
    """Returns how these addresses stand here; three queries. Here an import asks who must never be mailed."""
    kept_out = suppressed.among(session, address_keys)
    # Not joined: SQLite would go through all who have the newsletter.
    people = select(Subscriber.id, Subscriber.address_key).where(Subscriber.address_key.in_(address_keys))
    keys = {id_: key for id_, key in session.connection().execute(people)}  # noqa: C416 - rows are no pairs to mypy
    columns = Subscription.subscriber_id, Subscription.state, Subscription.changed_at, Subscription.how
    query = select(*columns).where(Subscription.subscriber_id.in_(keys), Subscription.newsletter_id == newsletter_id)
    rows = {
        keys[id_]: SubscriptionRow(newsletter_id, SubscriptionState(state), at, how)
        for id_, state, at, how in session.connection().execute(query)
    }
    return {key: Here(rows.get(key), key in kept_out) for key in address_keys}


def suppress(session: Session, reasons: Mapping[str, SuppressionReason], *, note: str, now: datetime) -> None:
    """Keeps addresses from ever being mailed; one that is kept out already keeps its reason unless one outweighs it."""
    keys = sorted(reasons)
    rows = [{"address_key": key, "reason": reasons[key], "note": note[:300], "at": now} for key in keys]
    upsert(session, Suppression, rows, keys=["address_key"])
    for reason in set(reasons.values()):
        weaker = [other for other in SuppressionReason if reason.outweighs(other)]
        these = [key for key in keys if reasons[key] is reason]
        if weaker:
            where = Suppression.address_key.in_(these), Suppression.reason.in_(weaker)
            session.execute(update(Suppression).where(*where).values(reason=reason, note=note[:300], at=now))
        leavings.suppressed(session, these, reason=reason, at=now)


def getting_mail(session: Session, address_keys: Collection[str]) -> dict[int, int]:
    """Returns how many of these addresses get each newsletter that any of them gets."""
    query = (
        select(Subscription.newsletter_id, func.count())
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(Suppression, Suppression.address_key == Subscriber.address_key)
        .where(Subscriber.address_key.in_(address_keys), Subscription.state == SubscriptionState.ACTIVE)
        .where(Suppression.address_key.is_(None))
        .group_by(Subscription.newsletter_id)
    )
    return {newsletter_id: number for newsletter_id, number in session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def end(session: Session, newsletter_id: int, subscriber_ids: Sequence[int], *, now: datetime) -> int:
    """Writes that people have left: those without a subscription get one that is ended, a sign-up may still be
    confirmed. Returns how many of them got the newsletter until now.
    """
    new = {"newsletter_id": newsletter_id, "state": SubscriptionState.ENDED, "changed_at": now, "how": HOW_ENDED}
    rows = [{"subscriber_id": id_, **new} for id_ in sorted(subscriber_ids)]
    upsert(session, Subscription, rows, keys=["subscriber_id", "newsletter_id"])
    these = Subscription.newsletter_id == newsletter_id, Subscription.subscriber_id.in_(subscriber_ids)
    left = {"state": SubscriptionState.ENDED, "changed_at": now, "how": HOW_ENDED}
    got_it = update(Subscription).where(*these, Subscription.state == SubscriptionState.ACTIVE)
    ended = changed(session, got_it.values(**left).execution_options(synchronize_session=False))
    waits = Subscription.state == SubscriptionState.PENDING
    session.execute(update(Subscription).where(*these, waits).values(how=SIGN_UP_AFTER_LEAVING))
    leavings.left(session, newsletter_id, subscriber_ids, how=HOW_ENDED, at=now)
    return ended


def record(session: Session, rows: Sequence[tuple[int, ConsentRow]]) -> None:
    """Writes steps down, each with its own words, which are clean already."""
    if rows:
        kept = [
            {
                "subscriber_id": id_,
                "newsletter_id": row.newsletter_id,
                "step": row.step,
                "at": row.at,
                "place": row.place,
                "words": row.words,
            }
            for id_, row in rows
        ]
        session.connection().execute(insert(Consent), kept)


# --- tags and interests


def ensure_tags(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Makes sure that tags are there, as far as there is room, and returns their ids by key; first spellings stay."""
    wanted = {key_of(name): name for name in reversed(list(names))}
    known = tag_ids(session, wanted)
    new = [key for key in reversed(wanted) if key not in known]
    if new:
        room = MAX_TAGS - (session.scalar(select(func.count()).select_from(Tag)) or 0)
        rows = [{"name": wanted[key], "key": key} for key in sorted(new[: max(0, room)])]
        upsert(session, Tag, rows, keys=["key"])
        known = tag_ids(session, wanted)
    return known


def tag_ids(session: Session, keys: Collection[str]) -> dict[str, int]:
    """Returns the ids of those tags that are there, by key."""
    query = select(Tag.key, Tag.id).where(Tag.key.in_(keys))
    return {row.key: row.id for row in session.execute(query)}


def interest_ids(session: Session, newsletter_id: int) -> dict[str, int]:
    """Returns a newsletter's interests, by name without case."""
    query = select(Interest.name, Interest.id).where(Interest.newsletter_id == newsletter_id)
    return {name.casefold(): id_ for name, id_ in session.execute(query)}


def ensure_interests(session: Session, newsletter_id: int, names: Iterable[str]) -> dict[str, int]:
    """Makes sure that interests are there, as far as there is room, new ones last; returns all by name without case."""
    known = interest_ids(session, newsletter_id)
    last = session.scalar(select(func.max(Interest.position)).where(Interest.newsletter_id == newsletter_id)) or 0
    for name in names:
        if name.casefold() not in known and len(known) < MAX_INTERESTS:
            last += 1
            insert_once(session, Interest, {"newsletter_id": newsletter_id, "name": name, "position": last})
            known = interest_ids(session, newsletter_id)
    return known


def put_on(
    session: Session,
    *,
    tags: Collection[tuple[int, int]],
    interests: Collection[tuple[int, int]],
    now: datetime,
) -> None:
    """Gives subscribers their tags and interests (subscriber and thing); what they have stays."""
    bearing: list[dict[str, object]] = [{"subscriber_id": who, "tag_id": what, "at": now} for who, what in sorted(tags)]
    for some in in_parts(bearing, 5000):
        upsert(session, SubscriberTag, some, keys=["subscriber_id", "tag_id"])
    named: list[dict[str, object]] = [{"subscriber_id": who, "interest_id": what} for who, what in sorted(interests)]
    for some in in_parts(named, 5000):
        upsert(session, SubscriberInterest, some, keys=["subscriber_id", "interest_id"])
