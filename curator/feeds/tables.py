"""Feeds, their items, and the audio facts of episodes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.feeds.values import FeedKind, FeedState, ItemKind


class Feed(Base):
    """A URL that we poll. `next_poll_at` is the due column; `note` says in words how the last poll went."""

    __tablename__ = "feed"
    __table_args__ = (
        UniqueConstraint("url"),
        CheckConstraint("kind in ('podcast', 'article')", name="kind"),
        CheckConstraint("state in ('active', 'paused', 'gone')", name="state"),
        Index("ix_feed_state_next_poll_at", "state", "next_poll_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    kind: Mapped[FeedKind] = mapped_column(String(16), default=FeedKind.ARTICLE)
    state: Mapped[FeedState] = mapped_column(String(16), default=FeedState.ACTIVE)
    title: Mapped[str] = mapped_column(String(500), default="")
    site_url: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(20))
    image_url: Mapped[str | None] = mapped_column(Text)
    is_own_show: Mapped[bool] = mapped_column(default=False)
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    body_hash: Mapped[str | None] = mapped_column(String(64))
    ttl_minutes: Mapped[int | None]
    next_poll_at: Mapped[datetime]
    last_polled_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    failures: Mapped[int] = mapped_column(default=0)
    is_ok: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]


class Item(Base):
    """One thing that a feed published, or that an editor added (then without a feed)."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("feed_id", "identity"),
        CheckConstraint("kind in ('episode', 'article')", name="kind"),
        Index("ix_item_at", "at", "id"),
        Index("ix_item_first_seen_at", "first_seen_at", "id"),
        Index("ix_item_canonical_url", "canonical_url"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    feed_id: Mapped[int | None] = mapped_column(ForeignKey("feed.id", ondelete="RESTRICT"))
    identity: Mapped[str] = mapped_column(String(64))
    kind: Mapped[ItemKind] = mapped_column(String(16))
    url: Mapped[str | None] = mapped_column(Text)
    canonical_url: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(500))
    author: Mapped[str] = mapped_column(String(300), default="")
    summary_html: Mapped[str] = mapped_column(Text, default="")
    summary_text: Mapped[str] = mapped_column(Text, default="")
    image_url: Mapped[str | None] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    is_archive: Mapped[bool] = mapped_column(default=False)


class Episode(Base):
    """The audio facts of an item."""

    __tablename__ = "episode"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    duration_s: Mapped[int | None]
    season: Mapped[int | None]
    number: Mapped[int | None]
    episode_type: Mapped[str | None] = mapped_column(String(20))


class Enclosure(Base):
    """Attached media of an item, in the feed's order."""

    __tablename__ = "enclosure"
    __table_args__ = (UniqueConstraint("item_id", "position"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    position: Mapped[int]
    url: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(100), default="")
    bytes: Mapped[int | None] = mapped_column(BigKey)
