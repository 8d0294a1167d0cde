"""Session fixation and theft: the cookie before is not the one after, and what ended is worth nothing."""

from flask import Flask
from flask.testing import FlaskClient

from curator.accounts import admit
from curator.app import App
from tests.web.conftest import Browser, person

PASSWORD = "a calm editorial desk"
COOKIE = "curator_session"


def _cookie(client: FlaskClient) -> str:
    kept = client.get_cookie(COOKIE)
    assert kept is not None
    return kept.value


def _signed_in(flask: Flask, app: App) -> Browser:
    browser = Browser(flask.test_client())
    assert browser.post("/desk/sign-in", {"address": "mina@podcast.example", "password": PASSWORD}).status_code == 303
    return browser


def _with(flask: Flask, cookie: str) -> FlaskClient:
    client = flask.test_client()
    client.set_cookie(COOKIE, cookie)
    return client


def test_a_cookie_of_before_is_nobodys_after(flask: Flask, sqlite_app: App) -> None:
    admit.set_password(sqlite_app.db, person(sqlite_app, "Mina"), PASSWORD, now=sqlite_app.clock())
    victim = Browser(flask.test_client())
    planted, token = _cookie_of_a_page(victim), victim.token()
    victim.post("/desk/sign-in", {"address": "mina@podcast.example", "password": PASSWORD})
    assert _cookie(victim.client) != planted
    assert victim.client.get("/desk/account").status_code == 200
    assert _with(flask, planted).get("/desk/account").status_code == 303, "the planted cookie opens nothing"
    assert victim.client.post("/desk/account/name", data={"csrf_token": token, "name": "x"}).status_code == 400
    assert victim.client.post("/desk/feeds", data={"csrf_token": token}).status_code == 400, "nor does its token"


def _cookie_of_a_page(browser: Browser) -> str:
    browser.see("/desk/sign-in")
    return _cookie(browser.client)


def test_signing_out_kills_the_cookie_wherever_it_was_copied_to(flask: Flask, sqlite_app: App) -> None:
    admit.set_password(sqlite_app.db, person(sqlite_app, "Mina"), PASSWORD, now=sqlite_app.clock())
    browser = _signed_in(flask, sqlite_app)
    stolen = _cookie(browser.client)
    assert _with(flask, stolen).get("/desk/account").status_code == 200
    browser.post("/desk/sign-out")
    assert _with(flask, stolen).get("/desk/account").status_code == 303


def test_a_new_password_ends_every_other_sign_in(flask: Flask, sqlite_app: App) -> None:
    admit.set_password(sqlite_app.db, person(sqlite_app, "Mina"), PASSWORD, now=sqlite_app.clock())
    thief, owner = _signed_in(flask, sqlite_app), _signed_in(flask, sqlite_app)
    fields = {"password": "another calm editorial desk", "again": "another calm editorial desk"}
    assert owner.post("/desk/account", fields).status_code == 303
    assert thief.client.get("/desk/account").status_code == 303
    assert owner.client.get("/desk/account").status_code == 200


def test_a_cookie_that_somebody_made_is_no_session(flask: Flask, sqlite_app: App, mina: Browser) -> None:
    good = _cookie(mina.client)
    head, _, mac = good.rpartition(".")
    for made in (head, f"{head}.", f"{head}.{mac[::-1]}", "eyJfdXNlcl9pZCI6IjEifQ", "1", "." * 50, "A" * 4000):
        assert _with(flask, made).get("/desk/account").status_code == 303, made[:20]
