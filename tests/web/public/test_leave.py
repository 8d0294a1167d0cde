"""The way out of a newsletter, as readers and their mail programs take it."""

from datetime import timedelta

import pytest
from flask import Flask
from structlog.testing import capture_logs

from curator.app import App
from curator.audience import links, store
from curator.audience.tables import Subscriber
from curator.audience.values import SubscriptionState
from curator.db import Session
from curator.errors import StorageError
from curator.events import listen
from curator.events.tables import MailingCount
from curator.mailings import send
from tests import builders
from tests.conftest import FakeClock
from tests.web.public.conftest import Readers


@pytest.fixture
def reader(sqlite_app: App) -> tuple[str, int, int]:
    """The address of a reader's own link, the newsletter and the reader."""
    newsletter_id = builders.newsletter_row(sqlite_app.db)
    [subscriber_id] = builders.subscriber_rows(sqlite_app.db, newsletter_id, ["ada@readers.example"])
    return f"/u/{links.unsubscribe_token(sqlite_app.keys, newsletter_id, subscriber_id)}", newsletter_id, subscriber_id


def test_looking_changes_nothing(flask: Flask, sqlite_app: App, reader: tuple[str, int, int]) -> None:
    url, newsletter_id, subscriber_id = reader
    scanner = flask.test_client()
    for look in (scanner.get, scanner.head, scanner.options):
        assert look(url).status_code == 200
    assert "Stop getting AI Weekly?" in scanner.get(url).text
    assert _state(sqlite_app, newsletter_id, subscriber_id) is SubscriptionState.ACTIVE


def test_one_press_ends_it_and_says_so(flask: Flask, sqlite_app: App, reader: tuple[str, int, int]) -> None:
    url, newsletter_id, subscriber_id = reader
    answer = flask.test_client().post(url)
    assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    assert _state(sqlite_app, newsletter_id, subscriber_id) is SubscriptionState.ENDED
    assert _row(sqlite_app, newsletter_id, subscriber_id).how == "link"


def test_a_mail_programs_one_click_needs_neither_cookie_nor_token(
    flask: Flask, sqlite_app: App, reader: tuple[str, int, int]
) -> None:
    url, newsletter_id, subscriber_id = reader
    client = flask.test_client(use_cookies=False)
    for _ in range(2):
        answer = client.post(url, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert _row(sqlite_app, newsletter_id, subscriber_id).how == "one-click"


def test_a_database_that_is_busy_asks_the_mail_program_to_try_again(
    flask: Flask, sqlite_app: App, reader: tuple[str, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(**_: object) -> Session:
        raise StorageError("The database cannot be used just now: it is locked.")

    monkeypatch.setattr(sqlite_app.db, "write", locked)
    with capture_logs() as logs:
        answer = flask.test_client(use_cookies=False).post(reader[0], data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, "it is locked" in answer.text) == (503, True)
    assert [log["event"] for log in logs if log["event"] != "request"] == ["the database cannot be used"]
    assert reader[0].removeprefix("/u/") not in str(logs)


def test_an_old_link_outlives_years(flask: Flask, clock: object, reader: tuple[str, int, int]) -> None:
    clock.advance(timedelta(days=3000))  # type: ignore[attr-defined]
    assert flask.test_client().get(reader[0]).status_code == 200


@pytest.mark.parametrize("token", ["nonsense", "A" * 31, "AAAA", "%00", "é"])
def test_a_forged_link_says_what_to_do(flask: Flask, token: str) -> None:
    for answer in (flask.test_client().get(f"/u/{token}"), flask.test_client().post(f"/u/{token}")):
        assert answer.status_code == 404
        assert "does not work" in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_tampered_link_is_refused(flask: Flask, sqlite_app: App, reader: tuple[str, int, int]) -> None:
    url, newsletter_id, subscriber_id = reader
    forged = url[:12] + ("B" if url[12] == "A" else "A") + url[13:]
    assert flask.test_client().post(forged).status_code == 404
    assert _state(sqlite_app, newsletter_id, subscriber_id) is SubscriptionState.ACTIVE


def test_the_front_page_names_what_is_published(flask: Flask, reader: tuple[str, int, int]) -> None:
    page = flask.test_client().get("/").text
    assert "AI Weekly" in page
    assert page.count("<h1") == 1


def test_the_front_page_of_an_empty_installation_says_so(flask: Flask) -> None:
    assert "Nothing is published here yet" in flask.test_client().get("/").text


def _state(app: App, newsletter_id: int, subscriber_id: int) -> SubscriptionState:
    state = _row(app, newsletter_id, subscriber_id).state
    assert state is not None
    return state


def _row(app: App, newsletter_id: int, subscriber_id: int) -> store.SubscriberRow:
    with app.db.read() as session:
        row = store.subscriber_row(session, newsletter_id, subscriber_id)
    assert row is not None
    return row


# --- undo, and counting for the mailing that carried the link


def _mailing(readers: Readers, *, number: int = 41) -> int:
    issue_id = builders.approved_issue_row(readers.app.db, readers.newsletter, number=number)
    return send.start(readers.app.db, issue_id, now=readers.app.clock())


def _unsubscribed(readers: Readers, mailing_id: int) -> int:
    with readers.app.db.read() as session:
        row = session.get(MailingCount, mailing_id)
        return 0 if row is None else row.unsubscribed


def test_a_person_takes_the_press_back(readers: Readers) -> None:
    readers.active()
    mailing_id = _mailing(readers)
    url = f"/u/{readers.leave_token(mailing_id=mailing_id)}"
    for _ in range(2):
        page = readers.client.post(url).text
        assert "You are unsubscribed" in page
        assert "Undo" in page
        assert _unsubscribed(readers, mailing_id) == 1
    assert "Undo" in readers.client.get(url).text, "whoever comes back to the page finds it too"
    assert "You get it again" in readers.client.post(f"{url}/undo").text
    assert (readers.state(), _unsubscribed(readers, mailing_id)) == ("active", 0)
    assert "cannot be taken back" in readers.client.post(f"{url}/undo").text
    assert [(step, place) for step, place, _ in readers.steps()] == [("left", "/u"), ("returned", "/u")]
    readers.client.post(url)
    assert (readers.state(), _unsubscribed(readers, mailing_id)) == ("ended", 1)


def test_an_undo_by_any_other_link_takes_the_press_back_where_it_counted(readers: Readers) -> None:
    readers.active()
    first, second = _mailing(readers), _mailing(readers, number=42)
    for other in (second, None):
        readers.client.post(f"/u/{readers.leave_token(mailing_id=first)}")
        assert (_unsubscribed(readers, first), _unsubscribed(readers, second)) == (1, 0)
        token = readers.leave_token() if other is None else readers.leave_token(mailing_id=other)
        assert "You get it again" in readers.client.post(f"/u/{token}/undo").text
        assert (_unsubscribed(readers, first), _unsubscribed(readers, second)) == (0, 0)


def test_an_undo_works_when_it_cannot_be_counted(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise StorageError("The database cannot be used just now: it is locked.")

    readers.active()
    url = f"/u/{readers.leave_token(mailing_id=_mailing(readers))}"
    readers.client.post(url)
    monkeypatch.setattr(listen, "note_returned", locked)
    with capture_logs() as logs:
        assert "You get it again" in readers.client.post(f"{url}/undo").text
    assert [log["event"] for log in logs if log["event"] != "request"] == ["a return was not counted"]


def test_a_mail_programs_press_is_taken_back_by_the_person(readers: Readers) -> None:
    readers.active()
    url = f"/u/{readers.leave_token()}"
    readers.client.post(url, data={"List-Unsubscribe": "One-Click"})
    assert "You get it again" in readers.client.post(f"{url}/undo").text


def test_undo_is_offered_for_thirty_days(readers: Readers, clock: FakeClock) -> None:
    readers.active()
    url = f"/u/{readers.leave_token()}"
    readers.client.post(url)
    clock.advance(timedelta(days=31))
    assert "Undo" not in readers.client.post(url).text
    assert "cannot be taken back" in readers.client.post(f"{url}/undo").text
    assert readers.state() == "ended"


def test_leaving_works_whatever_mailing_the_link_names(readers: Readers) -> None:
    readers.active()
    url = f"/u/{readers.leave_token(mailing_id=4711)}"
    assert readers.client.post(url).status_code == 200
    assert readers.state() == "ended"
    assert readers.client.post(f"{url}/undo").status_code == 200
    assert readers.state() == "active"


def test_leaving_works_when_it_cannot_be_counted(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise StorageError("The database cannot be used just now: it is locked.")

    readers.active()
    mailing_id = _mailing(readers)
    monkeypatch.setattr(listen, "note_unsubscribed", locked)
    with capture_logs() as logs:
        answer = readers.client.post(f"/u/{readers.leave_token(mailing_id=mailing_id)}")
    assert (answer.status_code, readers.state()) == (200, "ended")
    assert [log["event"] for log in logs if log["event"] != "request"] == ["an unsubscribing was not counted"]


def test_a_reader_who_was_erased_leaves_without_an_error(readers: Readers) -> None:
    readers.active()
    url = f"/u/{readers.leave_token()}"
    with readers.app.db.write() as session:
        session.delete(session.get_one(Subscriber, readers.subscriber()))
    assert "You are unsubscribed" in readers.client.post(url).text
    assert "cannot be taken back" in readers.client.post(f"{url}/undo").text
