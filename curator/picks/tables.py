"""Picks, what editors did with the items that they did not pick, and what is computed for them to choose from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curator.db import Base, BigKey
from curator.picks.tips.values import TipState
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
    # Whether the blurb is sentences of the article that nobody wrote, edited or accepted yet.
    is_blurb_draft: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str | None] = mapped_column(String(500))
    link: Mapped[str | None] = mapped_column(Text)
    # Whether the page's own picture is shown with it, and what that shows in an editor's words.
    shows_picture: Mapped[bool] = mapped_column(default=False)
    picture_alt: Mapped[str] = mapped_column(String(300), default="")
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


class TasteModel(Base):
    """What a newsletter's section likes, as last learned; section None: the newsletter as a whole.

    `body` is None where nothing could be learned, and `note` says why ("no picks yet").
    """

    __tablename__ = "taste_model"
    __table_args__ = (
        Index("ix_taste_model_newsletter_id_section_id_made_at", "newsletter_id", "section_id", "made_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id", ondelete="CASCADE"))
    version: Mapped[int]
    examples: Mapped[int] = mapped_column(default=0)
    positives: Mapped[int] = mapped_column(default=0)
    # The days from an item's first sight to its print, as this newsletter's picks have it; None while it is not known.
    lag_days: Mapped[float | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[datetime]


class CandidateRow(Base):
    """An item as it was last scored for a newsletter: its place in the list, best first, and why in words.

    `propensity` is the chance that exploration had to show it there; None for what stands there by its score.
    """

    __tablename__ = "candidate"
    __table_args__ = (Index("ix_candidate_newsletter_id_place", "newsletter_id", "place"),)

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id", ondelete="CASCADE"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("taste_model.id", ondelete="SET NULL"))
    score: Mapped[float]
    place: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    propensity: Mapped[float | None]
    scored_at: Mapped[datetime]


class ScoreboardRow(Base):
    """How well a version of the engine would have ranked a newsletter's last quarter, beside the baselines.

    Without a week to measure `figures` is empty, and `note` says why.
    """

    __tablename__ = "scoreboard"

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    engine: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    weeks: Mapped[int] = mapped_column(default=0)
    untaught: Mapped[int] = mapped_column(default=0)
    picks: Mapped[int] = mapped_column(default=0)
    items_a_week: Mapped[float] = mapped_column(default=0.0)
    figures: Mapped[dict[str, dict[str, float]]] = mapped_column(JSON)
    won: Mapped[dict[str, int]] = mapped_column(JSON)
    lost: Mapped[dict[str, int]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(200), default="")


class Resurfaced(Base):
    """An item that was passed over or put off and is offered again, and why in words."""

    __tablename__ = "resurfaced"
    __table_args__ = (Index("ix_resurfaced_newsletter_id_at", "newsletter_id", "at"),)

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    why: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class ReaderClicks(Base):
    """What readers of a newsletter did with an item, without robots; `share` is corrected for where it stood.

    1.0 is what an item at its place gets on average. Written by `events`, which is a later room.
    """

    __tablename__ = "reader_clicks"

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    clicks: Mapped[int]
    share: Mapped[float]
    at: Mapped[datetime]


class StoryRow(Base):
    """Items of several feeds that tell the same thing; what it is about is found anew from them each time."""

    __tablename__ = "story"
    __table_args__ = (Index("ix_story_last_at", "last_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class StoryItem(Base):
    """That an item belongs to a story; `is_best` marks the one that stands for it."""

    __tablename__ = "story_item"
    __table_args__ = (Index("ix_story_item_story_id", "story_id"),)

    item_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("item.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id", ondelete="CASCADE"))
    is_best: Mapped[bool] = mapped_column(default=False)


class TrendRow(Base):
    """A term that rises over the feeds in a window of so many days, as last computed, with its evidence."""

    __tablename__ = "trend"
    __table_args__ = (UniqueConstraint("days", "term"), Index("ix_trend_days_place", "days", "place"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    days: Mapped[int]
    term: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(120))
    place: Mapped[int]
    score: Mapped[float]
    # How many times more often than before; None where it was never told before.
    factor: Mapped[float | None]
    counts: Mapped[list[int]] = mapped_column(JSON)
    feed_ids: Mapped[list[int]] = mapped_column(JSON)
    item_ids: Mapped[list[int]] = mapped_column(JSON)
    first_seen_at: Mapped[datetime]
    made_at: Mapped[datetime]


class BlockedTerm(Base):
    """A term that a newsletter does not want among its trends (lower case, single spaces)."""

    __tablename__ = "blocked_term"
    __table_args__ = (UniqueConstraint("newsletter_id", "words"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(String(100))
    blocked_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    blocked_at: Mapped[datetime]


class RelatedRow(Base):
    """That an own episode or a past pick is about the same as an item. `at_s`: the second of the transcript that is."""

    __tablename__ = "related"
    __table_args__ = (Index("ix_related_other_id", "other_id"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    score: Mapped[float]
    terms: Mapped[list[str]] = mapped_column(JSON)
    at_s: Mapped[float | None]
    made_at: Mapped[datetime]


class ItemTerms(Base):
    """What an item is about, as it was last read: `{term: [weight, as written, [seconds]]}`.

    A transcript is long, and read once; `related_at` is None until the item was compared with all others.
    """

    __tablename__ = "item_terms"
    __table_args__ = (Index("ix_item_terms_related_at", "related_at"),)

    item_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("item.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    terms: Mapped[dict[str, list[Any]]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    related_at: Mapped[datetime | None]


class TipBox(Base):
    """Whether a newsletter takes tips from its readers; without a row it does not."""

    __tablename__ = "tip_box"

    newsletter_id: Mapped[int] = mapped_column(
        ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    is_open: Mapped[bool]


class TipRow(Base):
    """A page that readers sent to a newsletter, once however many did. `page_key` stands for its canonical URL.

    `is_new_item`: the item was made for it, so taking the acceptance back takes that along.
    """

    __tablename__ = "tip"
    __table_args__ = (
        UniqueConstraint("newsletter_id", "page_key"),
        CheckConstraint("state in ('waiting', 'accepted', 'refused', 'spam')", name="state"),
        Index("ix_tip_newsletter_id_state_last_at", "newsletter_id", "state", "last_at"),
        Index("ix_tip_item_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    page_key: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(Text)
    canonical_url: Mapped[str] = mapped_column(Text)
    state: Mapped[TipState] = mapped_column(String(16), default=TipState.WAITING)
    tipped: Mapped[int] = mapped_column(default=0)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="SET NULL"))
    is_new_item: Mapped[bool] = mapped_column(default=False)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]


class TipNote(Base):
    """What one reader wrote with a tip. The address is there only while thanks are owed; `words` were agreed to.

    `sender_key` is a keyed hash of the network that it came from, for marking spam, and empty after a month.
    """

    __tablename__ = "tip_note"
    __table_args__ = (
        Index("ix_tip_note_tip_id_id", "tip_id", "id"),
        Index("ix_tip_note_address_key", "address_key"),
        Index("ix_tip_note_sender_key", "sender_key"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tip.id", ondelete="CASCADE"))
    note: Mapped[str] = mapped_column(String(500), default="")
    name: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(320), default="")
    address_key: Mapped[str] = mapped_column(String(320), default="")
    words: Mapped[str] = mapped_column(String(500), default="")
    sender_key: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime]
    thanked_at: Mapped[datetime | None]


class TipBlock(Base):
    """From where no tips are taken for a while (a keyed hash of a network or an address), and for which tip."""

    __tablename__ = "tip_block"

    sender_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime]
    tip_id: Mapped[int | None] = mapped_column(BigKey)
