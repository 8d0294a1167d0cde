"""The audit log: who changed what, when, from what to what."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey


class Activity(Base):
    """One change. `actor` is a user id, or None for the machine; `before` holds what an inverse needs.

    `undone_at` and `undone_by` say that it was taken back; `undoes` is the change that this one took back.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_subject", "subject", "subject_id", "id"),
        Index("ix_activity_subject_only", "subject", "id"),
        Index("ix_activity_actor_id", "actor", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[int | None] = mapped_column(BigKey)
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(BigKey)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(BigKey)
    undoes: Mapped[int | None] = mapped_column(BigKey)
    # The name of the API token by which a program did it in the actor's name.
    via: Mapped[str | None] = mapped_column(String(100))
