"""What benchmarks share: a process of its own for each run, and one JSON object a line."""

import json
import multiprocessing
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

CONTEXT = multiprocessing.get_context("spawn")

T = TypeVar("T")


def in_process(work: Callable[..., T], *given: object) -> T:
    """Runs something in a new process, so that its memory and CPU are its own, and returns what it returned."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_told, args=(theirs, work, given))
    process.start()
    theirs.close()
    try:
        found: T = ours.recv()
    finally:
        process.join()
    return found


def _told(pipe: Connection, work: Callable[..., object], given: tuple[Any, ...]) -> None:
    pipe.send(work(*given))


@contextmanager
def served(serve: Callable[..., None], *given: object) -> Iterator[int]:
    """Runs a server in a process of its own; `serve` is handed a pipe last, tells its port there, and it is yielded."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=serve, args=(*given, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def resident_mb() -> int:
    """Returns the most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def say(**figures: object) -> None:
    """Prints figures, and what else the machine had to do: with more work than cores only ratios tell something."""
    print(json.dumps(figures | {"load": round(os.getloadavg()[0], 1)}), flush=True)
