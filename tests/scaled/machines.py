"""Two machines in small: a folder each, with a clock and two workers, all on one database and one broker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

from curator.db import Database
from curator.demo.rehearsal import scene
from tests.events.providing import MAILGUN_KEY

SECRET = "many machines, one secret of theirs"
_ROOT = Path(__file__).parents[2]
_KINDS = ("clock", "worker", "worker")
_DRAIN_S = 60.0


class Process:
    """One `curator clock` or `curator worker` in a session of its own, with what it has forked."""

    def __init__(self, kind: str, environ: Mapping[str, str], log: Path) -> None:
        self.kind = kind
        self._environ = dict(environ)
        self._log = log
        self._process = self._spawn()

    def kill(self) -> None:
        """Ends it as the system does when memory is short, and starts it anew; its forks die of it."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = self._spawn()

    def kill_child(self, random: Random) -> bool:
        """Ends one forked process; False when there is none (yet)."""
        found = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if not found:
            return False
        os.kill(int(random.choice(found)), signal.SIGKILL)
        return True

    def ask_to_end(self) -> None:
        """Sends SIGTERM to the first process only, as a service manager that knows Celery does."""
        self._process.send_signal(signal.SIGTERM)

    def status(self) -> int:
        """Waits for the end and returns the exit status."""
        return self._process.wait(_DRAIN_S)

    def end(self) -> None:
        """Ends whatever is left."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self._process.wait()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "curator.cli", self.kind]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=_ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


class Machines:
    """All processes of both machines, and what befalls them."""

    def __init__(self, folder: Path, environ: Mapping[str, str], random: Random) -> None:
        self.folder = folder
        self.kills: dict[str, int] = {"clock": 0, "worker": 0, "worker's child": 0}
        self._random = random
        self.processes = [
            self._process(machine, number, kind, environ)
            for machine in ("a", "b")
            for number, kind in enumerate(_KINDS)
        ]

    def kill_one(self) -> None:
        """Kills (-9) a clock, a whole worker or one process of a worker, by the seed."""
        kind = self._random.choice(tuple(self.kills))
        victim = self._random.choice([each for each in self.processes if kind.startswith(each.kind)])
        if kind == victim.kind:
            victim.kill()
            self.kills[kind] += 1
        else:
            self.kills[kind] += victim.kill_child(self._random)

    def drain(self) -> list[int]:
        """Asks all processes to end and returns their exit statuses."""
        for process in self.processes:
            process.ask_to_end()
        return [process.status() for process in self.processes]

    def end(self) -> None:
        """Ends whatever is left of the processes."""
        for process in self.processes:
            process.end()

    def logs(self) -> Iterator[str]:
        """Yields what each process has said."""
        for path in sorted(self.folder.glob("*.log")):
            yield f"== {path.name}\n{path.read_text()[-6_000:]}"

    def _process(self, machine: str, number: int, kind: str, environ: Mapping[str, str]) -> Process:
        own = {**environ, "CURATOR_DATA_DIR": str(self.folder / machine)}
        return Process(kind, own, self.folder / f"{machine}-{kind}-{number}.log")


def until(is_so: Callable[[], bool], *, within_s: float, every_s: float = 0.05) -> bool:
    """Looks again and again whether something is so; False when it is not in time."""
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every_s)
    return True


def environ_of(db: Database, queue_url: str, relay_port: int) -> dict[str, str]:
    """Returns the settings that all processes share."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "CURATOR_DATABASE_URL": db.url.render_as_string(hide_password=False),
        "CURATOR_QUEUE_URL": queue_url,
        "CURATOR_SECRET_KEY": SECRET,
        "CURATOR_SMTP_URL": f"smtp://127.0.0.1:{relay_port}",
        "CURATOR_PUBLIC_URL": f"https://{scene.SENDER_DOMAIN}",
        "CURATOR_WORKER_THREADS": "2",
        "CURATOR_SENDERS": "4",
        "CURATOR_LOG_FORMAT": "json",
        "CURATOR_HOOK_MAILGUN_KEY": MAILGUN_KEY,
        # The endpoint that is called stands on this machine.
        "CURATOR_ALLOW_PRIVATE_ADDRESSES": "yes",
    }
