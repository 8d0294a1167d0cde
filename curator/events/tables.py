"""Events, the counters that pages read instead of them, how far each spool file is read, and what providers told."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.events.values import EventKind

_ONCE = text("kind <> 'clicked'")


class Event(Base):
    """One fact. A click is a row for each hit; a bounce and an unsubscribing are one for each delivery.

    `reason` and `is_hard` are a bounce's (`bounces/values.py`); empty in those from before they were told apart.
    There is no foreign key to the subscriber, as in the ledger: an erased reader's facts stay as numbers.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint(
            "kind in ('clicked', 'bounced', 'unsubscribed', 'complained', 'delivered', 'opened')", name="kind"
        ),
        Index("ix_event_mailing_id_subscriber_id", "mailing_id", "subscriber_id"),
        Index(
            "uq_event_once",
            "mailing_id",
            "subscriber_id",
            "kind",
            unique=True,
            sqlite_where=_ONCE,
            postgresql_where=_ONCE,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[EventKind] = mapped_column(String(16))
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="RESTRICT"))
    subscriber_id: Mapped[int] = mapped_column(BigKey)
    at: Mapped[datetime]
    link: Mapped[int | None] = mapped_column(SmallInteger)
    agent: Mapped[int | None] = mapped_column(BigInteger)
    is_head: Mapped[bool] = mapped_column(default=False)
    is_robot: Mapped[bool] = mapped_column(default=False)
    detail: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(16), default="")
    is_hard: Mapped[bool] = mapped_column(default=False)


class NobodysHit(Base):
    """A hit on a link that is everybody's, kept for an hour: only until it is known whether a machine made it.

    It names no reader; `agent` tells one scanner's hits from another's, as in an event.
    """

    __tablename__ = "nobodys_hit"
    __table_args__ = (Index("ix_nobodys_hit_mailing_id_agent", "mailing_id", "agent"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"))
    link: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime]
    agent: Mapped[int] = mapped_column(BigInteger)
    is_head: Mapped[bool]
    is_robot: Mapped[bool]


class LinkCount(Base):
    """What came of one link of one mailing: people's hits, how many people, and robots' hits."""

    __tablename__ = "link_count"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="RESTRICT"), primary_key=True)
    link: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    clicks: Mapped[int] = mapped_column(default=0)
    readers: Mapped[int] = mapped_column(default=0)
    robot_hits: Mapped[int] = mapped_column(default=0)


class ClickDay(Base):
    """Of a link's hits, how many were made on one day (UTC): by people, and by robots."""

    __tablename__ = "click_day"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="RESTRICT"), primary_key=True)
    link: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    on: Mapped[date] = mapped_column(primary_key=True)
    clicks: Mapped[int] = mapped_column(default=0)
    robot_hits: Mapped[int] = mapped_column(default=0)


class MailingCount(Base):
    """What came of one mailing. `clickers` are people who clicked anything; `dropped` hits are beyond the limit.

    `accepted` is how many messages the relay took, counted when the mailing is over. `opens` are requests for the
    picture, `openers` the readers whose picture was asked for. `delivered` and `complained` are what the provider
    tells, where it does. From `nameless_at` on nothing more is noted by reader.
    """

    __tablename__ = "mailing_count"

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    accepted: Mapped[int] = mapped_column(default=0)
    clicks: Mapped[int] = mapped_column(default=0)
    clickers: Mapped[int] = mapped_column(default=0)
    robot_hits: Mapped[int] = mapped_column(default=0)
    dropped: Mapped[int] = mapped_column(default=0)
    bounced: Mapped[int] = mapped_column(default=0)
    unsubscribed: Mapped[int] = mapped_column(default=0)
    opens: Mapped[int] = mapped_column(default=0)
    openers: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    complained: Mapped[int] = mapped_column(default=0)
    nameless_at: Mapped[datetime | None]


class BounceCount(Base):
    """How many messages of one mailing bounced for one reason."""

    __tablename__ = "bounce_count"

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


class SpoolMark(Base):
    """How many bytes of a spool file are in the event table; the file's name has chance in it and is never reused."""

    __tablename__ = "spool_mark"

    file: Mapped[str] = mapped_column(String(120), primary_key=True)
    bytes_read: Mapped[int] = mapped_column(BigInteger, default=0)
    at: Mapped[datetime]


class HookCall(Base):
    """One call of a provider. Its body is emptied once it is read; its key stays, so that it counts once."""

    __tablename__ = "hook_call"
    __table_args__ = (
        CheckConstraint("provider in ('ses', 'postmark', 'mailgun', 'sendgrid')", name="provider"),
        CheckConstraint("state in ('waiting', 'unproven', 'read')", name="state"),
        Index("uq_hook_call_key", "key", unique=True),
        Index("ix_hook_call_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    provider: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    came_at: Mapped[datetime]
    due_at: Mapped[datetime]


class HookFact(Base):
    """One fact of a provider's call: done with, or waiting for the delivery that it tells of."""

    __tablename__ = "hook_fact"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'done')", name="state"),
        Index("ix_hook_fact_state_due_at", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    came_at: Mapped[datetime]
    due_at: Mapped[datetime]


class HookCount(Base):
    """How many calls or facts of a provider came to what on a day."""

    __tablename__ = "hook_count"

    provider: Mapped[str] = mapped_column(String(16), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(24), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]


class HookRefusal(Base):
    """One call that was refused; of many in a minute only the first are written down, and all are counted."""

    __tablename__ = "hook_refusal"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]


class HookCertificate(Base):
    """A certificate of SNS as it was fetched; without one: why there is none, and when it is asked for again."""

    __tablename__ = "hook_certificate"

    url: Mapped[str] = mapped_column(String(300), primary_key=True)
    pem: Mapped[str] = mapped_column(Text, default="")
    fetched_at: Mapped[datetime]
