"""The people at the desk, and who may let them in."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from curator.accounts import store
from curator.app import App
from curator.jobs import tasks
from curator.letters import store as letters
from curator.letters.values import LetterState
from curator.mailings.transports.memory import MemoryTransport
from curator.web import here
from tests.web.conftest import Browser, FakeClock, person


def _id(app: App, name: str) -> int:
    with app.db.read() as session:
        found = store.user_id(session, f"{name}@podcast.example")
    assert found is not None
    return found


def _link(app: App) -> str:
    """Sends what is due and returns the link of the last letter."""
    tasks.send_letters(app, {})
    assert isinstance(app.transport, MemoryTransport)
    text = app.transport.sent[-1].content.decode().replace("=\r\n", "").replace("=3D", "=")
    found = re.search(r"(/desk/enter\?t=[A-Za-z0-9_-]+)", text)
    assert found is not None
    return found[1]


def test_an_owner_invites_somebody_who_then_comes_in(mina: Browser, sqlite_app: App, flask: Flask) -> None:
    answer = mina.post("/desk/people", {"address": "Ann@podcast.example", "name": "Ann", "role": "editor"})
    page = mina.follow(answer)
    assert "Ann: An invitation is on its way." in page
    assert "not here yet" in page
    assert "Invitation: waits" in page
    link = _link(sqlite_app)
    assert "Invitation: sent" in mina.see("/desk/people")
    ann = Browser(flask.test_client())
    assert "Sign in as Ann" in ann.see(link)
    assert ann.post("/desk/enter", {"t": link.partition("=")[2]}).status_code == 303
    assert "not here yet" not in mina.see("/desk/people")
    assert ann.client.get("/desk/people").status_code == 403


def test_only_owners_see_people_in_their_nav(mina: Browser, theo: Browser) -> None:
    assert 'href="/desk/people"' in mina.see("/desk")
    assert 'href="/desk/people"' not in theo.see("/desk")


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"address": "no address", "role": "editor"}, "@-sign"),
        ({"address": "ann@podcast.example\r\nBcc: x@y.z", "role": "editor"}, "line break"),
        ({"address": "ann@podcast.example", "role": "queen"}, "Choose one of the list"),
        ({}, "Choose one of the list"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(
    mina: Browser, fields: dict[str, object], complaint: str
) -> None:
    answer = mina.post("/desk/people", fields)
    assert answer.status_code == 422
    assert complaint in answer.text
    assert "One thing needs another look" in answer.text


def test_inviting_somebody_who_is_here_keeps_their_name_and_role(mina: Browser, theo: Browser, sqlite_app: App) -> None:
    mina.follow(mina.post("/desk/people", {"address": "theo@podcast.example", "name": "Other", "role": "owner"}))
    page = mina.see("/desk/people")
    assert "Theo" in page
    assert "Other" not in page
    assert page.count('<span class="tag live">owner</span>') == 1


def test_an_invitation_is_sent_again_and_the_first_link_stops_working(
    mina: Browser, sqlite_app: App, flask: Flask
) -> None:
    mina.post("/desk/people", {"address": "ann@podcast.example", "name": "Ann", "role": "editor"})
    first = _link(sqlite_app)
    page = mina.follow(mina.post(f"/desk/people/{_id(sqlite_app, 'ann')}/invite"))
    assert "Ann: Another invitation is on its way." in page
    ann = Browser(flask.test_client())
    ann.see(first, status=404)
    ann.see(_link(sqlite_app))


def test_a_place_is_taken_away_at_once_and_given_back(mina: Browser, theo: Browser, sqlite_app: App) -> None:
    theo_id = _id(sqlite_app, "theo")
    page = mina.follow(mina.post(f"/desk/people/{theo_id}/deactivate"))
    assert "no place" in page
    assert theo.client.get("/desk").status_code == 303
    refused = mina.post("/desk/people", {"address": "theo@podcast.example", "role": "editor"})
    assert (refused.status_code, "give them their place back first" in refused.text) == (422, True)
    page = mina.follow(mina.post(f"/desk/people/{theo_id}/reactivate"))
    assert "no place" not in page


def test_the_last_owner_stays_and_the_page_says_why(mina: Browser, sqlite_app: App) -> None:
    answer = mina.post(f"/desk/people/{_id(sqlite_app, 'mina')}/deactivate", {"back": "/desk/people"})
    assert "Make somebody else an owner first" in mina.follow(answer)


def test_an_owner_who_takes_their_own_place_away_is_out(mina: Browser, sqlite_app: App) -> None:
    person(sqlite_app, "Ann")
    answer = mina.post(f"/desk/people/{_id(sqlite_app, 'mina')}/deactivate")
    assert answer.headers["Location"] == "/desk/sign-in"
    assert mina.client.get("/desk").status_code == 303


def test_without_a_relay_the_page_says_that_invitations_wait(mina: Browser, flask: Flask, sqlite_app: App) -> None:
    flask.extensions[here.EXTENSION] = replace(sqlite_app, transport=None)
    assert "CURATOR_SMTP_URL" in mina.see("/desk/people")
    page = mina.follow(mina.post("/desk/people", {"address": "ann@podcast.example", "role": "editor"}))
    assert "It waits until a mail relay is set" in page


def test_why_an_invitation_did_not_arrive_is_said(mina: Browser, sqlite_app: App, clock: FakeClock) -> None:
    mina.post("/desk/people", {"address": "ann@podcast.example", "name": "Ann", "role": "editor"})
    with sqlite_app.db.write() as session:
        (letter,) = letters.claim(session, now=clock(), lease_until=clock())
        letters.finish(session, letter, LetterState.REFUSED, now=clock(), reason="550 5.1.1 no such user")
    assert re.search("Invitation: refused, .*550 5.1.1 no such user", mina.see("/desk/people"))
