"""The ledger: mailings, their batches, and one row for each delivery."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.mailings.values import BatchState, DeliveryState, MailingState

_LIVE = text("state in ('building', 'running', 'paused')")


class Mailing(Base):
    """One run of sending a revision of an issue to a frozen audience.

    `highest_id` is the highest subscriber id at the start: whoever signs up later is not in it, so building ends.
    `troubles` counts the relay's failures in a row and decides how far away `retry_at` is.
    """

    __tablename__ = "mailing"
    __table_args__ = (
        CheckConstraint("state in ('building', 'running', 'paused', 'cancelled', 'finished')", name="state"),
        Index("uq_mailing_live_issue_id", "issue_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_mailing_state", "state"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="RESTRICT"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="RESTRICT"))
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="RESTRICT"))
    state: Mapped[MailingState] = mapped_column(String(16), default=MailingState.BUILDING)
    reason: Mapped[str] = mapped_column(String(500), default="")
    candidates: Mapped[int] = mapped_column(default=0)
    highest_id: Mapped[int] = mapped_column(BigKey)
    troubles: Mapped[int] = mapped_column(default=0)
    # A test run reaches people at the desk only; the issue is not sent by it.
    is_test: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]


class Batch(Base):
    """Up to 500 deliveries with subscriber ids from `first_id` to `last_id`; what a worker claims."""

    __tablename__ = "batch"
    __table_args__ = (
        UniqueConstraint("mailing_id", "batch_no"),
        CheckConstraint("state in ('open', 'claimed', 'done')", name="state"),
        Index("ix_batch_mailing_id_state_due_at", "mailing_id", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="RESTRICT"))
    batch_no: Mapped[int]
    first_id: Mapped[int] = mapped_column(BigKey)
    last_id: Mapped[int] = mapped_column(BigKey)
    state: Mapped[BatchState] = mapped_column(String(16), default=BatchState.OPEN)
    due_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)


class Delivery(Base):
    """One message to one subscriber, followed. No index on `state`: it is what the hot path updates."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint(
            "state in ('excluded', 'pending', 'intended', 'sent', 'refused', 'deferred', 'in_doubt', 'cancelled')",
            name="state",
        ),
        {"sqlite_with_rowid": False, "postgresql_with": {"fillfactor": 75}},
    )

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="RESTRICT"), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    state: Mapped[DeliveryState] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(200))
    attempt: Mapped[int] = mapped_column(SmallInteger, default=0)
    fence: Mapped[int] = mapped_column(default=0)
    code: Mapped[int | None] = mapped_column(SmallInteger)
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
