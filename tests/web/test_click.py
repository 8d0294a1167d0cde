"""A tracked link: on to the target at once, with a hit in the spool, and to nowhere else."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event, update
from structlog.testing import capture_logs

from curator.app import App
from curator.db import Database
from curator.errors import StorageError
from curator.events import listen, records, spool
from curator.events.values import Hit
from curator.issues.tables import Link
from curator.mailings.click_links import ClickLink, click_token, open_token
from curator.newsletters.tables import Newsletter
from curator.tokens import Keys
from curator.web import create_app
from tests.conftest import FakeClock
from tests.events.scene import Sent, counters, mailing_row, sent
from tests.web.conftest import Browser, make_app


@pytest.fixture
def line(sqlite_app: App) -> Sent:
    return sent(sqlite_app.db)


@pytest.fixture
def client(flask: Flask) -> FlaskClient:
    return flask.test_client()


def path(app: App, line: Sent, link: int, *, reader: int | None = None, mailing_id: int | None = None) -> str:
    click = ClickLink(mailing_id or line.mailing_id, link, line.readers[0] if reader is None else reader)
    return f"/l/{click_token(app.keys, click)}"


def hits(app: App) -> list[Hit]:
    folder = app.spool_dir
    if not folder.is_dir():
        return []
    return [hit for name in spool.names(folder) for hit in records.unpacked((folder / name).read_bytes())[0]]


def test_a_link_leads_on_at_once_and_leaves_one_hit(sqlite_app: App, line: Sent, client: FlaskClient) -> None:
    answer = client.get(path(sqlite_app, line, 3), headers={"User-Agent": "Mail 1.0"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://site.example/3")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers
    assert answer.data == b""
    (hit,) = hits(sqlite_app)
    assert (hit.mailing_id, hit.link, hit.subscriber_id) == (line.mailing_id, 3, line.readers[0])
    assert (hit.at, hit.is_head) == (sqlite_app.clock(), False)


def test_what_was_followed_is_counted_once_it_is_taken_in(sqlite_app: App, line: Sent, client: FlaskClient) -> None:
    client.get(path(sqlite_app, line, 3))
    client.head(path(sqlite_app, line, 3))
    assert listen.take_in(sqlite_app.db, sqlite_app.spool_dir, now=sqlite_app.clock()) == 2
    row = counters(sqlite_app.db, line.mailing_id)
    assert (row.clicks, row.clickers, row.robot_hits) == (1, 1, 1)


def test_a_look_at_the_head_leads_on_too_and_says_what_it_was(sqlite_app: App, line: Sent, client: FlaskClient) -> None:
    answer = client.head(path(sqlite_app, line, 1))
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://site.example/1")
    assert [hit.is_head for hit in hits(sqlite_app)] == [True]


def test_the_canary_leads_to_the_issues_own_page(sqlite_app: App, line: Sent, client: FlaskClient) -> None:
    answer = client.get(path(sqlite_app, line, 0))
    assert answer.headers["Location"] == f"{sqlite_app.settings.public_url}/n/ai-weekly/issues/41"
    assert [hit.link for hit in hits(sqlite_app)] == [0]


def test_the_canary_finds_the_page_again_when_the_newsletters_short_name_changes(
    sqlite_app: App, line: Sent, client: FlaskClient, clock: FakeClock
) -> None:
    client.get(path(sqlite_app, line, 0))
    with sqlite_app.db.write() as session:
        session.execute(update(Newsletter).values(slug="ml-weekly"))
    clock.advance(timedelta(minutes=1))
    answer = client.get(path(sqlite_app, line, 0))
    assert answer.headers["Location"] == f"{sqlite_app.settings.public_url}/n/ml-weekly/issues/41"


def test_a_link_goes_only_where_its_mailing_pointed(sqlite_app: App, line: Sent, client: FlaskClient) -> None:
    foreign = click_token(Keys.from_secret("n" * 40), ClickLink(line.mailing_id, 1, 1))
    nowhere = [
        f"/l/{foreign}",
        "/l/https://evil.example/",
        "/l/" + "A" * 32,
        "/l/" + "A" * 5000,
        "/l/%00%0d%0aLocation:x",
        path(sqlite_app, line, 1)[:-1],
        path(sqlite_app, line, 1) + "A",
        path(sqlite_app, line, 8),
        path(sqlite_app, line, 1, mailing_id=line.mailing_id + 1),
    ]
    for url in nowhere:
        answer = client.get(url)
        assert answer.status_code == 404, url
        assert "Location" not in answer.headers
    page = client.get(nowhere[0])
    assert "This link does not work" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert client.post(path(sqlite_app, line, 1)).status_code in (400, 405)
    assert hits(sqlite_app) == []


def test_after_the_first_hit_no_link_of_the_mailing_costs_a_query(sqlite_app: App, line: Sent, mina: Browser) -> None:
    """Not even from an editor's own browser: neither session nor user is loaded."""
    for link in (0, 1):
        assert mina.client.get(path(sqlite_app, line, link)).status_code == 302
    asked: list[str] = []
    event.listen(sqlite_app.db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for link in range(8):
        answer = mina.client.get(path(sqlite_app, line, link))
        assert answer.status_code == 302
        assert "Cookie" not in answer.headers.get("Vary", "")
    assert asked == []
    assert "Mina" in mina.see("/desk/account"), "the editor is still signed in"


def test_a_click_that_meets_a_locked_database_goes_on_when_it_is_free(
    sqlite_app: App, line: Sent, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def locked() -> Iterator[None]:
        raise StorageError("The database cannot be used just now.")
        yield

    with monkeypatch.context() as away, capture_logs():
        away.setattr(sqlite_app.db, "read", locked)
        answer = client.get(path(sqlite_app, line, 1))
        assert answer.status_code == 503
    assert client.get(path(sqlite_app, line, 1)).status_code == 302


def test_a_target_beyond_ascii_is_written_as_a_header_can_carry_it(
    sqlite_app: App, line: Sent, client: FlaskClient
) -> None:
    with sqlite_app.db.write() as session:
        session.execute(update(Link).where(Link.number == 1).values(url="https://thai.example/แผนที่?q=ü"))
    answer = client.get(path(sqlite_app, line, 1))
    assert (
        answer.headers["Location"]
        == "https://thai.example/%E0%B9%81%E0%B8%9C%E0%B8%99%E0%B8%97%E0%B8%B5%E0%B9%88?q=%C3%BC"
    )


def test_behind_tls_a_click_keeps_browsers_on_it(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> None:
    app = make_app(sqlite_database, clock, tmp_path, public_url="https://news.example", trusted_proxies=1)
    line = sent(app.db)
    client = create_app(app).test_client()
    for address in ("203.0.113.7", "203.0.113.8"):
        answer = client.get(path(app, line, 1), headers={"X-Forwarded-For": address})
        assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert len({hit.agent for hit in hits(app)}) == 2, "the reader's network counts, not the proxy's"


def test_a_mailing_that_comes_later_is_found(sqlite_app: App, line: Sent, client: FlaskClient) -> None:
    url = path(sqlite_app, line, 1, mailing_id=9)
    assert client.get(url).status_code == 404
    mailing_row(sqlite_app.db, line.newsletter_id, line.issue_id, id=9)
    assert client.get(url).status_code == 302


def test_the_picture_of_a_mail_is_one_pixel_and_is_noted(sqlite_app: App, line: Sent, client: FlaskClient) -> None:
    token = open_token(sqlite_app.keys, mailing_id=line.mailing_id, subscriber_id=line.readers[0])
    answer = client.get(f"/o/{token}")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "image/gif", "no-store")
    assert Image.open(BytesIO(answer.data)).size == (1, 1)
    assert "Set-Cookie" not in answer.headers
    assert client.head(f"/o/{token}").data == b""
    assert client.get(f"/o/{token[:-1]}").status_code == 404
    assert [(hit.is_open, hit.is_head, hit.subscriber_id) for hit in hits(sqlite_app)] == [
        (True, False, line.readers[0]),
        (True, True, line.readers[0]),
    ]


def test_links_in_mail_that_left_go_on_when_clicks_are_no_longer_counted(
    sqlite_app: App, line: Sent, client: FlaskClient
) -> None:
    with sqlite_app.db.write() as session:
        session.execute(update(Newsletter).values(clicks="off"))
    assert client.get(path(sqlite_app, line, 1)).status_code == 302


def test_the_same_program_in_the_same_network_is_one_agent_and_nobody_elses(
    sqlite_app: App, line: Sent, client: FlaskClient
) -> None:
    def seen(program: str, address: str) -> None:
        client.get(path(sqlite_app, line, 1), headers={"User-Agent": program}, environ_base={"REMOTE_ADDR": address})

    seen("Mail 1.0", "203.0.113.7")
    seen("Mail 1.0", "203.0.113.7")
    seen("Mail 2.0", "203.0.113.7")
    seen("Mail 1.0", "203.0.113.8")
    seen("\xff", "2001:db8::1")
    seen("\xff", "2001:db8::2")
    first, same, *others, six, six_too = [hit.agent for hit in hits(sqlite_app)]
    assert first == same
    assert six == six_too, "a household has a whole /64"
    assert len({first, *others, six}) == 4
    (name,) = spool.names(sqlite_app.spool_dir)
    assert b"203.0.113" not in (sqlite_app.spool_dir / name).read_bytes()


def test_a_full_disk_keeps_nobody_from_the_target_and_is_said_once_a_minute(
    sqlite_app: App, line: Sent, client: FlaskClient, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    url = path(sqlite_app, line, 1)
    with monkeypatch.context() as disk, capture_logs() as said:
        disk.setattr(os, "write", full)
        for _ in range(5):
            assert client.get(url).headers["Location"] == "https://site.example/1"
        clock.advance(timedelta(minutes=1))
        assert client.get(url).status_code == 302
    assert [each["event"] for each in said] == ["clicks are lost", "clicks are lost"]
    assert url.removeprefix("/l/") not in str(said)
    client.get(url)
    assert len(hits(sqlite_app)) == 1


def test_a_spool_that_cannot_be_made_keeps_nobody_from_the_target(
    sqlite_app: App, line: Sent, client: FlaskClient
) -> None:
    sqlite_app.spool_dir.write_text("in the way")
    with capture_logs():
        assert client.get(path(sqlite_app, line, 1)).status_code == 302


def test_a_token_stands_in_no_answer(sqlite_app: App, line: Sent, client: FlaskClient) -> None:
    for url in (path(sqlite_app, line, 1), path(sqlite_app, line, 8)):
        answer = client.get(url)
        assert url.removeprefix("/l/") not in answer.text + str(answer.headers)
