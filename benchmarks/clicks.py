"""Clicks a second through the whole web application, against a bare route of the same run; and hits taken in."""

import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

SECONDS = 3.0
CONNECTIONS = 8
CLIENTS = 2
READERS = 20_000
LINKS = 40
HITS = 40_000
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def main() -> None:
    """Prints two JSON lines: the redirect's rate and its p99, and the ingest's rate on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _prepared(Path(folder))
        bare = _served("bare", folder, ["/bare"])
        clicks = _served("curator", folder, paths)
        again = _served("bare", folder, ["/bare"])
        _print_clicks(clicks, max(bare, again, key=lambda each: each[0]))
    with tempfile.TemporaryDirectory() as folder:
        _prepared(Path(folder))
        _print_ingest(Path(folder))


def _print_clicks(clicks: tuple[float, float], bare: tuple[float, float]) -> None:
    line = {
        "figure": "tracked links followed a second, granian, one worker, spool and cache on",
        "value": round(clicks[0]),
        "p99_ms": round(clicks[1] * 1000, 1),
        "peer": "a bare Flask route that redirects",
        "peer_value": round(bare[0]),
        "peer_p99_ms": round(bare[1] * 1000, 1),
        "ratio": round(clicks[0] / bare[0], 2),
        "how": f"{SECONDS:.0f} s each, {CLIENTS} client processes with {CONNECTIONS} kept connections on loopback; "
        "the bare route before and after, the better one counts",
    }
    print(json.dumps(line))


def _print_ingest(folder: Path) -> None:
    from curator.app import build
    from curator.events import listen, records
    from curator.events.spool import Spool
    from curator.events.values import Hit
    from curator.settings import load

    app = build(load(_environ(str(folder))))
    spool = Spool(app.spool_dir)
    for number in range(HITS):
        spool.append(records.packed(Hit(1, 1 + number % LINKS, 1 + number % READERS, NOW, number % 97)))
    spool.close()
    begun = time.perf_counter()
    taken = 0
    while more := listen.take_in(app.db, app.spool_dir, now=NOW):
        taken += more
    rate = taken / (time.perf_counter() - begun)
    app.db.close()
    bare = _bare_inserts(folder)
    line = {
        "figure": "hits taken from the spool into SQLite a second, judged and counted",
        "value": round(rate),
        "peer": "sqlite3.executemany of the same rows, 500 a transaction",
        "peer_value": round(bare),
        "ratio": round(rate / bare, 2),
        "how": f"{HITS:,} hits of {READERS:,} readers on {LINKS} links, once",
    }
    print(json.dumps(line))


def _bare_inserts(folder: Path) -> float:
    import sqlite3

    rows = [("clicked", 1, 1 + n % READERS, "2026-11-16 09:00:00.000000", 1 + n % LINKS, n % 97) for n in range(HITS)]
    with sqlite3.connect(folder / "bare.sqlite3", isolation_level=None) as db:
        db.execute("pragma journal_mode=WAL")
        db.execute("create table event (id integer primary key, kind, mailing_id, subscriber_id, at, link, agent)")
        db.execute("create index by_reader on event (mailing_id, subscriber_id)")
        begun = time.perf_counter()
        for first in range(0, HITS, 500):
            db.execute("begin immediate")
            insert = "insert into event (kind, mailing_id, subscriber_id, at, link, agent) values (?, ?, ?, ?, ?, ?)"
            db.executemany(insert, rows[first : first + 500])
            db.execute("commit")
        rate = HITS / (time.perf_counter() - begun)
    db.close()
    return rate


def _environ(folder: str) -> dict[str, str]:
    return {"CURATOR_DATA_DIR": folder, "CURATOR_SECRET_KEY": "k" * 40}


def _prepared(folder: Path) -> list[str]:
    """Makes an installation with one mailing, and returns the paths of its readers' links."""
    from curator import schema
    from curator.app import build
    from curator.mailings.click_links import ClickLink, click_token
    from curator.settings import load
    from tests.events.scene import sent

    app = build(load(_environ(str(folder))))
    schema.upgrade(app.db)
    line = sent(app.db, readers=1)
    _add_links(app.db, line.mailing_id)
    tokens = [
        click_token(app.keys, ClickLink(line.mailing_id, 1 + number % LINKS, 1 + number % READERS))
        for number in range(5_000)
    ]
    app.db.close()
    return [f"/l/{token}" for token in tokens]


def _add_links(db: object, mailing_id: int) -> None:
    from curator.db import Database
    from curator.issues.tables import Link
    from curator.mailings.tables import Mailing

    assert isinstance(db, Database)
    with db.write() as session:
        mailing = session.get(Mailing, mailing_id)
        assert mailing is not None
        session.add_all(
            Link(
                revision_id=mailing.revision_id, number=number, url=f"https://site.example/{number}", placement="title"
            )
            for number in range(8, LINKS + 1)
        )


def bare() -> object:
    """Returns the least that answers such a request."""
    from flask import Flask
    from werkzeug.wrappers import Response

    flask = Flask("bare")

    @flask.get("/bare")
    def follow() -> Response:
        return Response(status=302, headers={"Location": "https://site.example/1"})

    return flask


def curator() -> object:
    """Returns the whole web application."""
    from curator.app import build
    from curator.settings import load
    from curator.web import create_app

    return create_app(build(load(dict(os.environ))))  # noqa: TID251 - this process's own settings


def _served(name: str, folder: str, paths: list[str]) -> tuple[float, float]:
    """Returns the rate and p99 (in seconds) of one application under granian, as `curator web` starts it."""
    port = _free_port()
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    words += ["--blocking-threads", "8", "--backpressure", "128", "--log-level", "error", "--no-ws", "--factory"]
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, f"benchmarks.clicks:{name}"],
        cwd=ROOT,
        env={"PATH": os.defpath, **_environ(folder)},
    )
    try:
        _wait_for(port, paths[0])
        return _measured(port, paths)
    finally:
        server.terminate()
        server.wait(20)


def _measured(port: int, paths: list[str]) -> tuple[float, float]:
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    clients = [context.Process(target=_client, args=(port, paths, told)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    times = [each for _ in clients for each in told.get(timeout=60)]
    for client in clients:
        client.join()
    return len(times) / SECONDS, sorted(times)[len(times) * 99 // 100]


def _client(port: int, paths: list[str], told: "multiprocessing.Queue[list[float]]") -> None:
    times: list[float] = []
    until = time.perf_counter() + SECONDS
    threads = [
        threading.Thread(target=_follow, args=(port, paths[first::CONNECTIONS] or paths, until, times))
        for first in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.put(times)


def _follow(port: int, paths: list[str], until: float, times: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        requests = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mail\r\n\r\n".encode() for path in paths]
        place = 0
        while (begun := time.perf_counter()) < until:
            connection.sendall(requests[place % len(requests)])
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += connection.recv(4096)
            assert b" 302 " in answer[:20], answer[:200]
            times.append(time.perf_counter() - begun)
            place += 1


def _wait_for(port: int, path: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as asking:
                asking.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
                assert b" 302 " in asking.recv(4096)
                return
        except ConnectionError:
            time.sleep(0.05)
    raise SystemExit("the web server did not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    main()
