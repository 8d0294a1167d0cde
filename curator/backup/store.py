"""Queries over a database that was made from a backup: what stands held in it, and what of the past is put aside."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, inspect, select, text, update
from sqlalchemy.orm import Session

from curator.accounts.tables import SignIn, SignInLink, User
from curator.backup.tables import Restoration
from curator.backup.values import Restored
from curator.db import Database, changed
from curator.letters.tables import Letter
from curator.letters.values import LetterState
from curator.queue.tables import Job
from curator.queue.values import JobState
from curator.webhooks.tables import WebhookCall

# Nobody's installation took in more within the life of a backup.
GAP = 1_000_000
LINKED = (
    "address_change",
    "booking",
    "download_request",
    "letter",
    "mailing",
    "offered_file",
    "promotion",
    "shared_report",
    "subscriber",
)
"""Tables whose numbers stand in links: none is ever given twice (SQLite's AUTOINCREMENT)."""

_OPEN_LETTERS = tuple(each for each in LetterState if not each.is_final)


def held(session: Session) -> Restored | None:
    """Returns the restoration after which nothing was let go yet, None when there is none."""
    row = session.scalar(select(Restoration).where(Restoration.let_go_at.is_(None)).order_by(Restoration.id.desc()))
    return None if row is None else Restored(row.id, row.at, row.backup_at, dict(row.report), row.let_go_at)


def note(session: Session, *, at: datetime, backup_at: datetime, report: Mapping[str, int]) -> int:
    """Writes down that the database was made from a backup, and returns its number; from here on nothing is sent."""
    row = Restoration(at=at, backup_at=backup_at, report=dict(report), let_go_at=None)
    session.add(row)
    session.flush()
    return row.id


def let_go(session: Session, *, now: datetime) -> bool:
    """Ends the holding; False when nothing was held."""
    standing = update(Restoration).where(Restoration.let_go_at.is_(None))
    return changed(session, standing.values(let_go_at=now)) > 0


def drop_letters(session: Session, *, reason: str, now: datetime) -> int:
    """Drops every letter that has not left, as far as this database knows."""
    waiting = update(Letter).where(Letter.state.in_(_OPEN_LETTERS))
    return changed(session, waiting.values(state=LetterState.DROPPED, reason=reason, finished_at=now, lease_until=None))


def give_up_calls(session: Session, *, now: datetime) -> int:
    """Gives up every call of a webhook that waits."""
    waiting = update(WebhookCall).where(WebhookCall.state == "waiting")
    return changed(session, waiting.values(state="given up", finished_at=now))


def end_jobs(session: Session, *, reason: str, now: datetime) -> int:
    """Ends every job: what is due still is asked for anew."""
    live = update(Job).where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
    return changed(session, live.values(state=JobState.FAILED, error=reason, finished_at=now, lease_until=None))


def end_sign_ins(session: Session) -> int:
    """Ends every sign-in and every one-time link to sign in."""
    session.execute(delete(SignInLink))
    session.execute(update(User).values(epoch=User.epoch + 1))
    return changed(session, delete(SignIn))


def holdings(db: Database) -> dict[str, int]:
    """Returns what an installation has that a restore would replace, by name; {} for one without tables."""
    with db.engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        return {
            table: int(connection.scalar(select(func.count()).select_from(text(f'"{table}"'))) or 0)
            for table in ("newsletter", "subscriber", "issue", "user")
            if table in there
        }


def count_on(db: Database, numbers: Mapping[str, int], *, given: Mapping[str, int]) -> dict[str, int]:
    """Lets new numbers begin behind those of a backup; far behind where links in mail that it lacks may name them.

    `given` is how far ids had come in databases that were restored before. Returns where those of links begin now.
    """
    begins = {table: max(numbers.get(table, 0), given.get(table, 0), 1) + GAP for table in LINKED}
    with db.engine.begin() as connection:
        if db.is_sqlite:
            for table, highest in begins.items():
                place = {"table": table, "highest": highest}
                connection.execute(text("delete from sqlite_sequence where name = :table"), place)
                connection.execute(text("insert into sqlite_sequence (name, seq) values (:table, :highest)"), place)
            return begins
        for table, number in numbers.items():
            place = {"table": f'"{table}"', "highest": begins.get(table, max(number, 1))}
            query = "select setval(pg_get_serial_sequence(:table, 'id'), :highest, :is_used)"
            connection.execute(text(query), place | {"is_used": number > 0 or table in LINKED})
    return begins
