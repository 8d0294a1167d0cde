"""Messages a second into Debian's smtp-sink, ledger included: this sender, smtp-source, and naive smtplib.

63 KB, 50 tracked links, every reader's own To, links and List-Unsubscribe. Rounds of all candidates one after the
other, so that what else the machine does falls on each of them; ratios are taken within a round, and their median is
printed, one JSON object a line. The tools come from the package postfix, unpacked into a temporary folder.

    python -m benchmarks.send [--rounds 7] [--messages 4000] [--connections 1 2 4] [--window 50] [--only near]
"""

import argparse
import os
import resource
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks import delay
from benchmarks.figures import in_process, resident_mb, say, served
from curator.audience.values import Recipient
from curator.db import Database
from curator.issues import tables
from curator.issues.values import Link, Placement, RenderedRevision, link_slot
from curator.mailings import freeze, mime, personal, send, store
from curator.mailings.dkim import Keyring, parse_key
from curator.mailings.transports.choose import transport_for
from curator.mailings.values import Outgoing
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.tokens import Keys
from tests import builders

LINKS = 50
KEYS = Keys.from_secret("k" * 40)
PUBLIC_URL = "https://news.podcast.example"
ROUND_TRIP_S = 0.05
FAR_CONNECTIONS = 10
WORDS = "Sätze über Modelle, die sich selbst erklären, and what we heard about them this week. "
NAIVE_SHARE = 20  # the naive sender gets so much less to do, or it would take most of the time


def now() -> datetime:
    """The real clock: leases and dates are part of what is measured."""
    return datetime.now(UTC)  # noqa: TID251 - nothing of Curator's is decided here


# --- what is sent


def links() -> tuple[Link, ...]:
    """Returns the tracked links of the issue."""
    return tuple(
        Link(number, f"https://site{number}.example/articles/{number}?from=news", Placement.GO)
        for number in range(1, LINKS + 1)
    )


def revision() -> tuple[str, str]:
    """Returns HTML and text of an issue whose message has about 63 KB."""
    items = "".join(
        f'<tr><td style="padding:12px 24px;font:16px/24px Georgia,serif;color:#222222"><h2>Item {link.number}</h2>'
        f'<p>{WORDS * 7}</p><a href="{link_slot(link.number)}" style="color:#0a5ad4">Read it</a></td></tr>\n'
        for link in links()
    )
    html = (
        f'<!doctype html><html lang="en"><body><table role="presentation">{items}</table>'
        '<p>For reader@slot.invalid. <a href="https://preferences.slot.invalid/">Preferences</a> '
        '<a href="https://unsubscribe.slot.invalid/">Leave</a> <a href="https://web-version.slot.invalid/">On the web'
        f'</a> <a href="{link_slot(0)}"></a></p></body></html>\n'
    )
    text = "".join(f"Item {link.number}\n{WORDS * 2}\n{link.url}\n\n" for link in links())
    return html, f"{text}Leave: https://unsubscribe.slot.invalid/\nFor reader@slot.invalid\n"


def issue(db: Database, newsletter_id: int, number: int) -> int:
    """Writes an approved issue and returns it."""
    html, text = revision()
    issue_id = builders.approved_issue_row(db, newsletter_id, number=number, html=html, text=text)
    with db.write() as session:
        revision_id = session.scalar(select(tables.Revision.id).where(tables.Revision.issue_id == issue_id))
        session.add_all(
            tables.Link(revision_id=revision_id, number=link.number, url=link.url, placement=link.placement)
            for link in links()
        )
    return issue_id


# --- the other end


@contextmanager
def tools() -> Iterator[Path]:
    """Yields a folder with smtp-sink and smtp-source; they are not installed."""
    with tempfile.TemporaryDirectory(prefix="curator-postfix-") as name:
        subprocess.run(["apt-get", "download", "postfix"], cwd=name, check=True, capture_output=True)
        (package,) = Path(name).glob("postfix_*.deb")
        subprocess.run(["dpkg", "-x", package, name], check=True)
        yield Path(name) / "usr"


def tool_environ(folder: Path) -> dict[str, str]:
    """Returns the variables with which the tools find their libraries."""
    return {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(folder / "lib" / "postfix")}


@contextmanager
def sink(folder: Path) -> Iterator[int]:
    """Runs smtp-sink for the block and yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen(
        [folder / "sbin" / "smtp-sink", *as_user, f"127.0.0.1:{port}", "256"], env=tool_environ(folder)
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return


# --- who sends


@dataclass(frozen=True)
class Run:
    """What one run came to."""

    messages: int
    seconds: float
    cpu_s: float
    resident_mb: int = 0

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the sender's CPU for a message."""
        return self.cpu_s / self.messages * 1000


def source(folder: Path, port: int, *, messages: int, connections: int, size: int) -> Run:
    """Lets smtp-source send one constant message again and again, over sessions that it keeps."""
    options = f"-d -s {connections} -m {messages} -l {size} -f news@podcast.example -t reader@example.org"
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [folder / "sbin" / "smtp-source", *options.split(), f"127.0.0.1:{port}"], check=True, env=tool_environ(folder)
    )
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Run(messages, seconds, cpu)


@dataclass(frozen=True)
class Order:
    """What this sender is to do, in a process of its own."""

    database_url: str
    issue_id: int
    port: int
    connections: int
    window: int
    batch: int
    pem: bytes | None = None
    most: int | None = None


def curator(order: Order) -> Run:
    """Sends a mailing with the ledger, and returns what it came to once it balances."""
    return in_process(_pumped, order)


def _pumped(order: Order) -> Run:
    db, clock = Database(order.database_url), now
    transport = transport_for(
        f"smtp://127.0.0.1:{order.port}?connections={order.connections}&per_connection=100000", _keyring(order.pem)
    )
    mailing_id = send.start(db, order.issue_id, now=clock(), batch=order.batch)
    sent_before_end = [0]

    def is_enough() -> bool:
        # Asked once for each window of each connection.
        sent_before_end[0] += order.window
        return order.most is not None and sent_before_end[0] > order.most

    with tempfile.TemporaryDirectory() as folder:
        began, began_cpu = time.perf_counter(), time.process_time()
        report = send.pump(
            db,
            transport,
            mailing_id,
            owner="benchmark",
            journal_dir=Path(folder),
            clock=clock,
            keys=KEYS,
            public_url=PUBLIC_URL,
            until=is_enough,
            window=order.window,
            connections=order.connections,
        )
        run = Run(report.sent, time.perf_counter() - began, time.process_time() - began_cpu, resident_mb())
    with db.read() as session:
        view = store.mailing(session, mailing_id)
    if not view.balance.is_even or report.trouble or (order.most is None and not view.state.is_final):
        sys.exit(f"This run is not to be believed: {report}")
    db.close()
    return run


def _keyring(pem: bytes | None) -> Keyring:
    keys = () if pem is None else (parse_key(pem, domain="podcast.example", selector="s1"),)
    return Keyring(keys)


def naive(port: int, newsletter: NewsletterSpec, *, messages: int, connections: int) -> Run:
    """Sends the same content the way it is usually done, without any ledger."""
    return in_process(_naively_sent, port, newsletter, messages, connections)


def _naively_sent(port: int, newsletter: NewsletterSpec, messages: int, connections: int) -> Run:
    html, text = revision()
    content = personal.content(RenderedRevision(1, 1, 1, "a" * 64, "What we heard", html, text, now()), links())

    def work(first: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            for number in range(first, messages, connections):
                client.send_message(naive_message(content, newsletter, Recipient(number + 1, _address(number), "")))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(connections)]
    began, began_cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Run(messages, time.perf_counter() - began, time.process_time() - began_cpu, resident_mb())


def naive_message(content: personal.Content, newsletter: NewsletterSpec, recipient: Recipient) -> EmailMessage:
    """Returns a reader's message built with the standard library."""
    own = personal.own_links(
        content,
        newsletter,
        mailing_id=1,
        issue_number=1,
        subscriber_id=recipient.subscriber_id,
        public_url=PUBLIC_URL,
        keys=KEYS,
    )
    message = EmailMessage()
    message["From"] = f"{newsletter.sender_name} <{newsletter.sender_address}>"
    message["To"] = recipient.address
    message["Subject"] = content.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = mime.message_id(
        KEYS, mailing_id=1, subscriber_id=recipient.subscriber_id, domain="podcast.example"
    )
    message["List-Unsubscribe"] = f"<{own.unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(personal.text_of(content, own, recipient.address), cte="quoted-printable")
    markup = personal.html_of(content, own, recipient.address)
    message.add_alternative(markup, subtype="html", cte="quoted-printable")
    return message


def _address(number: int) -> str:
    return f"reader{number}@example.org"


# --- the rounds


@dataclass
class Bench:
    """Databases with readers, the sink's port, and what every order has in common."""

    databases: dict[str, Database]
    newsletter_ids: dict[str, int]
    newsletter: NewsletterSpec
    folder: Path
    port: int
    far_port: int
    pem: bytes
    size: int
    options: argparse.Namespace
    issues: int = 0

    def order(self, name: str, **fields: Any) -> Order:
        """Returns an order for a new issue on one of the databases."""
        self.issues += 1
        db = self.databases[name]
        issue_id = issue(db, self.newsletter_ids[name], self.issues)
        usual = {
            "port": self.port,
            "connections": self.options.connections[0],
            "window": self.options.window,
            "batch": freeze.BATCH,
        }
        return Order(db.url.render_as_string(hide_password=False), issue_id, **(usual | fields))

    def source(self, connections: int) -> Run:
        """Runs smtp-source with as many sessions as this sender has."""
        return source(self.folder, self.port, messages=self.options.messages, connections=connections, size=self.size)


def near(bench: Bench) -> None:
    """Measures against smtp-source on the loopback address with as many connections, and against the naive sender."""
    for connections in bench.options.connections:
        _near(bench, connections)


def _near(bench: Bench, connections: int) -> None:
    def ask(name: str, pem: bytes | None = None) -> Run:
        return curator(bench.order(name, connections=connections, pem=pem))

    asked = {
        "SQLite": lambda: ask("SQLite"),
        "PostgreSQL": lambda: ask("PostgreSQL"),
        "SQLite, RSA-2048": lambda: ask("SQLite", bench.pem),
        "PostgreSQL, RSA-2048": lambda: ask("PostgreSQL", bench.pem),
    }
    naive_messages = max(20, bench.options.messages // NAIVE_SHARE)
    runs: dict[str, list[Run]] = {name: [] for name in asked}
    against: dict[str, list[float]] = {name: [] for name in asked}
    naives, sources, against_naive = [], [], []
    for _ in range(bench.options.rounds):
        naives.append(naive(bench.port, bench.newsletter, messages=naive_messages, connections=1))
        before = bench.source(connections)
        for name, answer in asked.items():
            run, after = answer(), bench.source(connections)
            runs[name].append(run)
            against[name].append(2 * run.rate / (before.rate + after.rate))
            sources.append(before)
            before = after
        against_naive.append(runs["SQLite"][-1].rate / naives[-1].rate)
    for name in asked:
        bar = 0.4 if "RSA" in name else 0.9
        _say_pair(
            f"sent over {connections} connections with the ledger on {name}",
            runs[name],
            "smtp-source -d",
            sources,
            ratios=against[name],
            bar=bar,
        )
    _say_pair(
        f"sent over {connections} connections with the ledger on SQLite",
        runs["SQLite"],
        "naive smtplib, one connection",
        naives,
        ratios=against_naive,
        bar=12,
    )


def far(bench: Bench) -> None:
    """Measures at 50 ms round trip and ten connections against smtplib with as many."""
    messages, runs, naives = min(1500, bench.options.messages), [], []
    for _ in range(max(1, bench.options.rounds // 2)):
        order = bench.order("SQLite", port=bench.far_port, connections=FAR_CONNECTIONS, batch=50, most=messages)
        runs.append(curator(order))
        naives.append(naive(bench.far_port, bench.newsletter, messages=messages // 4, connections=FAR_CONNECTIONS))
    ratios = [ours.rate / theirs.rate for ours, theirs in zip(runs, naives, strict=True)]
    _say_pair(
        "sent at 50 ms, 10 connections, ledger on SQLite", runs, "smtplib, 10 connections", naives, ratios=ratios, bar=3
    )


def options(bench: Bench) -> None:
    """Measures how connections and windows move the rate."""
    for connections, window in ((1, 20), (2, 20), (4, 20), (8, 20), (4, 10), (4, 50), (2, 50)):
        for name in bench.databases:
            runs, ratios = [], []
            for _ in range(max(1, bench.options.rounds // 2)):
                before = bench.source(connections)
                runs.append(curator(bench.order(name, connections=connections, window=window)))
                ratios.append(2 * runs[-1].rate / (before.rate + bench.source(connections).rate))
            say(
                what=f"{connections} connections, windows of {window}, {name}",
                messages_a_second=_middle(run.rate for run in runs),
                ratio=round(statistics.median(ratios), 2),
                cpu_ms=round(statistics.median(run.cpu_ms for run in runs), 2),
            )


def memory(bench: Bench, readers: int) -> None:
    """Measures the sender's memory with a large audience frozen, while its first messages leave."""
    from benchmarks import ledger

    with tempfile.TemporaryDirectory(prefix="curator-memory-") as name:
        db = Database(f"sqlite:///{Path(name) / 'large.sqlite3'}")
        ledger.schema.upgrade(db)
        issue_id = ledger.fill(db, readers)
        url = db.url.render_as_string(hide_password=False)
        order = bench.order("SQLite", connections=max(bench.options.connections), batch=500, most=5000)
        run = curator(replace(order, database_url=url, issue_id=issue_id))
        db.close()
    say(what=f"resident megabytes with {readers:,} recipients", value=run.resident_mb, bar=200)


def _say_pair(what: str, ours: list[Run], peer: str, theirs: list[Run], *, ratios: list[float], bar: float) -> None:
    ratio = statistics.median(ratios)
    say(
        what=what,
        messages_a_second=_middle(run.rate for run in ours),
        cpu_ms=round(statistics.median(run.cpu_ms for run in ours), 2),
        resident_megabytes=max(run.resident_mb for run in ours),
        peer=peer,
        peer_messages_a_second=_middle(run.rate for run in theirs),
        peer_cpu_ms=round(statistics.median(run.cpu_ms for run in theirs), 2),
        ratio=round(ratio, 2),
        ratios=f"{min(ratios):.2f} to {max(ratios):.2f}",
        bar=bar,
        is_reached=ratio >= bar,
    )


def _middle(rates: Iterator[float]) -> int:
    return round(statistics.median(rates))


def _pem() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def sample(newsletter: NewsletterSpec) -> Outgoing:
    """Returns one message, to know its size."""
    html, text = revision()
    content = personal.content(RenderedRevision(1, 1, 1, "a" * 64, "What we heard", html, text, now()), links())
    return mime.message(
        content,
        Recipient(1, _address(1), ""),
        newsletter,
        mailing_id=1,
        issue_number=1,
        date=now(),
        public_url=PUBLIC_URL,
        keys=KEYS,
    )


def main() -> None:
    """Runs every measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--messages", type=int, default=4_000)
    parser.add_argument("--readers", type=int, default=1_000_000, help="for the memory of the sender")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--window", type=int, default=send.WINDOW)
    parser.add_argument("--only", choices=["near", "far", "options", "memory"])
    given = parser.parse_args()
    # Not above: every process that is started imports this file, and the server's wheel warns each time.
    from benchmarks import ledger

    with (
        tempfile.TemporaryDirectory(prefix="curator-send-") as name,
        tools() as folder,
        sink(folder) as port,
        served(delay.serve, port, ROUND_TRIP_S) as far_port,
        ledger.databases(Path(name)) as databases,
    ):
        ids = {each: builders.newsletter_row(db) for each, db in databases.items()}
        for each, db in databases.items():
            builders.subscriber_rows(db, ids[each], [_address(number) for number in range(given.messages)])
        with databases["SQLite"].read() as session:
            newsletter = newsletters.newsletter(session, ids["SQLite"])
        size = len(sample(newsletter).content)
        say(what="bytes of a message", value=size, links=LINKS)
        bench = Bench(databases, ids, newsletter, folder, port, far_port, _pem(), size, given)
        measures = {
            "near": lambda: near(bench),
            "far": lambda: far(bench),
            "options": lambda: options(bench),
            "memory": lambda: memory(bench, given.readers),
        }
        for each, measure in measures.items():
            if given.only in (None, each):
                measure()


if __name__ == "__main__":
    main()
