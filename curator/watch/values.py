"""What crosses the watch's border: how the installation stands at a moment, troubles, and alerts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from curator.feeds.health.values import Failing


class AlertKind(StrEnum):
    """What needs a person."""

    CLOCK = "clock"
    WORK = "work"
    JOBS = "jobs"
    LETTERS = "letters"
    MAILING = "mailing"
    DOUBTS = "doubts"
    COMPLAINTS = "complaints"
    BOUNCES = "bounces"
    SHOW = "show"
    FEEDS = "feeds"
    DISK = "disk"
    MAILBOX = "mailbox"
    WEBHOOK = "webhook"


class Way(StrEnum):
    """How people hear of an alert."""

    LETTER = "letter"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Trouble:
    """Something that needs a person: what stands wrong, about which thing, and what to do.

    `subject` tells one from others of its kind, "" where there is only one. `path` leads to the desk's page about it.
    """

    kind: AlertKind
    what: str
    todo: str
    subject: str = ""
    path: str = "/desk/status"


@dataclass(frozen=True)
class Alert:
    """A trouble that was seen. It is open until it has not been seen for a while; `told_at` is when people heard last.

    `taken_by` is whoever said that they see to it: nobody is told again of what is seen to.
    """

    id: int
    kind: AlertKind
    subject: str
    what: str
    todo: str
    path: str
    opened_at: datetime
    seen_at: datetime
    told_at: datetime | None = None
    closed_at: datetime | None = None
    taken_by: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it stands wrong as far as is known."""
        return self.closed_at is None


@dataclass(frozen=True)
class OpenMailing:
    """A mailing that is not over, or was over lately: what watching needs of it."""

    id: int
    newsletter: str
    state: str
    reason: str
    troubles: int
    hard_bounces: int
    complaints: int
    by_state: Mapping[str, int] = field(default_factory=dict)
    blocked: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing of it leaves any more."""
        return self.state in ("finished", "cancelled")

    @property
    def tried(self) -> int:
        """How many messages were handed to the relay."""
        return sum(self.by_state.get(state, 0) for state in ("sent", "refused", "in_doubt"))


@dataclass(frozen=True)
class Standing:
    """How the installation stands at a moment: read from small tables and counters, however much was sent.

    `beat_at` is the clock's last pulse; None before the first. Files and disk are those of the machine that looked.
    """

    at: datetime
    beat_at: datetime | None = None
    jobs_due: int = 0
    jobs_running: int = 0
    jobs_failed: int = 0
    failed_since_yesterday: int = 0
    oldest_job_at: datetime | None = None
    letters_waiting: int = 0
    oldest_letter_at: datetime | None = None
    feeds_active: int = 0
    feeds_due: int = 0
    feeds_failing: int = 0
    oldest_poll_at: datetime | None = None
    troubled_feeds: tuple[Failing, ...] = ()
    mailings: tuple[OpenMailing, ...] = ()
    endpoints_off: tuple[tuple[int, str, str], ...] = ()
    accepted_in_all: int = 0
    bounced_in_all: int = 0
    unsubscribed_in_all: int = 0
    oldest_click_at: datetime | None = None
    disk_free_bytes: int | None = None
    is_mailbox_missing: bool = False
    alerts_open: int = 0

    def waited(self, since: datetime | None) -> timedelta:
        """Returns how long something has waited; nothing waits for no time."""
        return timedelta() if since is None else max(self.at - since, timedelta())


@dataclass(frozen=True)
class WatchLimits:
    """From when on something needs a person."""

    disk_free_bytes: int = 2_000_000_000
    clock_silent: timedelta = timedelta(minutes=5)
    work_late: timedelta = timedelta(minutes=15)
    show_failing: timedelta = timedelta(hours=24)
    feeds_failing: timedelta = timedelta(days=7)
