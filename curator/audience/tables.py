"""Subscribers, their subscriptions, and addresses that are never mailed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from curator.audience.growth.values import Change
from curator.audience.moving.values import Phase
from curator.audience.tags.values import TaggingState
from curator.audience.values import ConsentStep, SubscriptionState, SuppressionReason, Welcome
from curator.db import Base, BigKey


class Subscriber(Base):
    """Who asked. `address` is as they wrote it, `address_key` is the form that makes two spellings one."""

    __tablename__ = "subscriber"
    # An id is never given twice: old unsubscribe links name it, and must not meet somebody else.
    __table_args__ = (
        UniqueConstraint("address_key"),
        Index("ix_subscriber_engaged_at", "engaged_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    address_key: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]
    # When a person last clicked in a mail of ours; events notes it.
    engaged_at: Mapped[datetime | None]


class Subscription(Base):
    """The tie of a subscriber to a newsletter."""

    __tablename__ = "subscription"
    __table_args__ = (
        CheckConstraint("state in ('pending', 'active', 'ended')", name="state"),
        Index("ix_subscription_newsletter_id_state", "newsletter_id", "state", "subscriber_id"),
        # The few who pause or want text alone are counted without a look at the others.
        Index(
            "ix_subscription_paused_until",
            "newsletter_id",
            "subscriber_id",
            sqlite_where=text("paused_until IS NOT NULL"),
            postgresql_where=text("paused_until IS NOT NULL"),
        ),
        Index(
            "ix_subscription_is_text_only",
            "newsletter_id",
            "subscriber_id",
            sqlite_where=text("is_text_only IS 1"),
            postgresql_where=text("is_text_only IS true"),
        ),
        # The list: a newsletter's readers by id, in any state.
        Index("ix_subscription_newsletter_id_subscriber_id", "newsletter_id", "subscriber_id"),
        # Who joined or left between two days.
        Index(
            "ix_subscription_newsletter_id_state_changed_at", "newsletter_id", "state", "changed_at", "subscriber_id"
        ),
    )

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[SubscriptionState] = mapped_column(String(16))
    changed_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(100), default="")
    # Until when nothing is sent although they stay: a reader's own pause. None where they have none.
    paused_until: Mapped[datetime | None]
    # They want the text part alone.
    is_text_only: Mapped[bool] = mapped_column(default=False)
    # When they said why they left: once for each leaving. What they said is only counted.
    said_why_at: Mapped[datetime | None]


class Interest(Base):
    """A subject that a newsletter's readers may name as theirs. It chooses mailings, never what stands in a mail."""

    __tablename__ = "interest"
    __table_args__ = (UniqueConstraint("newsletter_id", "name"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]


class SubscriberInterest(Base):
    """A subscriber named an interest as theirs."""

    __tablename__ = "subscriber_interest"
    __table_args__ = (Index("ix_subscriber_interest_interest_id", "interest_id", "subscriber_id"),)

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True)


class AskedInterest(Base):
    """An interest that was ticked at a sign-up; it becomes the subscriber's when the mailbox confirms."""

    __tablename__ = "asked_interest"

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True)
    interest_id: Mapped[int] = mapped_column(ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True)


class SignUpPolicy(Base):
    """How a newsletter takes addresses that are hardly one person's, and where its forms may stand in a frame.

    `frame_origins` are origins, one a line, empty for any; `own_page` is the show's own page with the form, if any.
    """

    __tablename__ = "sign_up_policy"
    __table_args__ = (
        CheckConstraint("role_addresses in ('allow', 'ask', 'refuse')", name="role_addresses"),
        CheckConstraint("disposable_addresses in ('allow', 'ask', 'refuse')", name="disposable_addresses"),
    )

    newsletter_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    role_addresses: Mapped[Welcome] = mapped_column(String(8), default=Welcome.ASK)
    disposable_addresses: Mapped[Welcome] = mapped_column(String(8), default=Welcome.ASK)
    frame_origins: Mapped[str] = mapped_column(String(2000), default="")
    own_page: Mapped[str] = mapped_column(String(500), default="")


class AddressChange(Base):
    """A reader wants their mail at another address: asked, agreed to by its mailbox, taken back by the old one."""

    __tablename__ = "address_change"
    __table_args__ = (
        Index("ix_address_change_subscriber_id", "subscriber_id", "id"),
        Index("ix_address_change_asked_at", "asked_at"),
        # A change's number stands in its link, so that of a forgotten one is never given again.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"))
    old_address: Mapped[str] = mapped_column(String(320))
    new_address: Mapped[str] = mapped_column(String(320))
    new_key: Mapped[str] = mapped_column(String(320))
    asked_at: Mapped[datetime]
    moved_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]


class Tag(Base):
    """A word that the desk puts on subscribers; `key` is the form that makes two spellings one."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(80))


class SubscriberTag(Base):
    """A subscriber bears a tag, since when."""

    __tablename__ = "subscriber_tag"
    __table_args__ = (Index("ix_subscriber_tag_tag_id", "tag_id", "subscriber_id"),)

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]


class Segment(Base):
    """A newsletter's saved filter over its readers: `words` are in the filter language, as they were typed."""

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("newsletter_id", "name"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(String(1000))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class Consent(Base):
    """One step of a subscription as it happened: when, where (a page, a file, the desk), and in which words."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(
            "step in ('asked', 'confirmed', 'left', 'returned', 'denied', 'added', 'imported', "
            "'paused', 'resumed', 'chose', 'readdressed')",
            name="step",
        ),
        Index("ix_consent_subscriber_id_newsletter_id", "subscriber_id", "newsletter_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"))
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    step: Mapped[ConsentStep] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(String(1000), default="")


class Suppression(Base):
    """An address never to be mailed, with its reason; it outlives the subscriber."""

    __tablename__ = "suppression"
    __table_args__ = (CheckConstraint("reason in ('bounced', 'complained', 'by hand', 'erased')", name="reason"),)

    address_key: Mapped[str] = mapped_column(String(320), primary_key=True)
    reason: Mapped[SuppressionReason] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime]


class Note(Base):
    """What somebody at the desk wrote about a subscriber; nobody else reads it.

    `words_before` are those before the last edit, and what was removed is kept, so that both can be taken back.
    """

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_subscriber_id_at", "subscriber_id", "at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(String(2000))
    words_before: Mapped[str] = mapped_column(String(2000), default="")
    # No foreign key, as in the log: whoever wrote it may be gone.
    by: Mapped[int | None] = mapped_column(BigKey)
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Tagging(Base):
    """One run that puts a tag on everybody a filter shows (or takes it off), up to the subscriber `highest_id`.

    `at` is the moment that the tags of the run bear: by it they are known when it is taken back. `cursor` is the last
    subscriber that was looked at, in this direction.
    """

    __tablename__ = "tagging"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'done', 'taking back', 'taken back')", name="state"),
        Index("ix_tagging_newsletter_id", "newsletter_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"))
    puts_on: Mapped[bool]
    words: Mapped[str] = mapped_column(String(1000), default="")
    search: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[TaggingState] = mapped_column(String(16), default=TaggingState.WAITING)
    by: Mapped[int | None] = mapped_column(BigKey)
    at: Mapped[datetime]
    cursor: Mapped[int] = mapped_column(BigKey, default=0)
    highest_id: Mapped[int] = mapped_column(BigKey)
    total: Mapped[int]
    looked_at: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)


class Untagged(Base):
    """Whose tag a run took off, and since when they had it: what it takes to put it back."""

    __tablename__ = "untagged"
    __table_args__ = (Index("ix_untagged_subscriber_id", "subscriber_id"),)

    tagging_id: Mapped[int] = mapped_column(ForeignKey("tagging.id", ondelete="CASCADE"), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]


class Growth(Base):
    """How many readers of a newsletter came or left in one way on one day (UTC): sums that are kept up."""

    __tablename__ = "growth"
    __table_args__ = (CheckConstraint(f"what in ({', '.join(repr(each.value) for each in Change)})", name="what"),)

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    what: Mapped[Change] = mapped_column(String(32), primary_key=True)
    count: Mapped[int]


class IssueSignUp(Base):
    """How many readers of a newsletter signed up on the page of one of its issues, and confirmed it."""

    __tablename__ = "issue_sign_up"

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=0)


class CohortCount(Base):
    """How many of a newsletter's readers who joined in a month, in one way, were there so many months later.

    `joined_on` is the month's first day, the mark 0 has all who joined. Written once, when the mark is over.
    """

    __tablename__ = "cohort_count"

    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"), primary_key=True)
    joined_on: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(100), primary_key=True)
    mark: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    count: Mapped[int]


class ReaderImport(Base):
    """A file of readers and how far it has been taken in. The mark moves in the transaction that writes its rows."""

    __tablename__ = "reader_import"
    __table_args__ = (
        CheckConstraint(
            "phase in ('stored', 'looking', 'looked', 'running', 'done', 'cancelled', 'failed')", name="phase"
        ),
        Index("ix_reader_import_newsletter_id", "newsletter_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    # Who brought it; None for a command.
    actor: Mapped[int | None] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    phase: Mapped[Phase] = mapped_column(String(16))
    parts: Mapped[list[Any]] = mapped_column(JSON)
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    mark_part: Mapped[int] = mapped_column(default=0)
    mark_offset: Mapped[int] = mapped_column(BigInteger, default=0)
    mark_line: Mapped[int] = mapped_column(BigInteger, default=0)
    tally: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # What the look-through found; it writes nothing about readers.
    looked: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    is_looked_whole: Mapped[bool] = mapped_column(default=False)
    # How often a process began since the mark last moved: one that dies of a row must not do so for ever.
    tries: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(500), default="")
    has_file: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ReaderImportRefusal(Base):
    """A row of a file that was not taken, and why."""

    __tablename__ = "reader_import_refusal"

    import_id: Mapped[int] = mapped_column(ForeignKey("reader_import.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    heading: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(500))
