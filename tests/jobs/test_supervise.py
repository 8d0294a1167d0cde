"""The supervisor, with real and small children: lock, restarts, signals, and nobody left behind."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from curator import schema
from curator.db import Database
from curator.errors import AlreadyRunningError, SettingError
from curator.http import ports
from curator.jobs import supervise
from curator.jobs.restarts import next_wait
from curator.settings import Settings

# A child tells its name and process, then what ends it. It waits as real ones do: for a signal.
_CHILD = """
import os, signal, sys
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
def end(number, frame):
    say(sys.argv[1], "ended by", signal.Signals(number).name)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGINT, end)
if len(sys.argv) > 2 and os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say("grandchild", os.getpid())
    while True:
        signal.pause()
say(sys.argv[1], os.getpid())
while True:
    signal.pause()
"""
_SUPERVISOR = """
import json, sys
from pathlib import Path
from curator.jobs import supervise
from curator.settings import Settings
folder, port, commands = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
settings = Settings(
    data_dir=folder, database_url=f"sqlite:///{folder / 'curator.sqlite3'}", secret_key="x" * 40, bind_port=port
)
sys.exit(supervise.run(settings, commands=commands, environ={"PATH": "/usr/bin:/bin"}))
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Supervisor:
    """A supervisor in a process of its own, whose lines and whose children's lines are read as they come."""

    def __init__(self, folder: Path, port: int, children: Mapping[str, list[str]]) -> None:
        commands = {name: [sys.executable, "-c", _CHILD, name, *more] for name, more in children.items()}
        arguments = [str(folder), str(port), json.dumps(commands)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SUPERVISOR, *arguments], stdout=subprocess.PIPE, text=True
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def told(self, *names: str) -> dict[str, int]:
        """Waits until each of the names has told its process; the supervisor's own log lines are passed over."""
        found: dict[str, int] = {}
        while set(found) < set(names):
            words = self._line().split()
            assert words, "the supervisor ended"
            if words[0] in names and words[1].isdigit():
                found[words[0]] = int(words[1])
        return found

    def rest(self) -> str:
        """Waits until nobody holds the pipe: supervisor, children and their children are gone."""
        lines = []
        while line := self._line():
            lines.append(line)
        return "".join(lines)

    def close(self) -> None:
        """Ends it in good order, whatever the test did to it."""
        self.process.terminate()
        self.process.wait(30)
        self._reader.join(30)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _line(self) -> str:
        return self._lines.get(timeout=30)


@contextmanager
def _supervisor(folder: Path, port: int, **children: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(folder, port, children)
    try:
        yield supervisor
    finally:
        supervisor.close()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_handed_on_and_the_children_are_waited_for(tmp_path: Path, port: int, number: int) -> None:
    with _supervisor(tmp_path, port, web=[], runner=[]) as supervisor:
        supervisor.told("web", "runner")
        supervisor.process.send_signal(number)
        rest = supervisor.rest()
        assert supervisor.process.wait(30) == 0
    name = signal.Signals(number).name
    assert f"web ended by {name}" in rest
    assert f"runner ended by {name}" in rest


@pytest.mark.slow
def test_the_database_is_migrated_before_a_child_starts(tmp_path: Path, port: int) -> None:
    with _supervisor(tmp_path, port, web=[]) as supervisor:
        supervisor.told("web")
        database = Database(f"sqlite:///{tmp_path / 'curator.sqlite3'}")
        assert schema.current(database) == schema.newest()
        database.close()


@pytest.mark.slow
def test_a_killed_child_is_started_again_and_what_it_left_behind_is_ended(tmp_path: Path, port: int) -> None:
    # Both grandchildren are deaf to SIGTERM and hold the pipe, as granian's worker holds the port.
    with _supervisor(tmp_path, port, web=["with a child"], runner=[]) as supervisor:
        first = supervisor.told("web", "runner", "grandchild")
        os.kill(first["web"], signal.SIGKILL)
        second = supervisor.told("web", "grandchild")
        assert second["web"] != first["web"]
        supervisor.process.terminate()
        supervisor.rest()
        assert supervisor.process.wait(30) == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="this machine lacks Linux's parent-death signal")
def test_a_killed_supervisor_takes_its_children_along(tmp_path: Path, port: int) -> None:
    with _supervisor(tmp_path, port, web=[], runner=[]) as supervisor:
        supervisor.told("web", "runner")
        supervisor.process.kill()
        rest = supervisor.rest()
    assert "web ended by SIGTERM" in rest
    assert "runner ended by SIGTERM" in rest


@pytest.mark.slow
def test_a_second_supervisor_on_one_data_folder_is_refused_in_words(tmp_path: Path, port: int) -> None:
    settings = _settings(tmp_path, port)
    with _supervisor(tmp_path, port, web=[]) as supervisor:
        supervisor.told("web")
        with pytest.raises(AlreadyRunningError) as caught:
            supervise.run(settings, commands={}, environ={})
        assert f"sqlite:///{tmp_path / 'curator.sqlite3'} (process {supervisor.process.pid} holds" in str(caught.value)
        supervisor.process.kill()
        supervisor.rest()
    with supervise.only_one(settings):
        pass


def test_a_second_supervisor_on_one_sqlite_file_is_refused_from_another_data_folder(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'news.sqlite3'}"
    first, second = (
        Settings(data_dir=tmp_path / name, database_url=url, secret_key="x" * 40) for name in ("one", "two")
    )
    with supervise.only_one(first), pytest.raises(AlreadyRunningError) as caught, supervise.only_one(second):
        pass
    assert f"(process {os.getpid()} holds {tmp_path / 'news.sqlite3.lock'})" in str(caught.value)
    assert "CURATOR_DATABASE_URL" in str(caught.value)


def test_the_refusal_does_not_tell_the_databases_password(tmp_path: Path, port: int) -> None:
    settings = Settings(
        data_dir=tmp_path, database_url="postgresql://curator:sesame@db.example.org/news", secret_key="x" * 40
    )
    with supervise.only_one(settings), pytest.raises(AlreadyRunningError) as caught, supervise.only_one(settings):
        pass
    assert "sesame" not in str(caught.value)
    assert "db.example.org/news" in str(caught.value)


def test_a_taken_port_is_one_clear_line_and_no_child_is_started(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "_PORT_PATIENCE_S", 0.0)
    with socket.socket() as other:
        # As granian listens: with a port that others may share.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(SettingError) as caught:
            supervise.run(_settings(tmp_path, port), commands={"web": ["/nonexistent"]}, environ={})
    assert str(caught.value) == (
        f"CURATOR_BIND is 127.0.0.1:{port}, but another program is using it. "
        "Stop that program or choose another address or port."
    )


def test_a_free_port_may_be_listened_on_and_an_address_of_elsewhere_may_not(port: int) -> None:
    assert ports.refusal("127.0.0.1", port) is None
    assert ports.refusal("192.0.2.1", port) is not None


def test_a_child_rests_longer_after_each_short_life_and_starts_anew_after_a_long_one() -> None:
    waits = [0.0]
    for _ in range(8):
        waits.append(next_wait(waits[-1], lived_s=1))
    assert waits[1:] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert next_wait(30, lived_s=60) == 0.5


def test_the_web_process_is_granian_on_the_bound_address(tmp_path: Path) -> None:
    command = supervise.web_command(_settings(tmp_path, 8123), target="curator.demo.wsgi:application")
    assert command[:3] == [sys.executable, "-m", "granian"]
    assert command[-1] == "curator.demo.wsgi:application"
    assert " ".join(command).count("--host 127.0.0.1 --port 8123 --workers 1") == 1


def _settings(folder: Path, port: int) -> Settings:
    url = f"sqlite:///{folder / 'curator.sqlite3'}"
    return Settings(data_dir=folder, database_url=url, secret_key="x" * 40, bind_port=port)
