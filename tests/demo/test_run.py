"""`curator demo` as its user meets it: one command, a link, an issue to send, mails in the outbox, and Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from curator.demo import run as demo_run
from curator.demo.readers import SCRIPTED
from curator.demo.run import demo_environ
from curator.demo.state import DemoState, keep_state, known_state
from curator.errors import InvalidError
from tests.demo.browser import Browser

LIMIT_S = 240.0


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """A demo that runs in a process of its own, and where it says that everything is."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.places: dict[str, str] = {}
        assert process.stdout is not None
        for line in process.stdout:
            name, _, url = line.strip().partition(":")
            self.places[name] = url.strip()
            if name == "Public":
                break

    def end(self, number: int = signal.SIGINT) -> int:
        """Ends it as a terminal does and waits."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def demo(data_dir: Path, port: int, *options: str) -> Iterator[Demo]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CURATOR_")}  # noqa: TID251 - a child needs one
    command = [sys.executable, "-m", "curator.cli", "demo", "--port", str(port), *options]
    process = subprocess.Popen(
        command,
        env=environ | {"CURATOR_DATA_DIR": str(data_dir), "CURATOR_SMTP_URL": "smtp://mail.example.org:25"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    killer = threading.Timer(LIMIT_S, process.kill)
    killer.start()
    with process:
        try:
            yield Demo(process)
        finally:
            killer.cancel()
            process.terminate()


def refusal(data_dir: Path, port: int, *options: str) -> tuple[int, str]:
    """Runs a demo that will not start, and returns its exit status and what it says."""
    ended = subprocess.run(
        [sys.executable, "-m", "curator.cli", "demo", "--port", str(port), *options],
        env=dict(os.environ) | {"CURATOR_DATA_DIR": str(data_dir)},  # noqa: TID251 - a child needs one
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return ended.returncode, ended.stderr


def wait_for(holds: Callable[[], bool], *, tries: int = 1800) -> None:
    """Asks again and again, a tenth of a second apart: what other processes do cannot be told to hurry."""
    pause = threading.Event()
    for _ in range(tries):
        if holds():
            return
        pause.wait(0.1)
    raise AssertionError("it did not come to pass")


@pytest.mark.slow
def test_from_the_link_to_the_readers_mail(tmp_path: Path, port: int) -> None:
    with demo(tmp_path, port) as running:
        browser = Browser(port)
        browser.get(running.places["Desk"])
        home = browser.press("Sign in")
        assert "Mina Adeyemi" in home
        assert "no mail leaves this machine" in home
        assert "Your first issue" in home
        assert "1 of 6 steps done" in home
        browser.get("/desk/inbox")
        browser.press("Recommendations")
        assert "2 of 6 steps done" in browser.get("/desk")
        issue = re.findall(r'href="(/desk/issues/\d+)', home)[0]
        board = browser.get(issue)
        assert "The test set that leaked" in board
        browser.get(f"{issue}/send")
        assert "The word TK still stands" in browser.press("Approve revision")
        finish_words(browser, issue)
        browser.get(f"{issue}/send")
        browser.press("Approve revision")
        browser.get(f"{issue}/send-now")
        browser.press("Send to")
        # All but the suppressed one, the one who left, and the four that the sink refuses or puts off.
        arrived = f"{240 + len(SCRIPTED) - 2 - len(SCRIPTED)} mails"
        wait_for(lambda: arrived in browser.get("/outbox"))
        [first, *_] = re.findall(r'href="(/outbox/\d+\.curator)"', browser.page)
        mail = browser.get(first)
        assert "Open as this reader" in mail
        assert f"http://127.0.0.1:{port}/u/" in mail
        browser.get("/outbox")
        browser.press("Let readers read")
        wait_for(lambda: "The readers have read it" in browser.get("/outbox"))
        assert re.search(r"\d+ readers clicked \d+ links, one scanner hit \d+, one reader left\.", browser.page)
        # The runner takes clicks in every five seconds; with them the last of the six steps is done.
        wait_for(lambda: "Your first issue" not in browser.get("/desk"))
        assert running.end() == 0
    assert known_state(tmp_path / "demo") is not None


def finish_words(browser: Browser, issue: str) -> None:
    """Writes the blurbs that the demo leaves to its editor: one that is missing, one with a TK."""
    board = browser.get(issue)
    blocks = re.findall(r'<form method="post" action="([^"]+/blocks/\d+)"(.*?)</form>', board, re.DOTALL)
    for action, inside in blocks:
        blurb = re.search(r'name="blurb"[^>]*>(.*?)</textarea>', inside, re.DOTALL)
        if blurb is not None and (not blurb.group(1).strip() or "TK" in blurb.group(1)):
            [version] = re.findall(r'name="version" value="(\d+)"', inside)
            browser.get(issue)
            browser.send(action, {"version": version, "blurb": "Words of my own.", "do": "save"})


@pytest.mark.slow
def test_a_second_start_keeps_what_was_there_and_a_reset_forgets_it(tmp_path: Path, port: int) -> None:
    own = tmp_path / "curator.sqlite3"
    own.write_text("somebody's own installation")
    folder = tmp_path / "demo"
    with demo(tmp_path, port) as running:
        first = known_state(folder)
        code, words = refusal(tmp_path, port)
        assert (code, words.count("\n")) == (1, 1)
        assert "A demo runs in" in words
        code, words = refusal(tmp_path / "another", port)
        assert (code, words.count("\n")) == (1, 1)
        assert f"127.0.0.1:{port}" in words
        assert running.end(signal.SIGTERM) == 0
    with demo(tmp_path, port) as running:
        assert known_state(folder) == first
        assert running.places["Outbox"] == f"http://127.0.0.1:{port}/outbox"
        assert running.end() == 0
    with demo(tmp_path, port, "--reset") as running:
        assert known_state(folder) != first
        assert running.end() == 0
    assert own.read_text() == "somebody's own installation"


def test_a_folder_without_feeds_is_refused_before_anything_starts(tmp_path: Path, port: int) -> None:
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    with pytest.raises(InvalidError, match="holds no feed file"):
        demo_run.run(port=port, reset=False, feeds_dir=feeds, data_dir=tmp_path / "demo")
    assert known_state(tmp_path / "demo") is None


def test_a_demo_is_not_changed_to_other_feeds_behind_its_back(tmp_path: Path, port: int, now: datetime) -> None:
    state = DemoState(feed_port=1, started_at=now, feeds="", is_seeded=True)
    keep_state(tmp_path, state)
    with pytest.raises(InvalidError, match="was set up with feeds from its own samples; --reset starts anew"):
        demo_run.run(port=port, reset=False, feeds_dir=tmp_path, data_dir=tmp_path)
    assert known_state(tmp_path) == state


def test_the_feeds_port_of_an_older_demo_that_is_taken_is_named(tmp_path: Path, port: int, now: datetime) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        feed_port = taken.getsockname()[1]
        keep_state(tmp_path, DemoState(feed_port=feed_port, started_at=now, feeds="", is_seeded=True))
        with pytest.raises(InvalidError, match=f"Port {feed_port}, at which this demo's feeds are known, is taken"):
            demo_run.run(port=port, reset=False, feeds_dir=None, data_dir=tmp_path)


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_a_number_that_is_no_port_is_refused(tmp_path: Path, port: int) -> None:
    with pytest.raises(InvalidError, match="is no port"):
        demo_run.run(port=port, reset=False, feeds_dir=None, data_dir=tmp_path)


def test_the_callers_own_settings_do_not_reach_the_demo(tmp_path: Path) -> None:
    given = {"CURATOR_DATABASE_URL": "postgresql://prod", "CURATOR_SMTP_URL": "smtp://mail.example.org", "PATH": "/bin"}
    environ = demo_environ(given, data_dir=tmp_path, port=8000)
    assert "CURATOR_DATABASE_URL" not in environ
    assert "CURATOR_SMTP_URL" not in environ
    assert environ["PATH"] == "/bin"
    assert environ["CURATOR_DEMO"] == "yes"
