"""Feeds by the API, on both databases: what the desk does to them, a program does too."""

from curator.accounts.values import ApiScope, Role
from curator.activity.store import recent
from curator.queue import store as queue
from curator.web.desk.feeds import poll_key
from tests import builders
from tests.web.api.conftest import Installation

URL = "https://blog.example/feed.xml"


def test_a_feed_is_added_once_and_asked_at_once(desk: Installation) -> None:
    program = desk.program()
    answer = program.ask("POST", "/feeds", {"url": URL, "is_own_show": True})
    added = answer.json
    assert answer.status_code == 201
    assert added is not None
    assert answer.headers["Location"] == f"/api/v1/feeds/{added['id']}"
    assert (added["url"], added["is_own_show"], added["state"], added["items"]) == (URL, True, "active", 0)
    again = program.post("/feeds", {"url": URL})
    assert again["id"] == added["id"]
    with desk.app.db.read() as session:
        assert queue.is_unfinished(session, poll_key(added["id"]))


def test_what_a_program_did_is_told_with_its_token(desk: Installation) -> None:
    desk.program().post("/feeds", {"url": URL}, status=201)
    with desk.app.db.read() as session:
        change = recent(session, limit=1)[0]
    assert (change.deed, change.actor, change.via) == ("feed.add", desk.mina, "Test")


def test_a_feed_is_paused_resumed_and_given_a_pace(desk: Installation) -> None:
    feed, program = builders.feed_row(desk.app.db), desk.program()
    paused = program.ask("PATCH", f"/feeds/{feed}", {"state": "paused", "poll_minutes": 60}).json
    assert paused is not None
    assert (paused["state"], paused["poll_minutes"]) == ("paused", 60)
    program.refused("wrong-state", "POST", f"/feeds/{feed}/poll")
    resumed = program.ask("PATCH", f"/feeds/{feed}", {"state": "active"}).json
    assert resumed is not None
    assert (resumed["state"], resumed["poll_minutes"]) == ("active", 60), "what is not given stays"
    freed = program.ask("PATCH", f"/feeds/{feed}", {"poll_minutes": None}).json
    assert freed is not None
    assert freed["poll_minutes"] is None
    program.post(f"/feeds/{feed}/poll", status=202)


def test_a_feed_that_brought_something_stays(desk: Installation) -> None:
    feed, program = builders.feed_row(desk.app.db), desk.program()
    empty = program.post("/feeds", {"url": URL}, status=201)["id"]
    builders.item_row(desk.app.db, feed, "A post", at=desk.app.clock())
    program.refused("wrong-state", "DELETE", f"/feeds/{feed}")
    assert program.ask("DELETE", f"/feeds/{empty}").status_code == 204
    program.refused("not-found", "GET", f"/feeds/{empty}")


def test_a_list_is_read_to_its_end_page_by_page(desk: Installation) -> None:
    wanted = [builders.feed_row(desk.app.db, f"Feed {number}") for number in range(5)]
    program, seen, address = desk.program(), [], "/feeds?limit=2"
    while address:
        answer = program.ask("GET", address)
        assert answer.json is not None
        seen += [each["id"] for each in answer.json["items"]]
        following = answer.json["next"]
        address = f"/feeds?limit=2&cursor={following}" if following else ""
        assert ("Link" in answer.headers) is bool(following)
    assert seen == wanted


def test_a_broken_or_foreign_cursor_is_refused(desk: Installation) -> None:
    for number in range(3):
        builders.feed_row(desk.app.db, f"Feed {number}")
    program = desk.program()
    given = program.get("/feeds?limit=1")["next"]
    for cursor in ("x", given[:-1], given + "A", given.swapcase(), "1"):
        program.refused("bad-cursor", "GET", f"/feeds?cursor={cursor}")
    program.refused("bad-cursor", "GET", f"/items?cursor={given}")
    wrong = program.refused("bad-parameters", "GET", "/feeds?limit=0&colour=red&limit=1")
    assert wrong["errors"] == {"colour": "There is no such parameter.", "limit": "Give this once."}


def test_a_token_does_no_more_than_its_owner(desk: Installation) -> None:
    vera = desk.person("Vera", Role.VIEWER)
    program = desk.program(user_id=vera)
    assert program.get("/feeds") == {"items": [], "next": None}
    told = program.refused("not-allowed", "POST", "/feeds", {"url": URL})
    assert "Vera" in told["detail"]


def test_a_scope_that_is_missing_is_named(desk: Installation) -> None:
    program = desk.program(ApiScope.READ_FEEDS)
    program.get("/feeds")
    answer = program.ask("POST", "/feeds", {"url": URL})
    assert answer.status_code == 403
    assert 'scope="feeds:write"' in answer.headers["WWW-Authenticate"]
