"""At the desk: a paused mailing is stopped, its issue mended, and the rest gets the new words."""

import pytest

from curator.app import App
from curator.issues import board, store
from curator.issues.values import IssueState
from curator.jobs import tasks
from curator.mailings import send
from curator.mailings import store as mailings
from curator.mailings.values import DeliveryState
from tests import builders
from tests.web.conftest import Browser, Newsroom


@pytest.fixture
def issue_id(newsroom: Newsroom, sqlite_app: App) -> int:
    builders.subscriber_rows(sqlite_app.db, newsroom.newsletter, [f"r{n}@readers.example" for n in range(5)])
    return newsroom.issue()


def test_the_rest_gets_the_new_words_and_the_results_say_how_many_got_which(
    mina: Browser, sqlite_app: App, issue_id: int
) -> None:
    first = stopped(mina, sqlite_app, issue_id, after=2)
    page = mina.see(f"/desk/mailings/{first}")
    assert "<h1>Stopped to mend: " in page
    assert "2 of 5 got revision 1; 3 get what is approved next." in page
    board.add_text(sqlite_app.db, issue_id, None, "With the right date.", by=None, now=sqlite_app.clock())
    approve(mina, sqlite_app, issue_id)
    assert "3 confirmed readers" in mina.see(f"/desk/issues/{issue_id}/send")
    second = send.start(sqlite_app.db, issue_id, now=sqlite_app.clock())
    tasks.pump_mailing(sqlite_app, {"mailing_id": second}, tasks.Turn(is_over=lambda: False))
    page = mina.see(f"/desk/issues/{issue_id}/results")
    assert f'href="/desk/mailings/{second}">3 readers got revision 2</a>' in page
    assert f'href="/desk/mailings/{first}">2 readers got revision 1</a>' in page
    assert "With the right date." in mina.see("/n/ai-weekly/issues/1")


def test_new_readers_are_told_apart_before_the_rest_is_sent(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    stopped(mina, sqlite_app, issue_id, after=2)
    with sqlite_app.db.read() as session:
        newsletter_id = store.issue_row(session, issue_id).newsletter_id
    builders.subscriber_rows(sqlite_app.db, newsletter_id, ["late@readers.example"])
    page = mina.see(f"/desk/issues/{issue_id}/send")
    assert "3 confirmed readers" in page
    assert "came after its mailing had begun" in page


def test_a_mailing_that_runs_is_not_mended(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    approve(mina, sqlite_app, issue_id)
    mailing_id = send.start(sqlite_app.db, issue_id, now=sqlite_app.clock())
    assert "Mend and go on" not in mina.see(f"/desk/mailings/{mailing_id}")
    answer = mina.post(f"/desk/mailings/{mailing_id}/mend")
    assert "Pause it first" in (mina.follow(answer) if answer.status_code == 303 else answer.text)


def stopped(mina: Browser, app: App, issue_id: int, *, after: int) -> int:
    approve(mina, app, issue_id)
    mailing_id = send.start(app.db, issue_id, now=app.clock(), batch=1)

    def is_enough() -> bool:
        with app.db.read() as session:
            return mailings.balance(session, mailing_id).by_state.get(DeliveryState.SENT, 0) >= after

    tasks.pump_mailing(app, {"mailing_id": mailing_id}, tasks.Turn(is_over=is_enough))
    mina.post(f"/desk/mailings/{mailing_id}/pause")
    assert "Mend and go on" in mina.see(f"/desk/mailings/{mailing_id}")
    page = mina.see(f"/desk/mailings/{mailing_id}/mend")
    assert f"{after} readers have revision 1 already" in page
    mina.follow(mina.post(f"/desk/mailings/{mailing_id}/mend"))
    with app.db.read() as session:
        assert store.issue_row(session, issue_id).state is IssueState.HELD
        assert mailings.mailing(session, mailing_id).is_mended
    return mailing_id


def approve(mina: Browser, app: App, issue_id: int) -> None:
    page = mina.see(f"/desk/issues/{issue_id}/send")
    seen = page.split('name="seen_hash" value="')[1][:64]
    assert "is approved" in mina.follow(mina.post(f"/desk/issues/{issue_id}/approve", {"seen_hash": seen}))
