"""The checks' rows: ticks, how links were, how far a worker is with them, and which revision was tested."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from curator.accounts.tables import User
from curator.db import changed, in_parts, upsert
from curator.feeds.tables import Item
from curator.issues.checks.values import LinkFate, LinkLook, LinkRound, SentTestRow, Tick
from curator.issues.tables import Block, CheckTick, Issue, Revision, SentTest
from curator.issues.tables import LinkLook as LinkLookTable
from curator.issues.tables import LinkRound as LinkRoundTable
from curator.issues.values import IssueState
from curator.picks.tables import Pick

# -- ticks


def ticks(session: Session, issue_id: int) -> list[Tick]:
    """Returns what was ticked off in an issue, whether it still holds or not."""
    query = select(CheckTick, User.name).outerjoin(User, User.id == CheckTick.ticked_by)
    rows = session.execute(query.where(CheckTick.issue_id == issue_id).order_by(CheckTick.code, CheckTick.about))
    return [Tick(row.code, row.about, row.content, row.ticked_by, name or "", row.ticked_at) for row, name in rows]


def put_tick(session: Session, issue_id: int, tick: Tick) -> None:
    """Writes a tick in place of an older one of the same thing."""
    remove_tick(session, issue_id, code=tick.code, about=tick.about)
    session.add(
        CheckTick(
            issue_id=issue_id,
            code=tick.code,
            about=tick.about,
            content=tick.content,
            ticked_by=tick.by,
            ticked_at=tick.at,
        )
    )
    session.flush()


def remove_tick(session: Session, issue_id: int, *, code: str, about: str) -> bool:
    """Takes a tick away; False when there was none."""
    known = CheckTick.issue_id == issue_id, CheckTick.code == code, CheckTick.about == about
    return changed(session, delete(CheckTick).where(*known)) == 1


# -- what ran before


def earlier(session: Session, issue_id: int, newsletter_id: int, number: int, urls: Collection[str]) -> dict[str, int]:
    """Returns in which issue of a newsletter before this number each canonical URL ran last."""
    query = (
        select(Item.canonical_url, func.max(Issue.number))
        .join(Pick, Pick.item_id == Item.id)
        .join(Block, Block.pick_id == Pick.id)
        .join(Issue, Issue.id == Block.issue_id)
        .where(Issue.newsletter_id == newsletter_id, Issue.number < number, Issue.id != issue_id)
        .where(Issue.state.in_((IssueState.SENDING, IssueState.SENT)))
        .group_by(Item.canonical_url)
    )
    found: dict[str, int] = {}
    for part in in_parts(sorted(urls)):
        rows = session.execute(query.where(Item.canonical_url.in_(part)))
        found |= {url: last for url, last in rows if url is not None}
    return found


def last_but_one_at(session: Session, newsletter_id: int, number: int) -> datetime | None:
    """Returns when the issue before the last one before this number went out; None while there are fewer."""
    return session.scalar(_went_out(newsletter_id, number).offset(1).limit(1))


def last_at(session: Session, newsletter_id: int, number: int) -> datetime | None:
    """Returns when the last issue before this number went out; None while there is none that Curator sent."""
    return session.scalar(_went_out(newsletter_id, number).where(Issue.imported_at.is_(None)).limit(1))


def _went_out(newsletter_id: int, number: int) -> Select[datetime]:
    went_out = func.coalesce(Issue.sent_at, Issue.due_at, Issue.created_at)
    gone = Issue.newsletter_id == newsletter_id, Issue.number < number, Issue.state == IssueState.SENT
    return select(went_out).where(*gone).order_by(Issue.number.desc())


# -- links


def looks(session: Session, urls: Collection[str], *, since: datetime) -> dict[str, LinkLook]:
    """Returns what was found at these URLs since a moment, by URL."""
    found: dict[str, LinkLook] = {}
    for part in in_parts(sorted(urls)):
        query = select(LinkLookTable).where(LinkLookTable.url.in_(part), LinkLookTable.looked_at >= since)
        for row in session.scalars(query):
            told = row.leads_to or "", row.bytes
            found[row.url] = LinkLook(row.url, LinkFate(row.fate), row.status, row.note, row.looked_at, *told)
    return found


def put_look(session: Session, look: LinkLook) -> None:
    """Writes down what was found at a URL, over what was found before."""
    row = {
        "url": look.url,
        "fate": look.fate,
        "status": look.status,
        "note": look.note[:200],
        "looked_at": look.at,
        "leads_to": look.leads_to,
        "bytes": look.bytes,
    }
    upsert(session, LinkLookTable, [row], keys=["url"], update=[name for name in row if name != "url"])


def link_round(session: Session, issue_id: int) -> LinkRound | None:
    """Returns how far a worker is with an issue's links; None before anybody asked."""
    row = session.scalars(
        select(LinkRoundTable).where(LinkRoundTable.issue_id == issue_id).execution_options(populate_existing=True)
    ).one_or_none()
    return None if row is None else LinkRound(row.total, row.done, row.asked_at, row.beat_at, row.finished_at)


def begin_round(session: Session, issue_id: int, *, total: int, now: datetime) -> None:
    """Begins to look at an issue's links anew."""
    session.execute(delete(LinkRoundTable).where(LinkRoundTable.issue_id == issue_id))
    session.add(LinkRoundTable(issue_id=issue_id, total=total, done=0, asked_at=now, beat_at=now))
    session.flush()


def beat_round(session: Session, issue_id: int, *, total: int, done: int, now: datetime, is_over: bool) -> None:
    """Writes down how far a worker is."""
    values = {"total": total, "done": done, "beat_at": now, "finished_at": now if is_over else None}
    session.execute(update(LinkRoundTable).where(LinkRoundTable.issue_id == issue_id).values(**values))


# -- test mails


def add_test(
    session: Session, issue_id: int, *, revision_id: int, user_id: int, letter_key: str, now: datetime
) -> None:
    """Writes down who was sent which revision as a test."""
    session.add(SentTest(issue_id=issue_id, revision_id=revision_id, user_id=user_id, letter_key=letter_key, at=now))
    session.flush()


def sent_tests(session: Session, issue_id: int, *, limit: int = 10) -> list[SentTestRow]:
    """Returns an issue's newest test mails, at most `limit`, newest first."""
    query = (
        select(SentTest, Revision.number, User.name, User.address)
        .join(Revision, Revision.id == SentTest.revision_id)
        .join(User, User.id == SentTest.user_id)
        .where(SentTest.issue_id == issue_id)
        .order_by(SentTest.id.desc())
        .limit(limit)
    )
    return [
        SentTestRow(row.revision_id, number, name, address, row.letter_key, row.at)
        for row, number, name, address in session.execute(query)
    ]
