"""What crosses the watch's border: how the installation stands at a moment, troubles, and alerts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from curator.backup.nightly.values import OLD_AFTER, Nights
from curator.feeds.health.values import Failing


class AlertKind(StrEnum):
    """What needs a person."""

    CLOCK = "clock"
    SENDER = "sender"
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
    SIGNUPS = "signups"
    WEBHOOK = "webhook"
    BACKUP = "backup"


class Way(StrEnum):
    """How people hear of an alert."""

    LETTER = "letter"
    WEBHOOK = "webhook"


class ProcessKind(StrEnum):
    """What a process does. A runner is a clock and a worker in one."""

    WEB = "web"
    CLOCK = "clock"
    WORKER = "worker"
    RUNNER = "runner"

    @property
    def sends(self) -> bool:
        """Whether mail leaves by such a process."""
        return self in (ProcessKind.WORKER, ProcessKind.RUNNER)

    @property
    def ticks(self) -> bool:
        """Whether such a process is a clock."""
        return self in (ProcessKind.CLOCK, ProcessKind.RUNNER)


LIVES_FOR = timedelta(minutes=5)
"""A process says every minute that it lives."""


@dataclass(frozen=True)
class Process:
    """A process of some machine, as it last said of itself; `tick_lag_s` is how late the latest of its ticks was."""

    name: str
    machine: str
    kind: ProcessKind
    version: str
    started_at: datetime
    seen_at: datetime
    tick_lag_s: float = 0.0


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

    `taken_by` is whoever said that they see to it: nobody is told again of what is seen to. `called_at` is when the
    webhook took it.
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
    called_at: datetime | None = None

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

    `beat_at` is the clock's last pulse; None before the first, and then whoever stands by says since when it has waited
    for one (`watched_since`). Files and disk are those of the machine that looked: `disk_folder` is where there is
    least room, `oldest_mail_at` since when a bounce lies unread. The `..._in_all` never fall.
    `backups` is None where no nightly ones are set up.
    """

    at: datetime
    beat_at: datetime | None = None
    watched_since: datetime | None = None
    machine: str = ""
    processes: tuple[Process, ...] = ()
    jobs_due: int = 0
    jobs_running: int = 0
    jobs_failed: int = 0
    failed_since_yesterday: int = 0
    oldest_job_at: datetime | None = None
    jobs_late: int = 0
    jobs_by_task: Mapping[str, int] = field(default_factory=dict)
    oldest_draft_at: datetime | None = None
    oldest_issue_at: datetime | None = None
    letters_waiting: int = 0
    oldest_letter_at: datetime | None = None
    feeds_active: int = 0
    feeds_due: int = 0
    feeds_failing: int = 0
    oldest_poll_at: datetime | None = None
    polls_failed_in_all: int = 0
    troubled_feeds: tuple[Failing, ...] = ()
    mailings: tuple[OpenMailing, ...] = ()
    endpoints_off: tuple[tuple[int, str, str], ...] = ()
    flooded: tuple[tuple[int, str, datetime], ...] = ()
    accepted_in_all: int = 0
    bounced_in_all: int = 0
    unsubscribed_in_all: int = 0
    oldest_click_at: datetime | None = None
    disk_free_bytes: int | None = None
    disk_folder: str = ""
    is_mailbox_missing: bool = False
    oldest_mail_at: datetime | None = None
    alerts_by_kind: Mapping[str, int] = field(default_factory=dict)
    backups: Nights | None = None

    def waited(self, since: datetime | None) -> timedelta:
        """Returns how long something has waited; nothing waits for no time."""
        return timedelta() if since is None else max(self.at - since, timedelta())

    @property
    def alerts_open(self) -> int:
        """How many alerts are open."""
        return sum(self.alerts_by_kind.values())

    @property
    def sender_seen_at(self) -> datetime | None:
        """When a process by which mail leaves was last seen; None where none was of late."""
        return max((each.seen_at for each in self.processes if each.kind.sends), default=None)

    @property
    def no_sender_since(self) -> datetime | None:
        """Since when no such process was seen, as far as is known; None where no process says anything of itself."""
        return self.sender_seen_at or min((each.started_at for each in self.processes), default=None)

    def waited_for_work(self, since: datetime | None) -> timedelta:
        """Returns for how long something has waited while a process lived that does such things.

        After a stop, what came due meanwhile is only being begun.
        """
        living = [each for each in self.processes if each.kind.sends and self.waited(each.seen_at) < LIVES_FOR]
        began = min((each.started_at for each in living), default=None)
        return self.waited(since if since is None or began is None else max(since, began))

    @property
    def tick_lag_s(self) -> float:
        """By how much the latest tick of any clock was late in its last minute."""
        return max((each.tick_lag_s for each in self.processes if each.kind.ticks), default=0.0)


@dataclass(frozen=True)
class WatchLimits:
    """From when on something needs a person."""

    disk_free_bytes: int = 2_000_000_000
    clock_silent: timedelta = timedelta(minutes=5)
    sender_silent: timedelta = timedelta(minutes=5)
    work_late: timedelta = timedelta(minutes=15)
    flood_told: timedelta = timedelta(hours=1)
    show_failing: timedelta = timedelta(hours=24)
    feeds_failing: timedelta = timedelta(days=7)
    backup_old: timedelta = OLD_AFTER
