"""Coming in and going out."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from curator.accounts import admit, store
from curator.accounts.values import Role
from curator.app import App
from curator.db import Database
from curator.web import create_app
from tests.conftest import FakeClock
from tests.web.conftest import Browser, make_app, person, signed_in

PASSWORD = "a calm editorial desk"


@pytest.fixture
def mina_id(sqlite_app: App) -> int:
    user_id = person(sqlite_app, "Mina")
    admit.set_password(sqlite_app.db, user_id, PASSWORD, now=sqlite_app.clock())
    return user_id


def test_without_any_user_the_sign_in_page_says_how_to_make_one(flask: Flask) -> None:
    page = flask.test_client().get("/desk/sign-in").text
    assert "curator users add" in page
    assert "<form" not in page


def test_the_right_password_leads_to_the_page_that_was_asked_for(visitor: Browser, mina_id: int) -> None:
    asked = visitor.client.get("/desk/feeds?q=1").headers["Location"]
    assert asked == "/desk/sign-in?next=/desk/feeds?q%3D1"
    assert 'value="/desk/feeds?q=1"' in visitor.see(asked)
    answer = visitor.post(
        "/desk/sign-in", {"address": "Mina@podcast.example", "password": PASSWORD, "next": "/desk/feeds?q=1"}
    )
    assert answer.headers["Location"] == "/desk/feeds?q=1"


@pytest.mark.parametrize("evil", ["https://evil.example/desk", "//evil.example", "/\\evil.example", "/desk\r\nX: y"])
def test_a_sign_in_never_leads_away(visitor: Browser, mina_id: int, evil: str) -> None:
    answer = visitor.post("/desk/sign-in", {"address": "mina@podcast.example", "password": PASSWORD, "next": evil})
    assert answer.headers["Location"] == "/desk"


def test_a_wrong_password_and_an_unknown_address_read_alike(visitor: Browser, mina_id: int) -> None:
    pages = [
        visitor.post("/desk/sign-in", {"address": address, "password": "not this one"})
        for address in ("mina@podcast.example", "nobody@podcast.example")
    ]
    assert [page.status_code for page in pages] == [401, 401]
    assert all("do not fit together" in page.text for page in pages)
    assert all("not this one" not in page.text for page in pages)


def test_the_sixth_wrong_try_has_to_wait(visitor: Browser, mina_id: int) -> None:
    wrong = {"address": "mina@podcast.example", "password": "not this one"}
    codes = [visitor.post("/desk/sign-in", wrong).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    refused = visitor.post("/desk/sign-in", {**wrong, "password": PASSWORD})
    assert refused.status_code == 429
    assert "Too many tries" in refused.text


def test_signing_in_starts_a_session_of_its_own(visitor: Browser, mina_id: int) -> None:
    before = visitor.token()
    visitor.post("/desk/sign-in", {"address": "mina@podcast.example", "password": PASSWORD})
    answer = visitor.client.post("/desk/sign-out", data={"csrf_token": before})
    assert answer.status_code == 400, "the token of the session before is no good any more"


def test_a_look_at_a_one_time_link_does_not_use_it_up(flask: Flask, sqlite_app: App, mina_id: int) -> None:
    link = f"/desk/enter?t={admit.make_link(sqlite_app.db, mina_id, now=sqlite_app.clock())}"
    scanner = flask.test_client()
    for _ in range(3):
        scanner.head(link)
        answer = scanner.get(link)
        assert "Sign in as Mina" in answer.text
        assert answer.headers["Referrer-Policy"] == "strict-origin"
        assert "Mina" in answer.text
    assert scanner.get("/desk").status_code == 303


def test_a_one_time_link_works_once(flask: Flask, sqlite_app: App, mina_id: int) -> None:
    token = admit.make_link(sqlite_app.db, mina_id, now=sqlite_app.clock())
    browser = Browser(flask.test_client())
    browser.see(f"/desk/enter?t={token}")
    assert browser.post("/desk/enter", {"t": token}).headers["Location"] == "/desk"
    second = Browser(flask.test_client()).post("/desk/enter", {"t": token})
    assert second.status_code == 401
    assert "used already" in second.text
    assert "does not work" in browser.see(f"/desk/enter?t={token}", status=404)


def test_signing_out_closes_the_desk(mina: Browser) -> None:
    assert mina.post("/desk/sign-out").headers["Location"] == "/desk/sign-in"
    assert mina.client.get("/desk").status_code == 303


def test_a_new_password_ends_the_other_sign_ins_and_keeps_this_one(flask: Flask, sqlite_app: App) -> None:
    here = signed_in(flask, sqlite_app, "Mina")
    with sqlite_app.db.read() as session:
        user_id = store.user_id(session, "mina@podcast.example")
    assert user_id is not None
    elsewhere = Browser(flask.test_client())
    elsewhere.post("/desk/enter", {"t": admit.make_link(sqlite_app.db, user_id, now=sqlite_app.clock())})
    answer = here.post("/desk/account", {"password": PASSWORD, "again": PASSWORD})
    assert "Other sign-ins of yours have ended" in here.follow(answer)
    assert elsewhere.client.get("/desk").status_code == 303


def test_a_desk_that_was_left_open_gives_nobody_a_new_password(mina: Browser, clock: FakeClock) -> None:
    mina.follow(mina.post("/desk/account", {"password": PASSWORD, "again": PASSWORD}))
    another = {"password": PASSWORD + " more", "again": PASSWORD + " more"}
    assert 'name="old"' not in mina.see("/desk/account"), "whoever has just come in is not asked"
    clock.advance(timedelta(minutes=16))
    assert 'name="old"' in mina.see("/desk/account")
    for wrong in ({}, {"old": "another sentence"}):
        refused = mina.post("/desk/account", another | wrong)
        assert (refused.status_code, 'href="#old"' in refused.text) == (422, True)
    assert mina.post("/desk/account", another | {"old": PASSWORD}).status_code == 303


def test_a_password_that_will_not_do_is_refused_beside_its_field(mina: Browser) -> None:
    short = mina.post("/desk/account", {"password": "short", "again": "short"})
    assert (short.status_code, "too short" in short.text) == (422, True)
    other = mina.post("/desk/account", {"password": PASSWORD, "again": PASSWORD + "!"})
    assert (other.status_code, 'href="#again"' in other.text) == (422, True)
    assert PASSWORD not in other.text


def test_somebody_put_out_is_out_at_once(flask: Flask, sqlite_app: App, theo: Browser) -> None:
    person(sqlite_app, "Mina", Role.OWNER)
    with sqlite_app.db.read() as session:
        user_id = store.user_id(session, "theo@podcast.example")
    assert user_id is not None
    admit.deactivate(sqlite_app.db, user_id, now=sqlite_app.clock(), by=None)
    assert theo.client.get("/desk").status_code == 303


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(mina: Browser) -> None:
    cookie = mina.post("/desk/feeds", {"url": "https://blog.example/feed"}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_is_secure_and_the_browser_stays_with_https(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    app = make_app(sqlite_database, clock, tmp_path, public_url="https://news.example")
    person(app, "Mina")
    client = create_app(app).test_client()
    answer = client.get("/desk/sign-in", base_url="https://news.example")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_guesses_are_counted_for_the_address_behind_a_trusted_proxy(
    sqlite_database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    app = make_app(sqlite_database, clock, tmp_path, trusted_proxies=1)
    person(app, "Mina")
    flask = create_app(app)
    codes = []
    for number in range(21):
        browser = Browser(flask.test_client())
        fields = {"csrf_token": browser.token(), "address": f"guess{number}@podcast.example", "password": "x" * 12}
        answer = browser.client.post("/desk/sign-in", data=fields, headers={"X-Forwarded-For": "198.51.100.7"})
        codes.append(answer.status_code)
    assert codes == [401] * 20 + [429]
    other = Browser(flask.test_client())
    fields = {"csrf_token": other.token(), "address": "guess@podcast.example", "password": "x" * 12}
    answer = other.client.post("/desk/sign-in", data=fields, headers={"X-Forwarded-For": "198.51.100.8"})
    assert answer.status_code == 401
