"""Picks, and what editors did with the items that they did not pick: skipped, put off, muted."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.picks.values import SkipReason


class Pick(Base):
    """An editor's choice: item + section + blurb. `picked_by` is None when the draft chose it."""

    __tablename__ = "pick"
    __table_args__ = (
        UniqueConstraint("newsletter_id", "item_id"),
        Index("ix_pick_item_id", "item_id"),
        Index("ix_pick_picked_by_picked_at", "picked_by", "picked_at"),
    )

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
    """An item that an editor passed over for a newsletter, and why where they said so."""

    __tablename__ = "skip"
    __table_args__ = (
        CheckConstraint(
            "reason in ('', 'off topic', 'seen before', 'too thin', 'out of date', 'behind a paywall', 'advertising')",
            name="reason",
        ),
        Index("ix_skip_skipped_by_skipped_at", "skipped_by", "skipped_at"),
    )

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    skipped_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    skipped_at: Mapped[datetime]
    reason: Mapped[SkipReason] = mapped_column(String(20), default=SkipReason.NONE)


class Later(Base):
    """An item that an editor put off. `until` is the due column: once it has come the item is new again."""

    __tablename__ = "later"
    __table_args__ = (Index("ix_later_newsletter_id_until", "newsletter_id", "until"),)

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    until: Mapped[datetime]
    put_off_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    put_off_at: Mapped[datetime]


class Mute(Base):
    """What a newsletter's inbox does not want to see: a feed, or words of a title (lower case, single spaces)."""

    __tablename__ = "mute"
    __table_args__ = (
        UniqueConstraint("newsletter_id", "feed_id"),
        UniqueConstraint("newsletter_id", "words"),
        CheckConstraint("(feed_id is null) <> (words is null)", name="one"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    feed_id: Mapped[int | None] = mapped_column(ForeignKey("feed.id", ondelete="CASCADE"))
    words: Mapped[str | None] = mapped_column(String(100))
    muted_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    muted_at: Mapped[datetime]
