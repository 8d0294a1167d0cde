"""Providers' doors: what is taken, what is refused before it is read, and what no log ever says."""

import gzip
import io
import json
import secrets
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from curator.app import App
from curator.events.inbox import work
from curator.events.providers.judge import MAX_BYTES, Call, hook_secret
from curator.events.providers.values import Provider
from curator.http.memory import MemoryFetcher
from curator.web import create_app
from tests.events import providing as p


@pytest.fixture
def open_app(sqlite_app: App) -> App:
    opened = replace(
        sqlite_app.settings,
        hook_ses_topics=(p.TOPIC,),
        hook_postmark=p.POSTMARK,
        hook_mailgun_key=p.MAILGUN_KEY,
        hook_sendgrid_key=p.sendgrid_key(),
    )
    return replace(sqlite_app, settings=opened)


@pytest.fixture
def client(open_app: App) -> FlaskClient:
    return create_app(open_app).test_client()


def send(client: FlaskClient, call: Call, *, path: str = "", **more: object) -> TestResponse:
    headers = {
        "Authorization": call.authorization,
        "X-Twilio-Email-Event-Webhook-Timestamp": call.timestamp,
        "X-Twilio-Email-Event-Webhook-Signature": call.signature,
    }
    given = {name: value for name, value in headers.items() if value}
    return client.post(
        path or f"/hooks/{call.provider}", data=call.body, content_type=call.mimetype, headers=given, **more
    )


def test_each_provider_has_its_door(client: FlaskClient, open_app: App) -> None:
    now, secret = open_app.clock(), hook_secret(open_app.keys)
    assert send(client, p.mailgun_call({}, at=now)).status_code == 200
    assert send(client, p.sendgrid_call([], at=now)).status_code == 200
    assert send(client, p.ses_call(p.sns("{}", at=now))).status_code == 200
    assert send(client, p.postmark_call({}), path=f"/hooks/postmark/{secret}").status_code == 200


def test_refusals_say_what_is_wrong_and_no_log_has_a_secret(client: FlaskClient, open_app: App) -> None:
    with capture_logs() as lines:
        _be_refused(client, open_app)
    assert [line["why"] for line in lines] == ["replayed", "forged", "broken", "wrong type", "wrong door"]
    for secret in ("ada@example.org", "hidden", "guess", "t" * 50, p.MAILGUN_KEY):
        assert secret not in str(lines)


def _be_refused(client: FlaskClient, open_app: App) -> None:
    now = open_app.clock()
    good = p.mailgun_call({"recipient": "ada@example.org"}, at=now)
    assert send(client, good).status_code == 200
    assert send(client, good).status_code == 403, "a replay"
    assert send(client, p.mailgun_call({}, at=now, key="another")).status_code == 403
    assert send(client, replace(good, body=b"{")).status_code == 400
    assert send(client, replace(good, mimetype="text/html")).status_code == 415
    wrong = send(client, replace(p.postmark_call({}), authorization="Basic hidden"), path="/hooks/postmark/guess")
    assert (wrong.status_code, wrong.headers["WWW-Authenticate"]) == (401, 'Basic realm="Curator"')
    assert wrong.headers["Cache-Control"] == "no-store"


def test_a_large_body_is_refused_before_it_is_read(client: FlaskClient) -> None:
    class Untouched(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise AssertionError("it was read")

    said = {"CONTENT_LENGTH": "104857600", "wsgi.input": Untouched()}
    answer = client.post("/hooks/mailgun", environ_overrides=said, content_type="application/json")
    assert (answer.status_code, answer.headers["Connection"]) == (413, "close")


def test_a_body_that_does_not_say_its_size_is_read_no_further_than_the_limit(client: FlaskClient) -> None:
    body = io.BytesIO(b" " * (MAX_BYTES + 500_000))
    unsaid = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body}
    answer = client.post("/hooks/mailgun", environ_overrides=unsaid, content_type="application/json")
    assert answer.status_code == 413
    assert body.tell() <= MAX_BYTES + 1


def test_a_door_that_is_not_set_up_is_not_there(sqlite_app: App, client: FlaskClient) -> None:
    shut = create_app(sqlite_app).test_client()
    for provider in Provider:
        assert shut.post(f"/hooks/{provider}", data=b"{}").status_code == 404
    assert client.get("/hooks/mailgun").status_code == 405
    assert client.post("/hooks/mailgun/anything", data=b"{}").status_code == 404
    assert client.post("/hooks/unknown", data=b"{}").status_code == 404


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
ENVELOPE = ("Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "SigningCertURL", "Signature")
DEEP = b"[" * 10_000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=JSON, strange=st.dictionaries(st.sampled_from(ENVELOPE), JSON, max_size=3))
@example(told={}, strange={"Timestamp": "0001-01-01T00:00:00+23:59"})
@example(told=[{"event": "bounce", "timestamp": 1e308}], strange={"Timestamp": 10**400})
@example(told={"event": ["failed"], "timestamp": "9999-12-31T23:59:59-23:59"}, strange={})
def test_no_json_at_a_door_is_a_servers_error_nor_stops_the_reading(
    client: FlaskClient, open_app: App, told: Any, strange: dict[str, Any]
) -> None:
    now, secret = open_app.clock(), hook_secret(open_app.keys)
    body = json.dumps(told).encode()
    calls = [
        (p.mailgun_call(told, at=now, token=secrets.token_hex()), ""),
        (replace(p.mailgun_call({}, at=now), body=body), ""),
        (p.sendgrid_call(told, at=now), ""),
        (replace(p.postmark_call({}), body=body), f"/hooks/postmark/{secret}"),
        (p.ses_call(p.sns(told, at=now, id_=secrets.token_hex(8))), ""),
        (p.ses_call(p.sns(told, at=now, id_=secrets.token_hex(8)) | strange), ""),
        (replace(p.ses_call({}), body=body), ""),
    ]
    for call, path in calls:
        assert send(client, call, path=path).status_code < 500
    fetcher = MemoryFetcher()
    fetcher.put(p.CERTIFICATE_URL, p.certificate().encode())
    assert not work.work(work.Reading(open_app.db, open_app.keys, open_app.doors, fetcher), now=now)


@pytest.mark.parametrize("body", [DEEP, gzip.compress(b" " * 50_000_000), b"\xff\xfe{", b"9" * 5_000, b"NaN", b""])
def test_bodies_that_are_bombs_or_no_json_are_refused_as_they_come(
    client: FlaskClient, open_app: App, body: bytes
) -> None:
    for provider in (Provider.MAILGUN, Provider.SENDGRID, Provider.SES):
        given = Call(provider, body)
        assert send(client, given).status_code in (400, 403)
    packed = client.post(
        "/hooks/mailgun", data=body, content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert packed.status_code == 400


@pytest.mark.parametrize("said", ["9" * 5_000, "-1", "1e3", "\u0661", " 1"])
def test_a_size_that_is_none_is_refused_unread(client: FlaskClient, said: str) -> None:
    answer = client.post("/hooks/mailgun", environ_overrides={"CONTENT_LENGTH": said}, content_type="application/json")
    assert answer.status_code == 413
