"""Every page of the demo says that no mail leaves this machine."""

from pathlib import Path

import pytest
from flask import Flask

from curator.app import App
from curator.db import Database
from curator.demo.outbox import blueprint
from curator.issues import publish
from curator.mailings import send
from curator.web import create_app
from tests import builders
from tests.conftest import FakeClock
from tests.demo.test_outbox import put
from tests.web.conftest import Browser, Newsroom, make_app, signed_in

BANNER = "Demo: no mail leaves this machine."


@pytest.fixture
def demo_app(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> App:
    return make_app(sqlite_database, clock, tmp_path, is_demo=True)


@pytest.fixture
def demo_web(demo_app: App, tmp_path: Path) -> Flask:
    return create_app(demo_app, extra_blueprints=[blueprint(tmp_path / "outbox")])


def places(web: Flask, given: dict[str, object]) -> list[str]:
    """Returns the address of every page that a look can open, as far as `given` fills its address."""
    adapter = web.url_map.bind("127.0.0.1")
    rules = [rule for rule in web.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint != "static"]
    filled = [rule for rule in rules if rule.arguments <= set(given)]
    return [adapter.build(rule.endpoint, {name: given[name] for name in rule.arguments}) for rule in filled]


def test_every_page_that_a_look_can_open_wears_it(demo_app: App, demo_web: Flask, tmp_path: Path) -> None:
    issue_id = Newsroom(demo_app).issue()
    [key] = put(tmp_path)
    given = {"issue_id": issue_id, "mail_key": key, "slug": "ai-weekly", "token": "damaged", "number": 1}
    looked = []
    for browser in (Browser(demo_web.test_client()), signed_in(demo_web, demo_app, "Mina")):
        for place in places(demo_web, given):
            answer = browser.client.get(place)
            is_whole = answer.mimetype == "text/html" and answer.text.startswith("<!doctype html>")
            is_page = is_whole and "sandbox" not in answer.headers["Content-Security-Policy"]
            if is_page and not place.startswith("/api/") and answer.status_code not in (301, 302, 303, 308):
                looked.append(place)
                assert BANNER in answer.text, place
    assert len(looked) > 25
    assert {"/", "/desk", "/desk/sign-in", "/outbox", f"/outbox/{key}"} <= set(looked)


def test_results_without_a_click_offer_the_readers_and_pressing_it_is_harmless(
    demo_app: App, demo_web: Flask, clock: FakeClock
) -> None:
    newsroom = Newsroom(demo_app)
    builders.subscriber_rows(demo_app.db, newsroom.newsletter, ["ada@example.org"])
    issue_id = newsroom.issue()
    publish.approve(demo_app.db, demo_app.renderer, issue_id, by=None, now=clock())
    send.start(demo_app.db, issue_id, now=clock())
    mina = signed_in(demo_web, demo_app, "Mina")
    assert 'action="/outbox/read"' in mina.see(f"/desk/issues/{issue_id}/results")
    assert "Nothing was sent yet" in mina.follow(mina.post("/outbox/read"))


def test_an_installation_that_is_no_demo_does_not(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> None:
    app = make_app(sqlite_database, clock, tmp_path)
    assert BANNER not in signed_in(create_app(app), app, "Mina").see("/desk")
