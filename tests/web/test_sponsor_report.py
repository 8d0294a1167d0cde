"""What came of a promotion: for the desk, for its sponsor by a link, and as a file."""

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from curator.accounts import roles
from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.app import App
from curator.db import Database
from curator.errors import InvalidError, NotFoundError
from curator.events import listen
from curator.events.sponsored import report
from curator.issues.tables import Block, Revision
from curator.promotions import links, share
from curator.promotions.reports import store as reports
from tests import builders
from tests.conftest import FakeClock
from tests.events.scene import NOW, Sent, hit, sent, spooled
from tests.promotions.scene import Scene, set_scene
from tests.web.conftest import Browser, signed_in


def _run(db: Database, scene: Scene, *, number: int, is_in_mail: bool = True) -> Sent:
    """An issue that left with the house promotion in its slot, as block 14 of the mail."""
    line = sent(db, number=number, readers=10, newsletter_id=scene.newsletter)
    with db.write() as session:
        session.add(Block(issue_id=line.issue_id, position=1, kind="promotion", slot_id=scene.slot, section_id=None))
        entry = {"block_id": 14, "promotion_id": scene.house if is_in_mail else scene.sponsor}
        document = {"sections": [{"entries": [{"block_id": 11, "promotion_id": None}, entry]}]}
        session.execute(update(Revision).where(Revision.issue_id == line.issue_id).values(document=document))
    return line


def _ran(db: Database, folder: object) -> tuple[Scene, Sent]:
    """Four readers follow it on one day, one a day later, a scanner everything; in issue 42 something else ran."""
    scene = set_scene(db)
    line = _run(db, scene, number=41)
    _run(db, scene, number=42, is_in_mail=False)
    mailing = line.mailing_id
    spooled(
        folder,  # type: ignore[arg-type]  # a path, as fixtures give it
        *(hit(mailing, 6, reader) for reader in line.readers[:4]),
        hit(mailing, 7, line.readers[4], after_s=86_400),
        hit(mailing, 1, line.readers[5]),
        *(hit(mailing, link, line.readers[9], agent=9) for link in range(8)),
    )
    listen.take_in(db, folder, now=NOW)  # type: ignore[arg-type]  # as above
    return scene, line


@pytest.fixture
def ran(sqlite_app: App) -> Scene:
    return _ran(sqlite_app.db, sqlite_app.spool_dir)[0]


def _words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _link(app: App, promotion: int, *, days: int = 30) -> str:
    made = share.share(app.db, promotion, days=days, by=None, now=app.clock())
    return f"/r/{links.report_token(app.keys, made)}"


def test_only_the_issues_in_which_it_ran_and_its_own_links_count(app: App) -> None:
    scene, _ = _ran(app.db, app.spool_dir)
    with app.db.read() as session:
        found = report.of(session, scene.house)
        nothing = report.of(session, scene.sponsor + 1)
    (run,) = found.runs
    assert (run.number, run.section, run.accepted, run.clicks, run.robot_hits) == (41, "Trends", 10, 5, 2)
    assert [(on - NOW.date(), each.clicks, each.robot_hits) for on, each in found.days] == [
        (timedelta(0), 4, 2),
        (timedelta(days=1), 1, 0),
    ]
    assert sum(each.clicks for _, each in found.days) == found.clicks
    assert (nothing.runs, nothing.days) == ((), ())


def test_the_desk_shows_it_and_shares_it(mina: Browser, ran: Scene, flask: Flask) -> None:
    page = f"/desk/promotions/{ran.house}/report"
    said = _words(mina.see(page))
    assert "Mails accepted 10 Clicks 5 50.00% Programs’ hits, not counted 2" in said
    assert "Issue 41 Trends 10 5 50.00%" in said
    made = mina.follow(mina.post(f"{page}/share", {"days": "30"}))
    (url,) = re.findall(r'value="http[^"]*(/r/[^"]+)"', made)
    stranger = Browser(flask.test_client())
    assert "10" in stranger.see(url)
    mina.post(f"{page}/1/revoke")
    assert "ended or was taken back" in stranger.see(url, status=404)
    assert "Choose for how long" in mina.follow(mina.post(f"{page}/share", {"days": "9999"}))


def test_a_sponsor_sees_numbers_and_no_reader(visitor: Browser, ran: Scene, sqlite_app: App) -> None:
    url = _link(sqlite_app, ran.house)
    answer = visitor.client.get(url)
    said = _words(answer.text)
    assert "What came of “Write to us”" in said
    assert "Issues 1 Mails accepted 10 Clicks 5" in said
    assert "not counted: 2 hits" in said
    assert "16 November 2026 4 17 November 2026 1" in said
    assert "@example.org" not in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    rows = visitor.see(f"{url}/numbers.csv").splitlines()
    assert [row.split(",")[0] for row in rows] == ["row", "issue", "day", "day"]
    assert rows[1].endswith(",Trends,10,5,2")


def test_the_sponsors_page_speaks_the_newsletters_language(visitor: Browser, ran: Scene, sqlite_app: App) -> None:
    builders.change_newsletters(sqlite_app.db, language="de")
    said = _words(visitor.see(_link(sqlite_app, ran.house)))
    assert "Angenommene Mails" in said
    assert "Clicks" not in said


def test_a_link_ends_and_no_other_token_opens_it(
    visitor: Browser, ran: Scene, sqlite_app: App, clock: FakeClock
) -> None:
    url = _link(sqlite_app, ran.house, days=30)
    visitor.see(f"/r/{links.sponsor_token(sqlite_app.keys, 1)}", status=404)
    visitor.see("/r/damaged", status=404)
    visitor.see("/r/damaged/numbers.csv", status=404)
    visitor.see(f"/r/{links.report_token(sqlite_app.keys, 99)}", status=404)
    clock.advance(timedelta(days=29))
    visitor.see(url)
    clock.advance(timedelta(days=1))
    visitor.see(url, status=404)
    visitor.see(f"{url}/numbers.csv", status=404)


def test_what_has_not_run_says_so(mina: Browser, visitor: Browser, ran: Scene, sqlite_app: App) -> None:
    with sqlite_app.db.write() as session:
        session.execute(update(Revision).values(document=None))
    assert "It has not run yet" in mina.see(f"/desk/promotions/{ran.house}/report")
    assert "It has not run yet" in visitor.see(_link(sqlite_app, ran.house))


def test_links_are_made_and_taken_back_once(app: App) -> None:
    scene, now = set_scene(app.db), app.clock()
    made = share.share(app.db, scene.house, days=30, by=None, now=now)
    with pytest.raises(InvalidError):
        share.share(app.db, scene.house, days=31, by=None, now=now)
    with pytest.raises(NotFoundError):
        share.share(app.db, 999, days=30, by=None, now=now)
    assert not share.revoke(app.db, scene.sponsor, made, by=None, now=now), "it is another promotion's"
    assert share.revoke(app.db, scene.house, made, by=None, now=now)
    assert not share.revoke(app.db, scene.house, made, by=None, now=now)
    with app.db.read() as session:
        assert reports.open_of(session, scene.house, now=now) == []


def test_another_newsletters_editor_sees_and_shares_nothing(flask: Flask, sqlite_app: App, ran: Scene) -> None:
    ann = signed_in(flask, sqlite_app, "Ann", Role.EDITOR)
    with sqlite_app.db.read() as session:
        user = accounts.user_id(session, "ann@podcast.example")
    assert user is not None
    places = {ran.newsletter: None}
    roles.change_role(sqlite_app.db, user, Role.EDITOR, differing=places, now=sqlite_app.clock(), by=None)
    page = f"/desk/promotions/{ran.house}/report"
    ann.see(page, status=403)
    ann.see(f"{page}.csv", status=403)
    assert ann.post(f"{page}/share", {"days": "30"}).status_code == 403
    assert ann.post(f"{page}/1/revoke").status_code == 403
