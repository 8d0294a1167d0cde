"""The rows of related things: what items are about, what is related to them, and which items are still compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from curator.db import in_parts, upsert
from curator.episodes.tables import EpisodeWords, Transcript
from curator.feeds.tables import Article, Feed, Item
from curator.feeds.values import ItemKind
from curator.picks.related.about import Rarity
from curator.picks.related.values import About, Match, RelatedKind, Subject, Told
from curator.picks.tables import ItemTerms, Pick, RelatedRow

MOST_TARGETS = 6_000
"""Own episodes and picks that are compared with, the newest: some thirty years of a weekly newsletter."""

_PART = 400
# A short text of a feed's is a teaser: its page, where it was read, says more.
_TEASER = 600

_IS_OWN = exists().where(Feed.id == Item.feed_id, Feed.is_own_show, Item.kind == ItemKind.EPISODE)
_IS_PICKED = exists().where(Pick.item_id == Item.id)
_KIND = case((_IS_OWN, RelatedKind.EPISODE.value), (_IS_PICKED, RelatedKind.PICK.value), else_=None)


@dataclass(frozen=True)
class Written:
    """What was written in an item that is no own episode."""

    title: str
    summary: str
    text: str
    author: str
    feed: str


# -- which items are read and compared


def stale(session: Session, *, since: datetime, limit: int) -> list[int]:
    """Returns at most `limit` items to read anew, own episodes last: what was never read or was changed since.

    Own episodes, picks, and what feeds brought since a moment. A pick counts as a change: what is picked may be
    related to others from now on.
    """
    changed = or_(
        ItemTerms.item_id.is_(None),
        Item.updated_at > ItemTerms.made_at,
        exists().where(Pick.item_id == Item.id, Pick.picked_at > ItemTerms.made_at),
        exists().where(Transcript.item_id == Item.id, Transcript.at > ItemTerms.made_at),
        exists().where(EpisodeWords.item_id == Item.id, EpisodeWords.updated_at > ItemTerms.made_at),
    )
    query = select(Item.id).outerjoin(ItemTerms, ItemTerms.item_id == Item.id).where(_stands(since), changed)
    return list(session.scalars(query.order_by(_IS_OWN, Item.id.desc()).limit(limit)))


def ask_anew(session: Session, item_ids: Sequence[int]) -> None:
    """Has these read and compared anew: what was picked in a past issue tells by no date that it is a pick now."""
    for ids in in_parts(list(item_ids)):
        session.execute(delete(ItemTerms).where(ItemTerms.item_id.in_(ids)))


def own_episodes(session: Session, item_ids: Sequence[int]) -> frozenset[int]:
    """Returns which of these are episodes of own shows."""
    return frozenset(session.scalars(select(Item.id).where(Item.id.in_(item_ids), _IS_OWN)))


def written(session: Session, item_ids: Sequence[int]) -> dict[int, Written]:
    """Returns title and text of items, by id."""
    is_short = func.length(Item.summary_text) < _TEASER
    query = (
        select(
            Item.id, Item.title, Item.summary_text, case((is_short, Article.text), else_=""), Item.author, Feed.title
        )
        .outerjoin(Feed, Feed.id == Item.feed_id)
        .outerjoin(Article, (Article.item_id == Item.id) & Article.is_ok)
        .where(Item.id.in_(item_ids))
    )
    rows = session.execute(query)
    return {key: Written(title, said, text or "", author, feed or "") for key, title, said, text, author, feed in rows}


def put_about(session: Session, about: Mapping[int, About], *, now: datetime) -> None:
    """Writes what items are about over what was known; they are to be compared anew."""
    rows = [
        {
            "item_id": item_id,
            "terms": {term: [told.weight, told.shown, list(told.at_s)] for term, told in terms.items()},
            "made_at": now,
            "related_at": None,
        }
        for item_id, terms in about.items()
    ]
    upsert(session, ItemTerms, rows, keys=["item_id"], update=["terms", "made_at", "related_at"])


def rarity(session: Session) -> Rarity:
    """Returns in how many of all items that were read each term is."""
    counts: dict[str, int] = {}
    items = 0
    for terms in session.scalars(select(ItemTerms.terms).execution_options(yield_per=_PART)):
        items += 1
        for term in terms:
            counts[term] = counts.get(term, 0) + 1
    return Rarity(items, counts)


def waiting(session: Session) -> list[int]:
    """Returns the items that were read and not compared yet, by id."""
    return list(
        session.scalars(select(ItemTerms.item_id).where(ItemTerms.related_at.is_(None)).order_by(ItemTerms.item_id))
    )


def compared(session: Session) -> list[int]:
    """Returns the items that were compared before, by id."""
    return list(
        session.scalars(select(ItemTerms.item_id).where(ItemTerms.related_at.is_not(None)).order_by(ItemTerms.item_id))
    )


def targets(session: Session) -> Iterator[Subject]:
    """Yields own episodes and picks with what they are about, the newest first, at most `MOST_TARGETS`."""
    query = _subjects().where(or_(_IS_OWN, _IS_PICKED)).order_by(Item.at.desc(), Item.id.desc()).limit(MOST_TARGETS)
    for row in session.execute(query.execution_options(yield_per=_PART)):
        yield _subject(row)


def subjects(session: Session, item_ids: Sequence[int]) -> list[Subject]:
    """Returns these items with what they are about, by id."""
    rows = session.execute(_subjects().where(Item.id.in_(item_ids)).order_by(Item.id))
    return [_subject(row) for row in rows]


# -- what is related


def related(session: Session, item_ids: Sequence[int]) -> dict[int, list[Match]]:
    """Returns what is related to each of these items, the nearest first; one query for 500 of them.

    What is no own episode and no pick any more is left out.
    """
    found: dict[int, list[Match]] = {}
    for ids in in_parts(list(dict.fromkeys(item_ids))):
        query = (
            select(RelatedRow, _KIND.label("kind"))
            .join(Item, Item.id == RelatedRow.other_id)
            .where(RelatedRow.item_id.in_(ids), or_(_IS_OWN, _IS_PICKED))
            .order_by(RelatedRow.score.desc(), RelatedRow.other_id.desc())
        )
        for row, kind in session.execute(query):
            match = Match(row.other_id, RelatedKind(kind), row.score, tuple(row.terms), row.at_s)
            found.setdefault(row.item_id, []).append(match)
    return found


def put_related(session: Session, found: Mapping[int, Sequence[Match]], *, now: datetime) -> None:
    """Writes what is related to items over what was known."""
    for ids in in_parts(list(found)):
        session.execute(delete(RelatedRow).where(RelatedRow.item_id.in_(ids)))
    session.add_all(
        RelatedRow(
            item_id=item_id,
            other_id=match.other_id,
            score=match.score,
            terms=list(match.terms),
            at_s=match.at_s,
            made_at=now,
        )
        for item_id, matches in found.items()
        for match in matches
    )
    session.flush()


def mark_compared(session: Session, item_ids: Sequence[int], *, now: datetime) -> None:
    """Says that these items were compared with all others."""
    for ids in in_parts(list(item_ids)):
        session.execute(update(ItemTerms).where(ItemTerms.item_id.in_(ids)).values(related_at=now))


def forget(session: Session, *, since: datetime) -> None:
    """Forgets what is related to items that are looked at no more, and what is neither an own episode nor a pick."""
    gone = select(Item.id).where(~_stands(since))
    session.execute(delete(RelatedRow).where(RelatedRow.item_id.in_(gone)))
    session.execute(delete(ItemTerms).where(ItemTerms.item_id.in_(gone)))
    no_target = select(Item.id).where(~or_(_IS_OWN, _IS_PICKED))
    session.execute(delete(RelatedRow).where(RelatedRow.other_id.in_(no_target)))


def _stands(since: datetime) -> ColumnElement[bool]:
    """An archive that a feed brings in one go is no news, until somebody picks of it."""
    return or_(_IS_OWN, _IS_PICKED, (Item.first_seen_at >= since) & Item.is_archive.is_(False))


def _subjects() -> Select[int, str, str | None, dict[str, list[object]], str | None]:
    return select(Item.id, Item.title, Item.canonical_url, ItemTerms.terms, _KIND).join(
        ItemTerms, ItemTerms.item_id == Item.id
    )


def _subject(row: Sequence[object]) -> Subject:
    item_id, title, url, terms, kind = row
    assert isinstance(item_id, int)
    assert isinstance(terms, dict)
    keys = frozenset(key for key in (url, " ".join(str(title).casefold().split())) if isinstance(key, str) and key)
    about = {term: Told(weight, shown, tuple(at_s)) for term, (weight, shown, at_s) in terms.items()}
    return Subject(item_id, keys, about, None if kind is None else RelatedKind(str(kind)))
