"""Each request has an id and one line in the log, which names the route and nobody."""

import json
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from curator.app import App, set_up_logs
from curator.web import create_app
from curator.web.access import HEADER

ID = "proxy-0123456789"


@pytest.fixture
def client(sqlite_app: App) -> FlaskClient:
    return create_app(sqlite_app).test_client(use_cookies=False)


@pytest.fixture
def lines() -> Iterator[list[MutableMapping[str, Any]]]:
    before = structlog.get_config()
    # Whatever a test before has set up, each line counts here.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("debug"))
    try:
        with capture_logs([merge_contextvars]) as logs:
            yield logs
    finally:
        structlog.configure(**before)


def test_a_request_is_one_line_without_its_query_address_or_token(
    client: FlaskClient, lines: list[MutableMapping[str, Any]]
) -> None:
    client.get("/u/a-token-that-is-a-key?to=ada@example.org", headers={HEADER: ID})
    client.get("/no-such-page/a-token?to=ada@example.org")
    client.post("/desk/sign-in", data={"address": "ada@example.org", "password": "secret words"})
    told = json.dumps(lines, default=str)
    for secret in ("a-token", "ada@", "secret"):
        assert secret not in told
    requests = [each for each in lines if each["event"] == "request"]
    assert [(each["method"], each["route"]) for each in requests] == [
        ("GET", "/u/<token>"),
        ("GET", "(none)"),
        ("POST", "/desk/sign-in"),
    ]
    assert all(isinstance(each["took_ms"], float) and isinstance(each["status"], int) for each in requests)
    assert requests[0]["request_id"] == ID


def test_a_sane_id_is_kept_and_any_other_is_replaced(client: FlaskClient) -> None:
    def answered(given: str) -> str:
        return client.get("/desk/sign-in", headers={HEADER: given}).headers[HEADER]

    with capture_logs():
        assert answered("0af7651916cd43dd8448eb211c80319c") == "0af7651916cd43dd8448eb211c80319c"
        for bad in ("", "short", "x" * 65, "ada@example.org", 'a" forged="b', "two words here"):
            made = answered(bad)
            assert made != bad
            assert len(made) == 24
        assert answered("") != answered("")


def test_what_else_a_request_logs_bears_its_id_and_nothing_after_it(
    sqlite_app: App, lines: list[MutableMapping[str, Any]]
) -> None:
    flask = create_app(sqlite_app)
    flask.add_url_rule("/told", "told", lambda: (structlog.get_logger().info("told"), "ok")[1])
    flask.test_client().get("/told", headers={HEADER: ID})
    structlog.get_logger().info("after it")
    assert [(each["event"], each.get("request_id")) for each in lines] == [
        ("told", ID),
        ("request", ID),
        ("after it", None),
    ]


def test_machines_questions_fill_no_log(client: FlaskClient, lines: list[MutableMapping[str, Any]]) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/static/mark.svg"):
        with client.get(path) as answer:
            assert answer.status_code == 200
    assert {each["log_level"] for each in lines} == {"debug"}


@pytest.mark.parametrize(("level", "told"), [("debug", 3), ("info", 2), ("warning", 1), ("error", 0)])
def test_the_level_is_a_setting(level: str, told: int, capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        set_up_logs("json", level)
        with structlog.contextvars.bound_contextvars(request_id=ID):
            for say in ("debug", "info", "warning"):
                getattr(structlog.get_logger(), say)("told")
    finally:
        structlog.configure(**before)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [each["request_id"] for each in lines] == [ID] * told
