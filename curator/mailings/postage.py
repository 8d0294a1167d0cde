"""What letters take of their transport: they wait for no pace and no day, and mailings make up for it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from curator.db import Session
from curator.mailings import pacing
from curator.mailings.pace import store
from curator.mailings.pacing import NO_LIMITS, Limits

CROWDED_FOR = timedelta(minutes=10)
"""How long mailings with several connections leave one of them to letters, after a relay had no room for one more."""

SOLE_FOR = timedelta(seconds=5)
"""How long a mailing with a single connection does without it then: a letter takes it within a second or two."""


@dataclass(frozen=True)
class Postage:
    """The transport that letters leave over, with its limits."""

    transport: str = ""
    limits: Limits = NO_LIMITS

    @property
    def is_free(self) -> bool:
        """Whether a letter takes nothing from anybody."""
        return self.limits.per_second is None and not self.limits.has_day

    def take(self, session: Session, *, now: datetime) -> None:
        """Writes down that a letter is about to leave: the next mailing's message comes that much later.

        At most a second's worth is made up for; who sends more letters than that wants them to leave.
        """
        free_at = store.hold(session, self.transport, now=now)
        if (rate := self.limits.per_second) is not None:
            store.fill(session, self.transport, {"": pacing.taken(free_at, 1, per_second=rate, now=now)})
        if self.limits.has_day:
            store.add(session, self.transport, now.astimezone(UTC).date(), 1)


NO_POSTAGE = Postage()
"""A transport without limits."""
