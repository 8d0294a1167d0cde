"""Readers by the API, on both databases: asked first, added on a basis that is kept, found, let go, erased."""

from curator.accounts.values import Role
from curator.audience import subscribe
from curator.audience.record import store as record
from curator.audience.values import SuppressionReason
from curator.letters import store as letters
from curator.letters.values import LetterKind
from tests import builders
from tests.web.api.conftest import Installation

ADA = "ada@example.org"


def test_without_a_basis_the_mailbox_is_asked(desk: Installation) -> None:
    newsletter, program = builders.newsletter_row(desk.app.db), desk.program()
    given = {"newsletter_id": newsletter, "address": ADA, "words": "Send me the weekly."}
    told = {"newsletter_id": newsletter, "is_asked": True, "subscriber_id": None, "state": None}
    assert program.post("/subscribers", given, status=202) == told
    assert program.post("/subscribers", {**given, "address": "ADA@example.org"}, status=202) == told, "known or not"
    (found,) = program.post("/subscribers/search", {"newsletter_id": newsletter, "address": "Ada@Example.org"})["items"]
    assert found["state"] == "pending"
    with desk.app.db.read() as session:
        (step,) = record.newest(session, found["id"], newsletter)
        since = desk.app.clock().replace(year=2000)
        assert letters.written_since(session, ADA, [LetterKind.CONFIRM], since=since) == 1
    assert (step.words, step.place) == ("Send me the weekly.", "API token Test")


def test_with_a_basis_they_are_subscribed_and_it_is_kept(desk: Installation) -> None:
    newsletter, program = builders.newsletter_row(desk.app.db), desk.program()
    given = {"newsletter_id": newsletter, "address": ADA, "name": "Ada", "consent_basis": "Signed the list in Leeds."}
    added = program.post("/subscribers", given, status=201)
    assert (added["state"], added["is_asked"]) == ("active", False)
    with desk.app.db.read() as session:
        (step,) = record.newest(session, added["subscriber_id"], newsletter)
    assert step.words == "Signed the list in Leeds."
    place = f"/subscribers/{added['subscriber_id']}"
    left = program.post(f"{place}/unsubscribe", {"newsletter_id": newsletter})
    assert [each["state"] for each in left["subscriptions"]] == ["ended"]
    told = program.refused("wrong-state", "POST", "/subscribers", given)
    assert "left" in told["detail"]
    program.refused("bad-fields", "POST", "/subscribers", {**given, "consent_basis": " \n"})


def test_an_address_that_must_not_be_mailed_is_not_added(desk: Installation) -> None:
    newsletter, program = builders.newsletter_row(desk.app.db), desk.program()
    subscribe.suppress(desk.app.db, ADA, SuppressionReason.COMPLAINED, now=desk.app.clock())
    given = {"newsletter_id": newsletter, "address": ADA, "consent_basis": "They asked."}
    assert list(program.refused("bad-fields", "POST", "/subscribers", given)["errors"]) == ["address"]
    (listed,) = program.get("/suppressions")["items"]
    assert (listed["address"], listed["reason"]) == (ADA, "complained")


def test_no_cursor_shows_an_address(desk: Installation) -> None:
    for name in ("ada", "bo"):
        subscribe.suppress(desk.app.db, f"{name}@example.org", SuppressionReason.BY_HAND, now=desk.app.clock())
    program = desk.program()
    first = program.ask("GET", "/suppressions?limit=1")
    assert first.json is not None
    assert "ada" not in first.json["next"]
    assert "ada" not in first.headers["Link"]
    second = program.get(f"/suppressions?limit=1&cursor={first.json['next']}")
    assert [each["address"] for each in second["items"]] == ["bo@example.org"]


def test_a_reader_is_renamed_and_erased(desk: Installation) -> None:
    newsletter = builders.newsletter_row(desk.app.db)
    reader = builders.subscriber_rows(desk.app.db, newsletter, [ADA])[0]
    program, theo = desk.program(), desk.program(user_id=desk.person("Theo", Role.EDITOR))
    answer = theo.ask("PATCH", f"/subscribers/{reader}", {"name": "Ada\nL."})
    assert answer.json is not None
    assert answer.json["name"] == "Ada L."
    theo.refused("not-allowed", "DELETE", f"/subscribers/{reader}")
    assert program.ask("DELETE", f"/subscribers/{reader}").status_code == 204
    program.refused("not-found", "GET", f"/subscribers/{reader}")
    program.refused("not-found", "DELETE", f"/subscribers/{reader}")


def test_what_a_reader_gets_elsewhere_is_not_told(desk: Installation) -> None:
    here, elsewhere = (builders.newsletter_row(desk.app.db, slug=slug) for slug in ("here", "elsewhere"))
    reader = builders.subscriber_rows(desk.app.db, here, [ADA])[0]
    subscribe.add(desk.app.db, elsewhere, ADA, now=desk.app.clock())
    only = subscribe.add(desk.app.db, elsewhere, "bo@example.org", now=desk.app.clock())
    program = desk.program(newsletter_id=here)
    assert [each["newsletter_id"] for each in program.get(f"/subscribers/{reader}")["subscriptions"]] == [here]
    program.refused("not-found", "GET", f"/subscribers/{only}")
    program.refused("not-found", "POST", f"/subscribers/{reader}/unsubscribe", {"newsletter_id": elsewhere})
    assert program.post("/subscribers/search", {"newsletter_id": here, "address": "bo@example.org"}) == {"items": []}


def test_readers_are_listed_by_state_to_the_end(desk: Installation) -> None:
    newsletter, program = builders.newsletter_row(desk.app.db), desk.program()
    wanted = builders.subscriber_rows(desk.app.db, newsletter, [f"r{number}@example.org" for number in range(5)])
    subscribe.unsubscribe(desk.app.db, newsletter, wanted[2], now=desk.app.clock(), how="by hand")
    seen, address = [], f"/subscribers?newsletter_id={newsletter}&state=active&limit=2"
    following: str | None = ""
    while following is not None:
        page = program.get(address + (f"&cursor={following}" if following else ""))
        seen += [each["id"] for each in page["items"]]
        following = page["next"]
    assert seen == [*wanted[:2], *wanted[3:]]
