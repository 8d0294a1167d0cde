"""What the peers of `benchmarks/ingest.py` do, run by a Python that has them: it imports nothing of Curator's.

    python ingest_peers.py parse feedparser|fastfeedparser SECONDS FILE...
    python ingest_peers.py poll TIMES DATABASE URL...

Prints one JSON object: how much was done, in how many seconds of CPU.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def parsing(name: str) -> Callable[[bytes], object]:
    """Returns a peer's way to read the bytes of a feed."""
    if name == "fastfeedparser":
        import fastfeedparser

        return fastfeedparser.parse
    import io

    import feedparser

    return lambda body: feedparser.parse(io.BytesIO(body))


def parse(name: str, seconds: float, files: list[str]) -> dict[str, Any]:
    """Reads every file again and again for about some seconds of CPU."""
    read = parsing(name)
    bodies = [Path(file).read_bytes() for file in files]
    done = failed = 0
    began = time.process_time()
    while time.process_time() - began < seconds:
        failed = 0
        for body in bodies:
            done += 1
            try:
                read(body)
            except Exception:
                failed += 1
    return {"done": done, "cpu_s": time.process_time() - began, "failed": failed}


def poll(times: int, database: str, urls: list[str]) -> dict[str, Any]:
    """Has the library `reader` poll every URL, and every URL again so many times when nothing has changed."""
    from reader import make_reader

    reader = make_reader(database)
    for url in urls:
        reader.add_feed(url)
    costs = []
    for _ in range(1 + times):
        began = time.process_time()
        reader.update_feeds(scheduled=False)
        costs.append(time.process_time() - began)
    failed = sum(1 for feed in reader.get_feeds() if feed.last_exception)
    items = reader.get_entry_counts().total
    return {
        "done": len(urls),
        "cpu_s": costs[0],
        "again_cpu_s": sum(costs[1:]) / times,
        "items": items,
        "failed": failed,
    }


def main() -> None:
    """Does what is asked for, and nothing without being asked."""
    if len(sys.argv) < 3:
        return
    what, *given = sys.argv[1:]
    found = parse(given[0], float(given[1]), given[2:]) if what == "parse" else poll(int(given[0]), given[1], given[2:])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
