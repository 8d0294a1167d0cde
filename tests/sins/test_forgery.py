"""CSRF, method override, mass assignment, clickjacking and cookies: what a foreign page could make a browser do."""

import pytest
from flask import Flask

from curator.accounts import store
from curator.accounts.values import Role
from curator.app import App
from tests.sins.town import Town, address
from tests.web.conftest import Browser
from tests.web.public.conftest import everything

_SEEN = {"sign_in", "sign_in_try"}


def _rows(town: Town) -> dict[str, list]:
    return {name: rows for name, rows in everything(town.app.db).items() if name not in _SEEN}


def test_no_form_of_the_desk_is_taken_without_its_token(town: Town, mina: Browser, ann: Browser) -> None:
    before = _rows(town)
    forged = ({}, {"csrf_token": ""}, {"csrf_token": "x" * 40}, {"csrf_token": ann.token()})
    for rule in town.rules("desk.", method="POST"):
        url = address(rule, town.theirs)
        for fields in forged:
            assert mina.client.post(url, data=fields).status_code == 400, rule.endpoint
        # Not from where a foreign page could put it either.
        assert mina.client.post(url, query_string={"csrf_token": mina.token()}).status_code == 400, rule.endpoint
        assert mina.client.post(url, json={"csrf_token": mina.token()}).status_code == 400, rule.endpoint
        assert mina.client.post(url, data="x=1", content_type="text/plain").status_code == 400, rule.endpoint
    assert _rows(town) == before


def test_no_look_changes_anything_whatever_method_it_pretends(town: Town, mina: Browser) -> None:
    ids = {**town.theirs, "slug": "sealed", "item_id": town.mine.episodes[0]}
    before = _rows(town)
    for rule in town.rules("desk.", method="GET"):
        pretends = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "DELETE", "X-Method-Override": "POST"}
        answer = mina.client.get(address(rule, ids), query_string={"_method": "POST"}, headers=pretends)
        assert answer.status_code < 500, rule.endpoint
    changed = {name for name, rows in _rows(town).items() if rows != before[name]}
    assert changed <= {"presence", "issue_presence", "revision", "link", "issue"}, "what a look itself leaves"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "CONNECT"])
def test_other_methods_are_not_there(town: Town, mina: Browser, method: str) -> None:
    ids = {**town.theirs, "slug": "sealed"}
    for rule in town.rules():
        # A thing of the API has several methods at one address, and a door of its own (tests/web/api).
        if method not in (rule.methods or set()) and not rule.endpoint.startswith("api."):
            assert mina.client.open(address(rule, ids), method=method).status_code in (400, 404, 405), rule.endpoint


def test_fields_that_no_form_has_change_nothing(town: Town, ann: Browser) -> None:
    """Mass assignment: what belongs to a row and not to its form is not taken from the form."""
    more = {"role": "owner", "is_owner": "1", "epoch": "0", "id": "1", "user_id": "1", "newsletter_id": town.newsletter}
    more |= {"password_hash": "x", "live_at": "2026-01-01", "is_test": "0", "address": "ann@evil.example"}
    assert ann.post("/desk/account/name", {"name": "Ann", **more}).status_code == 303
    assert ann.post("/desk/account/shortcuts", more).status_code == 303
    with town.app.db.read() as session:
        id_ = store.user_id(session, "ann@podcast.example")
        assert id_ is not None
        user = store.user(session, id_)
        assert user is not None
        assert (user.role, user.id, user.address) == (Role.EDITOR, id_, "ann@podcast.example")
        assert store.user_id(session, "ann@evil.example") is None
    before = {each[0]: each for each in everything(town.app.db)["issue"]}
    forged = {"subject": "New", "state": "sent", "approved_hash": "a" * 64, "newsletter_id": town.newsletter}
    ann.post(f"/desk/issues/{town.issue}/settings", forged)
    after = {each[0]: each for each in everything(town.app.db)["issue"]}
    assert [str(value) for value in after[town.issue] if str(value) in ("sent", "a" * 64)] == []
    assert {id_: row for id_, row in after.items() if id_ != town.issue} == {
        id_: row for id_, row in before.items() if id_ != town.issue
    }


def test_an_inviter_gives_no_more_than_the_form_offers(town: Town, mina: Browser) -> None:
    answer = mina.post("/desk/people", {"address": "eve@podcast.example", "name": "Eve", "role": "god"})
    assert answer.status_code == 422
    with town.app.db.read() as session:
        assert store.user_id(session, "eve@podcast.example") is None


def test_no_page_but_the_embedded_forms_can_be_framed(town: Town, mina: Browser) -> None:
    ids = {**town.theirs, "slug": "ai-weekly", "item_id": town.mine.episodes[0], "issue_id": town.issue}
    framed = set()
    for rule in town.rules(method="GET"):
        answer = mina.client.get(address(rule, ids))
        if rule.endpoint.startswith("click.") and answer.status_code == 302:
            continue
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, rule.endpoint
        assert "unsafe-eval" not in policy, rule.endpoint
        assert answer.headers["X-Content-Type-Options"] == "nosniff", rule.endpoint
        frames = policy.partition("frame-ancestors ")[2].partition(";")[0]
        if frames not in ("'none'", "'self'"):
            framed.add(rule.rule.split("/")[1] + "/" + rule.rule.rsplit("/", 1)[1])
    assert framed <= {"n/embed", "n/thanks", "embed/related", "embed/transcript", "embed/asked"}, framed


def test_cookies_are_for_this_site_alone(flask: Flask, sqlite_app: App, mina: Browser) -> None:
    cookies = flask.test_client().get("/desk/sign-in").headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
