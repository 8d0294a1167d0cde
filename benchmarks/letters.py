"""From the sign-up form to the relay while a mailing runs: seconds until a confirmation letter arrives.

The real processes (web, runner; or web, clock and workers on PostgreSQL) and a relay in a process of its own on the
loopback address. A mailing is running; every few seconds somebody signs up over HTTP, and the relay notes when the
letter comes. One JSON object for each situation: median, p99 and worst, how many letters, and how fast the mailing went
meanwhile. A letter that has not come when time is over counts as late, and is told of.

    python -m benchmarks.letters [--recipients 100000] [--seconds 45] [--every 1.5] [--only plain ...] [--scaled]
"""

import argparse
import asyncio
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import text

from benchmarks.figures import CONTEXT, say
from curator import schema
from curator.audience.moving import bring
from curator.db import Database
from curator.mailings import control, send, store
from curator.queue import store as queue
from tests import builders

ROOT = Path(__file__).parent.parent
LETTERS_TO = "letters.example"
SECRET = "b" * 40
BAR_S = 5.0
STARTS_WITHIN_S, LAST_ONES_S = 150.0, 15.0


@dataclass(frozen=True)
class Situation:
    """What the relay does, what the transport may, and what else goes on."""

    name: str
    url: str = ""
    wait_s: float = 0.0
    most_connections: int = 1_000
    breaks_mailings: bool = False
    is_paused: bool = False
    learns: bool = False
    imports: int = 0


SITUATIONS = (
    Situation("plain"),
    Situation("four connections", url="?connections=4"),
    Situation("slow relay", url="?connections=4", wait_s=0.3),
    Situation("relay with few connections", url="?connections=4&per_connection=100000", most_connections=4),
    Situation("limited to 50 a second", url="?per_second=50"),
    Situation("day used up", url="?per_day=2000"),
    Situation("resting after failures", breaks_mailings=True),
    Situation("paused", is_paused=True),
    Situation("learning", learns=True),
    Situation("importing", imports=300_000),
)


def now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)  # noqa: TID251 - nothing of Curator's is decided here


# --- the relay


class _Talk(asyncio.Protocol):
    """One connection: reads whatever came and answers in order; notes when a letter has come whole."""

    _recipient = re.compile(rb"<([^>]*)>")

    def __init__(self, relay: "_Relay") -> None:
        self._relay = relay
        self._buffer = bytearray()
        self._to = b""
        self._is_content = False
        self._answers_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._relay.open += 1
        if self._relay.open > self._relay.what.most_connections:
            self._relay.turned_away += 1
            transport.write(b"421 4.7.0 Too many connections\r\n")
            transport.close()
            return
        transport.write(b"220 relay.example ESMTP\r\n")

    def connection_lost(self, _error: Exception | None) -> None:
        self._relay.open -= 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answers, wait_s = bytearray(), 0.0
        while (answer := self._content() if self._is_content else self._command()) is not None:
            answers += answer
            wait_s += self._relay.what.wait_s if answer.startswith(b"250 2.6") else 0.0
        if answers:
            self._later(bytes(answers), wait_s)

    def _later(self, answers: bytes, wait_s: float) -> None:
        assert self._transport is not None
        if wait_s:
            asyncio.get_running_loop().call_later(wait_s, self._transport.write, answers)
        else:
            self._transport.write(answers)

    def _command(self) -> bytes | None:
        line, found, rest = self._buffer.partition(b"\r\n")
        if not found:
            return None
        self._buffer = rest
        match bytes(line[:4]).upper():
            case b"EHLO":
                return b"250-relay.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
            case b"RCPT":
                self._to = self._recipient.search(line).group(1)  # type: ignore[union-attr]  # our own sender
                if self._relay.what.breaks_mailings and not self._is_letter():
                    assert self._transport is not None
                    self._transport.abort()
                return b"250 2.1.5 Ok\r\n"
            case b"DATA":
                self._is_content = True
                return b"354 Go on\r\n"
            case b"QUIT":
                assert self._transport is not None
                self._transport.close()
                return b"221 2.0.0 Bye\r\n"
            case _:
                return b"250 2.0.0 Ok\r\n"

    def _content(self) -> bytes | None:
        end = self._buffer.find(b"\r\n.\r\n")
        if end < 0:
            return None
        del self._buffer[: end + 5]
        self._is_content = False
        if self._is_letter():
            self._relay.letters.append((self._to.decode(), time.monotonic()))
        else:
            self._relay.others += 1
        return b"250 2.6.0 Ok\r\n"

    def _is_letter(self) -> bool:
        return self._to.endswith(LETTERS_TO.encode())


@dataclass
class _Relay:
    what: Situation
    open: int = 0
    others: int = 0
    turned_away: int = 0
    letters: list[tuple[str, float]] = field(default_factory=list)


def relay(what: Situation, pipe: Connection) -> None:
    """Serves until the pipe says so, and answers on it with what came."""
    asyncio.run(_relay(what, pipe))


async def _relay(what: Situation, pipe: Connection) -> None:
    kept, loop, asked = _Relay(what), asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(lambda: _Talk(kept), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    loop.add_reader(pipe.fileno(), asked.set)
    while True:
        await asked.wait()
        asked.clear()
        if not pipe.poll():
            continue
        if pipe.recv() == "end":
            return
        pipe.send((kept.others, kept.turned_away, list(kept.letters)))


# --- the installation


@contextmanager
def running(words: list[str], environ: dict[str, str], log: Path) -> Iterator[None]:
    """Runs a command of Curator for the block."""
    with log.open("ab") as out:
        process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environ, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _fill(db: Database, recipients: int) -> int:
    from benchmarks import ledger

    return ledger.fill(db, recipients)


def sign_up(port: int, number: int) -> tuple[str, float]:
    """Sends the form that stands on the show's own site, from a network of its own; returns the address and when."""
    address = f"reader{number}@{LETTERS_TO}"
    body = urlencode({"address": address})
    head = (
        f"POST /n/ai-weekly/sign-up HTTP/1.1\r\nHost: news.example\r\nConnection: close\r\n"
        "Origin: https://show.example\r\n"
        f"X-Forwarded-For: 198.{18 + number // 250}.{number % 250}.7\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    at = time.monotonic()
    if (status := _status(port, head + body)) != 303:
        sys.exit(f"The form was answered with {status}.")
    return address, at


def _status(port: int, request: str) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request.encode())
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    return int(answer.split(b" ", 2)[1])


def _wait_for_web(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            if _status(port, "GET /n/ai-weekly HTTP/1.1\r\nHost: news.example\r\nConnection: close\r\n\r\n") == 200:
                return
        except (OSError, IndexError):
            time.sleep(0.2)
    sys.exit("The web process did not come up.")


def measure(what: Situation, db: Database, folder: Path, given: argparse.Namespace) -> None:
    """Measures one situation."""
    issue_id = _fill(db, given.recipients)
    mailing_id = send.start(db, issue_id, now=now())
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=relay, args=(what, theirs), daemon=True)
    process.start()
    relay_port, port = ours.recv(), _free_port()
    environ = {
        "PATH": os.defpath,
        "CURATOR_DATA_DIR": str(folder),
        "CURATOR_DATABASE_URL": db.url.render_as_string(hide_password=False),
        "CURATOR_SECRET_KEY": SECRET,
        "CURATOR_SMTP_URL": f"smtp://127.0.0.1:{relay_port}{what.url}",
        "CURATOR_PUBLIC_URL": "https://news.example",
        "CURATOR_BIND": f"127.0.0.1:{port}",
        "CURATOR_TRUSTED_PROXIES": "1",
        "CURATOR_LOG_FORMAT": "json",
    }
    if what.is_paused:
        control.pause(db, mailing_id, by=None, now=now())
    workers = [["clock"], ["worker"], ["worker"]] if given.scaled else [["runner"]]
    with ExitStack() as stack:
        for words in (["web"], *workers):
            stack.enter_context(running(["-m", "curator.cli", *words], environ, folder / "log"))
        if what.imports:
            stack.enter_context(_importing(environ["CURATOR_DATABASE_URL"], what.imports))
        _wait_for_web(port)
        _warm_up(what, ours, given)
        posted, before = {}, _told(ours)
        began = time.monotonic()
        while time.monotonic() - began < given.seconds:
            if what.learns:
                _learn(db)
            posted.update([sign_up(port, len(posted))])
            time.sleep(given.every)
        seconds, after = time.monotonic() - began, _told(ours)
        state = _state(db, mailing_id)
        arrived = _arrived(ours, posted)
    ours.send("end")
    process.join(5)
    process.kill()
    _say(what, given, posted, arrived, rate=(after[0] - before[0]) / seconds, turned_away=after[1], state=state)


def _warm_up(what: Situation, pipe: Connection, given: argparse.Namespace) -> None:
    """Waits until the mailing's mail arrives, or as long as it takes where none does."""
    is_silent = what.breaks_mailings or what.is_paused
    until = time.monotonic() + (8.0 if is_silent else STARTS_WITHIN_S)
    while time.monotonic() < until and (is_silent or _told(pipe)[0] < 50):
        time.sleep(0.3)
    if what.url.startswith("?per_day"):
        time.sleep(min(15.0, given.seconds))


def _told(pipe: Connection) -> tuple[int, int, list[tuple[str, float]]]:
    pipe.send("what")
    answer: tuple[int, int, list[tuple[str, float]]] = pipe.recv()
    return answer


def _arrived(pipe: Connection, posted: dict[str, float]) -> dict[str, float]:
    until = time.monotonic() + LAST_ONES_S
    while True:
        found: dict[str, float] = {}
        for address, at in _told(pipe)[2]:
            found.setdefault(address, at)
        if len(found) >= len(posted) or time.monotonic() > until:
            return found
        time.sleep(0.3)


def _learn(db: Database) -> None:
    with db.write() as session:
        queue.enqueue(session, "recommend", {}, now=now(), key="recommend")


@contextmanager
def _importing(url: str, count: int) -> Iterator[None]:
    process = CONTEXT.Process(target=_import, args=(url, count), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _import(url: str, count: int) -> None:
    db = Database(url)
    other = builders.newsletter_row(db, slug="other")
    content = "email\n" + "".join(f"moved{number}@old.example\n" for number in range(count))
    while True:
        bring.import_csv(db, other, content.encode(), now=now())


def _state(db: Database, mailing_id: int) -> str:
    with db.read() as session:
        view = store.mailing(session, mailing_id)
        row = session.execute(text("select waits_for from mailing where id = :id"), {"id": mailing_id}).scalar_one()
    return f"{view.state}: {row or view.reason}".rstrip(": ")


def _say(
    what: Situation,
    given: argparse.Namespace,
    posted: dict[str, float],
    arrived: dict[str, float],
    *,
    rate: float,
    turned_away: int,
    state: str,
) -> None:
    waits = sorted(arrived[address] - at for address, at in posted.items() if address in arrived)
    waits += [float("inf")] * (len(posted) - len(waits))
    figures = {"median": statistics.median(waits), "p99": waits[int(0.99 * (len(waits) - 1))], "worst": waits[-1]}
    say(
        what=f"seconds from the form to the relay, {what.name}, {'PostgreSQL' if given.scaled else 'SQLite'}",
        **{
            name: round(value, 2) if value < timedelta(days=1).total_seconds() else None
            for name, value in figures.items()
        },
        letters=len(posted),
        not_come=len(posted) - sum(address in arrived for address in posted),
        mailing_a_second=round(rate),
        turned_away=turned_away,
        recipients=given.recipients,
        mailing=state,
        bar=BAR_S,
        is_reached=waits[-1] <= BAR_S,
    )


def main() -> None:
    """Runs every situation, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--every", type=float, default=1.5, help="seconds between two forms")
    parser.add_argument("--only", nargs="+", choices=[each.name for each in SITUATIONS])
    parser.add_argument("--scaled", action="store_true", help="PostgreSQL, a clock and two workers, in place of SQLite")
    given = parser.parse_args()
    for what in SITUATIONS:
        if given.only and what.name not in given.only:
            continue
        with tempfile.TemporaryDirectory(prefix="curator-letters-") as name, _database(Path(name), given) as db:
            measure(what, db, Path(name), given)


@contextmanager
def _database(folder: Path, given: argparse.Namespace) -> Iterator[Database]:
    """Yields an empty, migrated database; PostgreSQL's server is started only for that."""
    # Not above: every process that is started imports this file, and the server's wheel warns each time.
    from benchmarks import ledger

    if given.scaled:
        with ledger.databases(folder) as databases:
            yield databases["PostgreSQL"]
        return
    db = Database(f"sqlite:///{folder / 'curator.sqlite3'}")
    schema.upgrade(db)
    yield db
    db.close()


if __name__ == "__main__":
    main()
