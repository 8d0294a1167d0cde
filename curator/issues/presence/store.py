"""Presence's rows: say that somebody is there, forget them, and who is there now."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from curator.accounts.tables import User
from curator.db import upsert
from curator.issues.presence.values import Present
from curator.issues.tables import Block, Presence
from curator.newsletters.tables import Section

# More people than these at one board are named as a number.
_MOST = 20


def note(session: Session, issue_id: int, user_id: int, *, block_id: int | None, at: datetime) -> None:
    """Says that somebody is at a board; one row for each person, whatever the number of their windows."""
    row = {"issue_id": issue_id, "user_id": user_id, "block_id": block_id, "at": at}
    upsert(session, Presence, [row], keys=["issue_id", "user_id"], update=["block_id", "at"])


def forget(session: Session, issue_id: int, user_id: int) -> None:
    """Takes somebody off a board."""
    session.execute(delete(Presence).where(Presence.issue_id == issue_id, Presence.user_id == user_id))


def forget_before(session: Session, issue_id: int, at: datetime) -> None:
    """Takes everybody off a board who has not been heard of since."""
    session.execute(delete(Presence).where(Presence.issue_id == issue_id, Presence.at < at))


def others(session: Session, issue_id: int, *, but: int, since: datetime) -> list[Present]:
    """Returns at most 20 other people who were heard of since, by name; one query."""
    query = (
        select(User.id, User.name, Block.id, Section.title)
        .join(Presence, Presence.user_id == User.id)
        .outerjoin(Block, (Block.id == Presence.block_id) & (Block.issue_id == issue_id))
        .outerjoin(Section, Section.id == Block.section_id)
        .where(Presence.issue_id == issue_id, Presence.at >= since, User.id != but, User.is_active)
    )
    rows = session.execute(query.order_by(User.name, User.id).limit(_MOST))
    return [Present(user_id, name, block_id, section or "") for user_id, name, block_id, section in rows]
