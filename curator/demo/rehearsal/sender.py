"""One sender of the drill, a process of its own: pumps the mailing until it is over, or until it is killed."""

import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from curator.app import utc_now
from curator.db import Database
from curator.demo.rehearsal.clock import SharedClock
from curator.mailings import send
from curator.mailings.transports.smtp import SmtpTransport
from curator.tokens import Keys

# Short, so that a relay that never answers costs the drill seconds and not minutes.
ANSWER_S = 2.0
_PAUSE_S = 0.05


@dataclass(frozen=True)
class Order:
    """What a sender is told. It travels on standard input, because the database's URL may hold a password."""

    name: str
    database_url: str
    port: int
    issue_id: int
    secret: str
    public_url: str
    folder: str
    connections: int = 1

    def as_lines(self) -> str:
        """Returns the order as its fields, one a line."""
        return "".join(f"{value}\n" for value in asdict(self).values())

    @classmethod
    def from_lines(cls, text: str) -> "Order":
        """Reads what `as_lines` wrote."""
        name, url, port, issue_id, secret, public_url, folder, connections = text.splitlines()
        return cls(name, url, int(port), int(issue_id), secret, public_url, folder, int(connections))


def main() -> int:
    """Starts (or goes on with) the mailing and pumps it to its end; returns the exit status."""
    order = Order.from_lines(sys.stdin.read())
    folder = Path(order.folder)
    db, clock = Database(order.database_url), SharedClock(folder / "clock", utc_now)
    transport = SmtpTransport(f"smtp://127.0.0.1:{order.port}", answer_s=ANSWER_S)
    waiting = threading.Event()
    mailing_id = send.start(db, order.issue_id, now=clock())
    is_over = False
    while not is_over:
        report = send.pump(
            db,
            transport,
            mailing_id,
            owner=order.name,
            journal_dir=folder / "journals",
            clock=clock,
            keys=Keys.from_secret(order.secret),
            public_url=order.public_url,
            until=lambda: False,
            connections=order.connections,
        )
        is_over = report.state.is_final
        if not is_over:
            waiting.wait(_PAUSE_S)
    db.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
