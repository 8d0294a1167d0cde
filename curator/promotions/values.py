"""What crosses the promotions' border: slots, promotions with their dates, and bookings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

LABELS = {"sponsor": "Sponsored", "event": "Event", "house": "From us"}
"""What stands above a promotion that stands in no slot; a house promotion is never called otherwise."""


class PromotionKind(StrEnum):
    """Whose a promotion is: a sponsor's, a dated event's, or the newsletter's own."""

    SPONSOR = "sponsor"
    EVENT = "event"
    HOUSE = "house"


class SlotPlace(StrEnum):
    """Where in an issue a slot lies: above the first section, in one section, or below the last."""

    INTRO = "intro"
    SECTION = "section"
    END = "end"


class BookingState(StrEnum):
    """How far the words of a booking are. SUBMITTED came in time, LATE after the deadline; both wait for an editor."""

    ASKED = "asked"
    SUBMITTED = "submitted"
    LATE = "late"
    APPROVED = "approved"

    @property
    def waits_for_editor(self) -> bool:
        """Whether there are words that nobody has approved yet."""
        return self in (BookingState.SUBMITTED, BookingState.LATE)


@dataclass(frozen=True)
class Words:
    """What readers see of a promotion; `text` is Markdown."""

    title: str = ""
    text: str = ""
    link: str = ""
    image_url: str = ""
    image_alt: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.title


def words_of(kept: Mapping[str, str]) -> Words:
    """Returns the words that `dataclasses.asdict` made this of; what is not there is empty."""
    return Words(**{name: kept.get(name, "") for name in ("title", "text", "link", "image_url", "image_alt")})


@dataclass(frozen=True, kw_only=True)
class SlotForm:
    """A slot as an editor gives it. `position` counts from 0 within its section; `house_id` runs when nothing else may.

    `lead_hours` before the issue is the deadline for words. `trusts` lets words that come in time run without approval.
    """

    name: str
    place: SlotPlace
    section_id: int | None = None
    position: int = 0
    max_title: int = 60
    max_text: int = 300
    label: str = "Sponsored"
    lead_hours: int = 48
    trusts: bool = False
    house_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Slot(SlotForm):
    """A slot of a newsletter's issues; one that was put away stands in no new issue."""

    id: int
    newsletter_id: int
    is_put_away: bool
    version: int


@dataclass(frozen=True, kw_only=True)
class PromotionForm:
    """A promotion as an editor gives it: it may be seen from `begins_at` until just before `ends_at`."""

    kind: PromotionKind
    sponsor: str
    words: Words
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    event_at: datetime | None = None
    event_place: str = ""


@dataclass(frozen=True, kw_only=True)
class Promotion(PromotionForm):
    """A promotion; one that was put away runs in no slot and is not offered any more."""

    id: int
    newsletter_id: int
    is_put_away: bool
    version: int

    @property
    def name(self) -> str:
        """What the desk calls it."""
        return self.words.title or self.sponsor or f"Promotion {self.id}"


@dataclass(frozen=True)
class Booking:
    """A promotion in a slot of the issue of one date; `copy` is what the sponsor sent and nobody has approved yet.

    Words are taken until `issue_at`, after `deadline_at` as late ones. `address` is where the sponsor's link was sent,
    empty where it was not.
    """

    id: int
    slot_id: int
    promotion_id: int
    issue_on: date
    issue_at: datetime
    deadline_at: datetime
    state: BookingState
    copy: Words | None
    submitted_at: datetime | None
    approved_at: datetime | None
    version: int
    address: str = ""


@dataclass(frozen=True)
class Running:
    """What runs in a slot of an issue: None where nothing may."""

    slot: Slot
    promotion: Promotion | None
    booking: Booking | None = None

    @property
    def label(self) -> str:
        """What stands above it, so that nobody takes it for the editors' own words."""
        return label_of(self.promotion, self.slot) if self.promotion else self.slot.label


def label_of(promotion: Promotion, slot: Slot | None) -> str:
    """Returns the disclosure label: the slot's, and its kind's for a house promotion or one that stands by itself."""
    if slot is None or promotion.kind is PromotionKind.HOUSE:
        return LABELS[promotion.kind]
    return slot.label
