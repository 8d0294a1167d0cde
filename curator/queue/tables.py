"""The job table (the queue of record) and the slots that make scheduled work unique."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.queue.values import JobState


class Job(Base):
    """One call of a task: due at a moment, held by a lease, numbered by a fence."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state in ('queued', 'running', 'done', 'failed')", name="state"),
        Index("ix_job_state_due_at", "state", "due_at"),
        # One unfinished job a key: asking twice for the same work queues it once.
        Index(
            "uq_job_live_key",
            "key",
            unique=True,
            sqlite_where=text("state in ('queued', 'running')"),
            postgresql_where=text("state in ('queued', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    task: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    key: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[JobState] = mapped_column(String(16), default=JobState.QUEUED)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(80))
    fence: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)


class ScheduleRun(Base):
    """A slot of a schedule that has been queued; the primary key is what makes it happen once."""

    __tablename__ = "schedule_run"

    schedule_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    slot: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]


class Pulse(Base):
    """The moment that a clock last wrote down, in one row, and the number of that beat, which only ever rises.

    A database whose number is below one that a machine remembers is an older copy, whatever the clocks say.
    `installation` is a name by chance that goes wherever the database goes, so that two are told apart.
    """

    __tablename__ = "pulse"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    installation: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    number: Mapped[int] = mapped_column(BigInteger, default=0)
