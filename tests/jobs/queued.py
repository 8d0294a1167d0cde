"""What stands in the queue, for tests of everything that queues."""

from typing import Any

from sqlalchemy import select

from curator.db import Database
from curator.queue.tables import Job


def jobs(database: Database, task: str | None = None) -> list[dict[str, Any]]:
    """Returns the payloads of every job there ever was, oldest first; of one task, or of all."""
    query = select(Job.payload).order_by(Job.id)
    with database.read() as session:
        return list(session.scalars(query if task is None else query.where(Job.task == task)))


def states(database: Database) -> list[str]:
    """Returns the state of every job, oldest first."""
    with database.read() as session:
        return list(session.scalars(select(Job.state).order_by(Job.id)))
