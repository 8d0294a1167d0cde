"""After a restore the desk says what stands held, and an owner lets it go."""

from datetime import timedelta

from curator.app import App
from curator.backup import store
from tests.conftest import FakeClock
from tests.web.conftest import Browser, Newsroom

HEADING = "Restored from a backup: all mail is held"


def test_the_desk_says_that_all_is_held_until_an_owner_lets_it_go(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    assert HEADING not in mina.see("/desk")
    backup_at = clock() - timedelta(days=1)
    held = dict.fromkeys(("mailings", "issues", "slots", "letters", "erased"), 0)
    report = held | {"left": 2, "suppressed": 1}
    with sqlite_app.db.write() as session:
        store.note(session, at=clock(), backup_at=backup_at, report=report)
    page = mina.see("/desk")
    assert HEADING in page
    assert "3 readers" in page
    assert "Mail may leave again" in mina.follow(mina.post("/desk/restored/let-go"))
    assert HEADING not in mina.see("/desk")
    assert "Nothing was held any more" in mina.follow(mina.post("/desk/restored/let-go"))
