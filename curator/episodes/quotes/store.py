"""The rows of quotes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from curator.db import facts_of, put_back
from curator.episodes.quotes.values import QuotedTurn, QuoteView
from curator.episodes.tables import EpisodeWords, Quote
from curator.errors import NotFoundError
from curator.feeds.store import items_by_id


def add_quote(
    session: Session,
    item_id: int,
    turns: Sequence[QuotedTurn],
    *,
    first: int,
    last: int,
    start_ms: int | None,
    by: int | None,
    now: datetime,
) -> int:
    """Keeps a quote and returns its id; the same words of the same episode again give the known one."""
    known = quote_of(session, item_id, turns)
    if known is not None:
        return known
    row = Quote(
        item_id=item_id,
        first_position=first,
        last_position=last,
        start_ms=start_ms,
        turns=[asdict(turn) for turn in turns],
        taken_by=by,
        taken_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def quote_of(session: Session, item_id: int, turns: Sequence[QuotedTurn]) -> int | None:
    """Returns the quote of an episode that has exactly these words."""
    words = [asdict(turn) for turn in turns]
    known = session.scalars(select(Quote).where(Quote.item_id == item_id).order_by(Quote.id))
    return next((row.id for row in known if row.turns == words), None)


def remove_quote(session: Session, quote_id: int) -> None:
    """Forgets a quote that stands in no issue."""
    session.execute(delete(Quote).where(Quote.id == quote_id))


def quote_facts(session: Session, quote_id: int) -> dict[str, Any]:
    """Returns a quote's row as the log keeps it, for `restore_quote`."""
    return facts_of(session.get_one(Quote, quote_id))


def restore_quote(session: Session, facts: Mapping[str, Any]) -> int | None:
    """Puts a quote back that was forgotten and returns its id, the old one where that is free."""
    made: int | None = put_back(session, Quote, facts)
    return made


def quote(session: Session, quote_id: int) -> QuoteView:
    """Returns one quote. Raises NotFoundError."""
    found = quotes_by_id(session, [quote_id])
    if quote_id not in found:
        raise NotFoundError("quote", quote_id)
    return found[quote_id]


def quotes_by_id(session: Session, ids: Sequence[int]) -> dict[int, QuoteView]:
    """Returns the quotes that are there, by id; a fixed number of queries."""
    return {view.id: view for view in _views(session, _quotes().where(Quote.id.in_(list(dict.fromkeys(ids)))))}


def quotes_of(session: Session, item_id: int, *, limit: int = 50) -> list[QuoteView]:
    """Returns at most `limit` quotes of an episode, in the order of the conversation."""
    query = _quotes().where(Quote.item_id == item_id).order_by(Quote.first_position, Quote.id)
    return _views(session, query.limit(limit))


_Rows = Select[Quote, str | None]


def _quotes() -> _Rows:
    return select(Quote, EpisodeWords.title).outerjoin(EpisodeWords, EpisodeWords.item_id == Quote.item_id)


def _views(session: Session, query: _Rows) -> list[QuoteView]:
    rows = [(row, title) for row, title in session.execute(query)]
    items = items_by_id(session, [row.item_id for row, _ in rows])
    return [
        QuoteView(
            id=row.id,
            item_id=row.item_id,
            first_position=row.first_position,
            last_position=row.last_position,
            start_ms=row.start_ms,
            turns=tuple(QuotedTurn(turn["speaker"], turn["text"]) for turn in row.turns),
            taken_at=row.taken_at,
            episode=title or items[row.item_id].title,
            show=items[row.item_id].feed_title,
            url=items[row.item_id].url,
            audio_url=items[row.item_id].audio_url,
        )
        for row, title in rows
    ]
