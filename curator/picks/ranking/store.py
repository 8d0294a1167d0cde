"""Rows of what was learned and of what is offered: the models' last versions, and the list as it was last scored."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, not_, select
from sqlalchemy.orm import Session

from curator.newsletters.tables import Newsletter
from curator.picks import store as picks
from curator.picks.ranking.values import Learned, Model, Offer, Standing
from curator.picks.tables import CandidateRow, TasteModel
from curator.picks.trends import store as trends

KEPT_VERSIONS = 5
"""Models kept of a newsletter and section: enough to see whether the last ones differ, and some 10 MB each at most."""


def put_models(session: Session, newsletter_id: int, learned: Sequence[Learned], *, now: datetime) -> int:
    """Keeps what a refit brought, under the newsletter's next version, which it returns; forgets the oldest models.

    Two refits at once take turns: with one version for both, the newest models would be those of both.
    """
    _take_turns(session, newsletter_id)
    last = select(func.max(TasteModel.version)).where(TasteModel.newsletter_id == newsletter_id)
    version = (session.scalar(last) or 0) + 1
    session.add_all(
        TasteModel(
            newsletter_id=newsletter_id,
            section_id=each.section_id,
            version=version,
            examples=each.examples,
            positives=each.positives,
            lag_days=each.lag_days,
            body=each.body,
            note=each.note[:200],
            made_at=now,
        )
        for each in learned
    )
    session.flush()
    old = TasteModel.newsletter_id == newsletter_id, TasteModel.version <= version - KEPT_VERSIONS
    session.execute(delete(TasteModel).where(*old))
    return version


def models(session: Session, newsletter_id: int) -> list[Model]:
    """Returns the models of the last refit, the newsletter's own first, with their bytes."""
    columns = (
        TasteModel.id,
        TasteModel.section_id,
        TasteModel.version,
        TasteModel.body,
        TasteModel.lag_days,
        TasteModel.made_at,
    )
    query = select(*columns).where(*_newest(newsletter_id)).order_by(TasteModel.section_id.is_not(None), TasteModel.id)
    return [Model(*row) for row in session.execute(query)]


def standings(session: Session, newsletter_id: int) -> list[Standing]:
    """Returns how the last refit went, the newsletter as a whole first, then its sections; empty before the first."""
    query = (
        select(
            TasteModel.section_id,
            TasteModel.version,
            TasteModel.body.is_not(None),
            *(TasteModel.note, TasteModel.examples, TasteModel.positives, TasteModel.lag_days, TasteModel.made_at),
        )
        .where(*_newest(newsletter_id))
        .order_by(TasteModel.section_id.is_not(None), TasteModel.id)
    )
    return [Standing(row[0], row[1], bool(row[2]), *row[3:]) for row in session.execute(query)]


def standing(session: Session, newsletter_id: int) -> Standing | None:
    """Returns how the taste of the newsletter as a whole stands; None before the first refit."""
    return next((each for each in standings(session, newsletter_id) if each.section_id is None), None)


def put_candidates(session: Session, newsletter_id: int, offers: Iterable[Offer], *, model_id: int | None) -> int:
    """Puts this list in the place of the last one; returns how many there are. Two at once take turns."""
    _take_turns(session, newsletter_id)
    session.execute(delete(CandidateRow).where(CandidateRow.newsletter_id == newsletter_id))
    rows = [
        {
            "newsletter_id": newsletter_id,
            "item_id": each.item_id,
            "section_id": each.section_id,
            "model_id": model_id,
            "score": each.score,
            "place": each.place,
            "reasons": list(each.reasons),
            "propensity": each.propensity,
            "scored_at": each.scored_at,
        }
        for each in offers
    ]
    if rows:
        session.execute(insert(CandidateRow), rows)
    return len(rows)


def candidates(
    session: Session,
    newsletter_id: int,
    *,
    section_id: int | None = None,
    after_place: int = 0,
    limit: int = 50,
) -> list[Offer]:
    """Returns at most `limit` items as they were last scored, the best first; one query.

    What was picked, passed over or put off since is left out. `section_id` narrows to what was offered for a section;
    `after_place` is the place of the last one seen.
    """
    query = (
        select(CandidateRow, TasteModel.version)
        .outerjoin(TasteModel, TasteModel.id == CandidateRow.model_id)
        .where(CandidateRow.newsletter_id == newsletter_id, CandidateRow.place > after_place, *_undecided())
        .order_by(CandidateRow.place)
        .limit(limit)
    )
    if section_id is not None:
        query = query.where(CandidateRow.section_id == section_id)
    return [_offer(row, version) for row, version in session.execute(query)]


def offers_of(session: Session, newsletter_id: int, item_ids: Sequence[int]) -> dict[int, Offer]:
    """Returns how a page of items was last scored, by item; one that is not in the list is left out."""
    query = (
        select(CandidateRow, TasteModel.version)
        .outerjoin(TasteModel, TasteModel.id == CandidateRow.model_id)
        .where(CandidateRow.newsletter_id == newsletter_id, CandidateRow.item_id.in_(item_ids))
    )
    return {row.item_id: _offer(row, version) for row, version in session.execute(query)}


def scored_at(session: Session, newsletter_id: int) -> datetime | None:
    """Returns when the list was made; None when there is none."""
    return session.scalar(select(func.max(CandidateRow.scored_at)).where(CandidateRow.newsletter_id == newsletter_id))


def rising(session: Session, newsletter_id: int) -> dict[int, str]:
    """Returns the topic that an item tells of among those that rose most in a week, by item; without blocked terms."""
    found: dict[int, str] = {}
    for topic in trends.rising(session, newsletter_id):
        for item_id in topic.item_ids:
            found.setdefault(item_id, topic.label)
    return found


def _take_turns(session: Session, newsletter_id: int) -> None:
    # By a lock that holds up nobody who picks or passes over for this newsletter meanwhile.
    session.execute(select(Newsletter.id).where(Newsletter.id == newsletter_id).with_for_update(key_share=True))


def _newest(newsletter_id: int) -> tuple[ColumnElement[bool], ...]:
    newest = select(func.max(TasteModel.version)).where(TasteModel.newsletter_id == newsletter_id).scalar_subquery()
    return TasteModel.newsletter_id == newsletter_id, TasteModel.version == newest


def _undecided() -> list[ColumnElement[bool]]:
    return [not_(each) for each in picks.decided(CandidateRow.newsletter_id, CandidateRow.item_id)]


def _offer(row: CandidateRow, version: int | None) -> Offer:
    return Offer(
        item_id=row.item_id,
        section_id=row.section_id,
        score=row.score,
        place=row.place,
        reasons=tuple(row.reasons),
        propensity=row.propensity,
        scored_at=row.scored_at,
        model_version=version,
    )
