"""Two newsletters at one desk: whoever has a place in one sees nothing of the other, and takes nothing of it back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from flask import Flask

from curator.accounts import roles, store
from curator.accounts.values import Role
from curator.activity import store as activity
from curator.activity.values import ActivityRow
from curator.app import App
from curator.audience.record import store as record
from curator.audience.values import SubscriptionRow, SubscriptionState
from curator.issues import board, publish
from curator.issues.planned import plan
from curator.issues.revisions import store as revisions
from curator.letters import store as letters
from curator.letters.values import LetterKind
from curator.newsletters import store as newsletters
from curator.picks import curate, set_aside
from curator.promotions import book
from curator.web.desk.reverts import REVERTS
from tests import builders
from tests.promotions.scene import ISSUE_ON, Scene, set_scene
from tests.web.conftest import Browser, Newsroom, signed_in

SECRET = "Second Weekly"


@dataclass(frozen=True)
class Other:
    """A second newsletter in which everything was done once that can be done: its id, issue and promotions."""

    id: int
    issue: int
    scene: Scene
    booking: int
    planned: int
    mute: int


@pytest.fixture
def other(newsroom: Newsroom) -> Other:
    db, now = newsroom.app.db, newsroom.app.clock()
    second = builders.newsletter_row(db, slug="second", name=SECRET)
    sections = builders.section_rows(db, second)
    scene = set_scene(db, second, sections)
    scene = replace(scene, sponsor=scene.house)
    small, held, old = newsroom.articles
    curate.pick(db, second, small, sections[0], by=None, now=now)
    curate.pick(db, second, held, sections[0], by=None, now=now)
    curate.unpick(db, second, held, by=None, now=now)
    curate.skip(db, second, old, by=None, now=now)
    set_aside.put_off(db, second, held, until=now + timedelta(days=3), by=None, now=now)
    set_aside.mute_words(db, second, "secret words", by=None, now=now)
    set_aside.mute_words(db, second, "lifted words", by=None, now=now)
    set_aside.lift(db, 2, by=None, now=now)
    issue = publish.draft(db, second, now=now, due_at=now + timedelta(days=3))
    board.add_text(db, issue, None, "Secret text.", by=None, now=now)
    freed, kept = scene.book(on=scene_day(1)), scene.book(on=scene_day(8))
    book.free(db, freed.id, by=None, now=now)
    gone = plan.plan(db, second, now + timedelta(days=9), is_drafted_now=False, by=None, now=now)
    assert gone is not None
    plan.unplan(db, gone, by=None, now=now)
    planned = plan.plan(db, second, now + timedelta(days=10), is_drafted_now=False, by=None, now=now)
    assert planned is not None
    with db.write() as session:
        newsletters.restart(session, second, now=now)
        slot = newsletters.schedule(session, second).next_slot
    assert slot is not None
    plan.skip(db, second, slot, by=None, now=now)
    return Other(second, issue, scene, kept.id, planned, mute=1)


def scene_day(week: int) -> date:
    return ISSUE_ON + timedelta(weeks=week)


@pytest.fixture
def ann(flask: Flask, sqlite_app: App, other: Other) -> Browser:
    """An editor who has no place in the second newsletter."""
    return _with_places(flask, sqlite_app, "Ann", Role.EDITOR, {other.id: None})


def _with_places(flask: Flask, app: App, name: str, role: Role, places: Mapping[int, Role | None]) -> Browser:
    browser = signed_in(flask, app, name, role)
    with app.db.read() as session:
        found = store.user_id(session, f"{name.lower()}@podcast.example")
    assert found is not None
    roles.change_role(app.db, found, role, differing=places, now=app.clock(), by=None)
    return browser


def _changes(app: App) -> list[ActivityRow]:
    with app.db.read() as session:
        return [each for each in activity.recent(session, limit=500) if each.deed in REVERTS]


def _is_of_the_desk(change: ActivityRow) -> bool:
    return change.subject == "user"


def test_nothing_of_a_newsletter_is_seen_without_a_place_in_it(ann: Browser, other: Other, newsroom: Newsroom) -> None:
    newsroom.issue()
    for page in ("", "/inbox", "/issues", "/issues/calendar", "/promotions", "/promotions/list", "/promotions/slots"):
        seen = ann.see(f"/desk{page}")
        assert SECRET not in seen, page
        assert "Write to us" not in seen, page
    for page in ("/setup", "/subscribers", "/account", "/account/stand-ins", "/activity", "/feeds", "/transcripts"):
        assert SECRET not in ann.see(f"/desk{page}"), page


@pytest.mark.parametrize("page", ["inbox", "issues", "promotions", "promotions/list", "promotions/slots", "activity"])
def test_naming_a_newsletter_opens_no_page_without_a_place_in_it(ann: Browser, other: Other, page: str) -> None:
    ann.see(f"/desk/{page}?newsletter={other.id}", status=403)


def test_what_belongs_to_a_newsletter_is_closed_by_its_own_address(ann: Browser, other: Other) -> None:
    for page in (
        "",
        "/preview",
        "/preview.html",
        "/live.html",
        "/send",
        "/send-now",
        "/results",
        "/activity",
        "/links",
    ):
        ann.see(f"/desk/issues/{other.issue}{page}", status=403)
    for page in (f"{other.scene.sponsor}", f"slots/{other.scene.slot}", f"bookings/{other.booking}"):
        ann.see(f"/desk/promotions/{page}", status=403)
    for form_of in (
        f"promotions/bookings/{other.booking}/free",
        f"promotions/slots/{other.scene.slot}/book",
        f"promotions/{other.scene.sponsor}/place",
        f"issues/calendar/planned/{other.planned}/remove",
        f"inbox/mutes/{other.mute}/lift",
        f"issues/{other.issue}/presence",
    ):
        assert ann.post(f"/desk/{form_of}").status_code == 403, form_of


def test_the_log_tells_only_of_newsletters_in_which_one_has_a_place(
    ann: Browser, mina: Browser, other: Other, newsroom: Newsroom, sqlite_app: App
) -> None:
    curate.skip(sqlite_app.db, newsroom.newsletter, newsroom.articles[0], by=None, now=sqlite_app.clock())
    newsroom.issue()
    whole, hers = mina.see("/desk/activity"), ann.see("/desk/activity")
    for told in (SECRET, "secret words", "Secret text", "Held-out sets", "Old tokenizers", "booked", "planned"):
        assert told not in hers, told
    assert "Old tokenizers" in whole
    assert "passed over" in hers
    assert SECRET not in ann.see("/desk/activity?kind=newsletter")


def test_nothing_of_a_newsletter_is_taken_back_without_a_place_in_it(
    ann: Browser, other: Other, sqlite_app: App
) -> None:
    tried = [change for change in _changes(sqlite_app) if not _is_of_the_desk(change)]
    assert {"item", "mute", "booking", "promotion", "issue", "newsletter"} <= {change.subject for change in tried}
    for change in tried:
        answer = ann.post(f"/desk/activity/{change.id}/undo")
        assert answer.status_code in (403, 422), (change.deed, answer.status_code)
    with sqlite_app.db.read() as session:
        assert not [each for each in activity.recent(session, limit=500) if each.undone_at is not None]


def test_a_viewer_in_one_newsletter_takes_nothing_back_there(flask: Flask, sqlite_app: App, other: Other) -> None:
    bea = _with_places(flask, sqlite_app, "Bea", Role.EDITOR, {other.id: Role.VIEWER})
    assert SECRET in bea.see("/desk/activity")
    assert '/undo"' not in bea.see("/desk/activity?kind=item")
    for change in _changes(sqlite_app):
        if not _is_of_the_desk(change):
            assert bea.post(f"/desk/activity/{change.id}/undo").status_code in (403, 422), change.deed


@pytest.mark.parametrize("role", [Role.WRITER, Role.EDITOR])
def test_it_takes_the_same_right_to_take_back_as_to_do(role: Role, flask: Flask, sqlite_app: App, other: Other) -> None:
    cleo = _with_places(flask, sqlite_app, "Cleo", role, {})
    for change in _changes(sqlite_app):
        if change.deed in ("newsletter.skipped a slot of", "promotion slot.made"):
            answer = cleo.post(f"/desk/activity/{change.id}/undo")
            assert (answer.status_code == 303) is (role is Role.EDITOR), change.deed


def test_a_reader_of_a_newsletter_is_nobody_without_a_place_in_it(
    ann: Browser, mina: Browser, other: Other, newsroom: Newsroom, sqlite_app: App
) -> None:
    (there,) = builders.subscriber_rows(sqlite_app.db, other.id, ["there@example.org"])
    (both,) = builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, ["both@example.org"])
    with sqlite_app.db.write() as session:
        row = SubscriptionRow(other.id, SubscriptionState.ACTIVE, sqlite_app.clock(), "by hand")
        record.move(session, both, row, seen=None)
    assert SECRET in mina.see(f"/desk/subscribers/{both}")
    assert SECRET not in ann.see(f"/desk/subscribers/{both}")
    ann.see(f"/desk/subscribers/{there}", status=404)
    mina.see(f"/desk/subscribers/{there}")
    assert ann.post(f"/desk/subscribers/{there}/unsubscribe", {"newsletter": other.id}).status_code == 403


def test_a_test_mail_goes_only_to_whoever_may_look_at_its_newsletter(
    ann: Browser, mina: Browser, other: Other, sqlite_app: App
) -> None:
    page = mina.see(f"/desk/issues/{other.issue}/preview")
    assert "ann@podcast.example" not in page
    with sqlite_app.db.read() as session:
        hers = store.user_id(session, "ann@podcast.example")
        revision = revisions.latest_revision(session, other.issue)
    assert revision is not None
    mina.post(f"/desk/issues/{other.issue}/test-mail", {"revision": revision.id, "to": hers})
    with sqlite_app.db.read() as session:
        assert letters.newest_by_address(session, LetterKind.TEST, ["ann@podcast.example"]) == {}
