"""Pictures elsewhere and what became of them, newsletters' logos, and the pictures that stand for issues."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.pictures.values import PictureState, Use


class SourcePicture(Base):
    """A picture elsewhere, as it is shown here; a small and a wide one of the same address are two.

    `name` is what is kept of it, and stays what it was when a later try fails. `next_try_at` is the due column.
    """

    __tablename__ = "picture"
    __table_args__ = (
        UniqueConstraint("url", "use"),
        CheckConstraint("use in ('artwork', 'wide', 'logo')", name="use"),
        CheckConstraint("state in ('waiting', 'stored', 'failed')", name="state"),
        CheckConstraint("(state = 'stored') = (name is not null)", name="name"),
        Index("ix_picture_next_try_at", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    use: Mapped[Use] = mapped_column(String(16))
    state: Mapped[PictureState] = mapped_column(String(16), default=PictureState.WAITING)
    name: Mapped[str | None] = mapped_column(String(40))
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(300), default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    stored_at: Mapped[datetime | None]


class NewsletterLogo(Base):
    """A newsletter's logo."""

    __tablename__ = "newsletter_logo"

    newsletter_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    alt: Mapped[str] = mapped_column(String(300), default="")
    uploaded_at: Mapped[datetime]


class ShareImage(Base):
    """The picture that stands for an issue where its address is shared."""

    __tablename__ = "share_image"

    # No foreign key: issues are a later room.
    issue_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    drawn_at: Mapped[datetime]
