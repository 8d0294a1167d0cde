"""The ledger: mailings, their batches, and one row for each delivery."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.mailings.values import BatchState, DeliveryState, MailingState

_LIVE = text("state in ('holding', 'building', 'running', 'paused')")

_DELIVERY_STATES = ("pending", "sent", "intended", "excluded", "refused", "deferred", "in_doubt", "cancelled")


class Mailing(Base):
    """One run of sending a revision of an issue to a frozen audience.

    `highest_id` is the highest subscriber id at the start: whoever signs up later is not in it, so building ends.
    `troubles` counts the relay's failures in a row and decides how far away `retry_at` is. `waits_until` is a wait that
    is no trouble (pace, hours, a wave's pause), `waits_for` says for what. `wave` is the last wave that may leave.
    `letterhead` is what of the newsletter's settings every message bears, as it stood when the mailing began.
    `stops_at` is when the first of the issue's promotions ends: from then on nothing of it may leave.
    """

    __tablename__ = "mailing"
    __table_args__ = (
        CheckConstraint("state in ('holding', 'building', 'running', 'paused', 'cancelled', 'finished')", name="state"),
        Index("uq_mailing_live_issue_id", "issue_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_mailing_state", "state"),
        # Links in mail name their mailing, so a number is never given twice: a restore goes on far behind the last.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="RESTRICT"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="RESTRICT"))
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="RESTRICT"))
    state: Mapped[MailingState] = mapped_column(String(16), default=MailingState.BUILDING)
    reason: Mapped[str] = mapped_column(String(500), default="")
    candidates: Mapped[int] = mapped_column(default=0)
    # How many of its readers wanted the text alone when the audience was frozen.
    text_only: Mapped[int] = mapped_column(default=0)
    highest_id: Mapped[int] = mapped_column(BigKey)
    troubles: Mapped[int] = mapped_column(default=0)
    # A test run reaches people at the desk only; the issue is not sent by it.
    is_test: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    hold_until: Mapped[datetime | None]
    waits_until: Mapped[datetime | None]
    waits_for: Mapped[str] = mapped_column(String(300), default="")
    wave: Mapped[int] = mapped_column(SmallInteger, default=0)
    letterhead: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    stops_at: Mapped[datetime | None]
    # Facts that come after the relay's answer; events adds them.
    hard_bounces: Mapped[int] = mapped_column(default=0)
    complaints: Mapped[int] = mapped_column(default=0)
    # What stood when a person let it go on after it had stopped by itself: it does not stop for that again.
    forgiven: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # It was stopped so that whoever has not got it gets another revision: the issue's next mailing goes to them.
    is_mended: Mapped[bool] = mapped_column(default=False)
    # Whom it goes to, as it was approved: a segment's name and its words then; empty where it goes to all.
    segment_name: Mapped[str] = mapped_column(String(80), default="")
    segment_words: Mapped[str] = mapped_column(String(1000), default="")


class Batch(Base):
    """Up to 500 deliveries of one wave with subscriber ids from `first_id` to `last_id`; what a worker claims.

    The counts say what became of its `size` deliveries, so that no page has to look at each; the rest is pending.
    `excluded` are those left out at the last moment: who was left out at the start is in no batch.
    `released_at` is when a sender first let go of it in this round, `settled_before` what was settled before: a rate
    is read from them. `turns_until` is the last turn that somebody in it was promised because their domain is slow.
    """

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
    wave: Mapped[int] = mapped_column(SmallInteger, default=0)
    size: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    deferred: Mapped[int] = mapped_column(default=0)
    in_doubt: Mapped[int] = mapped_column(default=0)
    excluded: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    released_at: Mapped[datetime | None]
    settled_before: Mapped[int] = mapped_column(default=0)
    turns_until: Mapped[datetime | None]


class Exclusion(Base):
    """How many candidates of a mailing were left out for one reason, at the start or at the last moment."""

    __tablename__ = "exclusion"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="RESTRICT"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class Delivery(Base):
    """One message to one subscriber, followed. No index on `state`: it is what the hot path updates."""

    __tablename__ = "delivery"
    __table_args__ = (
        # Not IN (...): SQLite builds its list anew for every row, which was half of a fan-out's time.
        CheckConstraint(" or ".join(f"state = '{state}'" for state in _DELIVERY_STATES), name="state"),
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
    wave: Mapped[int] = mapped_column(SmallInteger, default=0)


class Pace(Base):
    """A token bucket of a transport: all of it (domain ""), or what goes to one recipient domain.

    `free_at` is the moment when the next message may leave if none is ever ahead of its time (GCRA's theoretical
    arrival time, ITU-T I.371): one moment is the whole bucket, so that a restart does not burst.
    """

    __tablename__ = "pace"

    transport: Mapped[str] = mapped_column(String(40), primary_key=True)
    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    free_at: Mapped[datetime]


class DayCount(Base):
    """How many messages a transport was handed on one day (UTC), which a warm-up limits."""

    __tablename__ = "day_count"

    transport: Mapped[str] = mapped_column(String(40), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class LetterRoom(Base):
    """When a relay last had no connection left for letters: mailings on that transport leave one for a while."""

    __tablename__ = "letter_room"

    transport: Mapped[str] = mapped_column(String(40), primary_key=True)
    asked_at: Mapped[datetime]


class Probe(Base):
    """A mail sent to an address that does not exist, to see its bounce come back."""

    __tablename__ = "probe"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(320))
    sent_at: Mapped[datetime]
    returned_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(String(500), default="")


class DnsCheck(Base):
    """What was found about the DNS records of a newsletter's sender when somebody looked last."""

    __tablename__ = "dns_check"

    newsletter_id: Mapped[int] = mapped_column(
        ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class RepointRow(Base):
    """That a link of an issue leads elsewhere since a moment. The newest row of an address counts; none is removed."""

    __tablename__ = "repoint"
    __table_args__ = (Index("ix_repoint_issue_id", "issue_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"))
    was: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime]
