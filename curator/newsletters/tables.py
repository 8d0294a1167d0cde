"""Newsletters with their cadence, sender and sections."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.newsletters.values import Rhythm, Takes, Tracking, WhenShort, WhenUnapproved


class Newsletter(Base):
    """The recurring publication. `next_draft_at` is the due column that the clock asks for."""

    __tablename__ = "newsletter"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("rhythm in ('weekly', 'monthly')", name="rhythm"),
        CheckConstraint("when_short in ('hold', 'skip')", name="when_short"),
        CheckConstraint("every_n_weeks between 1 and 52", name="every_n_weeks"),
        CheckConstraint("month_day between 1 and 31", name="month_day"),
        CheckConstraint("hold_minutes between 0 and 60", name="hold_minutes"),
        CheckConstraint("wave_minutes between 0 and 1440", name="wave_minutes"),
        CheckConstraint("approval_lead_minutes between 0 and 20160", name="approval_lead_minutes"),
        CheckConstraint("when_unapproved in ('hold', 'send')", name="when_unapproved"),
        CheckConstraint("clicks in ('off', 'aggregate', 'individual')", name="clicks"),
        CheckConstraint("opens in ('off', 'aggregate', 'individual')", name="opens"),
        Index("ix_newsletter_next_draft_at", "next_draft_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    tagline: Mapped[str] = mapped_column(String(300), default="")
    sender_name: Mapped[str] = mapped_column(String(200))
    sender_address: Mapped[str] = mapped_column(String(320))
    reply_to: Mapped[str | None] = mapped_column(String(320))
    postal_address: Mapped[str] = mapped_column(String(500), default="")
    language: Mapped[str] = mapped_column(String(20), default="en")
    rhythm: Mapped[Rhythm] = mapped_column(String(16), default=Rhythm.WEEKLY)
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    at: Mapped[time]
    anchor_on: Mapped[date]
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list)
    every_n_weeks: Mapped[int] = mapped_column(default=1)
    month_day: Mapped[int] = mapped_column(default=1)
    draft_lead_hours: Mapped[int] = mapped_column(default=72)
    minimum_picks: Mapped[int] = mapped_column(default=3)
    when_short: Mapped[WhenShort] = mapped_column(String(16), default=WhenShort.HOLD)
    is_paused: Mapped[bool] = mapped_column(default=False)
    # Until a moment stands here the newsletter is in test mode: only people at the desk get its mail.
    live_at: Mapped[datetime | None]
    dns_seen_at: Mapped[datetime | None]
    clicks: Mapped[Tracking] = mapped_column(String(16), default=Tracking.INDIVIDUAL)
    opens: Mapped[Tracking] = mapped_column(String(16), default=Tracking.OFF)
    # Names of transports in the settings; "" is the usual one, and no spare.
    transport: Mapped[str] = mapped_column(String(40), default="")
    spare_transport: Mapped[str] = mapped_column(String(40), default="")
    # How long a mailing can be taken back, how long each wave is watched (0: no waves), and when mail may leave.
    hold_minutes: Mapped[int] = mapped_column(default=5)
    wave_minutes: Mapped[int] = mapped_column(default=15)
    send_from: Mapped[time | None]
    send_until: Mapped[time | None]
    approval_lead_minutes: Mapped[int] = mapped_column(default=0)
    when_unapproved: Mapped[WhenUnapproved] = mapped_column(String(16), default=WhenUnapproved.HOLD)
    needs_second_person: Mapped[bool] = mapped_column(default=False)
    accent: Mapped[str] = mapped_column(String(7), default="")
    # What differs from the house's look beside the accent (theme.facts_of); None is the house's whole.
    theme: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # Whether issues that were sent before Curator stand in the archive for everybody.
    shows_back_issues: Mapped[bool] = mapped_column(default=True)
    next_slot: Mapped[str | None] = mapped_column(String(40))
    next_issue_at: Mapped[datetime | None]
    next_draft_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]


class Section(Base):
    """A titled slot of every issue of a newsletter, with its budget of picks."""

    __tablename__ = "section"
    __table_args__ = (
        CheckConstraint("takes in ('episodes', 'trends', 'articles')", name="takes"),
        CheckConstraint("budget between 1 and 50", name="budget"),
        Index("ix_section_newsletter_id_position", "newsletter_id", "position"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(120))
    takes: Mapped[Takes] = mapped_column(String(16))
    budget: Mapped[int] = mapped_column(default=5)
    position: Mapped[int]


class SkippedSlot(Base):
    """A slot of the cadence that is let go: no issue is drafted for its date."""

    __tablename__ = "skipped_slot"

    newsletter_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    slot: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
