"""What crosses the mailings' border: states, an envelope, and what a relay answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from curator.episodes.transcripts.values import Piece
from curator.letters.values import LetterState


class MailingState(StrEnum):
    """Where a run of sending stands. HOLDING: nothing has left, and it can be taken back."""

    HOLDING = "holding"
    BUILDING = "building"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"

    @property
    def is_final(self) -> bool:
        """Whether no message will leave any more."""
        return self in (MailingState.CANCELLED, MailingState.FINISHED)


class DeliveryState(StrEnum):
    """What became of one message. INTENDED is written before its bytes leave."""

    EXCLUDED = "excluded"
    PENDING = "pending"
    INTENDED = "intended"
    SENT = "sent"
    REFUSED = "refused"
    DEFERRED = "deferred"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it; a mailing with such deliveries is not finished."""
        return self in (DeliveryState.PENDING, DeliveryState.INTENDED, DeliveryState.DEFERRED)


class BatchState(StrEnum):
    """Where a batch stands; a claimed one is held by a lease."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"


class Verdict(StrEnum):
    """How the relay answered one message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outgoing:
    """One message ready for a relay.

    `sender` is the envelope's, to which bounces come; `author` is the address in From, where that is another one.
    Without `needs_stuffing` the content is already what follows DATA: every line ends with CRLF, none begins with a
    dot.
    """

    delivery_key: str
    sender: str
    recipient: str
    content: bytes
    needs_smtputf8: bool = False
    needs_stuffing: bool = True
    author: str = ""

    @property
    def from_address(self) -> str:
        """The address that the reader sees."""
        return self.author or self.sender

    @property
    def from_domain(self) -> str:
        """The domain that the reader sees, which DKIM signs for and DMARC looks at."""
        return self.from_address.rpartition("@")[2]


@dataclass(frozen=True)
class Answer:
    """What the relay said to one message. UNKNOWN: the final dot left and no answer came."""

    verdict: Verdict
    code: int
    words: str


@dataclass(frozen=True)
class Balance:
    """The accounts of a mailing: candidates must equal the sum of every state."""

    candidates: int
    by_state: dict[DeliveryState, int]
    excluded_by_reason: dict[str, int]

    @property
    def is_even(self) -> bool:
        """Whether every candidate is accounted for."""
        return self.candidates == sum(self.by_state.values())


@dataclass(frozen=True)
class MailingView:
    """A mailing as pages and commands show it. `retry_at` is when the relay is tried again after trouble.

    Until `hold_until` a mailing that is held can be taken back; until `waits_until` nothing of it leaves, because of
    `waits_for`. A test goes to people at the desk only; its issue is not sent by it.
    """

    id: int
    issue_id: int
    revision_id: int
    newsletter_id: int
    state: MailingState
    reason: str
    started_at: datetime
    finished_at: datetime | None
    retry_at: datetime | None
    balance: Balance
    is_test: bool = False
    hold_until: datetime | None = None
    waits_until: datetime | None = None
    waits_for: str = ""
    wave: int = 0
    hard_bounces: int = 0
    complaints: int = 0
    # It was stopped so that whoever has not got it gets another revision.
    is_mended: bool = False
    # The segment that it goes to, as it was approved; empty where it goes to all readers.
    segment_name: str = ""
    segment_words: str = ""
    # How many of its readers wanted the text alone when its audience was frozen.
    text_only: int = 0
    # How often in a row nothing could be handed over.
    troubles: int = 0

    @property
    def has_begun(self) -> bool:
        """Whether its audience was frozen, or is being so; one that was taken back while it was held never had any."""
        is_untouched = self.state is MailingState.CANCELLED and not self.balance.candidates
        return self.state is not MailingState.HOLDING and not is_untouched


BY_HAND = "Paused by hand"
"""How the reason of a mailing begins that a person paused: nobody is woken for it."""

# A dead sender on this machine is known by its journal's lock, so the lease only has to outlast the slowest relay: a
# conversation has five answers of up to a minute. No message begins in its second half.
LEASE = timedelta(minutes=15)
"""For how long a sender holds a batch from each window on, unless it says so again."""


@dataclass(frozen=True)
class Movement:
    """What moves in a running mailing, by its batches.

    `seen_at` is when a sender was last at it (None: never), `due_at` when the first batch that nobody holds is due, and
    `tried_at` when the first of those that were put off is tried again, if that is to come.
    """

    seen_at: datetime | None
    due_at: datetime | None
    tried_at: datetime | None
    is_held: bool

    def stands_since(self, *others: datetime | None, now: datetime) -> datetime | None:
        """Returns since when nobody does what is due; None while that is short enough, or nothing is due.

        `others` are moments before which nothing was to be expected either: the end of a wait, a resumption.
        """
        if not self.is_held and (self.due_at is None or self.due_at > now):
            return None
        known = [at for at in (self.seen_at, None if self.is_held else self.due_at, *others) if at is not None]
        patience = _PATIENCE_WITH_RELAY if self.is_held else _PATIENCE
        since = max(known, default=now)
        return since if now - since > patience else None


# Workers look for work every few seconds; a slow relay may take some minutes for the window that it was handed.
_PATIENCE = timedelta(minutes=1)
_PATIENCE_WITH_RELAY = timedelta(minutes=5)


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery as lists show it; the address of a subscriber who is gone reads "erased"."""

    subscriber_id: int
    address: str
    state: DeliveryState
    code: int | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class Build:
    """A mailing whose audience is being frozen: `cursor` is the last subscriber that is in the ledger already."""

    issue_id: int
    revision_id: int
    newsletter_id: int
    highest_id: int
    cursor: int
    is_test: bool


@dataclass(frozen=True)
class Claim:
    """A batch in somebody's hands. Whatever they write about it must carry this fence."""

    batch_id: int
    mailing_id: int
    first_id: int
    last_id: int
    owner: str
    fence: int
    lease_until: datetime
    wave: int = 0


@dataclass(frozen=True)
class Result:
    """What became of one intended delivery. PENDING: its bytes never left, or the relay said so."""

    subscriber_id: int
    state: DeliveryState
    code: int | None = None
    reason: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What a sender asks of its mailing before each window; the names are those of the mailing's columns."""

    id: int
    newsletter_id: int
    state: MailingState
    troubles: int
    retry_at: datetime | None
    hard_bounces: int
    complaints: int
    forgiven: dict[str, int] | None
    stops_at: datetime | None = None

    def is_over_at(self, now: datetime) -> bool:
        """Whether one of its promotions has ended, so that nothing may leave any more."""
        return self.stops_at is not None and self.stops_at <= now


@dataclass(frozen=True)
class Trouble:
    """What stopped a sender that is no reader's fault. `needs_person`: trying again cannot help."""

    reason: str
    needs_person: bool


@dataclass(frozen=True)
class Sender:
    """Who a letter is from."""

    name: str
    address: str
    reply_to: str | None = None


@dataclass(frozen=True)
class PostReport:
    """What one call of the post did, by state of the letters that it ended or held, and what stopped it."""

    settled: dict[LetterState, int]
    trouble: str = ""

    @property
    def sent(self) -> int:
        """How many letters the relay took."""
        return self.settled.get(LetterState.SENT, 0)


@dataclass(frozen=True)
class PumpReport:
    """What one call of the pump did, by state of the deliveries that it settled, and where the mailing stands."""

    mailing_id: int
    state: MailingState
    settled: dict[DeliveryState, int]
    trouble: str = ""

    @property
    def sent(self) -> int:
        """How many messages the relay took."""
        return self.settled.get(DeliveryState.SENT, 0)


@dataclass(frozen=True)
class PublicIssue:
    """An issue that anybody may see: the revision that was sent, and the moment when it began to leave.

    A back issue has no revision; `is_imported` says that it left before Curator.
    """

    id: int
    newsletter_id: int
    number: int
    subject: str
    preheader: str
    revision_id: int | None
    at: datetime
    is_imported: bool = False


@dataclass(frozen=True)
class Printed:
    """Where a pick was printed that anybody may read; an issue that was imported has no page (`has_page`)."""

    pick_id: int
    slug: str
    number: int
    at: datetime
    has_page: bool


@dataclass(frozen=True)
class Dated:
    """A public issue's address, when it left, and when its page changed last."""

    slug: str
    number: int
    at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Found:
    """A public issue in which what was searched for stands, and the passage around it."""

    issue: PublicIssue
    passage: tuple[Piece, ...]


@dataclass(frozen=True)
class Neighbours:
    """The public issues before and after one; None at the archive's ends."""

    before: PublicIssue | None
    after: PublicIssue | None
