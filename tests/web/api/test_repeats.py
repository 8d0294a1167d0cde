"""A POST that is sent again under its key is answered as before and done once; on both databases."""

from datetime import timedelta

import pytest

from curator.accounts import repeats, roles
from curator.accounts.tables import ApiAnswer
from curator.accounts.values import Role
from curator.activity.store import recent
from curator.jobs.housekeeping import keep_house
from tests import builders
from tests.conftest import FakeClock
from tests.web.api.conftest import Installation
from tests.web.api.scene import fill

FEED = {"url": "https://blog.example/feed.xml"}


def test_the_same_request_is_done_once(desk: Installation, clock: FakeClock) -> None:
    program = desk.program()
    first = program.ask("POST", "/feeds", FEED, Idempotency_Key="one")
    clock.advance(timedelta(hours=23))
    again = program.ask("POST", "/feeds", FEED, Idempotency_Key="one")
    assert (again.status_code, again.json) == (first.status_code, first.json) == (201, first.json)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    with desk.app.db.read() as session:
        assert [change.deed for change in recent(session)].count("feed.add") == 1
    clock.advance(timedelta(hours=1))
    assert program.ask("POST", "/feeds", FEED, Idempotency_Key="one").status_code == 200, "a day is over"


def test_a_key_is_for_one_request_of_one_token(desk: Installation) -> None:
    program = desk.program()
    program.post("/feeds", FEED, status=201, Idempotency_Key="one")
    program.refused("other-request", "POST", "/feeds", {"url": "https://other.example/"}, Idempotency_Key="one")
    program.refused("other-request", "POST", "/items", {"url": "https://other.example/"}, Idempotency_Key="one")
    desk.program().post("/feeds", {"url": "https://other.example/"}, status=201, Idempotency_Key="one")


def test_what_was_refused_may_be_mended(desk: Installation) -> None:
    program = desk.program()
    program.refused("bad-fields", "POST", "/feeds", {"url": "no address"}, Idempotency_Key="one")
    program.post("/feeds", FEED, status=201, Idempotency_Key="one")


def test_a_request_that_is_under_way_is_not_done_twice(desk: Installation, clock: FakeClock) -> None:
    program, body = desk.program(), b'{"url": "https://blog.example/feed.xml"}'
    asked = b"\0".join((b"add_feed", b"/api/v1/feeds", b"", body))
    this = repeats.repeat(1, "one", token=program.token or "", request=asked)
    assert repeats.begin(desk.app.db, this, now=clock()) is None
    head = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": "one"}
    send = {"headers": head, "data": body, "content_type": "application/json"}
    told = program.client.post("/api/v1/feeds", **send)  # type: ignore[arg-type]  # as the client takes them
    assert told.json is not None
    assert (told.status_code, told.json["code"]) == (409, "under-way")
    assert int(told.headers["Retry-After"]) > 0
    clock.advance(timedelta(minutes=1))
    assert program.client.post("/api/v1/feeds", **send).status_code == 201, "whoever began it has died"  # type: ignore[arg-type]


def test_no_answer_that_is_kept_names_a_reader(desk: Installation) -> None:
    newsletter, program = builders.newsletter_row(desk.app.db), desk.program()
    given = {"newsletter_id": newsletter, "address": "ada@example.org", "consent_basis": "They asked ada@example.org."}
    reader = program.post("/subscribers", given, status=201, Idempotency_Key="one")["subscriber_id"]
    search = {"newsletter_id": newsletter, "address": "ada@example.org"}
    program.post("/subscribers/search", search, Idempotency_Key="two")
    program.post(f"/subscribers/{reader}/unsubscribe", {"newsletter_id": newsletter}, Idempotency_Key="three")
    with desk.app.db.read() as session:
        kept = [str(vars(row)) for row in session.query(ApiAnswer)]
    assert kept
    assert not [row for row in kept if "ada" in row]


def test_answers_are_forgotten_after_a_day(desk: Installation, clock: FakeClock) -> None:
    desk.program().post("/feeds", FEED, status=201, Idempotency_Key="one")
    clock.advance(timedelta(hours=25))
    keep_house(desk.app)
    with desk.app.db.read() as session:
        assert session.query(ApiAnswer).count() == 0


@pytest.mark.parametrize("key", ["x" * 256])
def test_a_key_has_its_length(desk: Installation, key: str) -> None:
    desk.program().refused("bad-request", "POST", "/feeds", FEED, Idempotency_Key=key)


def test_who_lost_a_place_hears_nothing_of_it_again(desk: Installation) -> None:
    ids, ed = fill(desk), desk.person("Ed", Role.EDITOR)
    program, place = desk.program(user_id=ed), "/issues"
    program.post(place, {"newsletter_id": ids.newsletter_id}, Idempotency_Key="one")
    differing = {ids.newsletter_id: None}
    roles.change_role(desk.app.db, ed, Role.EDITOR, differing=differing, now=desk.app.clock(), by=desk.mina)
    program.refused("not-found", "POST", place, {"newsletter_id": ids.newsletter_id}, Idempotency_Key="one")
