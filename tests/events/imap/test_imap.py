"""A mailbox over IMAP: read to a bound, marked after the fact, and whatever its server does is told in words."""

import socket
from collections.abc import Iterator

import pytest

from curator.db import Database
from curator.events import returns
from curator.events.imap import session as imap
from curator.events.mailbox import MailboxError
from curator.events.values import EventKind
from curator.mailings.return_path import OfDelivery, return_token
from curator.settings.imap import ImapUrl
from curator.tokens import Keys
from tests.events.bounces import bounce
from tests.events.imap.server import PASSWORD, Server, serving
from tests.events.scene import NOW, Sent, counters, events, sent

KEYS = Keys.from_secret("k" * 40)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database, readers=3)


def of(line: Sent, reader: int) -> bytes:
    token = return_token(KEYS, OfDelivery(line.mailing_id, line.readers[reader]))
    return bounce(f"bounces+{token}@podcast.example").replace(b"\n", b"\r\n")


def take_in(line: Sent, server: Server, *, at_most: int = 100) -> dict[str, int]:
    with imap.visit(server.url()) as folder:
        return dict(returns.take_in(line.db, folder, keys=KEYS, now=NOW, at_most=at_most))


def test_bounces_are_read_once_and_stay_there(line: Sent, server: Server) -> None:
    for reader in range(2):
        server.put(of(line, reader))
    server.put(b"From: a@b.example\r\n\r\nhello\r\n")
    assert take_in(line, server) == {"bounce": 2, "foreign": 1}
    assert take_in(line, server) == {}
    assert (counters(line.db, line.mailing_id).bounced, len(server.messages), len(server.seen)) == (2, 3, 3)


def test_a_round_is_bounded_whatever_waits(line: Sent, server: Server) -> None:
    for _ in range(10_000):
        server.put(b"From: a@b.example\r\n\r\nhello\r\n")
    assert take_in(line, server, at_most=20) == {"foreign": 20}
    assert server.seen == set(range(7, 27)), "the oldest first"


def test_a_large_mail_is_read_to_a_bound(line: Sent, server: Server) -> None:
    server.put(of(line, 0) + b"x" * 3_000_000)
    assert take_in(line, server) == {"bounce": 1}


def test_a_break_before_the_mark_reads_it_again_and_counts_once(line: Sent, server: Server) -> None:
    server.put(of(line, 0))
    server.dies_at = "STORE"
    with pytest.raises(MailboxError, match="the connection broke"):
        take_in(line, server)
    server.dies_at = ""
    assert (len(events(line.db, EventKind.BOUNCED)), server.seen) == (1, set())
    assert take_in(line, server) == {"bounce": 1}
    assert counters(line.db, line.mailing_id).bounced == 1


def test_new_numbers_of_old_messages_change_nothing(line: Sent, server: Server) -> None:
    server.put(of(line, 0))
    take_in(line, server)
    server.put(of(line, 1))
    server.renumber()
    assert take_in(line, server) == {"bounce": 1}
    assert counters(line.db, line.mailing_id).bounced == 2


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ({"password": "wrong"}, "neither this user nor this password"),
        ({"folder": "Elsewhere"}, "has no folder Elsewhere"),
    ],
)
def test_a_wrong_setting_is_told_without_the_secret(server: Server, url: dict[str, str], words: str) -> None:
    with pytest.raises(MailboxError, match=words) as told, imap.visit(server.url(**url)):
        pass
    assert "wrong" not in str(told.value)
    assert PASSWORD not in str(told.value)


@pytest.mark.parametrize("verb", ["CAPABILITY", "LOGIN", "SELECT", "SEARCH"])
def test_a_server_that_hangs_ends_the_visit(server: Server, verb: str) -> None:
    server.hangs_at = verb
    with pytest.raises(MailboxError, match="cannot be read"), imap.visit(server.url(), answer_s=0.05) as folder:
        folder.new_names()


def test_a_server_that_drips_ends_the_visit(server: Server) -> None:
    server.hangs_at, server.drips = "SEARCH", True
    with pytest.raises(MailboxError, match="cannot be read"), imap.visit(server.url(), visit_s=0.2) as folder:
        folder.new_names()


def test_nobody_there_and_no_encryption_are_told(server: Server) -> None:
    plain = server.url()
    for tls in ("implicit", "starttls"):
        url = ImapUrl(plain.host, plain.port, plain.user, plain.password, plain.folder, tls)
        with pytest.raises(MailboxError, match="cannot be read"), imap.visit(url, answer_s=0.5):
            pass
    with socket.create_server(("127.0.0.1", 0)) as shut:
        port = shut.getsockname()[1]
    url = ImapUrl(plain.host, port, plain.user, plain.password, plain.folder, "none")
    with pytest.raises(MailboxError, match="refused"), imap.visit(url):
        pass
