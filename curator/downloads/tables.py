"""Who may get which transcript or file, how many did, and who asked."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.downloads.values import Access


class ShowAccess(Base):
    """Who gets the transcripts of a show, where an episode does not say otherwise; without a row, by form.

    `credit` stands at the end of each transcript: a licence, or whose words they are.
    """

    __tablename__ = "show_access"
    __table_args__ = (CheckConstraint("access in ('open', 'gated', 'off')", name="access"),)

    feed_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    access: Mapped[Access] = mapped_column(String(8))
    credit: Mapped[str] = mapped_column(String(300), default="")


class EpisodeAccess(Base):
    """Who gets an episode's transcript (None: as its show says), and the counters of what came of it."""

    __tablename__ = "episode_access"
    __table_args__ = (CheckConstraint("access in ('open', 'gated', 'off')", name="access"),)

    item_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("item.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    access: Mapped[Access | None] = mapped_column(String(8))
    is_in_work: Mapped[bool] = mapped_column(default=False)
    views: Mapped[int] = mapped_column(default=0)
    wishes: Mapped[int] = mapped_column(default=0)
    requests: Mapped[int] = mapped_column(default=0)
    confirmed: Mapped[int] = mapped_column(default=0)
    downloads: Mapped[int] = mapped_column(default=0)
    sign_ups: Mapped[int] = mapped_column(default=0)


class OfferedFile(Base):
    """A file of an episode or of a newsletter, with the counters of what came of it.

    One that was removed stays, so that it can come back; its bytes lie under `name` and are never deleted.
    """

    __tablename__ = "offered_file"
    __table_args__ = (
        CheckConstraint("access in ('open', 'gated', 'off')", name="access"),
        CheckConstraint("(item_id is null) <> (newsletter_id is null)", name="owner"),
        Index("ix_offered_file_item_id", "item_id"),
        Index("ix_offered_file_newsletter_id", "newsletter_id"),
        # A file's number stands in public addresses, so that of a forgotten one is never given again.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("item.id", ondelete="CASCADE"))
    newsletter_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("newsletter.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text, default="")
    access: Mapped[Access] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(8))
    bytes: Mapped[int]
    is_removed: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    views: Mapped[int] = mapped_column(default=0)
    wishes: Mapped[int] = mapped_column(default=0)
    requests: Mapped[int] = mapped_column(default=0)
    confirmed: Mapped[int] = mapped_column(default=0)
    downloads: Mapped[int] = mapped_column(default=0)
    sign_ups: Mapped[int] = mapped_column(default=0)


class DownloadRequest(Base):
    """Somebody's request for a transcript or a file, and what they agreed to when they first asked.

    It hangs on the address and on no subscriber: who asks for a transcript has not asked for a newsletter.
    """

    __tablename__ = "download_request"
    __table_args__ = (
        CheckConstraint("(item_id is null) <> (file_id is null)", name="download"),
        UniqueConstraint("item_id", "address_key"),
        UniqueConstraint("file_id", "address_key"),
        Index("ix_download_request_address_key", "address_key"),
        Index("ix_download_request_asked_at", "asked_at"),
        # A request's number stands in links, so that of a forgotten one is never given again.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("item.id", ondelete="CASCADE"))
    file_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("offered_file.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    newsletter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("newsletter.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    downloads: Mapped[int] = mapped_column(default=0)
