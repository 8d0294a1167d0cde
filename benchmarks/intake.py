"""Providers' calls a second through the whole web application, each kept, against a bare route of the same run."""

import base64
import hashlib
import hmac
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

SECONDS = 3.0
CONNECTIONS = 16
CLIENTS = 2
KEY = "key-of-the-webhook-that-signs"
POSTMARK = "curator:0123456789abcdef"


def main() -> None:
    """Prints a JSON line for Mailgun's calls (HMAC) and one for Postmark's (a password), each beside the bare route."""
    with tempfile.TemporaryDirectory() as folder:
        _prepare(folder)
        secret = _secret(folder)
        bare = _served("bare", folder, "bare", "")
        figures = {name: _served("curator", folder, name, secret) for name in ("mailgun", "postmark")}
        again = _served("bare", folder, "bare", "")
        peer = max(bare, again, key=lambda each: each[0])
        for name, found in figures.items():
            _print(name, found, peer)
        _print_read(folder, sum(found[2] for found in figures.values()))


def _print(name: str, found: tuple[float, float, int], peer: tuple[float, float, int]) -> None:
    line = {
        "figure": f"calls of {name} taken a second, granian, one worker, SQLite, each kept on the disk",
        "value": round(found[0]),
        "p99_ms": round(found[1] * 1000, 1),
        "peer": "a bare Flask route of the same server that reads the body and answers",
        "peer_value": round(peer[0]),
        "peer_p99_ms": round(peer[1] * 1000, 1),
        "ratio": round(found[0] / peer[0], 2),
        "bar": 1000,
        "how": f"{SECONDS:.0f} s each, {CLIENTS} client processes with {CONNECTIONS} kept connections on loopback; "
        "the bare route before and after, the better one counts",
    }
    print(json.dumps(line), flush=True)


def _print_read(folder: str, taken: int) -> None:
    from curator.app import build
    from curator.events.inbox import work
    from curator.settings import load

    app = build(load(_environ(folder)))
    begun = time.perf_counter()
    until = begun + 20
    reading = work.Reading(app.db, app.keys, app.doors, app.fetcher)
    is_left = work.work(reading, now=app.clock(), is_over=lambda: time.perf_counter() > until)
    took = time.perf_counter() - begun
    line = {
        "figure": "kept calls read a second, one fact each, about mail of others: looked up, dropped and counted",
        "value": None if is_left else round(taken / took),
        "how": f"{taken:,} calls in SQLite, at most 20 s",
    }
    app.db.close()
    print(json.dumps(line), flush=True)


def bare() -> object:
    """Returns the least that answers such a call."""
    from flask import Flask, request

    flask = Flask("bare")

    @flask.post("/bare")
    def take() -> dict[str, str]:
        request.get_data()
        return {}

    return flask


def curator() -> object:
    """Returns the whole web application."""
    from curator.app import build
    from curator.settings import load
    from curator.web import create_app

    return create_app(build(load(dict(os.environ))))  # noqa: TID251 - this process's own settings


def _environ(folder: str) -> dict[str, str]:
    return {
        "CURATOR_DATA_DIR": folder,
        "CURATOR_SECRET_KEY": "k" * 40,
        "CURATOR_HOOK_MAILGUN_KEY": KEY,
        "CURATOR_HOOK_POSTMARK": POSTMARK,
    }


def _prepare(folder: str) -> None:
    from curator import schema
    from curator.app import build
    from curator.settings import load

    app = build(load(_environ(folder)))
    schema.upgrade(app.db)
    app.db.close()


def _secret(folder: str) -> str:
    from curator.app import build
    from curator.events.providers.judge import hook_secret
    from curator.settings import load

    return hook_secret(build(load(_environ(folder))).keys)


def _served(name: str, folder: str, what: str, secret: str) -> tuple[float, float, int]:
    """Returns the rate, the p99 (in seconds) and the number of calls under granian, as `curator web` starts it."""
    port = _free_port()
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    words += ["--blocking-threads", "8", "--backpressure", "128", "--log-level", "error", "--no-ws", "--factory"]
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, f"benchmarks.intake:{name}"],
        cwd=ROOT,
        env={"PATH": os.defpath, **_environ(folder)},
    )
    try:
        _wait_for(port)
        return _measured(port, what, secret)
    finally:
        server.terminate()
        server.wait(20)


def _measured(port: int, what: str, secret: str) -> tuple[float, float, int]:
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    clients = [context.Process(target=_client, args=(port, what, secret, n, told)) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    times = [each for _ in clients for each in told.get(timeout=60)]
    for client in clients:
        client.join()
    return len(times) / SECONDS, sorted(times)[len(times) * 99 // 100], len(times)


def _client(port: int, what: str, secret: str, number: int, told: "multiprocessing.Queue[list[float]]") -> None:
    times: list[float] = []
    until = time.perf_counter() + SECONDS
    threads = [
        threading.Thread(
            target=_call, args=(port, what, secret, f"{number}-{each}"), kwargs={"until": until, "times": times}
        )
        for each in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.put(times)


def _call(port: int, what: str, secret: str, who: str, *, until: float, times: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = 0
        while (begun := time.perf_counter()) < until:
            connection.sendall(_request(what, secret, f"{who}-{number}"))
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += connection.recv(4096)
            assert b" 200 " in answer[:20], answer[:300]
            times.append(time.perf_counter() - begun)
            number += 1


def _request(what: str, secret: str, token: str) -> bytes:
    """Returns a call of some 800 bytes, as providers send them; each is another one."""
    path, authorization = f"/{what}", ""
    told: dict[str, object] = {"RecordType": "Delivery", "MessageID": token, "Details": "250 " + "x" * 600}
    if what == "mailgun":
        timestamp = str(int(time.time()))  # noqa: TID251 - a provider's clock
        signature = hmac.new(KEY.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
        event = {"event": "delivered", "id": token, "message": {"headers": {"message-id": f"{token}@x.example"}}}
        told = {
            "signature": {"timestamp": timestamp, "token": token, "signature": signature},
            "event-data": event | {"delivery-status": {"message": "x" * 600}},
        }
        path = "/hooks/mailgun"
    elif what == "postmark":
        path = f"/hooks/postmark/{secret}"
        authorization = f"Authorization: Basic {base64.b64encode(POSTMARK.encode()).decode()}\r\n"
    body = json.dumps(told).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{authorization}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as asking:
                asking.sendall(b"GET /none HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                assert asking.recv(4096)
                return
        except ConnectionError:
            time.sleep(0.05)
    raise SystemExit("the web server did not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    main()
