"""Forks senders on demand: each is a real process that can be killed with -9, without a second of imports.

Reads one order (JSON) a line, answers with the child's process id, then with its wait status.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

import curator.accounts.tables  # noqa: F401 - an issue's foreign key to its approver must find the table
from curator.db import Database
from curator.mailings import send
from curator.mailings.transports.smtp import SmtpTransport
from curator.tokens import Keys

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
KEYS = Keys.from_secret("k" * 40)
WINDOW = 7


class MortalDatabase(Database):
    """Kills its own process at the n-th transaction that writes, just before its commit or just after it."""

    def __init__(self, url: str, *, dies_at: int, is_after: bool) -> None:
        super().__init__(url)
        self._numbers = count(1)
        self._dies_at = dies_at
        self._is_after = is_after

    @contextmanager
    def write(self, *, is_durable: bool = False) -> Iterator[Session]:
        with super().write(is_durable=is_durable) as session:
            yield session
            # One step of a counter: several threads write.
            number = next(self._numbers)
            self._die(number, is_after=False)
        self._die(number, is_after=True)

    def _die(self, number: int, *, is_after: bool) -> None:
        if number == self._dies_at and is_after == self._is_after:
            os.kill(os.getpid(), signal.SIGKILL)


def run(order: dict[str, Any]) -> None:
    """Starts (or goes on with) the mailing of an issue and pumps it to its end."""
    db = MortalDatabase(order["url"], dies_at=order["dies_at"], is_after=order["is_after"])
    mailing_id = send.start(db, order["issue_id"], now=NOW, chunk=25, batch=20)
    send.pump(
        db,
        SmtpTransport(f"smtp://127.0.0.1:{order['port']}"),
        mailing_id,
        owner=f"child:{os.getpid()}",
        journal_dir=Path(order["journal_dir"]),
        clock=lambda: NOW,
        keys=KEYS,
        public_url="https://news.example",
        until=lambda: False,
        window=WINDOW,
        connections=order["connections"],
    )
    db.close()


def main() -> None:
    """Serves orders until standard input ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                run(json.loads(line))
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        print(child, flush=True)  # noqa: T201 - this is how the process answers
        print(os.waitpid(child, 0)[1], flush=True)  # noqa: T201 - this is how the process answers


if __name__ == "__main__":
    main()
