"""Erasures that wait for a mailing's end, and what age took when."""

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey


class Erasure(Base):
    """A reader who was erased while a mailing to them was under way: their row in its ledger goes when it is over."""

    __tablename__ = "erasure"

    subscriber_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class RetentionRun(Base):
    """One round in which what is too old was deleted: how much, by kind. The first one only announces it (None)."""

    __tablename__ = "retention_run"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    removed: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
