"""Open redirects and poisoned hosts: nobody is led, and no letter leads, where this installation does not stand."""

import pytest
from flask import Flask
from sqlalchemy import update

from curator.accounts import admit
from curator.app import App
from curator.events.tables import Event
from curator.issues.tables import Link
from curator.mailings.click_links import ClickLink, click_token
from curator.tokens import Keys
from tests.events.scene import sent
from tests.sins.town import Town, address
from tests.web.conftest import Browser, person
from tests.web.public.conftest import everything, stamp

PASSWORD = "a calm editorial desk"
AWAY = (
    "https://evil.example/desk",
    "//evil.example/desk",
    "///evil.example",
    "/\\evil.example",
    "/desk\\@evil.example",
    "/desk/../..//evil.example",
    "https:evil.example",
    "javascript:sins()",
    "/desk\r\nLocation: https://evil.example",
    "/desk\t//evil.example",
    "http://localhost.evil.example/desk",
    "/desk@evil.example",
    "%2f%2fevil.example",
)


@pytest.mark.parametrize("to", AWAY)
def test_signing_in_leads_to_the_desk_or_not_at_all(flask: Flask, sqlite_app: App, to: str) -> None:
    admit.set_password(sqlite_app.db, person(sqlite_app, "Mina"), PASSWORD, now=sqlite_app.clock())
    browser = Browser(flask.test_client())
    fields = {"address": "mina@podcast.example", "password": PASSWORD}
    for answer in (
        browser.client.get("/desk/sign-in", query_string={"next": to}),
        browser.post("/desk/sign-in", {**fields, "next": to}),
        browser.client.get("/desk/sign-in", query_string={"next": to}),
    ):
        where = answer.headers.get("Location", "/desk")
        assert where.startswith("/desk"), where
        assert "\\" not in where
        assert "Location: https" not in str(answer.headers)


def test_a_click_leads_only_where_its_issue_pointed(flask: Flask, sqlite_app: App) -> None:
    line, client = sent(sqlite_app.db), flask.test_client()
    good = click_token(sqlite_app.keys, ClickLink(line.mailing_id, 3, line.readers[0]))
    foreign = click_token(Keys.from_secret("f" * 40), ClickLink(line.mailing_id, 3, line.readers[0]))
    for token in (foreign, good[:-2] + "AA", good[::-1], good + "x", "https://evil.example", "..%2f..", "A" * 32):
        answer = client.get(f"/l/{token}")
        assert (answer.status_code, answer.headers.get("Location")) == (404, None), token
    for query in ("url=https://evil.example", "u=//evil.example", "next=https://evil.example"):
        assert client.get(f"/l/{good}?{query}").headers["Location"] == "https://site.example/3"
    with sqlite_app.db.read() as session:
        assert session.query(Event).count() == 0
    with sqlite_app.db.write() as session:
        session.execute(update(Link).where(Link.number == 5).values(url="javascript:sins()"))
    odd = click_token(sqlite_app.keys, ClickLink(line.mailing_id, 5, line.readers[0]))
    assert not client.get(f"/l/{odd}").headers.get("Location", "").lower().startswith("javascript")


def test_no_answer_and_no_letter_repeats_a_host_that_was_made_up(town: Town, ann: Browser) -> None:
    poisoned = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    client = town.flask.test_client()
    ids = {"slug": "ai-weekly", "item_id": town.mine.episodes[0]}
    for rule in town.rules(method="GET"):
        for headers in (poisoned, {"Host": "evil.example"}, {"Host": "evil.example:80\\@x"}):
            answer = client.get(address(rule, ids), headers=headers)
            assert "evil.example" not in answer.text, rule.endpoint
            assert "evil.example" not in str(answer.headers), rule.endpoint
            assert answer.status_code < 500 or rule.endpoint == "health.readyz", rule.endpoint
    fields = {"address": "ada@readers.example", "at": stamp(town.app)}
    for headers in ({"Host": "evil.example"}, poisoned):
        assert client.post("/n/ai-weekly/sign-up", data=fields, headers=headers).status_code < 400
    letters = everything(town.app.db)["letter"]
    assert letters
    assert "evil.example" not in repr(letters)
