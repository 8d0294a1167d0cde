"""Signing in with a second factor, and everything that an account's page ends or switches."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from pyotp import TOTP

from curator.accounts import admit, second_factor, store
from curator.accounts.values import Role
from curator.app import App
from tests.conftest import FakeClock
from tests.web.conftest import Browser, person, signed_in

PASSWORD = "a calm editorial desk"
HALF_A_MINUTE = timedelta(seconds=30)
_SECRET = re.compile(r'<code class="copy">([A-Z2-7 ]+)</code>')
_RECOVERY = re.compile(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>")


def _id(app: App, name: str) -> int:
    with app.db.read() as session:
        found = store.user_id(session, f"{name}@podcast.example")
    assert found is not None
    return found


@pytest.fixture
def secret(mina: Browser, sqlite_app: App, clock: FakeClock) -> str:
    """The secret of Mina, who has a password and turned her second factor on half a minute ago."""
    mina.post("/desk/account", {"password": PASSWORD, "again": PASSWORD})
    user_id = _id(sqlite_app, "mina")
    secret = second_factor.begin(sqlite_app.db, user_id, keys=sqlite_app.keys, now=clock())
    second_factor.confirm(sqlite_app.db, user_id, TOTP(secret).at(clock()), keys=sqlite_app.keys, now=clock())
    clock.advance(HALF_A_MINUTE)
    return secret


def _half_in(flask: Flask, *, wanted: str = "") -> Browser:
    browser = Browser(flask.test_client())
    answer = browser.post("/desk/sign-in", {"address": "mina@podcast.example", "password": PASSWORD, "next": wanted})
    assert answer.headers["Location"] == "/desk/sign-in/code"
    return browser


def test_it_is_turned_on_with_a_code_and_its_recovery_codes_are_shown_once(mina: Browser, clock: FakeClock) -> None:
    page = mina.follow(mina.post("/desk/account/second-factor"))
    assert "<svg" in page
    assert "style=" not in page
    found = _SECRET.search(page)
    assert found is not None
    secret = found[1].replace(" ", "")
    wrong = mina.post("/desk/account/second-factor/confirm", {"code": "000000"})
    assert (wrong.status_code, "does not fit" in wrong.text) == (422, True)
    done = mina.post("/desk/account/second-factor/confirm", {"code": TOTP(secret).at(clock())})
    assert done.status_code == 200
    assert done.headers["Cache-Control"] == "no-store"
    assert len(set(_RECOVERY.findall(done.text))) == 10
    later = mina.see("/desk/account/second-factor")
    assert "10 recovery codes of 10 are left" in later
    assert not _RECOVERY.findall(later)
    assert secret not in later.replace(" ", "")


def test_a_code_leads_to_the_page_that_was_asked_for(flask: Flask, secret: str, clock: FakeClock) -> None:
    browser = _half_in(flask, wanted="/desk/feeds")
    assert "One more step" in browser.see("/desk/sign-in/code")
    answer = browser.post("/desk/sign-in/code", {"code": TOTP(secret).at(clock())})
    assert answer.headers["Location"] == "/desk/feeds"
    browser.see("/desk/feeds")


def test_half_a_sign_in_opens_nothing(flask: Flask, secret: str, clock: FakeClock) -> None:
    browser = _half_in(flask)
    for page in ("/desk", "/desk/account", "/desk/people", "/desk/account/second-factor"):
        assert "/desk/sign-in?next=" in browser.client.get(page).headers["Location"]
    assert browser.post("/desk/account/second-factor/off", {"code": "1"}).status_code == 401
    assert browser.post("/desk/feeds", {"url": "https://blog.example"}).status_code == 401
    clock.advance(timedelta(minutes=11))
    late = browser.post("/desk/sign-in/code", {"code": TOTP(secret).at(clock())})
    assert late.headers["Location"] == "/desk/sign-in"


def test_without_a_password_before_it_no_code_is_taken(flask: Flask, secret: str, clock: FakeClock) -> None:
    stranger = Browser(flask.test_client())
    assert stranger.client.get("/desk/sign-in/code").headers["Location"] == "/desk/sign-in"
    answer = stranger.post("/desk/sign-in/code", {"code": TOTP(secret).at(clock())})
    assert answer.headers["Location"] == "/desk/sign-in"
    assert stranger.client.get("/desk").status_code == 303


def test_a_link_asks_for_the_code_as_well(flask: Flask, sqlite_app: App, secret: str, clock: FakeClock) -> None:
    browser = Browser(flask.test_client())
    link = admit.make_link(sqlite_app.db, _id(sqlite_app, "mina"), now=clock())
    assert browser.post("/desk/enter", {"t": link}).headers["Location"] == "/desk/sign-in/code"
    assert browser.client.get("/desk").status_code == 303


def test_a_code_twice_is_refused_and_the_sixth_try_waits(flask: Flask, secret: str, clock: FakeClock) -> None:
    code = TOTP(secret).at(clock())
    assert _half_in(flask).post("/desk/sign-in/code", {"code": code}).status_code == 303
    second = _half_in(flask)
    answers = [second.post("/desk/sign-in/code", {"code": code}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert "each works once" in answers[0].text
    assert code not in answers[0].text


def test_who_finds_an_open_desk_cannot_take_the_factor_off(mina: Browser, secret: str, clock: FakeClock) -> None:
    for page in ("off", "codes"):
        refused = mina.post(f"/desk/account/second-factor/{page}", {"code": "000000"})
        assert refused.status_code == 422
        assert not _RECOVERY.findall(refused.text)
    renewed = mina.post("/desk/account/second-factor/codes", {"code": TOTP(secret).at(clock())})
    recovery = _RECOVERY.findall(renewed.text)
    assert len(recovery) == 10
    answer = mina.post("/desk/account/second-factor/off", {"code": recovery[0]})
    assert "The second factor is off" in mina.follow(answer)


def test_an_owner_takes_it_off_somebody_who_then_reads_of_it(
    mina: Browser, theo: Browser, flask: Flask, sqlite_app: App, clock: FakeClock
) -> None:
    theo_id = _id(sqlite_app, "theo")
    secret = second_factor.begin(sqlite_app.db, theo_id, keys=sqlite_app.keys, now=clock())
    second_factor.confirm(sqlite_app.db, theo_id, TOTP(secret).at(clock()), keys=sqlite_app.keys, now=clock())
    assert "second factor on" in mina.see("/desk/people")
    page = mina.follow(mina.post(f"/desk/people/{theo_id}/second-factor/off"))
    assert "The second factor is off" in page
    assert theo.client.get("/desk").status_code == 303, "all sign-ins have ended"
    link = admit.make_link(sqlite_app.db, theo_id, now=clock())
    assert theo.post("/desk/enter", {"t": link}).headers["Location"] == "/desk"
    assert "was taken off" in theo.see("/desk/account")


def test_another_sign_in_is_listed_and_ended_at_once(mina: Browser, flask: Flask, sqlite_app: App) -> None:
    phone = Browser(flask.test_client())
    phone.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) Version/26 Safari/605"
    link = admit.make_link(sqlite_app.db, _id(sqlite_app, "mina"), now=sqlite_app.clock())
    phone.post("/desk/enter", {"t": link})
    page = mina.see("/desk/account")
    assert "Safari on iPhone" in page
    assert "127.0.0.0/24" in page
    ending = re.findall(r'action="(/desk/account/sign-ins/\d+/end)"', page)
    assert len(ending) == 1, "one's own ends by signing out"
    assert "has ended" in mina.follow(mina.post(ending[0]))
    assert phone.client.get("/desk").status_code == 303
    assert mina.post(ending[0]).status_code == 404


def test_a_cookie_that_was_copied_ends_with_signing_out(mina: Browser, flask: Flask) -> None:
    cookie = mina.client.get_cookie("curator_session")
    assert cookie is not None
    thief = flask.test_client()
    thief.set_cookie("curator_session", cookie.value)
    assert thief.get("/desk").status_code == 200
    mina.post("/desk/sign-out")
    assert thief.get("/desk").status_code == 303


def test_the_history_shows_what_was_refused(mina: Browser, visitor: Browser, sqlite_app: App) -> None:
    visitor.post("/desk/sign-in", {"address": "mina@podcast.example", "password": "not this one"})
    assert "refused" in mina.see("/desk/account")
    assert "refused" in mina.see(f"/desk/people/{_id(sqlite_app, 'mina')}")


def test_keys_are_switched_off_and_on(mina: Browser) -> None:
    assert " data-shortcuts>" in mina.see("/desk")
    mina.follow(mina.post("/desk/account/shortcuts", {"is_on": "no"}))
    assert " data-shortcuts>" not in mina.see("/desk")
    mina.follow(mina.post("/desk/account/shortcuts", {"is_on": "yes"}))
    assert " data-shortcuts>" in mina.see("/desk")


def test_name_and_absence_are_ones_own_to_change(mina: Browser) -> None:
    assert "Mina L." in mina.follow(mina.post("/desk/account/name", {"name": " Mina  L.\r\n"}))
    refused = mina.post("/desk/account/name", {"name": " "})
    assert (refused.status_code, "how the desk shall call you" in refused.text) == (422, True)
    assert "You are away until" in mina.follow(mina.post("/desk/account/away", {"away": "2026-12-24"}))
    assert mina.post("/desk/account/away", {"away": "soon"}).status_code == 422
    assert "Last day of your absence" in mina.follow(mina.post("/desk/account/away"))


def test_an_invitation_is_withdrawn(mina: Browser, sqlite_app: App) -> None:
    mina.post("/desk/people", {"address": "ann@podcast.example", "name": "Ann", "role": "viewer"})
    page = mina.follow(mina.post(f"/desk/people/{_id(sqlite_app, 'ann')}/withdraw"))
    assert "The invitation is withdrawn" in page
    assert "no place" in page


def test_typed_words_are_kept_when_the_sign_in_ended_meanwhile(
    flask: Flask, sqlite_app: App, theo: Browser, mina: Browser
) -> None:
    token = theo.token()
    mina.post(f"/desk/people/{_id(sqlite_app, 'theo')}/sign-out")
    answer = theo.client.post(
        "/desk/feeds", data={"csrf_token": token, "url": "https://words.example/that-took-an-hour"}
    )
    assert answer.status_code == 401
    assert "https://words.example/that-took-an-hour" in answer.text
    person(sqlite_app, "Ben", Role.VIEWER)
    assert "/desk/sign-in?next=" in signed_in_again(theo)


def signed_in_again(browser: Browser) -> str:
    return str(browser.client.get("/desk/feeds").headers["Location"])


def test_a_viewer_sees_what_others_do_and_no_button(flask: Flask, sqlite_app: App) -> None:
    vera = signed_in(flask, sqlite_app, "Vera", Role.VIEWER)
    assert "Add the feed" not in vera.see("/desk/feeds")
    assert 'href="/desk/subscribers"' not in vera.see("/desk")
    assert "Programs" not in vera.see("/desk/account")
