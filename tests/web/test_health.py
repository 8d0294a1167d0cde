"""What machines ask: does it live, is it ready, may this one read the figures."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from curator.app import App
from curator.web import create_app

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


def _stands_at(app: App, revision: str) -> None:
    with app.db.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = :at"), {"at": revision})


def test_another_schema_is_not_ready_and_the_reason_says_which_is_newer(sqlite_app: App) -> None:
    client = create_app(sqlite_app).test_client(use_cookies=False)
    for revision, words in (("9999", "start the newer version"), ("0001", "curator db upgrade")):
        _stands_at(sqlite_app, revision)
        answer = client.get("/readyz")
        assert (answer.status_code, words in answer.text) == (503, True), answer.text


def test_a_process_that_could_keep_no_click_is_not_ready(sqlite_app: App) -> None:
    client = create_app(sqlite_app).test_client(use_cookies=False)
    # Root may write anywhere: a file where the folder should be keeps everybody out.
    sqlite_app.spool_dir.write_text("")
    answer = client.get("/readyz")
    assert (answer.status_code, "clicks cannot be kept" in answer.text) == (503, True)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nothing_is_changed_by_asking(path: str, sqlite_app: App) -> None:
    client = create_app(sqlite_app).test_client(use_cookies=False)
    assert client.post(path).status_code == 405
