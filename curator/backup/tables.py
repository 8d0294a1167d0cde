"""Restorations that this database comes from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey


class Restoration(Base):
    """The database was made from a backup; nothing is sent until somebody lets it go."""

    __tablename__ = "restoration"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    backup_at: Mapped[datetime]
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    let_go_at: Mapped[datetime | None]
