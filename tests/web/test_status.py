"""The status page: what needs a person, who sees to it, and what is over."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from curator.accounts.values import Role
from curator.app import App
from curator.backup.nightly import store as nightly
from curator.watch import keep, store
from curator.watch.values import AlertKind, Process, ProcessKind, Trouble
from curator.web import create_app
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom, signed_in

FULL = Trouble(AlertKind.DISK, "1.0 GB are left on the disk.", "Make room.")


def test_an_alert_is_seen_taken_left_and_over(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    assert "Nothing needs a person" in mina.see("/desk/status")
    keep.keep(sqlite_app.db, [FULL], now=clock())
    page = mina.see("/desk/status")
    assert "1 thing needs a person" in page
    assert "1.0 GB are left on the disk." in page
    assert "Mina sees to it" in mina.follow(mina.post("/desk/status/alerts/1/take"))
    assert "Nobody sees to it: it is told again" in mina.follow(mina.post("/desk/status/alerts/1/leave"))
    clock.advance(timedelta(minutes=6))
    keep.keep(sqlite_app.db, [], now=clock())
    page = mina.see("/desk/status")
    assert "Nothing needs a person" in page
    assert "over" in page
    assert mina.post("/desk/status/alerts/1/take").status_code == 422


def test_the_page_shows_processes_who_is_told_and_what_waits(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    now = clock()
    old = Process(
        "worker-1", "mail-two", ProcessKind.WORKER, "0.0", now - timedelta(hours=2), now - timedelta(minutes=9)
    )
    with sqlite_app.db.write() as session:
        store.note_process(session, old)
    page = mina.see("/desk/status")
    for words in ("mail-two", "not seen", "CURATOR_HEARTBEAT_URL", "else every owner", "Bounces unread"):
        assert words in page


def test_the_page_says_how_old_the_last_backup_is(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock, tmp_path: Path
) -> None:
    assert "Not set up" in mina.see("/desk/status")
    keeping = replace(sqlite_app, settings=replace(sqlite_app.settings, backup_dir=tmp_path))
    desk = signed_in(create_app(keeping), keeping, "Nora", Role.OWNER)
    with sqlite_app.db.write() as session:
        nightly.ask(session, clock(), now=clock())
        night = nightly.begin(session, now=clock())
        assert night is not None
        nightly.note_made(session, night, file="x.backup", backup_at=clock(), counts=(2_000_000, 1_234, 5))
    assert "None yet" in desk.see("/desk/status")
    with sqlite_app.db.write() as session:
        nightly.note_good(session, night, now=clock())
    clock.advance(timedelta(hours=3))
    page = desk.see("/desk/status")
    for words in ("Backup", "3 h ago", "tried out, 2.0 MB"):
        assert words in page


def test_an_open_alert_is_marked_on_every_page_of_who_runs_it_and_of_nobody_else(
    mina: Browser, theo: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    assert "need a person" not in mina.see("/desk/feeds")
    keep.keep(sqlite_app.db, [FULL], now=clock())
    assert "needs a person</span>" in mina.see("/desk/feeds")
    assert "1 thing needs whoever runs this installation" in mina.see("/desk")
    assert "whoever runs this installation" not in theo.see("/desk")
