"""The child process: looks an import's file through or takes it in until its turn is over, says so, and ends."""

import gc
import os
import resource
import sys
import time
import traceback
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from curator.audience.moving import bring, store, take_in
from curator.audience.moving.files import StoredFile
from curator.audience.moving.look import look
from curator.audience.moving.values import Phase
from curator.db import Database
from curator.errors import CuratorError, InvalidError, StorageError
from curator.jobs.moving.values import MORE, Asked
from curator.leavings.log import LeavingsLog
from curator.tokens import Keys, Veil

MEMORY_BYTES = 1_500_000_000
"""Address space; what is used of it stays below 200 MB however large the file."""

# Mail and pages come first: a file takes what they leave.
_NICENESS = 10
# Each row goes into six indexes at places that lie far apart.
_CACHE_MB = 100
_SWEPT_EVERY = 50
"""Chunks between two looks for cycles: at most some 10 MB of them."""


def main() -> None:
    """Reads one `Asked` from standard input and does it."""
    asked = Asked.of_json(sys.stdin.readline())
    cpu_s = int(asked.turn_s) + 30
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.nice(_NICENESS)
    # What is loaded stays, and a chunk's rows go by themselves: looking for cycles among them took a fifth of the time.
    gc.freeze()
    gc.disable()
    db = Database(asked.database, cache_mb=_CACHE_MB)
    *older, secret = asked.secrets
    db.wear(Veil(Keys.from_secret(secret, older=tuple(older))))
    if asked.leavings:
        db.witness = LeavingsLog(Path(asked.leavings[0]), spare=Path(asked.leavings[-1]))
    try:
        if go_on(db, asked):
            sys.stdout.write(MORE)
            sys.stdout.flush()
    finally:
        db.close()


def go_on(db: Database, asked: Asked) -> bool:
    """Does one turn's work on an import; True when some is left. What cannot be helped by trying again is noted."""
    began = time.monotonic()

    def clock() -> datetime:
        return asked.now + timedelta(seconds=time.monotonic() - began)

    done = count(1)

    def is_over() -> bool:
        # A statement is a cycle that holds its chunk's addresses, some 200 KB.
        if next(done) % _SWEPT_EVERY == 0:
            gc.collect()
        return time.monotonic() - began >= asked.turn_s

    folder = Path(asked.folder)
    source = StoredFile(bring.place(folder, asked.import_id))
    try:
        with db.read() as session:
            phase = store.one(session, asked.import_id).phase
        if phase is Phase.LOOKING:
            return look(db, asked.import_id, source, clock=clock, is_over=is_over)
        if take_in.take_in(db, asked.import_id, source, clock=clock, is_over=is_over):
            return True
        _take_away(db, asked.import_id, folder, now=clock())
    except StorageError:
        # The database is away or busy: the clock asks again.
        raise
    except CuratorError as error:
        reason = error.reason if isinstance(error, InvalidError) else str(error)
        bring.fail(db, asked.import_id, note=reason, now=clock())
    except Exception as error:
        # The traceback goes to the log; the words stay out of it: they may quote a row.
        traceback.print_tb(error.__traceback__)
        bring.fail(db, asked.import_id, note=f"It broke ({type(error).__name__}); the log has where.", now=clock())
    return False


def _take_away(db: Database, import_id: int, folder: Path, *, now: datetime) -> None:
    """Takes the file away once all of it is in: nothing needs it any more."""
    with db.read() as session:
        is_done = store.one(session, import_id).phase is Phase.DONE
    if is_done:
        bring.forget_file(db, import_id, folder=folder, now=now)


if __name__ == "__main__":
    main()
