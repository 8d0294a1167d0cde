"""Files of readers at the desk: brought, planned, looked through, taken in; and readers written out."""

import io
import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from curator.accounts.values import Role
from curator.app import App
from curator.audience import store as audience
from curator.audience.moving import bring, store
from curator.audience.moving.files import StoredFile
from curator.audience.moving.look import look
from curator.audience.moving.take_in import take_in
from curator.audience.moving.values import Import, Phase
from curator.web import MAX_UPLOAD_BYTES
from tests import builders
from tests.audience.moving import exports
from tests.web.conftest import Browser, Newsroom, signed_in
from tests.web.test_pages import check_outline

_URL = "/desk/subscribers/imports/1"


def _bring(browser: Browser, content: bytes, *, name: str = "readers.csv") -> TestResponse:
    return browser.post("/desk/subscribers/imports", {"file": (io.BytesIO(content), name)})


def _fields(page: str) -> dict[str, object]:
    """What the form of columns would send as it stands."""
    fields: dict[str, object] = {"basis": "They signed up at example.org", "vendor": _vendor(page)}
    for name, options in re.findall(r'<select (?:id="[^"]+" )?name="([a-z]+-\d+|unconfirmed)".*?>(.*?)</select>', page):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        fields[name] = chosen.group(1) if chosen else ""
    return fields


def _vendor(page: str) -> str:
    found = re.search(r'name="vendor" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def _work(app: App) -> None:
    """Does what a worker's process does."""
    source = StoredFile(bring.place(app.imports_dir, 1))
    look(app.db, 1, source, clock=app.clock)
    take_in(app.db, 1, source, clock=app.clock)


def _found(app: App) -> Import:
    with app.db.read() as session:
        return store.one(session, 1)


def test_a_file_comes_in_step_by_step(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    assert "No file yet" in mina.see("/desk/subscribers/imports")
    page = mina.follow(_bring(mina, exports.GHOST.encode() + b"x,nobody,,,true,,,,,,\n"))
    check_outline(page)
    for shown in ("What is in this file?", "=SUM(1)", "Ada Lovelace", 'value="ghost"', "founder,beta"):
        assert shown in page
    page = mina.follow(mina.post(f"{_URL}/look", _fields(page)))
    check_outline(page)
    assert "Looking through" in page
    assert 'data-watch="looking"' in page
    _work(sqlite_app)
    page = mina.see(_URL)
    check_outline(page)
    assert re.search(r"Will be added</dt><dd>1<", page)
    assert re.search(r"Had left there, noted</dt><dd>1<", page)
    assert _active(sqlite_app, newsroom) == 0
    for _ in range(2):
        assert "Coming in" in mina.follow(mina.post(f"{_URL}/start"))
    _work(sqlite_app)
    page = mina.see(_URL)
    check_outline(page)
    assert re.search(r"Added</dt><dd>1<", page)
    assert "@-sign" in page
    assert _active(sqlite_app, newsroom) == 1
    refused = mina.client.get(f"{_URL}/refused.csv")
    assert refused.text.splitlines()[1].startswith("readers.csv,4,email,")
    assert "attachment" in refused.headers["Content-Disposition"]
    assert "readers.csv" in mina.see("/desk/subscribers/imports")
    assert "imported 1 readers of" in mina.see("/desk/activity")


def test_another_tools_reading_and_what_is_missing_are_said_beside_the_fields(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    page = mina.follow(_bring(mina, b"mail,state\nada@readers.example,inactive\n"))
    assert 'value="beehiiv"' in mina.see(f"{_URL}?from=beehiiv")
    fields = _fields(page) | {"basis": "", "column-0": "ignore"}
    answer = mina.post(f"{_URL}/look", fields)
    assert (answer.status_code, 'href="#columns"' in answer.text) == (422, True)
    answer = mina.post(f"{_URL}/look", fields | {"column-0": "address"})
    assert (answer.status_code, 'href="#basis"' in answer.text) == (422, True)
    assert _found(sqlite_app).phase is Phase.STORED


def test_an_import_is_cancelled_and_its_file_goes(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    _bring(mina, b"email\nada@readers.example\n")
    assert bring.place(sqlite_app.imports_dir, 1).exists()
    assert "Cancelled" in mina.follow(mina.post(f"{_URL}/cancel"))
    assert list(sqlite_app.imports_dir.iterdir()) == []
    assert "is not ready to be taken in" in mina.post(f"{_URL}/start").text


@pytest.mark.parametrize("content", [b"", b"first,second\n1,2\n", b"PK\x03\x04nonsense"])
def test_a_file_that_cannot_be_read_is_said_beside_the_field(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, content: bytes
) -> None:
    answer = _bring(mina, content)
    assert (answer.status_code, 'href="#file"' in answer.text) == (422, True)
    assert list(sqlite_app.imports_dir.iterdir()) == []


def test_only_whoever_may_bring_readers_may_send_a_large_file(
    mina: Browser, flask: Flask, newsroom: Newsroom, sqlite_app: App
) -> None:
    stranger = Browser(flask.test_client())
    for browser, size, said in (
        (stranger, MAX_UPLOAD_BYTES + 1, "may have 2,000,000,000 bytes"),
        (mina, 2_000_200_000, "may have 2,000,000,000 bytes"),
        (mina, 10**15, "No room"),
    ):
        answer = browser.client.post(
            "/desk/subscribers/imports",
            content_type="multipart/form-data; boundary=x",
            environ_overrides={"CONTENT_LENGTH": str(size)},
        )
        assert answer.status_code in (413, 507)
        assert said in answer.text or "is no room" in answer.text
    assert not sqlite_app.imports_dir.exists() or list(sqlite_app.imports_dir.iterdir()) == []


def test_readers_are_written_out_by_an_owner_and_the_log_says_so(
    mina: Browser, flask: Flask, newsroom: Newsroom, sqlite_app: App
) -> None:
    builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, ["=ada@readers.example"])
    sent = {"newsletter": newsroom.newsletter, "what": "subscribers", "form": "csv", "of": "one"}
    answer = mina.post("/desk/subscribers/export", sent)
    assert answer.text.startswith("\ufeffemail,name,newsletter,")
    assert "\n'=ada@readers.example," in answer.text
    assert "subscribers-ai-weekly-2026-11-16.csv" in answer.headers["Content-Disposition"]
    assert "wrote subscribers of" in mina.see("/desk/activity")
    every = mina.post("/desk/subscribers/export", sent | {"what": "consents", "of": "all", "form": "jsonl"})
    assert (every.status_code, every.mimetype) == (200, "application/jsonl")
    theo = signed_in(flask, sqlite_app, "Theo", Role.EDITOR)
    assert "Write readers out" not in theo.see("/desk/subscribers/imports")
    assert theo.post("/desk/subscribers/export", sent).status_code == 403


def _active(app: App, newsroom: Newsroom) -> int:
    with app.db.read() as session:
        return audience.counts(session, newsroom.newsletter).active
