"""Endpoints that want to hear of things, the calls to them, and what came of each attempt."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey


class WebhookEndpoint(Base):
    """An address of somebody's program. Secrets are sealed; what is removed stays, so that it can be put back.

    There is no foreign key to the newsletter, which is a later room's. `off_reason`: why Curator itself
    switched it off. `delivered_at`: when it took a call last.
    """

    __tablename__ = "webhook_endpoint"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(2000))
    kinds: Mapped[list[Any]] = mapped_column(JSON, default=list)
    newsletter_id: Mapped[int | None] = mapped_column(BigKey)
    gets_personal: Mapped[bool] = mapped_column(default=False)
    is_on: Mapped[bool] = mapped_column(default=True)
    off_reason: Mapped[str] = mapped_column(String(300), default="")
    secret: Mapped[str] = mapped_column(Text)
    old_secret: Mapped[str] = mapped_column(Text, default="")
    old_until: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class WebhookCall(Base):
    """One thing told to one endpoint. `public_id` is the same in every attempt: whoever gets it twice knows.

    `address_key` is whose address stands in the body, if anybody's.
    """

    __tablename__ = "webhook_call"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'delivered', 'given up')", name="state"),
        Index("ix_webhook_call_endpoint_id_state_due_at", "endpoint_id", "state", "due_at"),
        Index("ix_webhook_call_endpoint_id_id", "endpoint_id", "id"),
        Index("uq_webhook_call_public_id", "public_id", unique=True),
        Index("ix_webhook_call_address_key", "address_key"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40))
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    address_key: Mapped[str | None] = mapped_column(String(320))
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class WebhookAttempt(Base):
    """What came of calling once: a status and the first bytes of the answer, or why there is none."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_call_id", "call_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("webhook_call.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    took_ms: Mapped[int]
    status: Mapped[int | None]
    words: Mapped[str] = mapped_column(String(500), default="")
