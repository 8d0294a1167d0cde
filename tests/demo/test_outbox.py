"""The outbox shows every mail as text, HTML, headers and source, and lets nothing out of it."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from curator.app import build
from curator.db import Database
from curator.demo.maildir import Maildir
from curator.demo.outbox import blueprint
from curator.settings import Settings
from curator.web import create_app

SCRIPT = '<html><head></head><body><p>Hello <script>alert("boo")</script></p></body></html>'


@pytest.fixture
def client(sqlite_database: Database, tmp_path: Path) -> Iterator[FlaskClient]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=sqlite_database.url.render_as_string(hide_password=False),
        secret_key="x" * 40,
        is_demo=True,
    )
    app = build(settings)
    yield create_app(app, extra_blueprints=[blueprint(tmp_path / "outbox")]).test_client()
    app.db.close()


def put(tmp_path: Path, *, count: int = 1, name: str = "Zofia Łukasik") -> list[str]:
    maildir = Maildir(tmp_path / "outbox")
    keys = []
    for number in range(count):
        mail = EmailMessage()
        mail["To"] = f"{name} <zofia@example.test>"
        mail["Subject"] = f"Issue {number}"
        mail["List-Unsubscribe"] = "<http://127.0.0.1:8000/u/token>"
        mail.set_content("Words <b>not bold</b>")
        mail.add_alternative(SCRIPT, subtype="html")
        keys.append(maildir.put(mail.as_bytes(), sender="letter@example.test", recipient="zofia@example.test"))
    return keys


def test_an_empty_outbox_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/outbox")
    assert page.status_code == 200
    assert "Nothing was sent yet" in page.text
    assert "no mail leaves this machine" in page.text


def test_mails_are_listed_newest_first_and_paged(client: FlaskClient, tmp_path: Path) -> None:
    put(tmp_path, count=52)
    first, second = client.get("/outbox").text, client.get("/outbox?page=2").text
    assert "52 mails" in first
    assert first.index("Issue 51<") < first.index("Issue 50<")
    assert "Issue 1<" in second
    assert "Issue 51<" not in second
    assert client.get("/outbox?page=nonsense").status_code == 200


def test_a_mail_shows_its_parts_and_the_readers_own_way_out(client: FlaskClient, tmp_path: Path) -> None:
    [key] = put(tmp_path)
    page = client.get(f"/outbox/{key}").text
    assert "Zofia Łukasik" in page
    assert "Words &lt;b&gt;not bold&lt;/b&gt;" in page
    assert 'href="http://127.0.0.1:8000/u/token"' in page
    assert "Delivered-To" in page
    assert f'src="/outbox/{key}/html' in page
    assert "<script" not in page
    assert "<iframe sandbox " in page


def test_the_html_runs_nothing_and_loads_nothing_from_elsewhere(client: FlaskClient, tmp_path: Path) -> None:
    [key] = put(tmp_path)
    response = client.get(f"/outbox/{key}/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert SCRIPT[:12] in response.text


def test_the_source_is_plain_text(client: FlaskClient, tmp_path: Path) -> None:
    [key] = put(tmp_path)
    response = client.get(f"/outbox/{key}/source")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.data.startswith(b"Return-Path: <letter@example.test>\r\n")


@pytest.mark.parametrize("path", ["/outbox/000000009.curator", "/outbox/..%2Fsecret.key/source", "/outbox/x/html"])
def test_a_mail_that_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_hostile_mail_cannot_break_the_list(client: FlaskClient, tmp_path: Path) -> None:
    maildir = Maildir(tmp_path / "outbox")
    for content in (b"", b"\xff\x00\xfe", b"Subject: <script>x</script>\nTo: <<>>,;:\nDate: never\n\n"):
        key = maildir.put(content, sender="", recipient="a@example.test")
        assert client.get(f"/outbox/{key}").status_code == 200
    page = client.get("/outbox")
    assert page.status_code == 200
    assert "<script" not in page.text
