"""5,000 feeds that are due at once: memory, feeds a second, and how many requests a host ever sees at a time."""

import asyncio
import json
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

FEEDS, HOSTS, POLLERS = 5_000, 1_000, 8
LATENCY_S = 0.02
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ITEMS = "".join(
    f"<item><title>Item {n}</title><guid>{n}</guid><link>https://site.example/{n}</link>"
    f"<description>{'Some words. ' * 30}</description></item>"
    for n in range(5)
)
BODY = f"<rss version='2.0'><channel><title>A feed</title>{ITEMS}</channel></rss>".encode()


def main() -> None:
    """Prints a JSON line for a first poll of every feed, and one for a second that finds nothing changed."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(there,))
    server.start()
    port = here.recv()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/polling.sqlite3"
        _run(_added, url, port)
        for figure, now in (("first poll", NOW), ("unchanged (304)", NOW + timedelta(days=2))):
            took, used, peak = _run(_polled, url, now)
            here.send("tell")
            most, asked = here.recv()
            line = {
                "figure": f"{FEEDS:,} feeds of {HOSTS:,} hosts due at once, {figure}: peak memory in MB",
                "value": round(peak / 1024),
                "feeds_per_s": round(FEEDS / took),
                "feeds_per_cpu_s": round(FEEDS / used),
                "most_at_once_on_a_host": most,
                "requests": asked,
                "how": f"{POLLERS} pollers, SQLite, a local server that takes {LATENCY_S * 1000:.0f} ms; guard and "
                "ledger on; 5 items a feed",
            }
            print(json.dumps(line), flush=True)
    here.send("end")
    server.join()


def _run(act, *arguments: object) -> tuple[float, float, int]:  # type: ignore[no-untyped-def] - a benchmark
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_told, args=(there, act, arguments))
    child.start()
    found: tuple[float, float, int] = here.recv()
    child.join()
    return found


def _told(there: Connection, act, arguments: Sequence[object]) -> None:  # type: ignore[no-untyped-def] - a benchmark
    began, used = time.perf_counter(), time.process_time()
    act(*arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    there.send((time.perf_counter() - began, time.process_time() - used, peak))


def _added(url: str, port: int) -> None:
    from curator import schema
    from curator.db import Database
    from curator.feeds.tables import Feed

    db = Database(url)
    schema.upgrade(db)
    with db.write() as session:
        session.add_all(
            Feed(url=f"http://host{n % HOSTS}.example:{port}/{n}", next_poll_at=NOW, created_at=NOW)
            for n in range(FEEDS)
        )


def _polled(url: str, now: datetime) -> None:
    from curator.db import Database
    from curator.feeds.rounds import Pollers, go_round
    from curator.http.client import GuardedFetcher
    from curator.http.values import Limits

    db = Database(url)
    fetcher = GuardedFetcher(
        Limits(), user_agent="Curator/bench", allow_private=True, resolve=lambda _host, _port: ["127.0.0.1"]
    )
    threads = [
        threading.Thread(
            target=go_round,
            args=(Pollers(db, fetcher, lambda: now, Random(n), f"poller {n}"),),  # noqa: S311 - spreads polls
            kwargs={"is_over": lambda: False},
        )
        for n in range(POLLERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _serve(there: Connection) -> None:
    asyncio.run(_served(there))


async def _served(there: Connection) -> None:
    now: Counter[str] = Counter()
    seen = Counter[str]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).lower()
        host = next(line for line in request.split(b"\r\n") if line.startswith(b"host:")).decode()
        now[host] += 1
        seen["requests"] += 1
        seen["most"] = max(seen["most"], now[host])
        await asyncio.sleep(LATENCY_S)
        now[host] -= 1
        if b"if-none-match" in request:
            writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nConnection: close\r\n\r\n')
        else:
            writer.write(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n' % len(BODY))
            writer.write(BODY)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    there.send(server.sockets[0].getsockname()[1])
    while await asyncio.to_thread(there.recv) != "end":
        there.send((seen["most"], seen["requests"]))
        seen.clear()
    server.close()


if __name__ == "__main__":
    main()
