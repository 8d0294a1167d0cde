"""The status page: what needs a person, who sees to it, and what is over."""

from datetime import timedelta

from curator.app import App
from curator.watch import keep
from curator.watch.values import AlertKind, Trouble
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom

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
