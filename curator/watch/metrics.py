"""How the installation stands, as Prometheus reads it (text format 0.0.4). Pure but for the library's registry."""

from collections.abc import Iterator
from dataclasses import dataclass

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
        yield _deliveries(self.stands)


def _gauges(now: Standing) -> Iterator[tuple[str, str, float]]:
    yield "clock_silent_seconds", "Since the clock's last pulse.", now.waited(now.beat_at).total_seconds()
    yield "jobs_due", "Jobs that wait for a worker.", now.jobs_due
    yield "jobs_running", "Jobs that are being done.", now.jobs_running
    yield "jobs_failed", "Jobs that failed for good and are kept.", now.jobs_failed
    yield "oldest_job_seconds", "How late the job is that waits longest.", now.waited(now.oldest_job_at).total_seconds()
    yield "letters_waiting", "Letters that are due.", now.letters_waiting
    yield "oldest_letter_seconds", "How late the oldest is.", now.waited(now.oldest_letter_at).total_seconds()
    yield "feeds_active", "Feeds that are asked.", now.feeds_active
    yield "feeds_due", "Feeds whose poll is due.", now.feeds_due
    yield "feeds_failing", "Feeds whose last poll failed.", now.feeds_failing
    yield (
        "oldest_poll_seconds",
        "How late the poll is that waits longest.",
        now.waited(now.oldest_poll_at).total_seconds(),
    )
    yield (
        "oldest_click_seconds",
        "How old the oldest hit in this machine's spool is.",
        now.waited(now.oldest_click_at).total_seconds(),
    )
    yield "mailings_live", "Mailings that are not over.", sum(not each.is_over for each in now.mailings)
    yield "alerts_open", "Alerts that are open.", now.alerts_open
    if now.disk_free_bytes is not None:
        yield "disk_free_bytes", "Free on the disk of the data folder.", now.disk_free_bytes


def _counters(now: Standing) -> Iterator[tuple[str, str, float]]:
    yield "messages_accepted", "Messages that relays took, of mailings that are over.", now.accepted_in_all
    yield "messages_bounced", "Messages that came back or were refused.", now.bounced_in_all
    yield "readers_unsubscribed", "Readers who left by a mail's link.", now.unsubscribed_in_all


def _deliveries(now: Standing) -> Metric:
    """Deliveries of mailings that are under way or were over lately, by state: a fixed number of series."""
    family = GaugeMetricFamily("curator_deliveries", "Deliveries of recent mailings, by state.", labels=["state"])
    for state in _STATES:
        family.add_metric([state], sum(each.by_state.get(state, 0) for each in now.mailings))
    return family


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"curator_{name}", told, value=value)


def _counter(name: str, told: str, value: float) -> Metric:
    return CounterMetricFamily(f"curator_{name}", told, value=value)
