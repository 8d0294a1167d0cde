"""What machines ask, and that every figure moves with what it tells of."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from curator.app import App
from curator.feeds.health.values import Failing
from curator.watch import metrics
from curator.watch.values import OpenMailing, Standing
from curator.web import create_app
from tests.conftest import FakeClock

TOKEN = "a-token-for-the-scraper"


def test_a_process_lives_and_is_ready(sqlite_app: App) -> None:
    client = create_app(sqlite_app).test_client(use_cookies=False)
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype, "Set-Cookie" in answer.headers) == (200, "text/plain", False)


def test_the_figures_are_for_this_machine_or_whoever_brings_the_token(sqlite_app: App) -> None:
    client = create_app(sqlite_app).test_client(use_cookies=False)
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.7"}).status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 401
    guarded = replace(sqlite_app, settings=replace(sqlite_app.settings, metrics_token=TOKEN))
    client = create_app(guarded).test_client(use_cookies=False)
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def _samples(stands: Standing) -> dict[str, float]:
    families = text_string_to_metric_families(metrics.text(stands).decode())
    return {
        f"{each.name}{each.labels or ''}": each.value
        for family in families
        for each in family.samples
        if not each.name.endswith("_created")
    }


def test_every_figure_moves_with_what_it_tells_of(clock: FakeClock) -> None:
    now = clock()
    still, late = Standing(now, disk_free_bytes=0), now - timedelta(minutes=2)
    by_state = {"pending": 1, "sent": 2, "refused": 3, "deferred": 4, "in_doubt": 5}
    moved = Standing(
        now,
        beat_at=late,
        jobs_due=1,
        jobs_running=1,
        jobs_failed=1,
        oldest_job_at=late,
        letters_waiting=1,
        oldest_letter_at=late,
        feeds_active=1,
        feeds_due=1,
        feeds_failing=1,
        oldest_poll_at=late,
        troubled_feeds=(Failing(1, "Tidal", False, late, ""),),
        mailings=(OpenMailing(1, "AI Weekly", "running", "", 0, 0, 0, by_state),),
        accepted_in_all=1,
        bounced_in_all=1,
        unsubscribed_in_all=1,
        oldest_click_at=late,
        disk_free_bytes=1,
        alerts_open=1,
    )
    before, after = _samples(still), _samples(moved)
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] == after[name]] == []


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nothing_is_changed_by_asking(path: str, sqlite_app: App) -> None:
    client = create_app(sqlite_app).test_client(use_cookies=False)
    assert client.post(path).status_code == 405
