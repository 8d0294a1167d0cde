"""What needed a person, once for each time that it did, and which processes live."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.watch.values import AlertKind, ProcessKind


class AlertRow(Base):
    """A trouble from the first time that it was seen to the last. Of one thing there is one open alert at most."""

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint(
            "kind in ('clock', 'sender', 'work', 'jobs', 'letters', 'mailing', 'doubts', 'complaints', 'bounces', "
            "'show', 'feeds', 'disk', 'mailbox', 'signups', 'webhook', 'backup')",
            name="kind",
        ),
        Index(
            "uq_alert_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("closed_at is null"),
            postgresql_where=text("closed_at is null"),
        ),
        Index("ix_alert_closed_at", "closed_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[AlertKind] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(80), default="")
    what: Mapped[str] = mapped_column(String(600))
    todo: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # By letter, and by webhook. An end is told to whoever had heard of the beginning.
    told_at: Mapped[datetime | None]
    end_told_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    end_called_at: Mapped[datetime | None]
    # Somebody is calling the webhook just now; a process that dies over it lets go by this.
    calling_until: Mapped[datetime | None]
    # How often it came back soon after it was over.
    returns: Mapped[int] = mapped_column(default=0)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class ProcessRow(Base):
    """A process of any machine that was at work lately. Its row goes when it ends in good order, else within a day.

    `tick_lag_s` is by how much the latest of a clock's ticks was late in the minute before `seen_at`.
    """

    __tablename__ = "process"
    __table_args__ = (CheckConstraint("kind in ('web', 'clock', 'worker', 'runner')", name="kind"),)

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    machine: Mapped[str] = mapped_column(String(80))
    kind: Mapped[ProcessKind] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    tick_lag_s: Mapped[float] = mapped_column(default=0.0)
