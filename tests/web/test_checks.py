"""The preview's checks: listed with their places, ticked off by hand, links looked at, what changed since a test."""

import html as html_text
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from curator.accounts import admit
from curator.accounts.values import Role
from curator.app import App
from curator.issues import board, store
from curator.issues.checks import store as checks
from curator.jobs import tasks
from tests import builders
from tests.web.conftest import Browser, FakeClock, Newsroom, signed_in

_FORM = re.compile(r'<form method="post" action="([^"]+/checks/(?:un)?tick)">(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')
_HX = {"HX-Request": "true"}


@pytest.fixture
def issue_id(newsroom: Newsroom) -> int:
    return newsroom.issue()


def _preview(issue_id: int) -> str:
    return f"/desk/issues/{issue_id}/preview"


def _fields(page: str, code: str) -> tuple[str, dict[str, object]]:
    """The form by which a finding is ticked, or its tick taken back."""
    for action, inner in _FORM.findall(page):
        fields: dict[str, object] = {name: html_text.unescape(value) for name, value in _FIELD.findall(inner)}
        if fields["code"] == code:
            del fields["csrf_token"]
            return action, fields
    raise AssertionError(f"there is no form about {code}")


def _say(app: App, issue_id: int, words: str) -> int:
    return board.add_text(app.db, issue_id, None, words, by=None, now=app.clock())


def test_each_finding_leads_to_its_place(theo: Browser, issue_id: int, sqlite_app: App) -> None:
    text = _say(sqlite_app, issue_id, "By TK.")
    page = theo.see(_preview(issue_id))
    assert re.search(r"1 must be mended, \d+ to look at, \d+ fine", page)
    assert "The word TK still stands in a text of the intro" in page
    assert f'href="/desk/issues/{issue_id}#block-{text}"' in page
    assert "No TK is left." not in page


def test_a_finding_is_checked_by_hand_and_taken_back(theo: Browser, issue_id: int, sqlite_app: App) -> None:
    _say(sqlite_app, issue_id, "The code of Tokelau is TK.")
    action, fields = _fields(theo.see(_preview(issue_id)), "tk")
    page = theo.follow(theo.post(action, fields))
    assert "Checked by hand. It is asked again when the thing changes." in page
    assert re.search(r"Checked by Theo, .*just now", page)
    assert "must be mended" not in page
    action, fields = _fields(page, "tk")
    assert action.endswith("untick")
    assert "1 must be mended" in theo.follow(theo.post(action, fields))


def test_what_was_checked_by_hand_stands_in_the_issues_own_log(theo: Browser, issue_id: int, sqlite_app: App) -> None:
    _say(sqlite_app, issue_id, "The code of Tokelau is TK.")
    theo.post(*_fields(theo.see(_preview(issue_id)), "tk"))
    log = theo.see(f"/desk/issues/{issue_id}/activity")
    assert "checked something by hand" in log
    assert "The word TK still stands in a text of the intro" in log
    assert "checked something by hand" in theo.see("/desk/activity?kind=check")


def test_what_changed_meanwhile_is_not_ticked_off(theo: Browser, issue_id: int, sqlite_app: App) -> None:
    text = _say(sqlite_app, issue_id, "The code of Tokelau is TK.")
    action, fields = _fields(theo.see(_preview(issue_id)), "tk")
    board.edit_text(sqlite_app.db, text, body="TK TK TK", expected_version=1, by=None, now=sqlite_app.clock())
    page = theo.follow(theo.post(action, fields))
    assert "This has changed since you looked at it." in page
    assert "1 must be mended" in page
    assert theo.post(action, {"code": "x" * 900, "about": "y" * 900}).status_code == 303


def test_the_send_page_names_what_blocks_and_a_tick_lets_it_through(
    theo: Browser, issue_id: int, sqlite_app: App
) -> None:
    _say(sqlite_app, issue_id, "The code of Tokelau is TK.")
    seen = re.search(r'name="seen_hash" value="([0-9a-f]{64})"', theo.see(f"/desk/issues/{issue_id}/send"))
    assert seen is not None
    refused = theo.post(f"/desk/issues/{issue_id}/approve", {"seen_hash": seen[1]})
    assert refused.status_code == 422
    assert "One thing must be mended first" in refused.text
    theo.post(*_fields(theo.see(_preview(issue_id)), "tk"))
    assert "is approved" in theo.follow(theo.post(f"/desk/issues/{issue_id}/approve", {"seen_hash": seen[1]}))


def test_whoever_only_looks_sees_the_checks_and_no_buttons(
    flask: Flask, issue_id: int, sqlite_app: App, newsroom: Newsroom
) -> None:
    builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, ["ada@example.org"])
    _say(sqlite_app, issue_id, "By TK.")
    viewer = signed_in(flask, sqlite_app, "Vera", Role.VIEWER)
    page = viewer.see(_preview(issue_id))
    assert "1 must be mended" in page
    assert "Checked by hand" not in page
    assert "test-mail" not in page
    assert "Go on to approve" not in page
    assert "ada@example.org" not in page
    assert "ada@example.org" not in viewer.see(f"{_preview(issue_id)}?reader=1&as=ada&part=text")


def test_links_are_looked_at_by_a_worker_and_the_page_says_how_far_it_is(
    theo: Browser, issue_id: int, sqlite_app: App, clock: FakeClock
) -> None:
    assert "Nobody has had the links looked at yet" in theo.see(_preview(issue_id))
    page = theo.follow(theo.post(f"/desk/issues/{issue_id}/links"))
    total = re.search(r"Link check 0 of (\d+)", page)
    assert total is not None
    part = theo.client.get(f"/desk/issues/{issue_id}/links", headers=_HX)
    assert "HX-Request" in part.headers["Vary"]
    assert "<html" not in part.text
    assert 'hx-trigger="load delay:1s"' in part.text
    tasks.check_links(sqlite_app, {"issue_id": issue_id})
    clock.advance(timedelta(seconds=5))
    part = theo.client.get(f"/desk/issues/{issue_id}/links", headers=_HX)
    assert f"{total[1]} links looked at" in part.text
    assert "hx-trigger" not in part.text
    page = theo.see(_preview(issue_id))
    assert "could not be looked at" in page or "is dead" in page
    assert theo.client.get(f"/desk/issues/{issue_id}/links").status_code == 303


def test_a_worker_that_says_nothing_has_stopped(theo: Browser, issue_id: int, clock: FakeClock) -> None:
    theo.post(f"/desk/issues/{issue_id}/links")
    clock.advance(timedelta(minutes=2))
    page = theo.see(_preview(issue_id))
    assert "The worker has stopped" in page
    assert 'hx-trigger="load delay:15s"' in page


def test_a_script_gets_another_view_of_the_mail_alone(theo: Browser, issue_id: int) -> None:
    part = theo.client.get(f"{_preview(issue_id)}?width=375&scheme=dark&images=off", headers=_HX)
    assert "HX-Request" in part.headers["Vary"]
    assert "<html" not in part.text
    assert 'class="frame w375 dark"' in part.text
    assert "images=off" in part.text
    assert "Checks" not in part.text
    assert "HX-Request" in theo.client.get(_preview(issue_id)).headers["Vary"]


def test_what_an_address_cannot_mean_is_the_usual_view(theo: Browser, issue_id: int) -> None:
    page = theo.see(f"{_preview(issue_id)}?width=9&scheme=pink&images=maybe&part=wax&reader=zebra")
    assert 'class="frame w600 light"' in page


def test_the_mail_is_shown_as_a_reader_gets_it_with_links_that_lead_nowhere(
    theo: Browser, issue_id: int, sqlite_app: App, newsroom: Newsroom
) -> None:
    ada, bob = builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, ["ada@example.org", "bob+1@example.org"])
    page = theo.see(f"{_preview(issue_id)}?as=bob")
    assert "bob+1@example.org" in page
    assert "ada@example.org" not in page
    page = theo.see(f"{_preview(issue_id)}?reader={ada}&part=text")
    assert "ada@example.org" in page
    assert "#unsubscribe" in page
    page = theo.see(f"{_preview(issue_id)}?reader={bob}")
    frame = re.search(r'<iframe sandbox title="[^"]+" src="([^"]+)"', page)
    assert frame is not None
    shown = theo.see(html_text.unescape(frame[1]))
    assert "bob+1@example.org" in shown
    assert "/u/" not in shown
    assert "slot.invalid" not in shown


def test_pictures_of_other_sites_are_never_asked_for(theo: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    html = '<head></head><img src="https://art.example/1.png?a=1&amp;b=2" alt="A map" width="64" height="64">'
    issue_id = builders.approved_issue_row(sqlite_app.db, newsroom.newsletter, number=7, html=html)
    assert "1 picture of other sites is not asked for here" in theo.see(_preview(issue_id))
    shown = theo.see(f"/desk/issues/{issue_id}/preview.html?revision=1")
    assert "art.example" not in shown
    assert 'src="data:image/svg+xml;base64,' in shown
    assert 'alt="A map"' in shown
    bare = theo.see(f"/desk/issues/{issue_id}/preview.html?revision=1&images=off")
    assert "<img" not in bare
    assert ">A map</span>" in bare


def test_a_test_mail_goes_to_colleagues_and_the_page_says_what_changed_since(
    theo: Browser, mina: Browser, issue_id: int, sqlite_app: App, clock: FakeClock
) -> None:
    people = dict(re.findall(r'name="to" value="(\d+)"[^>]*> (\w+)', theo.see(_preview(issue_id))))
    assert set(people.values()) == {"Mina", "Theo"}
    answer = theo.post(f"/desk/issues/{issue_id}/test-mail", {"revision": "1", "to": list(people)})
    assert "A test mail of revision 1 is on its way to 2 people." in theo.follow(answer)
    with sqlite_app.db.read() as session:
        rows = checks.sent_tests(session, issue_id, limit=9)
        version = store.issue_row(session, issue_id).version
    assert sorted((row.name, row.revision) for row in rows) == [("Mina", 1), ("Theo", 1)]
    assert "since revision" not in theo.see(_preview(issue_id))
    clock.advance(timedelta(minutes=5))
    _say(sqlite_app, issue_id, "Another word & <b>more</b>.")
    board.edit_settings(
        sqlite_app.db, issue_id, subject="A new subject", preheader="", expected_version=version, by=None, now=clock()
    )
    page = theo.see(_preview(issue_id))
    assert re.search(r"\d changes since revision 1", page)
    assert "A text of the intro was put into the intro." in page
    assert "<ins>" in page
    assert "<del>" in page
    assert "&lt;b&gt;" in page


def test_a_test_mail_goes_to_nobody_but_people_at_the_desk(theo: Browser, issue_id: int, sqlite_app: App) -> None:
    theo.see(_preview(issue_id))
    gone = admit.create_user(
        sqlite_app.db, "gone@podcast.example", name="Gone", role=Role.EDITOR, now=sqlite_app.clock()
    )
    admit.deactivate(sqlite_app.db, gone, by=1, now=sqlite_app.clock())
    theo.post(f"/desk/issues/{issue_id}/test-mail", {"revision": "1", "to": [str(gone), "999", "zebra"]})
    with sqlite_app.db.read() as session:
        assert checks.sent_tests(session, issue_id, limit=9) == []


def test_the_page_costs_a_fixed_number_of_queries(theo: Browser, issue_id: int, sqlite_app: App) -> None:
    counted = []
    event.listen(sqlite_app.db.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))

    def queries() -> int:
        theo.see(_preview(issue_id))
        counted.clear()
        theo.see(_preview(issue_id))
        return len(counted)

    few = queries()
    for number in range(20):
        _say(sqlite_app, issue_id, f"[word {number}](https://example.org/{number}) and TK.")
    assert queries() == few


def test_subject_and_preheader_are_saved_from_here_and_one_comes_back(theo: Browser, issue_id: int) -> None:
    page = theo.see(_preview(issue_id))
    version = re.search(r'id="envelope".*?name="version" value="(\d+)"', page, re.DOTALL)
    assert version is not None
    fields: dict[str, object] = {
        "subject": "Shore, trees and ads",
        "preheader": "Plus: rivers",
        "version": version[1],
        "back": _preview(issue_id),
    }
    answer = theo.post(f"/desk/issues/{issue_id}/settings", fields)
    assert answer.headers["Location"].startswith(_preview(issue_id))
    assert 'value="Shore, trees and ads"' in theo.follow(answer)
