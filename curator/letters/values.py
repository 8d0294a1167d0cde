"""What crosses the letters' border: kinds, states, and a letter on its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class LetterKind(StrEnum):
    """Why a letter is written. KNOWN answers a sign-up of somebody who is subscribed already.

    From DRAFT_READY to NOT_SCHEDULED they are notices to people at the desk about an issue on its way. SPONSOR_ASKED
    asks a sponsor for the words of a booking. A reader who wants their mail at another address: ADDRESS_ASKED asks the
    new mailbox, ADDRESS_KNOWN tells one that has subscriptions of its own, ADDRESS_TOLD and ADDRESS_MOVED tell the old.
    DOWNLOAD has the link to a transcript or file that somebody asked for. TIP_THANKS tells a reader that their tip ran.
    ALERT tells whoever runs the installation what needs a person, or that it is over.
    """

    CONFIRM = "confirm"
    KNOWN = "known"
    WELCOME = "welcome"
    INVITATION = "invitation"
    TEST = "test"
    DRAFT_READY = "draft_ready"
    REVIEW_ASKED = "review_asked"
    GIVEN_BACK = "given_back"
    DEADLINE_NEAR = "deadline_near"
    DEADLINE_OVER = "deadline_over"
    NOT_SCHEDULED = "not_scheduled"
    SPONSOR_ASKED = "sponsor_asked"
    ADDRESS_ASKED = "address_asked"
    ADDRESS_TOLD = "address_told"
    ADDRESS_KNOWN = "address_known"
    ADDRESS_MOVED = "address_moved"
    DOWNLOAD = "download"
    TIP_THANKS = "tip_thanks"
    ALERT = "alert"

    @property
    def is_to_reader(self) -> bool:
        """Whether it goes to somebody who reads a newsletter, or asked to, and to nobody else."""
        return self in _TO_READERS


_TO_READERS = frozenset(
    (
        *(LetterKind.CONFIRM, LetterKind.KNOWN, LetterKind.WELCOME, LetterKind.DOWNLOAD, LetterKind.TIP_THANKS),
        *(LetterKind.ADDRESS_ASKED, LetterKind.ADDRESS_KNOWN, LetterKind.ADDRESS_TOLD, LetterKind.ADDRESS_MOVED),
    )
)


class LetterState(StrEnum):
    """Where a letter stands. HELD: its newsletter is in test mode; DROPPED: there was no reason left to send it."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"

    @property
    def is_final(self) -> bool:
        """Whether nothing happens to the letter any more."""
        return self in (LetterState.SENT, LetterState.REFUSED, LetterState.DROPPED)


@dataclass(frozen=True)
class NewLetter:
    """A letter to be written. `payload` holds ids and moments, never a token: links are signed when it is sent.

    Of two letters with one `key` the second is not written. `newsletter_id` is whose sender it bears: the payload's
    own where none is given.
    """

    kind: LetterKind
    address: str
    address_key: str
    name: str = ""
    payload: Mapping[str, Any] | None = None
    key: str | None = None
    newsletter_id: int | None = None


@dataclass(frozen=True)
class ClaimedLetter:
    """A letter in a sender's hands until `lease_until`; `fence` tells it from an earlier holder.

    `attempt` counts how often it was tried and put off.
    """

    id: int
    kind: LetterKind
    address: str
    address_key: str
    name: str
    payload: Mapping[str, Any]
    newsletter_id: int | None
    attempt: int
    fence: int
    created_at: datetime
    lease_until: datetime


@dataclass(frozen=True)
class LetterRow:
    """A letter as pages show it; `due_at` is when it is tried (again), `reason` why it has not left or never will."""

    kind: LetterKind
    state: LetterState
    address: str
    payload: Mapping[str, Any]
    reason: str
    due_at: datetime
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class LetterLink:
    """Words that lead somewhere."""

    label: str
    url: str


@dataclass(frozen=True)
class LetterText:
    """What a letter says, in plain words: HTML and text are made of this and nothing else.

    `masthead` is whose letter it is, `button` the one thing to do, `links` are what else may be done, `footer` says
    why the letter came. `language` is what the words are in.
    """

    subject: str
    masthead: str
    title: str
    paragraphs: tuple[str, ...]
    button: LetterLink | None = None
    links: tuple[LetterLink, ...] = ()
    footer: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Lane:
    """The letters of some newsletters; with `is_rest` all others, those of no newsletter among them."""

    newsletter_ids: frozenset[int] = frozenset()
    is_rest: bool = True


EVERY_LETTER = Lane()
