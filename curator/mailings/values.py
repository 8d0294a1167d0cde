"""What crosses the mailings' border: states, an envelope, and what a relay answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailingState(StrEnum):
    """Where a run of sending stands."""

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
    """One message ready for a relay."""

    delivery_key: str
    sender: str
    recipient: str
    content: bytes
    needs_smtputf8: bool = False


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
    """A mailing as pages and commands show it."""

    id: int
    issue_id: int
    revision_id: int
    state: MailingState
    reason: str
    started_at: datetime
    finished_at: datetime | None
    balance: Balance
