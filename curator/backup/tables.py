"""Restorations that this database comes from, and the nights of which a backup was asked for."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from curator.backup.nightly.values import NightState
from curator.db import Base, BigKey


class Restoration(Base):
    """The database was made from a backup; nothing is sent until somebody lets it go."""

    __tablename__ = "restoration"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    backup_at: Mapped[datetime]
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    let_go_at: Mapped[datetime | None]


class BackupRun(Base):
    """A night's backup and what became of it. The key is the moment at which it was due, so a night has one.

    `tries` tells one try's late word from another's.
    """

    __tablename__ = "backup_run"
    __table_args__ = (CheckConstraint("state in ('asked', 'running', 'good', 'failed')", name="state"),)

    slot_at: Mapped[datetime] = mapped_column(primary_key=True)
    state: Mapped[NightState] = mapped_column(String(16))
    asked_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    backup_at: Mapped[datetime | None]
    file: Mapped[str] = mapped_column(String(200), default="")
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    files: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(String(300), default="")
