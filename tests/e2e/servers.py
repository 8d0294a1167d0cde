"""Starts the real thing: `curator demo`, and an installation of one's own on which nothing is set up yet."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from curator.accounts import admit
from curator.app import App, build
from curator.demo.run import demo_environ
from curator.settings import load

# Several demos start at once on two cores, beside everything else; one by itself takes about four seconds.
LIMIT_S = 120.0
_ENVIRON = os.environ  # noqa: TID251 - child processes need one
_CURATOR = (sys.executable, "-m", "curator.cli")


@dataclass(frozen=True)
class Server:
    """A running installation: where it answers, its ports for whoever sets a scene, and what it logged."""

    url: str
    app: App
    log: Path

    def sign_in_link(self, user_id: int) -> str:
        """Returns a fresh one-time link."""
        return f"{self.url}/desk/enter?t={admit.make_link(self.app.db, user_id, now=self.app.clock())}"


@contextmanager
def demo(folder: Path, *, chromium: str = "") -> Iterator[Server]:
    """Runs `curator demo` in a folder of its own until the block ends; `chromium` is where it finds a browser."""
    port, log = _free_port(), folder / "log"
    environ = _environ(folder) | ({"CURATOR_CHROMIUM": chromium} if chromium else {})
    with _running([*_CURATOR, "demo", "--port", str(port)], environ, log=log, until="Public:"):
        app = build(load(demo_environ(environ, data_dir=folder / "demo", port=port)))
        with closing(app.db):
            yield Server(app.settings.public_url, app, log)


@contextmanager
def new_installation(folder: Path) -> Iterator[Server]:
    """Runs `curator run` on what `curator init` leaves, until the block ends."""
    log = folder / "log"
    environ = _environ(folder) | {"CURATOR_BIND": f"127.0.0.1:{_free_port()}"}
    subprocess.run([*_CURATOR, "init"], env=environ, check=True, capture_output=True, timeout=LIMIT_S)
    app = build(load({name: value for name, value in environ.items() if name.startswith("CURATOR_")}))
    with closing(app.db), _running([*_CURATOR, "run"], environ, log=log):
        wait_for(lambda: _answers(app.settings.bind_port))
        yield Server(app.settings.public_url, app, log)


def wait_for(holds: Callable[[], bool], *, tries: int = 1800) -> None:
    """Asks again and again, a tenth of a second apart: what other processes do cannot be told to hurry."""
    pause = threading.Event()
    for _ in range(tries):
        if holds():
            return
        pause.wait(0.1)
    raise AssertionError("it did not come to pass")


@contextmanager
def _running(command: list[str], environ: Mapping[str, str], *, log: Path, until: str = "") -> Iterator[None]:
    """Runs a command for the block, which begins once it has printed a line that begins with `until`."""
    ready = threading.Event()
    with (
        log.open("w") as errors,
        subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                if line.strip().startswith(until):
                    ready.set()
            ready.set()

        reader = threading.Thread(target=read)
        reader.start()
        try:
            assert not until or (ready.wait(LIMIT_S) and process.poll() is None), (
                f"it does not start:\n{log.read_text()}"
            )
            yield
        finally:
            process.terminate()
            reader.join()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _environ(folder: Path) -> dict[str, str]:
    plain = {name: value for name, value in _ENVIRON.items() if not name.startswith("CURATOR_")}
    return plain | {"CURATOR_DATA_DIR": str(folder)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
