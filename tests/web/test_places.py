"""Roles by newsletter at the door, stand-ins, and what each page shows to whom."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from curator.accounts import api_tokens, roles, store
from curator.accounts.values import ApiScope, Role
from curator.app import App
from curator.issues import publish
from curator.picks.inbox import store as inbox
from tests import builders
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom, person, signed_in


def _id(app: App, name: str) -> int:
    with app.db.read() as session:
        found = store.user_id(session, f"{name}@podcast.example")
    assert found is not None
    return found


def _skip_of_a_fresh_item(newsroom: Newsroom) -> str:
    item = builders.item_row(newsroom.app.db, newsroom.blog, "Fresh", at=newsroom.app.clock())
    return f"/desk/inbox/{item}/skip"


@pytest.fixture
def two(newsroom: Newsroom) -> tuple[int, int, int, int]:
    """Two newsletters with an open issue each: (first, second, issue of the first, issue of the second)."""
    second = builders.newsletter_row(newsroom.app.db, slug="second", name="Second Weekly")
    builders.section_rows(newsroom.app.db, second)
    issue = publish.draft(newsroom.app.db, second, now=newsroom.app.clock(), due_at=newsroom.app.clock())
    return newsroom.newsletter, second, newsroom.issue(), issue


def _ann(flask: Flask, app: App, role: Role, differing: Mapping[int, Role | None]) -> Browser:
    browser = signed_in(flask, app, "Ann", role)
    roles.change_role(app.db, _id(app, "ann"), role, differing=differing, now=app.clock(), by=None)
    return browser


def test_a_newsletter_without_a_place_is_nowhere(flask: Flask, sqlite_app: App, two: tuple[int, int, int, int]) -> None:
    first, second, _, issue = two
    ann = _ann(flask, sqlite_app, Role.EDITOR, {second: None})
    assert "Second Weekly" not in ann.see("/desk")
    for page in ("inbox", "issues", "setup", "subscribers"):
        assert "Second Weekly" not in ann.see(f"/desk/{page}")
        ann.see(f"/desk/{page}?newsletter={second}", status=403)
        ann.see(f"/desk/{page}?newsletter={first}")
    for page in ("", "/preview", "/send", "/results", "/preview.html"):
        ann.see(f"/desk/issues/{issue}{page}", status=403)


def test_a_viewer_in_one_newsletter_writes_in_the_other(
    flask: Flask, sqlite_app: App, two: tuple[int, int, int, int], newsroom: Newsroom
) -> None:
    first, second, issue_of_first, issue_of_second = two
    ann = _ann(flask, sqlite_app, Role.WRITER, {second: Role.VIEWER})
    text, skip = {"body": "Words of hers."}, _skip_of_a_fresh_item(newsroom)
    assert ann.post(f"/desk/issues/{issue_of_first}/text", text).status_code == 303
    assert ann.post(f"/desk/issues/{issue_of_second}/text", text).status_code == 403
    # What the form names besides does not open what the address leads to, nor the other way round.
    for named in (first, second):
        there = ann.post(f"/desk/issues/{issue_of_second}/text", {**text, "newsletter": named})
        assert there.status_code == 403
    assert ann.post(skip, {"newsletter": second}).status_code == 403
    assert ann.post(skip, {"newsletter": first}).status_code == 303
    assert "Add a text" in ann.see(f"/desk/issues/{issue_of_first}")
    board = ann.see(f"/desk/issues/{issue_of_second}")
    assert "Add a text" not in board
    assert "readonly" in board


def test_a_writer_of_one_newsletter_alone_adds_feeds_and_items(
    flask: Flask, sqlite_app: App, two: tuple[int, int, int, int], newsroom: Newsroom
) -> None:
    first, second, _, _ = two
    ann, skip = _ann(flask, sqlite_app, Role.VIEWER, {second: Role.WRITER}), _skip_of_a_fresh_item(newsroom)
    assert ann.post("/desk/feeds", {"url": "https://blog.example/feed"}).status_code == 303
    assert ann.post(skip, {"newsletter": first}).status_code == 403
    # Unnamed, a form goes to the first newsletter in which she may.
    assert ann.post(skip).status_code == 303
    with sqlite_app.db.read() as session:
        counts = {each: inbox.counts(session, each, now=sqlite_app.clock()).skipped for each in (first, second)}
    assert counts == {first: 0, second: 1}


def test_a_stand_in_approves_for_some_days(
    mina: Browser, flask: Flask, sqlite_app: App, newsroom: Newsroom, clock: FakeClock
) -> None:
    issue = newsroom.issue()
    ann = signed_in(flask, sqlite_app, "Ann", Role.WRITER)
    assert "Approve revision" not in ann.see(f"/desk/issues/{issue}/send")
    fields = {"user": _id(sqlite_app, "ann"), "newsletter": "", "begins": "2026-11-16", "ends": "2026-11-17"}
    page = mina.follow(mina.post("/desk/account/stand-ins", fields))
    assert "Ann for Mina" in page
    assert "Approve revision" in ann.see(f"/desk/issues/{issue}/send")
    assert "End it" in ann.see("/desk/account/stand-ins")
    clock.advance(timedelta(days=2))
    assert "Approve revision" not in ann.see(f"/desk/issues/{issue}/send")
    assert ann.post(f"/desk/issues/{issue}/approve", {"seen_hash": "x"}).status_code == 403


def test_a_stead_is_given_by_whoever_has_it_or_an_owner_and_ended_by_those_it_concerns(
    mina: Browser, theo: Browser, flask: Flask, sqlite_app: App, newsroom: Newsroom
) -> None:
    ann = signed_in(flask, sqlite_app, "Ann", Role.WRITER)
    days = {"newsletter": "", "begins": "2026-11-16", "ends": "2026-11-20"}
    for_mina = {"user": _id(sqlite_app, "ann"), "for_user": _id(sqlite_app, "mina"), **days}
    assert theo.post("/desk/account/stand-ins", for_mina).status_code == 403
    refused = ann.post("/desk/account/stand-ins", {"user": _id(sqlite_app, "theo"), **days})
    assert (refused.status_code, "may not approve there" in refused.text) == (422, True)
    for_theo = {**for_mina, "for_user": _id(sqlite_app, "theo")}
    assert mina.post("/desk/account/stand-ins", for_theo).status_code == 303
    assert mina.post("/desk/account/stand-ins", for_mina).status_code == 303
    of_theo, of_mina = (f"/desk/account/stand-ins/{number}/end" for number in (1, 2))
    assert theo.post(of_mina).status_code == 403
    assert theo.post(of_theo).status_code == 303
    assert ann.post(of_mina).status_code == 303
    assert ann.post(of_mina).status_code == 404
    assert "Nobody stands in" in mina.see("/desk/account/stand-ins")


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"begins": "2026-11-18", "ends": "2026-11-16"}, "ends before it begins"),
        ({"begins": "soon", "ends": "2026-11-20"}, "Give a day"),
        ({"begins": "2026-11-16", "ends": "9999-12-31"}, "Give a day"),
        ({"begins": "2026-11-16", "ends": "2026-11-20", "newsletter": "99"}, "Choose one of the list"),
        ({"begins": "2026-11-16", "ends": "2026-11-20", "user": "99"}, "There is no person"),
        ({"begins": "2026-11-16", "ends": "2026-11-20", "user": ""}, "Choose somebody"),
    ],
)
def test_what_cannot_be_taken_of_a_stead_is_said(
    mina: Browser, theo: Browser, sqlite_app: App, fields: dict[str, object], complaint: str
) -> None:
    answer = mina.post("/desk/account/stand-ins", {"user": _id(sqlite_app, "theo"), **fields})
    assert answer.status_code == 422
    assert complaint in answer.text


def test_an_owner_changes_roles_and_the_next_click_knows(
    mina: Browser, flask: Flask, sqlite_app: App, two: tuple[int, int, int, int]
) -> None:
    _, second, _, issue = two
    ann = signed_in(flask, sqlite_app, "Ann", Role.EDITOR)
    ann_id = _id(sqlite_app, "ann")
    assert 'name="role-' in mina.see(f"/desk/people/{ann_id}")
    answer = mina.post(f"/desk/people/{ann_id}/role", {"role": "writer", f"role-{second}": "none"})
    assert "The roles are changed" in mina.follow(answer)
    assert "Second Weekly: no place" in mina.see("/desk/people")
    ann.see(f"/desk/issues/{issue}", status=403)
    ann.see("/desk/subscribers", status=403)
    wrong = mina.post(f"/desk/people/{ann_id}/role", {"role": "writer", f"role-{second}": "owner"})
    assert (wrong.status_code, "Choose one of the list" in wrong.text) == (422, True)


def test_the_last_owner_is_told_why_they_stay(mina: Browser, sqlite_app: App) -> None:
    answer = mina.post(f"/desk/people/{_id(sqlite_app, 'mina')}/role", {"role": "viewer"})
    assert answer.status_code == 422
    assert "last active owner" in answer.text


def test_a_token_of_somebody_who_only_looks_adds_nothing(flask: Flask, sqlite_app: App) -> None:
    ann = signed_in(flask, sqlite_app, "Ann", Role.WRITER)
    ann_id, now = _id(sqlite_app, "ann"), sqlite_app.clock()
    token = api_tokens.make_token(sqlite_app.db, ann_id, "phone", scopes=(ApiScope.WRITE_ITEMS,), now=now)
    assert api_tokens.bearer(sqlite_app.db, token, now=now)
    roles.change_role(sqlite_app.db, ann_id, Role.VIEWER, differing={}, now=now, by=None)
    given = {"headers": {"Authorization": f"Bearer {token}"}, "json": {"url": "https://blog.example/post"}}
    refused = flask.test_client().post("/api/v1/items", **given)
    assert (refused.status_code, refused.json["code"]) == (403, "not-allowed")
    assert "items:write" not in ann.see("/desk/account/tokens").partition("<form")[2].partition("What it may do")[2]


def test_the_list_of_people_costs_the_same_for_three_as_for_thirty(
    mina: Browser, sqlite_app: App, newsroom: Newsroom
) -> None:
    def queries() -> int:
        asked: list[str] = []
        listener = lambda _c, _cu, statement, *_: asked.append(statement)  # noqa: E731 - one line is all of it
        event.listen(sqlite_app.db.engine, "before_cursor_execute", listener)
        mina.see("/desk/people")
        event.remove(sqlite_app.db.engine, "before_cursor_execute", listener)
        return len(asked)

    few = queries()
    for number in range(30):
        person(sqlite_app, f"Person{number}", Role.WRITER)
        one = _id(sqlite_app, f"person{number}")
        roles.change_role(
            sqlite_app.db, one, Role.WRITER, differing={newsroom.newsletter: None}, now=sqlite_app.clock(), by=None
        )
    assert queries() == few
