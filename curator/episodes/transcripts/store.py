"""The rows of transcripts and their turns: kept whole, read by page, searched on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, cast, delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from curator.db import changed, in_parts, upsert
from curator.episodes.tables import EpisodeWords, Transcript, Turn
from curator.episodes.transcripts import passages
from curator.episodes.transcripts.values import (
    Conversation,
    Found,
    Source,
    StoredTurn,
    TranscriptRow,
)
from curator.feeds.tables import Episode, Feed, Item
from curator.feeds.values import ItemKind, TranscriptLink

Transaction = Session
"""What an arrow hands in; it names the type without importing SQLAlchemy."""

_MOST_NOTES = 500
_RANKED = {"sqlite": 500, "postgresql": 120}
"""Hits that are ranked: for a word that everybody says, the newest ones. PostgreSQL reads the text of each anew."""


@dataclass(frozen=True)
class Lacking:
    """An own episode whose transcript or chapters are to be fetched; `since` is when the feed last changed it."""

    item_id: int
    since: datetime


@dataclass(frozen=True)
class Wanted:
    """What a fetch must know of an episode."""

    item_id: int
    links: tuple[TranscriptLink, ...]
    language: str | None
    chapters_url: str | None
    has_chapters: bool


# -- reading


def transcript_row(session: Session, item_id: int, *, is_locked: bool = False) -> TranscriptRow | None:
    """Returns what is known about an episode's transcript, None when there is none and none was looked for."""
    query = select(Transcript).where(Transcript.item_id == item_id).execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if is_locked else query).one_or_none()
    if row is None:
        return None
    return TranscriptRow(
        item_id=row.item_id,
        source=Source(row.source),
        url=row.url,
        media_type=row.media_type,
        language=row.language,
        is_ok=row.is_ok,
        note=row.note,
        content_hash=row.content_hash,
        words=row.words,
        at=row.at,
    )


def turns(session: Session, item_id: int, *, first: int = 0, limit: int = 20_000) -> list[StoredTurn]:
    """Returns at most `limit` turns of an episode from a position on, in their order."""
    query = (
        select(Turn.position, Turn.speaker, Turn.start_ms, Turn.end_ms, Turn.text)
        .where(Turn.item_id == item_id, Turn.position >= first)
        .order_by(Turn.position)
        .limit(limit)
    )
    return [StoredTurn(*row) for row in session.execute(query)]


def speakers(session: Session, item_id: int, *, limit: int = 100) -> list[tuple[str, int]]:
    """Returns who speaks and in how many turns, in the order of their first words; "" is nobody known."""
    query = (
        select(Turn.speaker, func.count())
        .where(Turn.item_id == item_id)
        .group_by(Turn.speaker)
        .order_by(func.min(Turn.position))
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def wanted(session: Session, item_id: int) -> Wanted | None:
    """Returns what the feed says about an episode's transcript and chapters; None for what is no episode of a feed."""
    query = (
        select(Episode, Item.language, Feed.language)
        .join(Item, Item.id == Episode.item_id)
        .join(Feed, Feed.id == Item.feed_id)
        .where(Episode.item_id == item_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    episode, own_language, language = found
    links = tuple(_link(each) for each in episode.transcripts if each.get("url"))
    return Wanted(item_id, links, own_language or language, episode.chapters_url, bool(episode.chapters))


def lacking(session: Session, *, since: datetime, limit: int = 500) -> list[Lacking]:
    """Returns own episodes that the feed changed since then and that lack what it links to, the newest first.

    They lack a transcript that was never read, or failed, or is the feed's and older than the feed's last change; or
    the chapters. An editor's transcript is never looked for.
    """
    of_feed = Transcript.source == Source.FEED
    has_links = cast(Episode.transcripts, Text) != "[]"
    lacks_transcript = has_links & or_(
        Transcript.item_id.is_(None),
        and_(of_feed, or_(Transcript.is_ok.is_(False), Transcript.at < Item.updated_at)),
    )
    lacks_chapters = Episode.chapters_url.is_not(None) & (cast(Episode.chapters, Text) == "[]")
    query = (
        select(Item.id, Item.updated_at)
        .join(Feed, Feed.id == Item.feed_id)
        .join(Episode, Episode.item_id == Item.id)
        .outerjoin(Transcript, Transcript.item_id == Item.id)
        .where(Feed.is_own_show.is_(True), Item.updated_at >= since, or_(lacks_transcript, lacks_chapters))
        .order_by(Item.updated_at.desc(), Item.id.desc())
        .limit(limit)
    )
    return [Lacking(*row) for row in session.execute(query)]


def shows_transcripts(session: Session, *, limit: int = 100) -> list[tuple[TranscriptRow, str, str, datetime]]:
    """Returns at most `limit` transcripts with episode, show and date, the newest episode first."""
    query = (
        select(Transcript.item_id, Item.title, EpisodeWords.title, Feed.title, Item.at)
        .join(Item, Item.id == Transcript.item_id)
        .outerjoin(EpisodeWords, EpisodeWords.item_id == Item.id)
        .outerjoin(Feed, Feed.id == Item.feed_id)
        .order_by(Item.at.desc(), Item.id.desc())
        .limit(limit)
    )
    found = []
    for item_id, title, written, show, at in session.execute(query).all():
        row = transcript_row(session, item_id)
        assert row is not None
        found.append((row, written or title, show or "", at))
    return found


def is_episode(session: Session, item_id: int) -> bool:
    """Tells whether an item is there and has audio."""
    return session.scalar(select(Item.id).where(Item.id == item_id, Item.kind == ItemKind.EPISODE)) is not None


# -- writing


def put_transcript(
    session: Session,
    item_id: int,
    conversation: Conversation,
    *,
    source: Source,
    content_hash: str,
    now: datetime,
    url: str | None = None,
    media_type: str = "",
    language: str | None = None,
) -> None:
    """Keeps a transcript with all its turns in place of whatever was there; within the caller's transaction."""
    session.execute(delete(Turn).where(Turn.item_id == item_id))
    row = {
        "item_id": item_id,
        "source": source,
        "url": url,
        "media_type": media_type[:100],
        "language": language,
        "is_ok": True,
        "note": " ".join(conversation.notes)[:_MOST_NOTES],
        "content_hash": content_hash,
        "words": conversation.words,
        "at": now,
    }
    _put_row(session, row)
    rows = [
        {
            "item_id": item_id,
            "position": position,
            "speaker": turn.speaker,
            "start_ms": turn.start_ms,
            "end_ms": turn.end_ms,
            "text": turn.text,
        }
        for position, turn in enumerate(conversation.turns)
    ]
    for part in in_parts(rows):
        session.execute(insert(Turn), part)


def put_trouble(session: Session, item_id: int, note: str, *, now: datetime) -> None:
    """Notes why the feed's transcript could not be had; one that was read before stays as it is, with the note."""
    known = transcript_row(session, item_id, is_locked=True)
    if known is None:
        row = {"item_id": item_id, "source": Source.FEED, "url": None, "media_type": "", "language": None}
        _put_row(
            session, {**row, "is_ok": False, "note": note[:_MOST_NOTES], "content_hash": "", "words": 0, "at": now}
        )
    elif known.source is Source.FEED:
        touch(session, item_id, now=now, note=note)


def touch(session: Session, item_id: int, *, now: datetime, **columns: Any) -> None:
    """Says that the transcript was looked at, and writes columns of its row."""
    if "note" in columns:
        columns["note"] = columns["note"][:_MOST_NOTES]
    session.execute(update(Transcript).where(Transcript.item_id == item_id).values(at=now, **columns))


def remove_transcript(session: Session, item_id: int) -> bool:
    """Forgets an episode's transcript and its turns; tells whether there was one."""
    session.execute(delete(Turn).where(Turn.item_id == item_id))
    return changed(session, delete(Transcript).where(Transcript.item_id == item_id)) > 0


def rename_speaker(session: Session, item_id: int, old: str, new: str) -> int:
    """Gives a speaker another name in all turns of an episode; returns in how many."""
    theirs = update(Turn).where(Turn.item_id == item_id, Turn.speaker == old)
    return changed(session, theirs.values(speaker=new))


def has_speaker(session: Session, item_id: int, name: str) -> bool:
    """Tells whether somebody of this name speaks in an episode."""
    query = select(Turn.id).where(Turn.item_id == item_id, Turn.speaker == name)
    return session.scalar(query.limit(1)) is not None


def _put_row(session: Session, row: dict[str, Any]) -> None:
    upsert(session, Transcript, [row], keys=["item_id"], update=[name for name in row if name != "item_id"])


def _link(each: dict[str, Any]) -> TranscriptLink:
    return TranscriptLink(
        url=str(each["url"]),
        media_type=str(each.get("media_type") or ""),
        language=each.get("language"),
        is_captions=bool(each.get("is_captions")),
    )


# -- searching


# Of very many hits some are ranked: a word that everybody says has a hundred thousand, and ranking reads each. SQLite
# takes the newest. PostgreSQL takes any: with an order it walks the table backwards wherever it guesses that hits are
# many, and four words took 1.3 s; so it is kept to the index.
_ON_SQLITE = """
select hit.rowid as id from (
  select rowid, bm25(turn_search) as score from turn_search
  where turn_search match :asked order by rowid desc limit :ranked
) as hit order by hit.score, hit.rowid desc limit :most
"""
_ON_POSTGRES = """
select hit.id from (
  select turn.id, turn.text from turn
  where to_tsvector('simple', turn.text) @@ (plainto_tsquery('simple', :words) && to_tsquery('simple', :last))
  limit :ranked
) as hit
order by ts_rank(
  to_tsvector('simple', hit.text), plainto_tsquery('simple', :words) && to_tsquery('simple', :last), 1
) desc, hit.id desc limit :most
"""
_KEPT_TO_INDEX = text("select set_config('enable_seqscan', :is_on, true)")
_ON_POSTGRES_ONE = _ON_POSTGRES.replace("plainto_tsquery('simple', :words) && ", "")


def search(session: Session, words: str, limit: int = 30) -> list[Found]:
    """Returns at most `limit` turns in which all these words stand, the last one perhaps as a beginning; best first.

    Words are compared without case; SQLite takes accents off too. Of very many hits some are ranked (on SQLite the
    newest). Nothing that somebody types is an error: signs without a letter or digit ask for nothing.
    """
    asked = passages.asked(words)
    if not asked:
        return []
    dialect = session.get_bind().dialect.name
    values: dict[str, Any] = {"ranked": _RANKED[dialect], "most": limit}
    if dialect == "sqlite":
        values |= {"asked": passages.for_fts5(asked)}
        ids = list(session.execute(text(_ON_SQLITE), values).scalars())
    else:
        *before, last = asked
        values |= {"last": passages.for_tsquery(last)}
        values |= {"words": " ".join(before)} if before else {}
        session.execute(_KEPT_TO_INDEX, {"is_on": "off"})
        ids = list(session.execute(text(_ON_POSTGRES if before else _ON_POSTGRES_ONE), values).scalars())
        session.execute(_KEPT_TO_INDEX, {"is_on": "on"})
    return _found(session, ids, asked)


def _found(session: Session, ids: Sequence[int], asked: Sequence[str]) -> list[Found]:
    query = (
        select(Turn, Item.title, EpisodeWords.title, Feed.title, Item.at)
        .join(Item, Item.id == Turn.item_id)
        .outerjoin(EpisodeWords, EpisodeWords.item_id == Item.id)
        .outerjoin(Feed, Feed.id == Item.feed_id)
        .where(Turn.id.in_(ids))
    )
    rows = {
        turn.id: (turn, written or title, show or "", at) for turn, title, written, show, at in session.execute(query)
    }
    return [
        Found(
            item_id=turn.item_id,
            episode=episode,
            show=show,
            at=at,
            position=turn.position,
            speaker=turn.speaker,
            start_ms=turn.start_ms,
            pieces=passages.passage(turn.text, asked),
        )
        for turn, episode, show, at in (rows[turn_id] for turn_id in ids if turn_id in rows)
    ]
