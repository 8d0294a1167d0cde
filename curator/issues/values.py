"""What crosses the issues' border: states, the board, the document that mail is made of, and a revision."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from curator.episodes.quotes.values import QuoteView
from curator.episodes.values import EpisodeView
from curator.newsletters.theme import HOUSE, Theme
from curator.newsletters.values import SectionSpec
from curator.picks.values import PickedItem
from curator.pictures.values import Logo, PictureRow, Source
from curator.promotions.values import Promotion, Slot


class IssueState(StrEnum):
    """Where an issue stands.

    REVIEW: somebody asked that it be approved. HELD: it waits for a person, and its note says why (too few picks, a
    deadline that nobody kept). SKIPPED: the slot was let go.
    """

    DRAFT = "draft"
    REVIEW = "review"
    HELD = "held"
    SKIPPED = "skipped"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"

    @property
    def is_editable(self) -> bool:
        """Whether words and order may change (an edit of an approved issue takes the approval back)."""
        return self.is_open or self in (IssueState.APPROVED, IssueState.SCHEDULED)

    @property
    def is_open(self) -> bool:
        """Whether it is still to be approved."""
        return self in (IssueState.DRAFT, IssueState.REVIEW, IssueState.HELD)

    @property
    def is_filling(self) -> bool:
        """Whether new picks belong here: what was approved is for the words that were seen."""
        return self.is_open


class BlockKind(StrEnum):
    """What stands in a section.

    TREND: a rising topic with its sources. LIST: links under a heading (related content, most clicked, best of).
    """

    PICK = "pick"
    TEXT = "text"
    QUOTE = "quote"
    PROMOTION = "promotion"
    TREND = "trend"
    LIST = "list"


class Placement(StrEnum):
    """Where in a block a link stands. PAGE: outside every block (the web version's, say)."""

    TITLE = "title"
    GO = "go"
    TEXT = "text"
    PAGE = "page"


@dataclass(frozen=True)
class IssueRow:
    """An issue as pages, commands and jobs show it."""

    id: int
    newsletter_id: int
    number: int
    slot: str | None
    state: IssueState
    subject: str
    preheader: str
    version: int
    due_at: datetime | None
    send_at: datetime | None
    approved_hash: str | None
    approved_by: int | None
    approved_at: datetime | None
    sent_at: datetime | None
    note: str
    created_at: datetime
    is_test_schedule: bool | None = None
    review_by: int | None = None
    review_at: datetime | None = None
    deadline_told_at: datetime | None = None
    deadline_settled_at: datetime | None = None
    unscheduled_told_at: datetime | None = None
    # Set for a back issue: it was sent before Curator, so there is no mailing of it.
    imported_at: datetime | None = None
    # Its editor chose the compact layout.
    is_compact: bool = False
    # The segment that it goes to, as that stands; None where it goes to all readers.
    segment_id: int | None = None
    segment_name: str | None = None
    segment_words: str | None = None


@dataclass(frozen=True)
class BoardBlock:
    """One block on the board. `version` is the pick's for a pick and the block's own for text: what an edit expects.

    `episode` is set where the pick is an episode of an own show. `promotion` is what runs in the block: with a `slot`
    as its bookings say, and None where nothing may run. Of a block of `facts` the body is the heading.
    """

    id: int
    kind: BlockKind
    position: int
    version: int
    body: str
    pick: PickedItem | None
    episode: EpisodeView | None = None
    quote: QuoteView | None = None
    promotion: Promotion | None = None
    slot: Slot | None = None
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class BoardSection:
    """A section of the newsletter with the blocks that stand in it, in their order."""

    spec: SectionSpec
    blocks: tuple[BoardBlock, ...]


@dataclass(frozen=True)
class Board:
    """An issue with everything that stands in it; `intro` comes above the first section.

    `pictures` is what is known of those that its blocks show; what nobody asked for yet is not there.
    """

    issue: IssueRow
    intro: tuple[BoardBlock, ...]
    sections: tuple[BoardSection, ...]
    pictures: Mapping[Source, PictureRow] = field(default_factory=dict)
    logo: Logo | None = None

    @property
    def blocks(self) -> Iterator[BoardBlock]:
        """Every block in the order of the page."""
        yield from self.intro
        for section in self.sections:
            yield from section.blocks


@dataclass(frozen=True)
class DocumentLink:
    """A place to listen to an episode; `alt` stands before the name for whoever hears it: "Listen on"."""

    platform: str
    name: str
    alt: str
    url: str


@dataclass(frozen=True)
class DocumentItem:
    """One line of a list: where it leads, and in a few words where it is from."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class DocumentEntry:
    """One block of the document: a pick (title, link, facts), a quote or free text (title and link empty).

    HTML is safe. Of a quote, title and facts are its episode's and when it was said, the source is whose words it is.
    From `people` on it is what an editor, or the feed, tells of an own show's episode. Of a promotion the source is its
    sponsor, the facts say when and where an event is; `label` discloses it, and from `ends_at` (ISO 8601) it is hidden.
    Of a list the title is its heading, and `items` are its lines. Of a trend too: its sources, then `episodes`,
    and `chart` has the items of each day, oldest first; `image_alt` says in words what it shows.
    """

    block_id: int
    kind: BlockKind
    title: str
    link: str | None
    source: str
    facts: str
    body_html: str
    body_text: str
    # Our own picture's path ("/pictures/..."), which the mail gets with this site before it; an address elsewhere in
    # documents of older releases.
    image_url: str | None
    is_episode: bool = False
    people: str = ""
    topics: str = ""
    listen: tuple[DocumentLink, ...] = ()
    image_alt: str = ""
    image_credit: str = ""
    # In CSS pixels, as it is to be shown; 0 where nobody knows.
    image_width: int = 0
    image_height: int = 0
    episode_id: int | None = None
    label: str = ""
    promotion_id: int | None = None
    ends_at: str = ""
    items: tuple[DocumentItem, ...] = ()
    episodes: tuple[DocumentItem, ...] = ()
    chart: tuple[int, ...] = ()


@dataclass(frozen=True)
class DocumentSection:
    """A titled part of the document; the title is empty for the intro."""

    title: str
    entries: tuple[DocumentEntry, ...]


@dataclass(frozen=True)
class Document:
    """Everything that HTML and text are made of, and nothing else: its hash is what an approval binds to."""

    newsletter_name: str
    tagline: str
    language: str
    postal_address: str
    number: int
    subject: str
    preheader: str
    dated_on: str
    sections: tuple[DocumentSection, ...]
    accent: str = ""
    theme: Theme = HOUSE
    is_compact: bool = False
    # The filter of those whom it goes to, empty where it goes to all: no part of the mail, but of what is approved.
    segment: str = ""


@dataclass(frozen=True)
class Unfinished:
    """A place where words are still to come: a block, or else the issue's own `field` (subject, preheader)."""

    where: str
    block_id: int | None = None
    field: str = ""


@dataclass(frozen=True)
class Link:
    """A place in a revision's HTML that leads somewhere; `label` says in words what it is about."""

    number: int
    url: str
    placement: Placement
    block_id: int | None = None
    section: str = ""
    label: str = ""


@dataclass(frozen=True)
class Rendered:
    """The two bodies of a mail, made from one document; each still holds the slots for the reader's own values.

    In the HTML a link stands as its slot (`link_slot`); the text part leads straight to the target. `is_compact` says
    that pictures and a line of its own for each link are left out.
    """

    html: str
    text: str
    links: tuple[Link, ...] = ()
    is_compact: bool = False


@dataclass(frozen=True)
class RenderedRevision:
    """A numbered, rendered state of an issue; preview, test mail and send all read this."""

    id: int
    issue_id: int
    number: int
    content_hash: str
    subject: str
    html: str
    text: str
    created_at: datetime


UNSUBSCRIBE_SLOT = "https://unsubscribe.slot.invalid/"
"""Stands where a reader's own unsubscribe link goes; mailings put it in."""

READER_SLOT = "reader@slot.invalid"
"""Stands where a reader's own address goes."""

PREFERENCES_SLOT = "https://preferences.slot.invalid/"
"""Stands where a reader's own preferences link goes."""

WEB_VERSION_SLOT = "https://web-version.slot.invalid/"
PIXEL_SLOT = "https://pixel.slot.invalid/"
"""Stands where the address of the issue's public page goes: the same for every reader."""


def link_slot(number: int) -> str:
    """Returns what stands in a revision's HTML where its link of this number goes."""
    return f"https://link-{number}.slot.invalid/"
