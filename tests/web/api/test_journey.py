"""A program takes an issue from feeds to its readers, by the rules of the desk; on both databases."""

from datetime import timedelta

from curator.accounts.values import ApiScope, Role
from curator.activity.store import recent
from curator.events import store as events
from tests import builders
from tests.builders import change_newsletters
from tests.events.scene import deliver
from tests.web.api.conftest import Installation, Program
from tests.web.api.scene import fill


def rendered(program: Program, issue_id: int) -> str:
    return str(program.post(f"/issues/{issue_id}/render")["content_hash"])


def approved(program: Program, issue_id: int) -> str:
    seen = rendered(program, issue_id)
    program.post(f"/issues/{issue_id}/approve", {"content_hash": seen})
    return seen


def test_an_issue_goes_from_picks_to_its_mailing(desk: Installation) -> None:
    ids, program = fill(desk), desk.program()
    newsletter = program.get("/newsletters")["items"][0]
    assert newsletter["sections"][0]["id"] == ids.section_id
    given = {"newsletter_id": ids.newsletter_id, "item_id": ids.item_id + 1, "section_id": ids.section_id}
    pick = program.post("/picks", given, status=201)
    assert pick["issue_id"] == ids.issue_id
    answer = program.ask("PATCH", f"/picks/{pick['id']}", {"blurb": "Held *out*."}, If_Match=f'"{pick["version"]}"')
    assert answer.json is not None
    assert (answer.json["blurb"], answer.headers["ETag"]) == ("Held *out*.", f'"{pick["version"] + 1}"')
    assert "Held *out*." in [each["text"] for each in program.get(f"/issues/{ids.issue_id}/blocks")["items"]]
    mail = program.post(f"/issues/{ids.issue_id}/render")
    assert "Held <em>out</em>" in mail["html"]
    assert not program.get(f"/issues/{ids.issue_id}/checks")["is_blocked"]
    seen = approved(program, ids.issue_id)
    assert program.get(f"/issues/{ids.issue_id}")["approved_hash"] == seen
    is_test = newsletter["live_at"] is None
    sent = program.post(f"/issues/{ids.issue_id}/send", {"content_hash": seen, "is_test": is_test}, status=202)
    assert sent["state"] == "scheduled"
    with desk.app.db.read() as session:
        assert recent(session, limit=1)[0].via == "Test"


def test_an_edit_takes_the_approval_back(desk: Installation) -> None:
    ids, program = fill(desk), desk.program()
    seen = approved(program, ids.issue_id)
    version = program.ask("GET", f"/issues/{ids.issue_id}").headers["ETag"]
    edited = program.ask("PATCH", f"/issues/{ids.issue_id}", {"subject": "Another"}, If_Match=version).json
    assert edited is not None
    assert (edited["state"], edited["approved_hash"], edited["subject"]) == ("draft", None, "Another")
    schedule = {"at": "2040-01-01T07:00:00Z", "content_hash": seen, "is_test": False}
    program.refused("wrong-state", "POST", f"/issues/{ids.issue_id}/schedule", schedule)
    program.refused("wrong-state", "POST", f"/issues/{ids.issue_id}/approve", {"content_hash": seen})


def test_nothing_is_scheduled_for_more_than_was_meant(desk: Installation) -> None:
    ids, program = fill(desk), desk.program()
    change_newsletters(desk.app.db, live_at=None)
    seen = approved(program, ids.issue_id)
    at = (desk.app.clock() + timedelta(days=1)).isoformat()
    schedule = {"at": at, "content_hash": seen, "is_test": False}
    program.refused("wrong-state", "POST", f"/issues/{ids.issue_id}/schedule", schedule)
    scheduled = program.post(f"/issues/{ids.issue_id}/schedule", {**schedule, "is_test": True})
    assert (scheduled["state"], scheduled["is_test_schedule"]) == ("scheduled", True)
    over = {**schedule, "is_test": True, "at": "2000-01-01T00:00:00Z"}
    told = program.refused("bad-fields", "POST", f"/issues/{ids.issue_id}/schedule", over)
    assert list(told["errors"]) == ["at"]
    assert program.post(f"/issues/{ids.issue_id}/unschedule")["state"] == "approved"
    assert program.post(f"/issues/{ids.issue_id}/unapprove")["state"] == "draft"


def test_two_who_edit_do_not_overwrite_each_other(desk: Installation) -> None:
    ids, program = fill(desk), desk.program()
    etag = program.ask("GET", f"/picks/{ids.pick_id}").headers["ETag"]
    assert program.ask("PATCH", f"/picks/{ids.pick_id}", {"blurb": "Mine."}, If_Match=etag).status_code == 200
    program.refused("changed-meanwhile", "PATCH", f"/picks/{ids.pick_id}", {"blurb": "Theirs."}, If_Match=etag)
    program.refused("match-needed", "PATCH", f"/picks/{ids.pick_id}", {"blurb": "Theirs."})
    program.refused("changed-meanwhile", "PATCH", f"/picks/{ids.pick_id}", {"blurb": "Theirs."}, If_Match="*")
    assert program.get(f"/picks/{ids.pick_id}")["blurb"] == "Mine."


def test_a_writers_token_approves_nothing(desk: Installation) -> None:
    ids, will = fill(desk), desk.person("Will", Role.WRITER)
    program = desk.program(user_id=will)
    seen = rendered(program, ids.issue_id)
    program.refused("not-allowed", "POST", f"/issues/{ids.issue_id}/approve", {"content_hash": seen})
    program.refused("not-allowed", "POST", f"/mailings/{ids.mailing_id}/pause")


def test_an_item_is_picked_taken_out_and_passed_over(desk: Installation) -> None:
    ids, program = fill(desk), desk.program()
    assert program.ask("DELETE", f"/picks/{ids.pick_id}").status_code == 204
    program.refused("not-found", "GET", f"/picks/{ids.pick_id}")
    skip = {"newsletter_id": ids.newsletter_id, "item_id": ids.item_id, "reason": "too thin"}
    assert program.ask("POST", "/skips", skip).status_code == 204
    listed = f"/items?newsletter_id={ids.newsletter_id}&state="
    assert [each["id"] for each in program.get(listed + "skipped")["items"]] == [ids.item_id]
    assert [each["id"] for each in program.get(listed + "new")["items"]] == [ids.item_id + 1]
    assert program.ask("DELETE", f"/newsletters/{ids.newsletter_id}/skips/{ids.item_id}").status_code == 204
    assert len(program.get(listed + "new")["items"]) == 2
    program.refused("bad-parameters", "GET", "/items?state=new")


def test_a_pick_waits_for_the_next_issue(desk: Installation) -> None:
    newsletter = builders.newsletter_row(desk.app.db)
    section = builders.section_rows(desk.app.db, newsletter)[0]
    item = builders.item_row(desk.app.db, builders.feed_row(desk.app.db), "A post", at=desk.app.clock())
    program = desk.program()
    pick = program.post("/picks", {"newsletter_id": newsletter, "item_id": item, "section_id": section}, status=201)
    assert pick["issue_id"] is None
    match = f'"{pick["version"]}"'
    program.refused("wrong-state", "PATCH", f"/picks/{pick['id']}", {"title": "Mine"}, If_Match=match)
    assert program.ask("PATCH", f"/picks/{pick['id']}", {"blurb": "Mine."}, If_Match=match).status_code == 200
    issue = program.post("/issues", {"newsletter_id": newsletter}, status=201)
    assert program.post("/issues", {"newsletter_id": newsletter})["id"] == issue["id"], "one is open"
    assert program.get(f"/picks/{pick['id']}")["issue_id"] == issue["id"]
    listed = program.get(f"/picks?newsletter_id={newsletter}")["items"]
    assert [each["id"] for each in listed] == [pick["id"]]


def test_a_mailing_is_paused_resumed_and_cancelled(desk: Installation) -> None:
    ids, program = fill(desk), desk.program()
    place = f"/mailings/{ids.mailing_id}"
    assert program.post(f"{place}/pause")["state"] == "paused"
    assert program.post(f"{place}/resume")["state"] == "running"
    assert program.post(f"{place}/cancel")["state"] == "cancelled"
    program.refused("wrong-state", "POST", f"{place}/resume")
    assert program.get(f"/mailings?newsletter_id={ids.newsletter_id}")["items"][0]["state"] == "cancelled"
    assert program.get(f"/issues/{ids.issue_id}")["state"] == "held"


def test_what_a_cancelled_mailing_had_sent_is_noted_as_at_the_desk(desk: Installation) -> None:
    ids, program = fill(desk), desk.program()
    deliver(desk.app.db, ids.mailing_id, (ids.subscriber_id,))
    program.post(f"/mailings/{ids.mailing_id}/cancel")
    with desk.app.db.read() as session:
        [counted] = events.counters(session, [ids.issue_id])
    assert counted.accepted == 1


def test_nothing_of_another_newsletter_is_there(desk: Installation) -> None:
    ids = fill(desk)
    program = desk.program(newsletter_id=ids.other)
    things = {
        "issues": ids.issue_id,
        "picks": ids.pick_id,
        "mailings": ids.mailing_id,
        "subscribers": ids.subscriber_id,
    }
    for room, key in things.items():
        theirs = program.refused("not-found", "GET", f"/{room}/{key}")
        nobodys = program.refused("not-found", "GET", f"/{room}/999999")
        assert theirs["detail"].replace(str(key), "N") == nobodys["detail"].replace("999999", "N")
    for room in ("issues", "picks", "mailings", "subscribers"):
        program.refused("not-found", "GET", f"/{room}?newsletter_id={ids.newsletter_id}")


def test_results_are_those_of_the_desk(desk: Installation) -> None:
    ids, program = fill(desk), desk.program(ApiScope.READ_RESULTS)
    found = program.get(f"/issues/{ids.issue_id}/results")
    assert (found["issue_id"], found["clicks"], found["is_sent"]) == (ids.issue_id, 0, True)
