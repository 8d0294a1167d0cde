"""Queries on hits that name no reader, and on whose hits may be written down by name at all."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from curator.audience.tables import Subscriber
from curator.db import changed, in_parts
from curator.events.tables import MailingCount, NobodysHit
from curator.events.values import Hit, StoredHit
from curator.mailings.click_links import NOBODY


def named(session: Session, mailing_id: int, subscriber_ids: Collection[int]) -> set[int]:
    """Returns which of these readers are there, held until the commit: what they do is written down by name.

    Nobody is where a mailing has become nameless: what was known of its readers was deleted, so the next hit of one
    of them would count as their first. Whoever was erased is not there any more.
    """
    nameless_at = session.scalar(select(MailingCount.nameless_at).where(MailingCount.mailing_id == mailing_id))
    return set() if nameless_at is not None else present(session, subscriber_ids)


def present(session: Session, subscriber_ids: Collection[int]) -> set[int]:
    """Returns which of these readers are there, held until the commit."""
    wanted = select(Subscriber.id).where(Subscriber.id.in_(set(subscriber_ids) - {NOBODY})).order_by(Subscriber.id)
    # Held, so that whoever erases one of them finds what is written down of them now.
    return set(session.scalars(wanted.with_for_update(read=True, key_share=True)))


def stored(session: Session, mailing_id: int, agents: Collection[int]) -> dict[int, list[StoredHit]]:
    """Returns the hits of these agents in a mailing that are still kept, by agent, in the order of their coming."""
    found: dict[int, list[StoredHit]] = {}
    for some in in_parts(sorted(agents)):
        rows = session.scalars(
            select(NobodysHit)
            .where(NobodysHit.mailing_id == mailing_id, NobodysHit.agent.in_(some))
            .order_by(NobodysHit.id)
        )
        for row in rows:
            hit = Hit(mailing_id, row.link, NOBODY, row.at, row.agent, row.is_head)
            found.setdefault(row.agent, []).append(StoredHit(row.id, hit, row.is_robot))
    return found


def add(session: Session, judged: Iterable[tuple[Hit, bool]]) -> None:
    """Writes hits down for an hour, each with whether it is a machine's."""
    rows = [
        {
            "mailing_id": hit.mailing_id,
            "link": hit.link,
            "at": hit.at,
            "agent": hit.agent,
            "is_head": hit.is_head,
            "is_robot": is_robot,
        }
        for hit, is_robot in judged
    ]
    if rows:
        session.connection().execute(NobodysHit.__table__.insert(), rows)  # type: ignore[attr-defined]  # a table, though typed as its base


def judge_anew(session: Session, verdicts: Mapping[int, bool]) -> None:
    """Writes down that hits are a machine's after all, or a person's."""
    for is_robot in (False, True):
        ids = [id_ for id_, now in verdicts.items() if now is is_robot]
        for some in in_parts(ids):
            again = update(NobodysHit).where(NobodysHit.id.in_(some)).values(is_robot=is_robot)
            session.execute(again.execution_options(synchronize_session=False))


def prune(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Deletes at most `limit` hits from before a moment, and returns how many; what they count stays."""
    old = select(NobodysHit.id).where(NobodysHit.at < before).order_by(NobodysHit.id).limit(limit)
    gone = delete(NobodysHit).where(NobodysHit.id.in_(old)).execution_options(synchronize_session=False)
    return changed(session, gone)
