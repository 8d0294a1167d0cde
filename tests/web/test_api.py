"""`POST /api/items`: a token, JSON in and out, and every wrong request told as a problem."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from curator.accounts import api_tokens
from curator.accounts.tables import ApiToken
from curator.accounts.values import ApiScope
from curator.app import App
from curator.db import Database
from curator.feeds import store as feeds
from curator.web import create_app
from curator.web.api.door import CALLS_A_TOKEN, WRONG_A_NETWORK
from tests import builders
from tests.conftest import FakeClock
from tests.web.conftest import make_app, person

PAGE = {"url": "https://blog.example/post?utm_source=x", "title": "A post", "excerpt": "Some words."}


@pytest.fixture
def token(sqlite_app: App) -> str:
    return made(sqlite_app)


@pytest.fixture
def program(flask: Flask) -> FlaskClient:
    return flask.test_client(use_cookies=False)


def made(app: App) -> str:
    user_id = person(app, "Mina")
    return api_tokens.make_token(app.db, user_id, "Test", scopes=(ApiScope.WRITE_ITEMS,), now=app.clock())


def send(program: FlaskClient, token: str | None, body: object = PAGE, **more: object) -> TestResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    given: dict[str, object] = {"headers": headers, "data": data, "content_type": "application/json", **more}
    return program.post("/api/items", **given)  # type: ignore[arg-type]  # as the test gives them


def problem(answer: TestResponse, status: int) -> dict:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert "Set-Cookie" not in answer.headers
    document = json.loads(answer.text)
    assert document["status"] == status
    assert document["title"]
    assert document["detail"].endswith(".")
    return document


def test_a_page_is_saved_once_and_known_after(database: Database, clock: FakeClock, tmp_path: object) -> None:
    app = make_app(database, clock, tmp_path)  # type: ignore[arg-type]
    program, token = create_app(app).test_client(use_cookies=False), made(app)
    first, again = send(program, token), send(program, token, {**PAGE, "title": "Another title"})
    assert (first.status_code, again.status_code) == (201, 200)
    item_id = first.json["id"]  # type: ignore[index]
    assert first.json == {"id": item_id, "is_new": True, "desk": f"/desk/items/{item_id}"}
    assert first.headers["Location"] == f"/desk/items/{item_id}"
    assert again.json == {"id": item_id, "is_new": False, "desk": f"/desk/items/{item_id}"}
    assert "Set-Cookie" not in first.headers
    with database.read() as session:
        (item,) = feeds.items_by_id(session, [item_id]).values()
    assert (item.title, item.summary_text, item.feed_id) == ("A post", "Some words.", None)


def test_an_item_of_a_feed_is_the_known_one(program: FlaskClient, token: str, sqlite_app: App) -> None:
    feed_id = builders.feed_row(sqlite_app.db)
    known = builders.item_row(
        sqlite_app.db, feed_id, "A post", at=sqlite_app.clock(), canonical_url="https://blog.example/post"
    )
    answer = send(program, token)
    assert (answer.status_code, answer.json["id"]) == (200, known)  # type: ignore[index]


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, None),
        ({"Authorization": "Basic bWluYTpwYXNz"}, None),
        ({"Authorization": "Bearer"}, None),
        ({"Authorization": "Bearer curator_" + "a" * 43}, "invalid_token"),
        ({"Authorization": "Bearer é"}, "invalid_token"),
        ({"Authorization": "Bearer " + "x" * 5_000}, "invalid_token"),
    ],
)
def test_without_a_good_token_nothing_is_read(
    program: FlaskClient, token: str, headers: dict, error: str | None
) -> None:
    answer = send(program, token, headers=headers)
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="Curator"')
    assert ("invalid_token" in answer.headers["WWW-Authenticate"]) is (error is not None)


def test_a_session_does_not_stand_in_for_a_token(mina: object) -> None:
    answer = send(mina.client, None)  # type: ignore[attr-defined]
    problem(answer, 401)


def test_a_token_without_the_scope_may_not(program: FlaskClient, token: str, sqlite_app: App) -> None:
    with sqlite_app.db.write() as session:
        session.execute(update(ApiToken).values(scopes=["issues:read"]))
    answer = send(program, token)
    problem(answer, 403)
    assert 'error="insufficient_scope", scope="items:write"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"null", b"\xff\xfe", b"[" * 50_000, b"NaN"])
def test_what_is_no_json_object_is_said(program: FlaskClient, token: str, body: bytes) -> None:
    problem(send(program, token, body), 400)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_another_kind_of_body_is_not_taken(program: FlaskClient, token: str, kind: str | None) -> None:
    answer = send(program, token, content_type=kind)
    problem(answer, 415)


def test_a_large_body_is_refused(program: FlaskClient, token: str) -> None:
    problem(send(program, token, {**PAGE, "excerpt": "x" * 70_000}), 413)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": None}, "url"),
        ({"url": 7}, "url"),
        ({"url": ["https://a.example"]}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://a.example/" + "a" * 2_000}, "url"),
        ({"url": "https://user:secret@a.example/"}, "url"),
        ({**PAGE, "title": "x" * 501}, "title"),
        ({**PAGE, "title": {"en": "x"}}, "title"),
        ({**PAGE, "excerpt": "x" * 10_001}, "excerpt"),
        ({**PAGE, "image_url": "data:image/png;base64,x"}, "image_url"),
        ({**PAGE, "feed_id": "1"}, "feed_id"),
    ],
)
def test_a_wrong_field_is_named(program: FlaskClient, token: str, body: dict, field: str, sqlite_app: App) -> None:
    document = problem(send(program, token, body), 422)
    assert list(document["errors"]) == [field]
    with sqlite_app.db.read() as session:
        assert feeds.fresh_items(session, since=None) == []


def test_odd_characters_do_no_harm(program: FlaskClient, token: str) -> None:
    answer = send(program, token, b'{"url": "https://a.example/1", "title": "a\\u0000b\\ud800", "excerpt": null}')
    assert answer.status_code == 201


def test_an_odd_name_of_a_field_is_told_like_any_other(program: FlaskClient, token: str) -> None:
    document = problem(send(program, token, b'{"url": "https://a.example/1", "\\ud800": "x"}'), 422)
    assert list(document["errors"].values()) == ["There is no such field."]


def test_a_token_has_its_calls_a_minute(program: FlaskClient, token: str, clock: FakeClock) -> None:
    answers = [send(program, token) for _ in range(CALLS_A_TOKEN + 1)]
    assert [answer.status_code for answer in answers[1:]] == [200] * (CALLS_A_TOKEN - 1) + [429]
    problem(answers[-1], 429)
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    clock.advance(timedelta(minutes=1))
    assert send(program, token).status_code == 200


def test_guesses_are_slowed_down_and_good_tokens_are_not(program: FlaskClient, token: str) -> None:
    wrong = [send(program, "curator_guess") for _ in range(WRONG_A_NETWORK + 1)]
    assert [answer.status_code for answer in wrong] == [401] * WRONG_A_NETWORK + [429]
    problem(wrong[-1], 429)
    assert send(program, token).status_code == 201


def test_other_addresses_and_methods_are_problems_too(program: FlaskClient, token: str) -> None:
    problem(program.get("/api/nothing"), 404)
    answer = program.get("/api/items")
    problem(answer, 405)
    assert answer.headers["Allow"] == "POST"
    problem(program.open("/api/items", method="OPTIONS"), 405)


def test_a_bug_is_a_problem_that_tells_nothing(
    flask: Flask, program: FlaskClient, token: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_path: int) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(flask.view_functions, "api.add_items_page", broken)
    answer = send(program, token)
    assert "secret" not in json.dumps(problem(answer, 500))
    assert token not in caplog.text
