"""A mailing whose links can be followed, hits on it, and a recount of its counters from every event."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from curator.db import Database, Session
from curator.events import listen, records, spool
from curator.events.robots import robots
from curator.events.tables import Event, LinkCount, MailingCount
from curator.events.tally import LinkTally, Tally, of_reader
from curator.events.values import EventKind, Hit
from curator.issues.tables import Link
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import BatchState, DeliveryState, MailingState
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
LINKS = (
    (1, "title", 11, "Highlights", "Tide pools"),
    (2, "go", 11, "Highlights", "Tide pools"),
    (3, "title", 12, "Highlights", "City trees"),
    (4, "go", 12, "Highlights", "City trees"),
    (5, "text", 13, "Trends", "what we measured"),
    (6, "title", 14, "Trends", "Small models"),
    (7, "go", 14, "Trends", "Small models"),
)


@dataclass(frozen=True)
class Sent:
    """A finished mailing: its newsletter, issue and readers."""

    db: Database
    newsletter_id: int
    issue_id: int
    mailing_id: int
    readers: tuple[int, ...]


def sent(
    db: Database,
    *,
    number: int = 41,
    readers: int = 10,
    newsletter_id: int | None = None,
    subscriber_ids: tuple[int, ...] | None = None,
    **columns: object,
) -> Sent:
    """An issue that was sent, with seven links in its revision and a delivery for each reader."""
    newsletter = builders.newsletter_row(db) if newsletter_id is None else newsletter_id
    if subscriber_ids is None:
        addresses = [f"r{number}-{n}@example.org" for n in range(readers)]
        subscriber_ids = tuple(builders.subscriber_rows(db, newsletter, addresses))
    issue_id = builders.approved_issue_row(db, newsletter, number=number, state="sent")  # type: ignore[arg-type]  # as the column holds it
    mailing_id = mailing_row(db, newsletter, issue_id, **columns)
    deliver(db, mailing_id, subscriber_ids)
    listen.note_accepted(db, mailing_id)
    return Sent(db, newsletter, issue_id, mailing_id, subscriber_ids)


def mailing_row(db: Database, newsletter_id: int, issue_id: int, *, has_links: bool = True, **columns: object) -> int:
    """A finished mailing of the issue's only revision, which gets its links."""
    from curator.issues.revisions import store as revisions

    with db.write() as session:
        revision = revisions.latest_revision(session, issue_id)
        assert revision is not None
        if has_links and not revisions.links(session, revision.id):
            session.add_all(
                Link(
                    revision_id=revision.id,
                    number=link,
                    url=f"https://site.example/{link}",
                    placement=placement,
                    block_id=block_id,
                    section=section,
                    label=label,
                )
                for link, placement, block_id, section, label in LINKS
            )
        given: dict[str, object] = {"state": MailingState.FINISHED, "highest_id": 1, "started_at": NOW}
        row = Mailing(issue_id=issue_id, revision_id=revision.id, newsletter_id=newsletter_id, **(given | columns))
        session.add(row)
        session.flush()
        return row.id


def deliver(
    db: Database,
    mailing_id: int,
    subscriber_ids: tuple[int, ...],
    *,
    state: DeliveryState = DeliveryState.SENT,
    **columns: object,
) -> None:
    with db.write() as session:
        session.add_all(
            Delivery(mailing_id=mailing_id, subscriber_id=id_, state=state, at=NOW, **columns) for id_ in subscriber_ids
        )
        _add_batch(session, mailing_id, subscriber_ids, state)


def _add_batch(session: Session, mailing_id: int, subscriber_ids: tuple[int, ...], state: DeliveryState) -> None:
    """The batch that counts these deliveries."""
    number = session.scalar(select(func.count()).where(Batch.mailing_id == mailing_id)) or 0
    counted = {"size": len(subscriber_ids)}
    if not state.is_open:
        counted[state.value] = len(subscriber_ids)
    session.add(
        Batch(
            mailing_id=mailing_id,
            batch_no=number + 1,
            first_id=min(subscriber_ids, default=0),
            last_id=max(subscriber_ids, default=0),
            state=BatchState.DONE,
            due_at=NOW,
            **counted,
        )
    )


def hit(mailing_id: int, link: int, reader: int, *, after_s: float = 0, agent: int = 7, is_head: bool = False) -> Hit:
    return Hit(mailing_id, link, reader, NOW + timedelta(seconds=after_s), agent, is_head)


def spooled(folder: Path, *hits: Hit) -> None:
    """Puts hits into a spool file of a process that is gone."""
    writing = spool.Spool(folder)
    for each in hits:
        writing.append(records.packed(each))
    writing.close()


def tally_of(db: Database, mailing_id: int) -> Tally:
    """What the counters say."""
    with db.read() as session:
        row = session.get(MailingCount, mailing_id)
        links = session.scalars(select(LinkCount).where(LinkCount.mailing_id == mailing_id))
        found = {each.link: LinkTally(each.clicks, each.readers, each.robot_hits) for each in links}
        tally = Tally({link: each for link, each in found.items() if each != LinkTally()}, row.clickers if row else 0)
        if row is not None:
            assert (row.clicks, row.robot_hits) == (tally.clicks, tally.robot_hits)
        return tally


def recount(db: Database, mailing_id: int) -> Tally:
    """What every event of a mailing comes to, judged from nothing; the flags in the rows must be the same."""
    by_reader: dict[int, list[tuple[Hit, bool]]] = {}
    with db.read() as session:
        rows = session.scalars(select(Event).where(Event.mailing_id == mailing_id, Event.kind == EventKind.CLICKED))
        for row in rows:
            each = Hit(mailing_id, row.link or 0, row.subscriber_id, row.at, row.agent or 0, row.is_head)
            by_reader.setdefault(row.subscriber_id, []).append((each, row.is_robot))
    total = Tally()
    for judged in by_reader.values():
        verdicts = robots([each for each, _ in judged], mail_links=len(LINKS))
        assert verdicts == [flag for _, flag in judged]
        total += of_reader((each, verdict) for (each, _), verdict in zip(judged, verdicts, strict=True))
    return total


def counters(db: Database, mailing_id: int) -> MailingCount:
    with db.read() as session:
        row = session.get(MailingCount, mailing_id)
        assert row is not None
        return row


def events(db: Database, kind: EventKind | None = None) -> list[Event]:
    query = select(Event).order_by(Event.id)
    with db.read() as session:
        return list(session.scalars(query if kind is None else query.where(Event.kind == kind)))
