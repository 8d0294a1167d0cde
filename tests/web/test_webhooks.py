"""Webhooks at the desk: an endpoint is made, tested, changed, removed; and what providers told is shown."""

import re
from dataclasses import replace
from datetime import timedelta
from random import Random

from curator.app import App
from curator.events.inbox.take import Intake
from curator.events.providers.judge import hook_secret
from curator.http.memory import MemoryFetcher
from curator.watch.look import look
from curator.watch.rules import troubles
from curator.watch.values import AlertKind, WatchLimits
from curator.web import create_app
from curator.webhooks import store
from curator.webhooks.call import Caller, call_endpoint
from curator.webhooks.values import Kind
from tests.conftest import FakeClock
from tests.events import providing as p
from tests.web.conftest import Browser, Newsroom, signed_in

URL = "https://crm.example/hook"
NEW: dict[str, object] = {"name": "CRM", "url": URL, "issue.sent": "yes", "newsletter_id": ""}


def call(app: App, *, status: int) -> None:
    fetcher = MemoryFetcher()
    fetcher.put(URL, b"<b>no room</b>" if status >= 300 else b"thanks", status=status)
    call_endpoint(Caller(app.db, fetcher, app.keys, app.clock, Random(1)), 1)


def test_an_endpoint_is_made_and_its_secret_shown_once(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    assert "Nobody is told anything yet" in mina.see("/desk/webhooks")
    made = mina.post("/desk/webhooks/new", NEW)
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]{40,}", made.text)
    assert made.headers["Cache-Control"] == "no-store"
    assert secret not in mina.see("/desk/webhooks/1")
    assert secret not in mina.see("/desk/activity")
    assert "CRM" in mina.see("/desk/webhooks")
    renewed = mina.post("/desk/webhooks/1/secret")
    assert "signs beside it for a day" in renewed.text
    assert secret not in renewed.text


def test_wrong_input_comes_back_with_its_words(mina: Browser, newsroom: Newsroom) -> None:
    answer = mina.post("/desk/webhooks/new", {"name": "", "url": "nothing", "newsletter_id": ""})
    assert answer.status_code == 422
    assert "Give it a name" in answer.text
    assert "Choose at least one thing" in answer.text
    private = mina.post("/desk/webhooks/new", {**NEW, "url": "http://crm.example/hook"})
    assert (private.status_code, "Use https" in private.text) == (422, True)
    assert mina.client.get("/desk/webhooks/999").status_code == 404


def test_calls_show_what_was_answered_and_are_sent_again(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    mina.post("/desk/webhooks/new", NEW)
    assert "A test is on its way" in mina.follow(mina.post("/desk/webhooks/1/test"))
    assert 'hx-select="#called"' in mina.see("/desk/webhooks/1"), "it looks for the answer by itself"
    call(sqlite_app, status=410)
    page = mina.see("/desk/webhooks/1")
    assert 'hx-select="#called"' not in page
    assert "<details open>" in page
    assert "&lt;b&gt;no room&lt;/b&gt;" in page
    with sqlite_app.db.write() as session:
        store.announce(session, Kind.ISSUE_SENT, {"issue_id": 7}, now=sqlite_app.clock())
    call(sqlite_app, status=410)
    assert "Curator switched it off" in mina.see("/desk/webhooks/1")
    [trouble] = [each for each in troubles(look(sqlite_app), WatchLimits()) if each.kind is AlertKind.WEBHOOK]
    assert (trouble.path, "CRM is not called any more" in trouble.what) == ("/desk/webhooks/1", True)
    clock.advance(timedelta(minutes=1))
    assert "It is called again" in mina.follow(mina.post("/desk/webhooks/1/switch", {"is_on": "yes"}))
    call(sqlite_app, status=200)
    assert "Send again" in mina.see("/desk/webhooks/1")
    assert "It is sent again" in mina.follow(mina.post("/desk/webhooks/calls/2/again"))


def test_nobody_waits_for_a_test_for_ever(mina: Browser, newsroom: Newsroom, clock: FakeClock) -> None:
    mina.post("/desk/webhooks/new", NEW)
    mina.post("/desk/webhooks/1/test")
    clock.advance(timedelta(minutes=2))
    assert "hx-select" not in mina.see("/desk/webhooks/1")


def test_two_people_at_once_keep_what_each_typed(mina: Browser, newsroom: Newsroom) -> None:
    mina.post("/desk/webhooks/new", NEW)
    first = mina.post("/desk/webhooks/1", {**NEW, "name": "First", "version": "1"})
    assert "Saved." in mina.follow(first)
    second = mina.post("/desk/webhooks/1", {**NEW, "name": "Second", "version": "1"})
    assert second.status_code == 409
    assert 'value="Second"' in second.text
    assert 'name="version" value="2"' in second.text
    assert "Removed." in mina.follow(mina.post("/desk/webhooks/1/remove"))
    assert "Nobody is told anything yet" in mina.see("/desk/webhooks")


def test_the_page_of_providers_has_the_address_and_what_was_refused(newsroom: Newsroom, sqlite_app: App) -> None:
    opened = replace(sqlite_app.settings, hook_postmark=p.POSTMARK, hook_mailgun_key=p.MAILGUN_KEY)
    app = replace(sqlite_app, settings=opened)
    intake = Intake(app.db, app.doors)
    intake.take(p.mailgun_call({}, at=app.clock(), key="another"), now=app.clock())
    mina = signed_in(create_app(app), app, "Mona")
    page = mina.see("/desk/providers")
    assert f"{opened.public_url}/hooks/postmark/{hook_secret(app.keys)}" in page
    assert f"{opened.public_url}/hooks/mailgun" in page
    assert "Refused: the signature did not fit" in page
    refused = page[page.index("Refused lately") :]
    assert app.clock().isoformat() in refused
    assert re.findall(r"<td[^>]*>([^<]+)</td>", refused) == ["Mailgun", "the signature did not fit"]
    assert "CURATOR_HOOK_SENDGRID_KEY" in page
    assert p.MAILGUN_KEY not in page
    assert p.POSTMARK.partition(":")[2] not in page
