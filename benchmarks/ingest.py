"""Feeds a second of CPU: parsing real files, first polls to the database, polls that find nothing new, 5,000 due.

Against feedparser, fastfeedparser and the library `reader`, which are installed into a temporary folder (or come with
`--peers PYTHON`). Rounds of all candidates one after the other, so that what else the machine does falls on each of
them; ratios are taken within a round, and their median is printed, one JSON object a line. The feeds are those of
`../shared/data`, when they are there.

    python -m benchmarks.ingest [--rounds 5] [--seconds 3] [--peers PYTHON] [--only parse|poll|due] [--feeds 5000]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection  # noqa: TID251 - asks the benchmark's own site
from pathlib import Path
from random import Random

from benchmarks import feed_site
from benchmarks.figures import in_process, resident_mb, say, served
from curator import schema
from curator.db import Database
from curator.errors import CuratorError
from curator.feeds import ingest, store
from curator.feeds import rounds as rounds_of_feeds
from curator.feeds.asking import poll_each
from curator.feeds.parse import parsed_feed
from curator.http.client import GuardedFetcher
from curator.http.values import Limits

DATA = Path(__file__).parents[2] / "shared" / "data"
PEERS = ("feedparser", "fastfeedparser", "reader")
HERE = Path(__file__).parent
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HOSTS = 500
UNCHANGED = 4
"""How often everything is asked that has not changed; so often do the peers, too."""


@dataclass(frozen=True)
class Run:
    """What one run came to."""

    done: int
    cpu_s: float
    again_cpu_s: float = 0.0
    items: int = 0
    failed: int = 0
    resident_mb: int = 0

    @property
    def rate(self) -> float:
        """Feeds for a second of CPU."""
        return self.done / self.cpu_s

    @property
    def again(self) -> "Run":
        """The second time, when nothing had changed."""
        return Run(self.done, self.again_cpu_s, failed=self.failed)


# --- the peers


@contextmanager
def peers(given: Path | None) -> Iterator[dict[str, Path]]:
    """Yields a Python for each peer that can be had."""
    with tempfile.TemporaryDirectory(prefix="curator-peers-") as name:
        python = given
        if python is None:
            venv.create(name, with_pip=True)
            python = Path(name) / "bin" / "python"
            for package in (*PEERS, "sgmllib3k"):  # reader's own feedparser wants the last
                subprocess.run([python, "-m", "pip", "install", "-q", package], check=False, capture_output=True)
        found = {peer: python for peer in PEERS if _has(python, peer)}
        say(what="peers", found=sorted(found), missing=sorted(set(PEERS) - set(found)))
        yield found


def _has(python: Path, module: str) -> bool:
    return subprocess.run([python, "-c", f"import {module}"], check=False, capture_output=True).returncode == 0


def peer(python: Path, *words: str) -> Run:
    """Runs one of the peers."""
    done = subprocess.run(
        [python, HERE / "ingest_peers.py", *words], check=True, capture_output=True, text=True, cwd="/"
    )
    return Run(**json.loads(done.stdout))


# --- parsing


def parsing(files: list[Path], seconds: float, is_quick: bool) -> Run:
    """Reads every file again and again for about some seconds of CPU."""
    bodies = [path.read_bytes() for path in files]
    done = failed = items = 0
    began = time.process_time()
    while time.process_time() - began < seconds:
        failed = items = 0
        for body in bodies:
            done += 1
            try:
                items += len(parsed_feed(body, url="https://feed.example/", headers={}, is_quick=is_quick).items)
            except CuratorError:
                failed += 1
    return Run(done, time.process_time() - began, items=items, failed=failed)


def parse(found: dict[str, Path], options: argparse.Namespace) -> None:
    """Measures both our readers and the peers' on real files."""
    files = sorted(path for path in (DATA / "feeds").iterdir() if path.suffix != ".tsv")
    names = [str(path) for path in files]
    candidates: dict[str, Callable[[], Run]] = {
        "curator": lambda: in_process(parsing, files, options.seconds, True),
        "curator, feedparser first": lambda: in_process(parsing, files, options.seconds, False),
    }
    for each in set(PEERS[:2]) & set(found):
        candidates[each] = lambda each=each: peer(found[each], "parse", each, str(options.seconds), *names)
    runs = rounds(candidates, options.rounds)
    _say_rate("parse, real files", runs["curator"], bar=120, files=len(files))
    for each in candidates.keys() - {"curator"}:
        _say_pair("parse, real files", runs["curator"], each, runs[each])


# --- polling


def polling(database: str, urls: list[str]) -> Run:
    """Polls every URL to the database, and every URL again on some days after it, when nothing has changed."""
    db = Database(database)
    schema.upgrade(db)
    fetcher = GuardedFetcher(Limits(), user_agent="Curator/benchmark", allow_private=True)
    ids = [ingest.add_feed(db, url, now=NOW) for url in urls]
    costs, failed, items = [], 0, 0
    for day in range(1 + UNCHANGED):
        random, now = Random(1), NOW + timedelta(days=day)  # noqa: S311 - spreads polls
        began = time.process_time()
        outcomes = poll_each(db, fetcher, ids, clock=lambda now=now: now, random=random).values()
        costs.append(time.process_time() - began)
        failed += sum(not outcome.is_ok for outcome in outcomes)
        items += sum(outcome.new for outcome in outcomes)
        if day and not all(outcome.note.startswith("304") for outcome in outcomes):
            sys.exit("This run is not to be believed: not everything was unchanged.")
    db.close()
    return Run(len(ids), costs[0], statistics.mean(costs[1:]), items=items, failed=failed, resident_mb=resident_mb())


def poll(found: dict[str, Path], options: argparse.Namespace) -> None:
    """Measures first polls and polls of the unchanged, guard and database and all."""
    with (
        replayed() as folder,
        served(feed_site.serve, folder) as port,
        tempfile.TemporaryDirectory(prefix="curator-ingest-") as name,
    ):
        urls = [f"http://127.0.0.1:{port}/{path.name}" for path in sorted(folder.iterdir())]
        count = iter(range(1000))
        candidates: dict[str, Callable[[], Run]] = {
            "curator": lambda: in_process(polling, f"sqlite:///{name}/c{next(count)}.sqlite3", urls)
        }
        if "reader" in found:
            candidates["reader"] = lambda: peer(
                found["reader"], "poll", str(UNCHANGED), f"{name}/r{next(count)}.sqlite3", *urls
            )
        runs = rounds(candidates, options.rounds)
    ours, theirs = runs["curator"], runs.get("reader", [])
    _say_rate("first poll, to the database", ours, bar=150)
    if theirs:
        _say_pair("first poll, to the database", ours, "reader", theirs)
    _say_rate("all unchanged (304)", [run.again for run in ours])
    if theirs:
        again = [run.again for run in ours], [run.again for run in theirs]
        _say_pair("all unchanged (304)", again[0], "reader", again[1], bar=2.5)


@contextmanager
def replayed() -> Iterator[Path]:
    """Yields a folder with the first of the replayed days."""
    with (
        tempfile.TemporaryDirectory(prefix="curator-replay-") as name,
        tarfile.open(DATA / "replay_feeds.tar.gz") as tar,
    ):
        tar.extractall(name, filter="data")
        yield min(path for path in Path(name).iterdir() if path.is_dir())


# --- many at once


def going_round(database: str, urls: list[str], threads: int) -> Run:
    """Asks everything that is due with several threads, as the workers do."""
    db = Database(database)
    schema.upgrade(db)
    fetcher = GuardedFetcher(
        Limits(), user_agent="Curator/benchmark", allow_private=True, resolve=lambda _host, _port: ["127.0.0.1"]
    )
    for url in urls:
        ingest.add_feed(db, url, now=NOW)
    began = time.process_time()

    def go(number: int) -> None:
        pollers = rounds_of_feeds.Pollers(db, fetcher, lambda: NOW, Random(number), f"benchmark-{number}")  # noqa: S311 - spreads polls
        while rounds_of_feeds.go_round(pollers, is_over=lambda: False):
            pass

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(go, range(threads)))
    cpu_s = time.process_time() - began
    with db.read() as session:
        left = len(store.due_feed_ids(session, now=NOW, limit=len(urls)))
    db.close()
    return Run(len(urls), cpu_s, failed=left, resident_mb=resident_mb())


def due(options: argparse.Namespace) -> None:
    """Measures memory and manners with thousands of feeds due at once, ten a host."""
    with (
        replayed() as folder,
        served(feed_site.serve, folder) as port,
        tempfile.TemporaryDirectory(prefix="curator-due-") as name,
    ):
        files = sorted(path.name for path in folder.iterdir())
        urls = [
            f"http://h{number % HOSTS}.feeds.example:{port}/{files[number % len(files)]}?{number}"
            for number in range(options.feeds)
        ]
        began = time.monotonic()
        run = in_process(going_round, f"sqlite:///{name}/due.sqlite3", urls, options.threads)
        seconds = time.monotonic() - began
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/seen")
        seen = json.loads(connection.getresponse().read())
        connection.close()
    say(
        what=f"{options.feeds:,} feeds on {HOSTS} hosts due at once, {options.threads} threads",
        resident_megabytes=run.resident_mb,
        bar=300,
        is_reached=run.resident_mb <= 300 and seen["most at once"] == 1 and not run.failed,
        most_at_once_on_a_host=seen["most at once"],
        asked=seen["asked"],
        left_due=run.failed,
        seconds=round(seconds),
        feeds_a_cpu_second=round(run.rate, 1),
    )


# --- the rounds


def rounds(candidates: dict[str, Callable[[], Run]], number: int) -> dict[str, list[Run]]:
    """Runs every candidate once a round."""
    runs: dict[str, list[Run]] = {name: [] for name in candidates}
    for _ in range(number):
        for name, run in candidates.items():
            runs[name].append(run())
    return runs


def _say_rate(what: str, runs: Sequence[Run], *, bar: float | None = None, **more: object) -> None:
    rate = statistics.median(run.rate for run in runs)
    reached: dict[str, object] = {} if bar is None else {"bar": bar, "is_reached": rate >= bar}
    say(
        what=what,
        feeds_a_cpu_second=round(rate, 1),
        rates=f"{min(run.rate for run in runs):.0f} to {max(run.rate for run in runs):.0f}",
        items=runs[-1].items,
        failed=max(run.failed for run in runs),
        **reached,
        **more,
    )


def _say_pair(what: str, ours: Sequence[Run], peer: str, theirs: Sequence[Run], *, bar: float | None = None) -> None:
    ratios = [our.rate / their.rate for our, their in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)
    reached: dict[str, object] = {} if bar is None else {"bar": bar, "is_reached": ratio >= bar}
    say(
        what=what,
        feeds_a_cpu_second=round(statistics.median(run.rate for run in ours), 1),
        peer=peer,
        peer_feeds_a_cpu_second=round(statistics.median(run.rate for run in theirs), 1),
        peer_failed=max(run.failed for run in theirs),
        ratio=round(ratio, 2),
        ratios=f"{min(ratios):.2f} to {max(ratios):.2f}",
        **reached,
    )


def main() -> None:
    """Runs every measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of CPU, for each round of parsing")
    parser.add_argument("--peers", type=Path, help="a Python that has feedparser, fastfeedparser and reader")
    parser.add_argument("--feeds", type=int, default=5_000, help="that are due at once")
    parser.add_argument("--threads", type=int, default=8, help="that ask them")
    parser.add_argument("--only", choices=["parse", "poll", "due"])
    given = parser.parse_args()
    if not DATA.exists():
        say(what="nothing was measured", why=f"The feeds to measure with are not at {DATA}.")
        return
    with peers(given.peers) as found:
        measures = {"parse": lambda: parse(found, given), "poll": lambda: poll(found, given), "due": lambda: due(given)}
        for each, measure in measures.items():
            if given.only in (None, each):
                measure()


if __name__ == "__main__":
    main()
