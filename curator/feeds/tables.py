"""Feeds and how asking them went, their items, the audio facts of episodes, and the articles behind items."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.feeds.values import FeedKind, FeedState, ItemKind

_BY_HAND = text("feed_id IS NULL")


class Feed(Base):
    """A URL that we poll. `next_poll_at` is the due column; `note` says in words how the last poll went.

    `folder` are the names of the folders that it lies in, outermost first. `poll_minutes` is the editor's own wish and
    beats everything but a server's hold; `skip_hours` (0 to 23, UTC), `skip_days` (0 is Monday) and `update_minutes`
    are the feed's. `offers` are the feeds (`{"url": ..., "title": ...}`) that a web page names, when the address turned
    out to be one. `moved_to` is a permanent redirect's target until it is believed, seen `moved_seen` times since
    `moved_since`. `failing_since` is when the present row of failures began.
    """

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
    folder: Mapped[list[str]] = mapped_column(JSON, default=list)
    poll_minutes: Mapped[int | None]
    skip_hours: Mapped[list[int]] = mapped_column(JSON, default=list)
    skip_days: Mapped[list[int]] = mapped_column(JSON, default=list)
    update_minutes: Mapped[int | None]
    offers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    moved_to: Mapped[str | None] = mapped_column(Text)
    moved_seen: Mapped[int] = mapped_column(default=0)
    moved_since: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]


class FeedAlias(Base):
    """An address that a feed had before: whoever adds it again means that feed."""

    __tablename__ = "feed_alias"

    url: Mapped[str] = mapped_column(Text, primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id", ondelete="CASCADE"))
    learned_at: Mapped[datetime]


class HostHold(Base):
    """A host that wants to be left alone: nothing of it is asked before `until`.

    `asked_by` asks it just now, until `asked_until` at the latest: nobody else does meanwhile.
    """

    __tablename__ = "host_hold"

    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    until: Mapped[datetime]
    strikes: Mapped[int] = mapped_column(default=0)
    why: Mapped[str] = mapped_column(String(200), default="")
    asked_by: Mapped[str | None] = mapped_column(String(80))
    asked_until: Mapped[datetime | None]


class Poll(Base):
    """One time that a feed was asked, in a line that an editor can read. `status` is None without an answer."""

    __tablename__ = "poll"
    __table_args__ = (Index("ix_poll_feed_id_id", "feed_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("feed.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    status: Mapped[int | None]
    is_ok: Mapped[bool]
    note: Mapped[str] = mapped_column(String(500), default="")
    new: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    took_ms: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(BigKey, default=0)


class PollCount(Base):
    """How many polls of a day (UTC) failed: lines of the ledger are forgotten, these sums are not."""

    __tablename__ = "poll_count"

    counted_on: Mapped[date] = mapped_column(primary_key=True)
    failed: Mapped[int] = mapped_column(default=0)


class Item(Base):
    """One thing that a feed published, or that an editor added (then without a feed).

    `edits` counts changes of the content's hash; `is_date_odd` says that the feed's date cannot be true.
    """

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("feed_id", "identity"),
        CheckConstraint("kind in ('episode', 'article')", name="kind"),
        Index("ix_item_at", "at", "id"),
        Index("ix_item_first_seen_at", "first_seen_at", "id"),
        Index("ix_item_canonical_url", "canonical_url"),
        # The inbox asks for every row how much its feed brought lately, and who else has the title.
        Index("ix_item_feed_id_first_seen_at", "feed_id", "first_seen_at"),
        Index("ix_item_title", "title"),
        # A page is added by hand once: rows without a feed are all different to the constraint above.
        Index("uq_item_by_hand", "identity", unique=True, sqlite_where=_BY_HAND, postgresql_where=_BY_HAND),
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
    edits: Mapped[int] = mapped_column(default=0)
    is_date_odd: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(String(20))


class Article(Base):
    """The page behind an item, as it was read when an editor or a pick asked for it."""

    __tablename__ = "article"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
    is_ok: Mapped[bool]
    note: Mapped[str] = mapped_column(String(500), default="")
    url: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str] = mapped_column(String(500), default="")
    author: Mapped[str] = mapped_column(String(300), default="")
    site_name: Mapped[str] = mapped_column(String(200), default="")
    html: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    image_url: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(20))
    words: Mapped[int] = mapped_column(default=0)


class Episode(Base):
    """The audio facts of an item, all of them the feed's own words: each poll replaces them.

    The lists hold what their values in `values.py` hold: Person, TranscriptLink, Chapter, Soundbite.
    """

    __tablename__ = "episode"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    duration_s: Mapped[int | None]
    season: Mapped[int | None]
    number: Mapped[int | None]
    episode_type: Mapped[str | None] = mapped_column(String(20))
    subtitle: Mapped[str] = mapped_column(String(500), default="")
    guid: Mapped[str | None] = mapped_column(String(200))
    is_explicit: Mapped[bool | None]
    image_url: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(300), default="")
    location: Mapped[str] = mapped_column(String(200), default="")
    chapters_url: Mapped[str | None] = mapped_column(Text)
    people: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    transcripts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    chapters: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    soundbites: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


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
