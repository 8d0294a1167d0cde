"""Backups that the clock had made, and restorations that this database comes from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey


class BackupRun(Base):
    """One try to make a nightly backup; `at` is when it ended, and None while it is made (or was killed).

    `slot` is the night and the number of the try. `is_good` says that it was made, opened again and compared.
    """

    __tablename__ = "backup_run"
    __table_args__ = (UniqueConstraint("slot"), Index("ix_backup_run_at", "at"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slot: Mapped[str] = mapped_column(String(40))
    begun_at: Mapped[datetime]
    at: Mapped[datetime | None]
    is_good: Mapped[bool] = mapped_column(default=False)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(String(600), default="")


class Restoration(Base):
    """The database was made from a backup; nothing is sent until somebody lets it go."""

    __tablename__ = "restoration"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    backup_at: Mapped[datetime]
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    let_go_at: Mapped[datetime | None]
