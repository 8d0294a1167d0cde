"""What editors say of shows and episodes, transcripts turn by turn, and quotes."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey


class RetiredPlatform(Base):
    """A place to listen that is no more: its links are shown nowhere."""

    __tablename__ = "retired_platform"

    platform: Mapped[str] = mapped_column(String(30), primary_key=True)
    retired_at: Mapped[datetime]


class ListeningLink(Base):
    """Where a show can be listened to; with an item, where that episode can be."""

    __tablename__ = "listening_link"
    __table_args__ = (Index("ix_listening_link_feed_id_item_id", "feed_id", "item_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id", ondelete="CASCADE"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    platform: Mapped[str] = mapped_column(String(30))
    url: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(String(100), default="")
    position: Mapped[int]


class EpisodeWords(Base):
    """What an editor wrote about an episode. None: the feed's word stands, today's and every later one."""

    __tablename__ = "episode_words"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str | None] = mapped_column(String(500))
    subtitle: Mapped[str | None] = mapped_column(String(500))
    summary: Mapped[str | None] = mapped_column(Text)
    artwork_url: Mapped[str | None] = mapped_column(Text)
    artwork_alt: Mapped[str | None] = mapped_column(String(300))
    artwork_credit: Mapped[str | None] = mapped_column(String(300))
    guests: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    topics: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    mentions: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    chapters: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class Transcript(Base):
    """The conversation of an episode: the feed's, until an editor uploads one, which no poll replaces."""

    __tablename__ = "transcript"
    __table_args__ = (CheckConstraint("source in ('feed', 'editor')", name="source"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    url: Mapped[str | None] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(100), default="")
    language: Mapped[str | None] = mapped_column(String(20))
    is_ok: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(String(500), default="")
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    words: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]


class Turn(Base):
    """What one speaker says in one go; times are milliseconds from the beginning, None where nobody told.

    Its text is searched: by a table of FTS5 on SQLite, which triggers keep up, and by an index on PostgreSQL.
    """

    __tablename__ = "turn"
    __table_args__ = (UniqueConstraint("item_id", "position"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("transcript.item_id", ondelete="CASCADE"))
    position: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(200), default="")
    start_ms: Mapped[int | None]
    end_ms: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)


class Quote(Base):
    """A passage of a transcript that an editor took, with the words as they were trimmed.

    `turns` are `{"speaker": ..., "text": ...}` each.
    """

    __tablename__ = "quote"
    __table_args__ = (Index("ix_quote_item_id", "item_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    first_position: Mapped[int]
    last_position: Mapped[int]
    start_ms: Mapped[int | None]
    turns: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    taken_at: Mapped[datetime]
