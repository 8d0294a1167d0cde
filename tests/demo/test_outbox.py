"""The outbox shows every mail as text, HTML, headers and source, and lets nothing out of it."""

from collections.abc import Iterator
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from curator.app import build
from curator.db import Database
from curator.demo.feedserver import FeedServer
from curator.demo.heads import Heads, Wanted
from curator.demo.maildir import Maildir
from curator.demo.outbox import VIEWS, blueprint
from curator.demo.reading import _held
from curator.demo.reading_told import Stage, Told, keep_told, told_before
from curator.settings import Settings
from curator.web import create_app

HTML = """<html><head></head><body><p>Hello <script>alert("boo")</script></p>
<a href="http://127.0.0.1:9/l/abc">A story</a><div style="display:none"><a href="http://127.0.0.1:9/l/trap"></a></div>
</body></html>"""


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


def put(
    tmp_path: Path,
    *,
    count: int = 1,
    name: str = "Zofia Łukasik",
    message_id: str = "<m1.s2.abc@example.test>",
    html: str = HTML,
) -> list[str]:
    maildir = Maildir(tmp_path / "outbox")
    keys = []
    for number in range(count):
        mail = EmailMessage()
        mail["To"] = f"{name} <zofia@example.test>"
        mail["Subject"] = f"Issue {number}"
        mail["Message-ID"] = message_id
        mail["List-Unsubscribe"] = "<http://127.0.0.1:8000/u/token>"
        mail.set_content("Words <b>not bold</b>")
        mail.add_alternative(html, subtype="html")
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


def test_a_mail_shows_every_view_and_the_readers_own_way_out(client: FlaskClient, tmp_path: Path) -> None:
    [key] = put(tmp_path)
    pages = {view: client.get(f"/outbox/{key}?view={view}").text for view in VIEWS}
    for page in pages.values():
        assert "Zofia Łukasik" in page
        assert 'href="http://127.0.0.1:8000/u/token"' in page
        assert "<script" not in page
        assert 'aria-current="page">Outbox' in page
    assert "<iframe sandbox " in pages["html"]
    assert f'src="/outbox/{key}/html' in pages["html"]
    assert "Words &lt;b&gt;not bold&lt;/b&gt;" in pages["text"]
    assert "Delivered-To" in pages["headers"]
    assert "multipart/alternative" in pages["source"]
    assert 'href="http://127.0.0.1:9/l/abc"' in pages["links"]
    assert "that no reader sees" in pages["links"]


def test_three_switches_keep_each_others_choice(client: FlaskClient, tmp_path: Path) -> None:
    [key] = put(tmp_path)
    page = unescape(client.get(f"/outbox/{key}?width=375&scheme=dark&images=off").text)
    assert 'class="frame w375 dark"' in page
    assert f'src="/outbox/{key}/html?scheme=dark&images=off"' in page
    assert f'href="/outbox/{key}?width=600&scheme=dark&images=off"' in page
    assert f'href="/outbox/{key}?width=375&scheme=light&images=off"' in page
    assert f'href="/outbox/{key}?width=375&scheme=dark&images=on"' in page


def test_pictures_stand_in_the_page_itself_or_leave_their_words(
    client: FlaskClient, tmp_path: Path, feed_server: FeedServer
) -> None:
    [key] = put(tmp_path, html=f'<img src="{feed_server.base_url}/images/held-out.png" alt="A cover">')
    shown, bare = client.get(f"/outbox/{key}/html").text, client.get(f"/outbox/{key}/html?images=off").text
    assert 'src="data:image/png;base64,' in shown
    assert "<img" not in bare
    assert ">A cover</span>" in bare
    assert feed_server.base_url not in shown + bare


def test_a_picture_elsewhere_is_never_asked_for(client: FlaskClient, tmp_path: Path) -> None:
    [key] = put(tmp_path, html='<img src="https://example.org/pixel.gif" alt="A pixel">')
    assert ">A pixel</span>" in client.get(f"/outbox/{key}/html").text


def test_mails_are_found_by_reader_subject_and_kind(client: FlaskClient, tmp_path: Path) -> None:
    put(tmp_path, count=3)
    put(tmp_path, name="Aoi", message_id="<l1.abc@example.test>")
    assert "4 mails" in client.get("/outbox").text
    assert "3 mails found" in client.get("/outbox?q=łukasik").text
    assert "1 mail found" in client.get("/outbox?q=zofia@+issue+2").text
    assert "1 mail found" in client.get("/outbox?kind=letter").text
    assert "3 mails found" in client.get("/outbox?kind=issue").text
    none = client.get("/outbox?q=<nobody>&kind=letter").text
    assert "No mail fits" in none
    assert "&lt;nobody&gt;" in none


def test_a_list_of_five_thousand_reads_only_a_pages_heads(client: FlaskClient, tmp_path: Path) -> None:
    [key] = put(tmp_path)
    content = (tmp_path / "outbox" / "new" / key).read_bytes()
    for number in range(2, 5001):
        (tmp_path / "outbox" / "new" / f"{number:09}.curator").write_bytes(content)
    read: list[str] = []
    heads = Heads(Counted(tmp_path / "outbox", read))
    assert len(heads.found(Wanted())) == 5000
    assert read == []
    assert len(heads.found(Wanted("zofia"))) == len(heads.found(Wanted("nobody"))) + 5000
    assert len(read) == 5000, "each head is read once, however often is searched"
    assert "page 1 of 100" in client.get("/outbox").text


class Counted(Maildir):
    """A folder of mails that tells which heads were read."""

    def __init__(self, folder: Path, read: list[str]) -> None:
        super().__init__(folder)
        self._read = read

    def read_head(self, key: str) -> bytes:
        self._read.append(key)
        return super().read_head(key)


def test_the_html_runs_nothing_and_loads_nothing_from_elsewhere(client: FlaskClient, tmp_path: Path) -> None:
    [key] = put(tmp_path)
    response = client.get(f"/outbox/{key}/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert HTML[:12] in response.text


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


def test_the_button_appears_with_an_issues_mails_and_needs_its_forms_token(client: FlaskClient, tmp_path: Path) -> None:
    assert "Let readers read" not in client.get("/outbox").text
    put(tmp_path, count=10)
    page = client.get("/outbox").text
    assert "Let readers read" in page
    assert client.post("/outbox/read").status_code == 400
    assert told_before(tmp_path / "outbox").stage is Stage.NOT_YET


def test_what_the_readers_do_is_told_and_the_page_asks_again_while_they_do(client: FlaskClient, tmp_path: Path) -> None:
    put(tmp_path, count=10)
    folder = tmp_path / "outbox"
    keep_told(folder, Told(mailing_id=1, stage=Stage.READING, planned=8, clicks=3))
    with _held(folder):
        page = client.get("/outbox").text
    assert "watch.js" in page
    assert "Look again" in page
    assert "3 of 8 links are followed" in page
    assert "Let readers read" not in page
    keep_told(folder, Told(mailing_id=1, stage=Stage.DONE, clicks=8, clickers=5, scanner_hits=9, unsubscribed=1))
    page = client.get("/outbox").text
    assert "5 readers clicked 8 links, one scanner hit 9, one reader left." in page
    assert "watch.js" not in page
    assert "Let readers read" not in page


def test_a_newer_issue_may_be_read_anew(client: FlaskClient, tmp_path: Path) -> None:
    put(tmp_path, count=10)
    keep_told(tmp_path / "outbox", Told(mailing_id=1, stage=Stage.DONE))
    put(tmp_path, count=10, message_id="<m2.s2.abc@example.test>")
    assert "Let readers read" in client.get("/outbox").text
