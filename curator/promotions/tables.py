"""Slots of a newsletter's issues, promotions with their dates, and which runs where."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.promotions.values import BookingState, PromotionKind, SlotPlace


class PromotionRow(Base):
    """Something a sponsor, an event or the newsletter itself says; a house promotion needs no end."""

    __tablename__ = "promotion"
    __table_args__ = (
        CheckConstraint("kind in ('sponsor', 'event', 'house')", name="kind"),
        CheckConstraint("kind = 'house' or ends_at is not null", name="ends_at"),
        CheckConstraint("begins_at is null or ends_at is null or begins_at < ends_at", name="dates"),
        Index("ix_promotion_newsletter_id", "newsletter_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    kind: Mapped[PromotionKind] = mapped_column(String(16))
    sponsor: Mapped[str] = mapped_column(String(120), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(Text, default="")
    image_url: Mapped[str] = mapped_column(Text, default="")
    image_alt: Mapped[str] = mapped_column(String(300), default="")
    begins_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    event_at: Mapped[datetime | None]
    event_place: Mapped[str] = mapped_column(String(200), default="")
    is_put_away: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class PromotionSlot(Base):
    """A place for one promotion in every issue. One whose section is gone lies at the end."""

    __tablename__ = "promotion_slot"
    __table_args__ = (
        CheckConstraint("place in ('intro', 'section', 'end')", name="place"),
        CheckConstraint("lead_hours between 0 and 720", name="lead_hours"),
        CheckConstraint("max_title between 10 and 200", name="max_title"),
        CheckConstraint("max_text between 0 and 2000", name="max_text"),
        Index("ix_promotion_slot_newsletter_id", "newsletter_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    place: Mapped[SlotPlace] = mapped_column(String(16))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id", ondelete="SET NULL"))
    position: Mapped[int] = mapped_column(default=0)
    max_title: Mapped[int] = mapped_column(default=60)
    max_text: Mapped[int] = mapped_column(default=300)
    label: Mapped[str] = mapped_column(String(40))
    lead_hours: Mapped[int] = mapped_column(default=48)
    trusts: Mapped[bool] = mapped_column(default=False)
    house_id: Mapped[int | None] = mapped_column(ForeignKey("promotion.id", ondelete="SET NULL"))
    is_put_away: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class SharedReport(Base):
    """A link by which anybody who has it sees what came of a promotion, until it ends or somebody takes it back."""

    __tablename__ = "shared_report"
    __table_args__ = (
        Index("ix_shared_report_promotion_id", "promotion_id"),
        # A link names a report: an id that comes again would open another one's.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    promotion_id: Mapped[int] = mapped_column(ForeignKey("promotion.id", ondelete="CASCADE"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class BookingRow(Base):
    """A promotion in a slot of the issue of one date (by the newsletter's clock): one a slot and date."""

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("slot_id", "issue_on"),
        CheckConstraint("state in ('asked', 'submitted', 'late', 'approved')", name="state"),
        Index("ix_booking_promotion_id", "promotion_id"),
        # A sponsor's link names a booking: an id that comes again would open another one's.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("promotion_slot.id", ondelete="CASCADE"))
    promotion_id: Mapped[int] = mapped_column(ForeignKey("promotion.id", ondelete="CASCADE"))
    issue_on: Mapped[date]
    issue_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    state: Mapped[BookingState] = mapped_column(String(16), default=BookingState.ASKED)
    # What the sponsor sent and nobody has approved yet; the promotion keeps its own words until then.
    copy: Mapped[dict[str, str] | None] = mapped_column(JSON)
    submitted_at: Mapped[datetime | None]
    # Where the letter with the sponsor's link went; empty where nobody gave one.
    address: Mapped[str] = mapped_column(String(320), default="")
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    approved_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
