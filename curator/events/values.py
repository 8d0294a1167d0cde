"""What crosses the events' border: kinds of events, a hit on a link, and an issue's results."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What became known after a message left."""

    CLICKED = "clicked"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True)
class Hit:
    """One request for a tracked link. `agent` is a hash of who asked (program and network), `link` 0 the canary."""

    mailing_id: int
    link: int
    subscriber_id: int
    at: datetime
    agent: int
    is_head: bool = False
