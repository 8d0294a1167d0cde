"""What needed a person, once for each time that it did."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.watch.values import AlertKind


class AlertRow(Base):
    """A trouble from the first time that it was seen to the last. Of one thing there is one open alert at most."""

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint(
            "kind in ('clock', 'work', 'jobs', 'letters', 'mailing', 'doubts', 'complaints', 'bounces', 'show', "
            "'feeds', 'disk', 'mailbox', 'webhook')",
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
    subject: Mapped[str] = mapped_column(String(40), default="")
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
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
