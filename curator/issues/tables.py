"""Issues, the blocks that stand in them, and their rendered revisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from curator.audience.tables import Segment
from curator.db import Base, BigKey
from curator.episodes.tables import Quote
from curator.issues.checks.values import LinkFate
from curator.issues.preflight.values import Machine
from curator.issues.values import BlockKind, IssueState, Placement
from curator.letters.values import LetterKind
from curator.promotions.tables import PromotionRow, PromotionSlot


class Issue(Base):
    """One number of a newsletter. An approval is valid while `approved_hash` is the content's hash."""

    __tablename__ = "issue"
    __table_args__ = (
        UniqueConstraint("newsletter_id", "number"),
        UniqueConstraint("newsletter_id", "slot"),
        CheckConstraint(
            "state in ('draft', 'review', 'held', 'skipped', 'approved', 'scheduled', 'sending', 'sent')", name="state"
        ),
        Index("ix_issue_state_send_at", "state", "send_at"),
        Index("ix_issue_segment_id", "segment_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="RESTRICT"))
    number: Mapped[int]
    slot: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[IssueState] = mapped_column(String(16), default=IssueState.DRAFT)
    subject: Mapped[str] = mapped_column(String(300), default="")
    preheader: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime | None]
    send_at: Mapped[datetime | None]
    # What was promised when the moment was set: a test for the desk, or the readers; None where nobody said.
    is_test_schedule: Mapped[bool | None]
    approved_hash: Mapped[str | None] = mapped_column(String(64))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    approved_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    review_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    review_at: Mapped[datetime | None]
    # When the desk was told that the deadline of the approval is near, and when it was over: each happens once.
    deadline_told_at: Mapped[datetime | None]
    deadline_settled_at: Mapped[datetime | None]
    # When the desk was told that it is approved and nobody has said when it leaves: once for each approval.
    unscheduled_told_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    # Set for a back issue that was sent before Curator and read in later: it has no mailing and no revision.
    imported_at: Mapped[datetime | None]
    # An editor chose the compact layout for it; what is too large may be laid out so without (theme.when_large).
    is_compact: Mapped[bool] = mapped_column(default=False)
    # Whom it goes to: the readers in this segment, or all of them.
    segment_id: Mapped[int | None] = mapped_column(ForeignKey(Segment.id, ondelete="RESTRICT"))
    # The segment as it stands, read with the issue.
    segment_name: Mapped[str | None] = column_property(
        select(Segment.name).where(Segment.id == segment_id).correlate_except(Segment).scalar_subquery()
    )
    segment_words: Mapped[str | None] = column_property(
        select(Segment.words).where(Segment.id == segment_id).correlate_except(Segment).scalar_subquery()
    )


class Block(Base):
    """A thing that stands in a section (or, without one, above the first: the intro) at a position.

    A promotion is one that an editor put there, or else whatever runs in a slot of this issue. `facts` are what was
    known when a trend or a list was made: they stay as they were, whatever the feeds tell later.
    """

    __tablename__ = "block"
    __table_args__ = (
        UniqueConstraint("issue_id", "pick_id"),
        UniqueConstraint("issue_id", "slot_id"),
        CheckConstraint("kind in ('pick', 'text', 'quote', 'promotion', 'trend', 'list')", name="kind"),
        CheckConstraint("(kind = 'pick') = (pick_id is not null)", name="pick"),
        CheckConstraint("(kind = 'quote') = (quote_id is not null)", name="quote"),
        CheckConstraint("(kind = 'promotion') = (promotion_id is not null or slot_id is not null)", name="promotion"),
        CheckConstraint("(kind in ('trend', 'list')) = (facts is not null)", name="facts"),
        Index("ix_block_issue_id_section_id_position", "issue_id", "section_id", "position"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id", ondelete="RESTRICT"))
    position: Mapped[int]
    kind: Mapped[BlockKind] = mapped_column(String(16))
    pick_id: Mapped[int | None] = mapped_column(ForeignKey("pick.id", ondelete="RESTRICT"))
    quote_id: Mapped[int | None] = mapped_column(ForeignKey(Quote.id, ondelete="RESTRICT"))
    promotion_id: Mapped[int | None] = mapped_column(ForeignKey(PromotionRow.id, ondelete="RESTRICT"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey(PromotionSlot.id, ondelete="RESTRICT"))
    body: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column(default=1)


class Presence(Base):
    """Who has an issue's board open, and the block that they are on, as they last said."""

    __tablename__ = "presence"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    # No foreign key: that somebody was on a block a minute ago is no reason to hold it when it is taken out.
    block_id: Mapped[int | None] = mapped_column(BigKey)
    at: Mapped[datetime]


class Revision(Base):
    """A rendered state of an issue, numbered from 1; the same content is rendered once."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("issue_id", "number"), UniqueConstraint("issue_id", "content_hash"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(300))
    html: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    # What HTML and text were made from, for the web version; None in revisions of the first release.
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime]


class Link(Base):
    """A place in a revision's HTML that leads somewhere, numbered from 1 in the order of the page.

    Clicks are counted by place, not by URL: the same URL may stand at a title and at a button.
    """

    __tablename__ = "link"
    __table_args__ = (CheckConstraint("placement in ('title', 'go', 'text', 'page')", name="placement"),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    url: Mapped[str] = mapped_column(Text)
    placement: Mapped[Placement] = mapped_column(String(16))
    block_id: Mapped[int | None] = mapped_column(BigKey)
    section: Mapped[str] = mapped_column(String(120), default="")
    label: Mapped[str] = mapped_column(String(500), default="")


class PlannedIssue(Base):
    """An issue outside of the cadence, drafted at `draft_at`; from then on `issue_id` says which it became."""

    __tablename__ = "planned_issue"
    __table_args__ = (UniqueConstraint("newsletter_id", "at"), Index("ix_planned_issue_draft_at", "draft_at"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    newsletter_id: Mapped[int] = mapped_column(ForeignKey("newsletter.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    draft_at: Mapped[datetime]
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issue.id", ondelete="SET NULL"))
    planned_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]


class NoticeOff(Base):
    """A kind of notice that a person at the desk does not want by mail."""

    __tablename__ = "notice_off"

    user_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[LetterKind] = mapped_column(String(16), primary_key=True)


class CheckTick(Base):
    """That somebody looked at what a check found and let it stand; `content` is the key of what they saw."""

    __tablename__ = "check_tick"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    about: Mapped[str] = mapped_column(String(200), primary_key=True)
    content: Mapped[str] = mapped_column(String(64))
    ticked_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    ticked_at: Mapped[datetime]


class LinkLook(Base):
    """What a worker found at the end of a link when it last looked."""

    __tablename__ = "link_look"
    __table_args__ = (CheckConstraint("fate in ('there', 'gone', 'unsure')", name="fate"),)

    url: Mapped[str] = mapped_column(Text, primary_key=True)
    fate: Mapped[LinkFate] = mapped_column(String(16))
    status: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(200), default="")
    looked_at: Mapped[datetime]
    # Where redirects ended, and how heavy the thing is; None where nobody looked for that.
    leads_to: Mapped[str | None] = mapped_column(Text)
    bytes: Mapped[int | None] = mapped_column(BigInteger)


class LinkRound(Base):
    """How far a worker is with an issue's links; the newest time only."""

    __tablename__ = "link_round"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class MailLook(Base):
    """What a program (axe in a browser, a spam filter) said of a revision when it last looked."""

    __tablename__ = "mail_look"
    __table_args__ = (CheckConstraint("machine in ('axe', 'spam')", name="machine"),)

    revision_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("revision.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    machine: Mapped[Machine] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime]
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    passed: Mapped[int] = mapped_column(default=0)
    score: Mapped[float | None]
    version: Mapped[str] = mapped_column(String(40), default="")
    error: Mapped[str] = mapped_column(String(500), default="")


class SentTest(Base):
    """Which revision somebody at the desk was sent as a test; its letter is known by its key, until it is pruned."""

    __tablename__ = "sent_test"
    __table_args__ = (Index("ix_sent_test_issue_id_id", "issue_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    letter_key: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class Correction(Base):
    """What an editor says of a sent issue on the web, and the words of one entry that stand there in place of others.

    The mail that left stays as it was. The entry is known by its block, of which no row need be there any more.
    """

    __tablename__ = "correction"
    __table_args__ = (Index("ix_correction_issue_id", "issue_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"))
    block_id: Mapped[int | None] = mapped_column(BigKey)
    note: Mapped[str] = mapped_column(String(1000))
    words: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]


class IssueWords(Base):
    """All words of a public issue as the web shows it, for the search of the archive.

    Searched by a table of FTS5 on SQLite, which triggers keep up, and by an index on PostgreSQL. Whoever changes what
    the web shows of an issue takes its row away; the clock makes it anew.
    """

    __tablename__ = "issue_words"

    issue_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    revision_id: Mapped[int | None] = mapped_column(BigKey)
    words: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
