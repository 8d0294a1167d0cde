"""Tokens at the desk: what they may do, for which newsletter, for how long."""

import re

from curator.web import create_app
from tests import builders
from tests.web.api.conftest import Program
from tests.web.conftest import Browser, signed_in

PLACE = "/desk/account/tokens"


def token_in(page: str) -> str:
    found = re.search(r"curator_[\w-]{43}", page)
    assert found is not None
    return found.group(0)


def test_a_token_has_the_scopes_newsletter_and_end_that_were_chosen(sqlite_app, clock) -> None:  # type: ignore[no-untyped-def]
    flask = create_app(sqlite_app)
    one, other = (builders.newsletter_row(sqlite_app.db, slug=slug, name=slug) for slug in ("one", "other"))
    mina: Browser = signed_in(flask, sqlite_app, "Mina")
    given = {"name": "Sync", "issues:read": "yes", "subscribers:read": "yes", "for_newsletter": one, "days": "30"}
    answer = mina.post(PLACE, given)
    assert answer.status_code == 200
    program = Program(flask, token_in(answer.text))
    assert [each["id"] for each in program.get("/newsletters")["items"]] == [one]
    program.refused("not-found", "GET", f"/subscribers?newsletter_id={other}")
    program.refused("missing-scope", "GET", "/feeds")
    page = mina.see(PLACE)
    assert "issues:read, subscribers:read" in page
    assert "for one alone" in page
    assert "ends 16 Dec 2026" in page
    assert program.token is not None
    assert program.token not in page


def test_a_token_without_a_scope_is_not_made(mina: Browser) -> None:
    answer = mina.post(PLACE, {"name": "Sync"})
    assert answer.status_code == 422
    assert "Choose at least one thing" in answer.text
    assert mina.post(PLACE, {"name": "Sync", "feeds:read": "yes", "for_newsletter": "77"}).status_code == 422
    assert mina.post(PLACE, {"name": "Sync", "feeds:read": "yes", "days": "5000"}).status_code == 422


def test_nobody_is_offered_what_they_may_not_do(theo: Browser) -> None:
    page = theo.see(PLACE)
    assert "subscribers:write" in page
    assert "subscribers:erase" not in page
    answer = theo.post(PLACE, {"name": "Sync", "subscribers:erase": "yes"})
    assert answer.status_code == 422, "a scope that is not offered is not taken"


def test_the_log_says_by_which_token(sqlite_desk) -> None:  # type: ignore[no-untyped-def]
    sqlite_desk.program().post("/feeds", {"url": "https://blog.example/feed.xml"}, status=201)
    ann = signed_in(sqlite_desk.flask, sqlite_desk.app, "Ann")
    assert "Mina (by the API token “Test”)" in ann.see("/desk/activity")
