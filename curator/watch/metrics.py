"""How the installation stands, as Prometheus reads it (text format 0.0.4). Pure but for the library's registry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from curator.watch.values import Standing

_STATES = ("pending", "sent", "refused", "deferred", "in_doubt")


def text(stands: Standing) -> bytes:
    """Returns the page that a Prometheus server scrapes."""
    registry = CollectorRegistry()
    registry.register(_Collected(stands))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)
class _Collected(Collector):
    stands: Standing

    def collect(self) -> Iterator[Metric]:
        """Yields each figure."""
        yield from (_gauge(name, told, value) for name, told, value in _gauges(self.stands))
        yield from (_counter(name, told, value) for name, told, value in _counters(self.stands))
        yield _by("deliveries", "Deliveries of recent mailings, by state.", "state", _deliveries(self.stands))
        yield _by("jobs_due_by_task", "Jobs that wait for a worker, by task.", "task", self.stands.jobs_by_task)
        yield _by("alerts_open_by_kind", "Alerts that are open, by kind.", "kind", self.stands.alerts_by_kind)


def _gauges(now: Standing) -> Iterator[tuple[str, str, float]]:
    yield "clock_silent_seconds", "Since the clock's last pulse.", _s(now, now.beat_at)
    yield "jobs_due", "Jobs that wait for a worker.", now.jobs_due
    yield "jobs_late", "Jobs of these that were due five minutes ago.", now.jobs_late
    yield "jobs_running", "Jobs that are being done.", now.jobs_running
    yield "jobs_failed", "Jobs that failed for good and are kept.", now.jobs_failed
    yield "oldest_job_seconds", "How late the job is that waits longest.", _s(now, now.oldest_job_at)
    yield "late_draft_seconds", "How late the draft is that is due longest.", _s(now, now.oldest_draft_at)
    yield "late_issue_seconds", "How late the scheduled issue is that is due longest.", _s(now, now.oldest_issue_at)
    yield "tick_lag_seconds", "By how much the clock's latest tick was late.", now.tick_lag_s
    yield "letters_waiting", "Letters that are due.", now.letters_waiting
    yield "oldest_letter_seconds", "How late the oldest is.", _s(now, now.oldest_letter_at)
    yield "feeds_active", "Feeds that are asked.", now.feeds_active
    yield "feeds_due", "Feeds whose poll is due.", now.feeds_due
    yield "feeds_failing", "Feeds whose last poll failed.", now.feeds_failing
    yield (
        "oldest_poll_seconds",
        "How late the poll is that waits longest.",
        _s(now, now.oldest_poll_at),
    )
    yield (
        "oldest_click_seconds",
        "How old the oldest hit in this machine's spool is.",
        _s(now, now.oldest_click_at),
    )
    yield "oldest_bounce_seconds", "Since when a bounce lies unread here.", _s(now, now.oldest_mail_at)
    yield "processes", "Processes that were seen within the hour.", len(now.processes)
    yield "mailings_live", "Mailings that are not over.", sum(not each.is_over for each in now.mailings)
    yield "alerts_open", "Alerts that are open.", now.alerts_open
    if now.backups is not None:
        yield "backup_age_seconds", "Since the last backup that was tried out.", _s(now, now.backups.safe_at)
    if now.disk_free_bytes is not None:
        yield "disk_free_bytes", "Free on the disk of the data folder.", now.disk_free_bytes


def _counters(now: Standing) -> Iterator[tuple[str, str, float]]:
    yield "messages_accepted", "Messages that relays took.", now.accepted_in_all
    yield "messages_bounced", "Messages that came back or were refused.", now.bounced_in_all
    yield "polls_failed", "Polls that failed.", now.polls_failed_in_all
    yield "readers_unsubscribed", "Readers who left by a mail's link.", now.unsubscribed_in_all


def _deliveries(now: Standing) -> dict[str, int]:
    """Returns deliveries of mailings that are under way or were over lately: a fixed number of series."""
    return {state: sum(each.by_state.get(state, 0) for each in now.mailings) for state in _STATES}


def _s(now: Standing, since: datetime | None) -> float:
    return now.waited(since).total_seconds()


def _by(name: str, told: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"curator_{name}", told, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"curator_{name}", told, value=value)


def _counter(name: str, told: str, value: float) -> Metric:
    return CounterMetricFamily(f"curator_{name}", told, value=value)
