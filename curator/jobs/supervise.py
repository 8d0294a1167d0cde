"""The supervisor of `curator run`: one lock, one migration, then two children that are kept alive."""

import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import structlog

from curator import schema
from curator.db import Database
from curator.errors import AlreadyRunningError, SettingError
from curator.http import ports
from curator.jobs.restarts import next_wait
from curator.settings import Settings

_log = structlog.get_logger()

# A little more than the runner's own 18 s and what its exit takes.
_GRACE_S = 22.0
# Children of a supervisor that was just killed need a moment to let the port go.
_PORT_PATIENCE_S = 3.0
_PR_SET_PDEATHSIG = 1
_OWN = {"CURATOR_DATA_DIR": "a data folder", "CURATOR_DATABASE_URL": "a database"}


def web_command(settings: Settings, *, target: str = "wsgi:application") -> list[str]:
    """Returns the command line of the web process: granian, one worker, eight threads."""
    options = {
        "--interface": "wsgi",
        "--host": settings.bind_host,
        "--port": str(settings.bind_port),
        "--workers": "1",
        "--blocking-threads": "8",
        "--backpressure": "128",
        "--workers-kill-timeout": "10",
        "--log-level": "error",
    }
    words = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "granian", *words, "--no-ws", target]


def run(settings: Settings, *, commands: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> int:
    """Migrates, then runs each command and keeps it alive until SIGTERM or SIGINT; returns the exit status.

    Of an SQLite database that is migrated a copy is kept, see `schema.copied`.

    A child that ends is started again, later each time; the signal is handed on and the children are waited for.
    Killed itself, it takes the children along (on Linux). Raises AlreadyRunningError when another supervisor works on
    this data folder or SQLite file, and SettingError when the port is taken. Must be called from the main thread.
    """
    with only_one(settings):
        _require_port(settings)
        database = Database(settings.database_url)
        if schema.is_behind(database):
            schema.copied(database)
        schema.upgrade(database)
        database.close()
        with _waker() as wait:
            return _Family(commands, environ).live(wait)


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Holds the data folder's lock and a SQLite file's own for the block; the system lets them go however it ends."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    database.close()
    with ExitStack() as held:
        held.enter_context(_held(settings.data_dir / "curator.lock", database, setting="CURATOR_DATA_DIR"))
        if database.is_sqlite:
            # Another data folder may name the same file; its real path is one however it is named.
            file = Path(database.url.database or "").resolve()
            held.enter_context(_held(file.with_name(f"{file.name}.lock"), database, setting="CURATOR_DATABASE_URL"))
        yield


@contextmanager
def _held(path: Path, database: Database, *, setting: str) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 20).decode()
            who = f"process {holder}" if holder.isdigit() else "another process"
            raise AlreadyRunningError(
                f"Curator already runs on {database.shown} ({who} holds {path}). "
                f"Stop it first, or give this one {_OWN[setting]} of its own with {setting}."
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


class _Child:
    """One command: its process while it lives, and when it is started (again)."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = list(command)
        self.process: subprocess.Popen[bytes] | None = None
        self.due_at = 0.0
        self.started_at = 0.0
        self.wait_s = 0.0

    def start(self, environ: Mapping[str, str], *, now: float) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, and what the child leaves behind can be found.
        self.process = subprocess.Popen(  # noqa: S603 - the command lines are Curator's own
            self.command,
            env=dict(environ),
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - the supervisor has no threads
        )
        self.started_at = now
        _log.info("child started", child=self.name, process=self.process.pid)

    def reap(self, *, now: float) -> None:
        """Notices the child's end, ends what it left behind, and says when it starts again."""
        if self.process is None or (status := self.process.poll()) is None:
            return
        _end_group(self.process.pid)
        self.wait_s = next_wait(self.wait_s, lived_s=now - self.started_at)
        self.due_at = now + self.wait_s
        self.process = None
        _log.warning("child ended", child=self.name, status=status, restart_in_s=self.wait_s)


class _Family:
    """The children and the signal that ends their life."""

    def __init__(self, commands: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> None:
        self._children = [_Child(name, command) for name, command in commands.items()]
        self._environ = environ
        self._signal: int | None = None

    def live(self, wait: Callable[[float | None], None]) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)
        try:
            while self._signal is None:
                wait(self._look())
            self._end(self._signal, wait)
        finally:
            for child in self._children:
                if child.process is not None:
                    _end_group(child.process.pid)
        return 0

    def _look(self) -> float | None:
        """Reaps and starts children; returns after how many seconds the next one is due, None when all live."""
        now = time.monotonic()
        for child in self._children:
            child.reap(now=now)
            if child.process is None and child.due_at <= now:
                child.start(self._environ, now=now)
        waits = [child.due_at - now for child in self._children if child.process is None]
        return max(0.0, min(waits)) if waits else None

    def _end(self, number: int, wait: Callable[[float | None], None]) -> None:
        _log.info("stopping", signal=signal.Signals(number).name)
        for process in self._living():
            process.send_signal(number)
        deadline = time.monotonic() + _GRACE_S
        while self._living() and (left := deadline - time.monotonic()) > 0:
            wait(left)

    def _living(self) -> list[subprocess.Popen[bytes]]:
        return [each.process for each in self._children if each.process is not None and each.process.poll() is None]

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number


@contextmanager
def _waker() -> Iterator[Callable[[float | None], None]]:
    """Yields a function that waits for any signal (a child's end is one) or so many seconds.

    Signals write into a pipe, so one that comes between a look and the wait is not slept through.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def wait(seconds: float | None) -> None:
        if select.select([reading], [], [], seconds)[0]:
            os.read(reading, 4096)

    try:
        yield wait
    finally:
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)


def _die_with(parent: int) -> Callable[[], None] | None:
    """Returns what a child does before it runs: on Linux, ask for SIGTERM at its parent's death; elsewhere nothing."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _end_group(leader: int) -> None:
    """Kills what is left of a child's process group: granian's worker outlives a killed granian and keeps the port."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _require_port(settings: Settings) -> None:
    deadline = time.monotonic() + _PORT_PATIENCE_S
    while (why := ports.refusal(settings.bind_host, settings.bind_port)) is not None:
        if time.monotonic() >= deadline:
            place = f"{settings.bind_host}:{settings.bind_port}"
            raise SettingError(
                "CURATOR_BIND", f"is {place}, but {why}. Stop that program or choose another address or port."
            )
        time.sleep(0.1)
