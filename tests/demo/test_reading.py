"""The readers read real mails over real HTTP: once an issue, told as it goes, and nowhere but here."""

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from curator.demo.maildir import Maildir
from curator.demo.reading import Reading, _held
from curator.demo.reading_told import Stage, Told, keep_told, told_before

READERS = 60
LINKS = 8


class Site:
    """A site that leads every tracked link on and lets everybody leave; it writes down who asked for what."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, str]] = []
        self.broken = False
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.note(self, "")
                self.answer(500 if site.broken else 302 if self.path.startswith("/l/") else 200)

            def do_POST(self) -> None:
                site.note(self, self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.answer(200)

            def answer(self, status: int) -> None:
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://example.org/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def note(self, request: BaseHTTPRequestHandler, body: str) -> None:
        self.asked.append((request.command, request.path, request.headers["User-Agent"], body))


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    serving = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield site
    site.server.shutdown()
    serving.join()
    site.server.server_close()


def put(folder: Path, site: Site, *, mailing: int = 1, readers: int = READERS, links: int = LINKS) -> None:
    maildir = Maildir(folder)
    for reader in range(1, readers + 1):
        tracked = "".join(f'<a href="{site.url}/l/{reader}-{number}">Item {number}</a>' for number in range(links))
        trap = f'<div style="display:none"><a href="{site.url}/l/{reader}-trap"></a></div>' if links else ""
        own = f'<a href="{site.url}/u/{reader}">Leave</a><a href="http://example.org/">Elsewhere</a>'
        head = (
            f"Message-ID: <m{mailing}.s{reader}.abc@example.test>\r\nSubject: Issue\r\n"
            f"List-Unsubscribe: <{site.url}/u/{reader}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
            "Content-Type: text/html\r\n\r\n"
        )
        mail = (head + trap + tracked + own).encode()
        maildir.put(mail, sender="letter@example.test", recipient=f"{reader}@example.test")


def test_readers_click_a_scanner_takes_everything_and_one_reader_leaves(tmp_path: Path, site: Site) -> None:
    put(tmp_path, site)
    told = Reading(tmp_path, public_url=site.url).read()
    assert told.stage is Stage.DONE
    gateway = [path for _, path, agent, _ in site.asked if agent.startswith("MailGateway")]
    people = [path for method, path, agent, _ in site.asked if method == "GET" and "reader" in agent]
    assert told.scanner_hits == LINKS + 1
    assert len([path for path in gateway if path.startswith("/l/")]) == LINKS + 1
    assert any(path.endswith("-trap") for path in gateway)
    assert any(path.startswith("/u/") for path in gateway), "it looks at the way out too, and nobody leaves by that"
    assert not any(path.endswith("-trap") for path in people), "people do not click what they cannot see"
    assert told.clicks == len(people) == told.planned
    assert told.clickers == len({path.partition("-")[0] for path in people})
    posts = [(path, body) for method, path, _, body in site.asked if method == "POST"]
    assert len(posts) == told.unsubscribed == 1
    assert posts[0][1] == "List-Unsubscribe=One-Click"
    assert told.words == (
        f"{told.clickers} readers clicked {told.clicks} links, one scanner hit {LINKS + 1}, one reader left."
    )


def test_each_reader_has_a_browser_of_their_own(tmp_path: Path, site: Site) -> None:
    put(tmp_path, site)
    Reading(tmp_path, public_url=site.url).read()
    agents = {path.partition("-")[0]: agent for _, path, agent, _ in site.asked if "reader" in agent}
    assert len(set(agents.values())) == len(agents)


def test_an_issue_is_read_once_however_often_the_button_is_pressed(tmp_path: Path, site: Site) -> None:
    put(tmp_path, site)
    first = Reading(tmp_path, public_url=site.url).read()
    asked = len(site.asked)
    assert Reading(tmp_path, public_url=site.url).read() == first
    assert len(site.asked) == asked
    put(tmp_path, site, mailing=2)
    assert Reading(tmp_path, public_url=site.url).read().mailing_id == 2
    assert len(site.asked) > asked


def test_two_presses_at_once_are_one(tmp_path: Path, site: Site) -> None:
    put(tmp_path, site)
    with _held(tmp_path) as is_ours:
        assert is_ours
        assert Reading(tmp_path, public_url=site.url).read().stage is Stage.NOT_YET
    assert site.asked == []


def test_the_newest_issue_of_readers_is_read_and_a_test_to_the_desk_is_none(tmp_path: Path, site: Site) -> None:
    put(tmp_path, site, mailing=1)
    put(tmp_path, site, mailing=2, readers=3)
    reading = Reading(tmp_path, public_url=site.url)
    assert reading.newest() == 1
    assert reading.read().mailing_id == 1


def test_an_empty_outbox_has_no_readers(tmp_path: Path, site: Site) -> None:
    reading = Reading(tmp_path / "none", public_url=site.url)
    assert reading.newest() is None
    assert reading.told() == reading.read() == Told()


def test_an_issue_whose_clicks_are_not_counted_says_so(tmp_path: Path, site: Site) -> None:
    put(tmp_path, site, links=0)
    told = Reading(tmp_path, public_url=site.url).read()
    assert told.stage is Stage.FAILED
    assert "counts no clicks" in told.words
    assert site.asked == []


def test_links_that_lead_nowhere_are_not_told_as_clicks(tmp_path: Path, site: Site) -> None:
    put(tmp_path, site)
    site.broken = True
    told = Reading(tmp_path, public_url=site.url).read()
    assert (told.clicks, told.clickers, told.scanner_hits) == (0, 0, 0)
    assert told.words.startswith("No readers clicked no links")


def test_a_web_that_is_gone_is_told_and_the_next_press_begins_anew(tmp_path: Path, site: Site) -> None:
    put(tmp_path, site)
    gone = Site()
    gone.server.server_close()
    put(tmp_path / "gone", gone)
    told = Reading(tmp_path / "gone", public_url=gone.url).read()
    assert (told.stage, told.words) == (Stage.FAILED, "The demo's own web does not answer.")
    keep_told(tmp_path, told)
    assert Reading(tmp_path, public_url=site.url).read().stage is Stage.DONE


def test_readers_whose_process_ended_are_told_as_stopped(tmp_path: Path, site: Site) -> None:
    keep_told(tmp_path, Told(mailing_id=1, stage=Stage.READING, planned=9, clicks=4))
    reading = Reading(tmp_path, public_url=site.url)
    assert reading.told().stage is Stage.FAILED
    assert "stopped halfway" in reading.told().words
    with _held(tmp_path):
        assert reading.told().words == "The readers read: 4 of 9 links are followed."


def test_what_is_told_outlives_the_process(tmp_path: Path) -> None:
    told = Told(mailing_id=3, stage=Stage.DONE, clickers=1, clicks=1, scanner_hits=31, unsubscribed=0)
    keep_told(tmp_path, told)
    assert told_before(tmp_path) == told
    assert told.words == "One reader clicked one link, one scanner hit 31, nobody left."


def test_several_links_of_one_mail_are_opened_by_one_browser(tmp_path: Path, site: Site) -> None:
    put(tmp_path, site)
    Reading(tmp_path, public_url=site.url).read()
    each = Counter(agent for _, _, agent, _ in site.asked if "reader" in agent)
    assert set(each.values()) == {1, 2, 3}
