"""Picks, and the items that an editor passed over."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey


class Pick(Base):
    """An editor's choice: item + section + blurb. `picked_by` is None when the draft chose it."""

    __tablename__ = "pick"
    __table_args__ = (UniqueConstraint("newsletter_id", "item_id"), Index("ix_pick_item_id", "item_id"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id", ondelete="RESTRICT"))
    blurb: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str | None] = mapped_column(String(500))
    link: Mapped[str | None] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text, default="")
    picked_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    picked_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Skip(Base):
    """An item that an editor passed over for a newsletter."""

    __tablename__ = "skip"

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    skipped_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    skipped_at: Mapped[datetime]
