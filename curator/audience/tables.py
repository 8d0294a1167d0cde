"""Subscribers, their subscriptions, and addresses that are never mailed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.audience.values import ConsentStep, SubscriptionState, SuppressionReason
from curator.db import Base, BigKey


class Subscriber(Base):
    """Who asked. `address` is as they wrote it, `address_key` is the form that makes two spellings one."""

    __tablename__ = "subscriber"
    # An id is never given twice: old unsubscribe links name it, and must not meet somebody else.
    __table_args__ = (
        UniqueConstraint("address_key"),
        Index("ix_subscriber_engaged_at", "engaged_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]
    # When a person last clicked in a mail of ours; events notes it.
    engaged_at: Mapped[datetime | None]


class Subscription(Base):
    """The tie of a subscriber to a newsletter."""

    __tablename__ = "subscription"
    __table_args__ = (
        CheckConstraint("state in ('pending', 'active', 'ended')", name="state"),
        Index("ix_subscription_newsletter_id_state", "newsletter_id", "state", "subscriber_id"),
    )

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[SubscriptionState] = mapped_column(String(16))
    changed_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(100), default="")


class Consent(Base):
    """One step of a subscription as it happened: when, where (a page, a file, the desk), and in which words."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(
            "step in ('asked', 'confirmed', 'left', 'returned', 'denied', 'added', 'imported')", name="step"
        ),
        Index("ix_consent_subscriber_id_newsletter_id", "subscriber_id", "newsletter_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"))
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    step: Mapped[ConsentStep] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(String(1000), default="")


class Suppression(Base):
    """An address never to be mailed, with its reason; it outlives the subscriber."""

    __tablename__ = "suppression"
    __table_args__ = (CheckConstraint("reason in ('bounced', 'complained', 'by hand', 'erased')", name="reason"),)

    address_key: Mapped[str] = mapped_column(String(320), primary_key=True)
    reason: Mapped[SuppressionReason] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime]
