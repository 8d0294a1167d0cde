"""The outbox of letters."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.letters.values import LetterKind, LetterState


class Letter(Base):
    """One letter to one person. `key` makes it happen once; `newsletter_id` is whose sender it bears, if any's."""

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint(
            "kind in ('confirm', 'known', 'welcome', 'invitation', 'test', "
            "'draft_ready', 'review_asked', 'given_back', 'deadline_near', 'deadline_over', "
            "'not_scheduled', 'sponsor_asked', "
            "'address_asked', 'address_told', 'address_known', 'address_moved', 'download', 'tip_thanks', 'alert')",
            name="kind",
        ),
        CheckConstraint("state in ('queued', 'held', 'sending', 'sent', 'refused', 'dropped')", name="state"),
        UniqueConstraint("key"),
        Index("ix_letter_state_due_at", "state", "due_at"),
        Index("ix_letter_address_key_created_at", "address_key", "created_at"),
        # A letter's number stands in its Message-ID, so that of a forgotten one is never given again.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[LetterKind] = mapped_column(String(16))
    state: Mapped[LetterState] = mapped_column(String(16), default=LetterState.QUEUED)
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    newsletter_id: Mapped[int | None] = mapped_column(BigKey)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    key: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(200), default="")
    attempt: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
