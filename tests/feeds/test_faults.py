"""What a hostile or broken server does to a poll: a reason in an editor's words, and nothing else stops."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from random import Random
from socket import socket

import pytest

from curator.db import Database
from curator.feeds import store
from curator.feeds.ingest import add_feed, poll
from curator.feeds.polls import store as polls
from curator.feeds.rounds import Pollers, go_round
from curator.feeds.values import FeedRow, FeedState, PollOutcome
from curator.http.client import GuardedFetcher
from curator.http.values import Limits
from tests.feeds.documents import item, rss
from tests.http.servers import Site, raw_server, running_site

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
LIMITS = Limits(connect_s=2, read_s=2, total_s=10, max_bytes=1_000_000)
SHORT = Limits(connect_s=2, read_s=2, total_s=0.4, max_bytes=1_000_000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
BODY = rss(item(guid="1"))
GIGABYTE = 1_000_000_000


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


def fetcher(limits: Limits = LIMITS, **options: object) -> GuardedFetcher:
    return GuardedFetcher(limits, user_agent="Curator/test", **{"allow_private": True, **options})  # type: ignore[arg-type] - passed through


def polled(db: Database, url: str, *, by: GuardedFetcher | None = None, now: datetime = NOW) -> PollOutcome:
    return poll(db, by or fetcher(), add_feed(db, url, now=NOW), now=now, random=Random(1))


def row(db: Database, feed_id: int) -> FeedRow:
    with db.read() as session:
        return store.feed_row(session, feed_id)


def test_a_gzip_bomb_is_told_and_not_unpacked(sqlite_database: Database, site: Site) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    url = site.put("/feed.xml", bomb, headers={"Content-Encoding": "gzip"})
    assert polled(sqlite_database, url).note.startswith("The document is larger than 1,000,000 bytes; next ")


def test_a_body_of_a_gigabyte_is_left_after_the_limit(sqlite_database: Database) -> None:
    sent: list[int] = []

    def gigabyte(connection: socket, over: threading.Event) -> None:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % GIGABYTE)
        piece = b"x" * 65_536
        while sum(sent) < GIGABYTE and not over.is_set():
            connection.sendall(piece)
            sent.append(len(piece))

    with raw_server(gigabyte) as url:
        outcome = polled(sqlite_database, url)
    assert outcome.note.startswith("The document is larger than 1,000,000 bytes; next ")
    assert sum(sent) < 50_000_000


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_without_an_end_is_told(sqlite_database: Database, site: Site, status: int) -> None:
    url = site.put("/feed.xml", status=status, headers={"Location": "/feed.xml"})
    outcome = polled(sqlite_database, url)
    assert outcome.note.startswith("The server redirects more than 5 times; next ")
    assert len(site.asked) == 6


def test_a_slow_drip_ends_with_the_whole_limit(sqlite_database: Database) -> None:
    def drip(connection: socket, over: threading.Event) -> None:
        connection.sendall(HEAD + b"Content-Length: 40000\r\n\r\n")
        while not over.wait(0.05):
            connection.sendall(b"x")

    with raw_server(drip) as url:
        outcome = polled(sqlite_database, url, by=fetcher(SHORT))
    assert outcome.note.startswith("The server took longer than the 0.4 s that a fetch may last; next ")


def test_a_name_that_turns_private_after_its_check_leads_nowhere_else(sqlite_database: Database, site: Site) -> None:
    looked_up: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["169.254.169.254"]

    site.put("/feed.xml", BODY)
    url, by = f"http://rebind.example:{site.port}/feed.xml", fetcher(resolve=rebinding)
    assert polled(sqlite_database, url, by=by).new == 1
    assert looked_up == ["rebind.example"]
    outcome = polled(sqlite_database, url, by=by, now=NOW + timedelta(days=1))
    assert outcome.note.startswith("rebind.example has no public address, so Curator does not ask it; next ")
    assert len(site.asked) == 1


def test_a_wrong_charset_is_read_all_the_same(sqlite_database: Database, site: Site) -> None:
    body = rss(item("Zürich – café", guid="1"))
    url = site.put("/feed.xml", body, headers={"Content-Type": "application/rss+xml; charset=us-ascii"})
    assert polled(sqlite_database, url).new == 1
    with sqlite_database.read() as session:
        assert store.fresh_items(session, since=None, include_archive=True)[0].title == "Zürich – café"


def test_a_feed_that_becomes_a_web_page_keeps_its_items_and_comes_back(sqlite_database: Database, site: Site) -> None:
    url = site.put("/feed.xml", BODY, headers={"ETag": '"1"'})
    feed_id = polled(sqlite_database, url).feed_id
    site.put("/feed.xml", b"<!doctype html><html><body>Under repair</body></html>", headers={"ETag": '"page"'})
    page = polled(sqlite_database, url, now=NOW + timedelta(days=1))
    assert page.note.startswith("200, but: This is a web page, not a feed.")
    assert (row(sqlite_database, feed_id).items, row(sqlite_database, feed_id).is_ok) == (1, False)
    site.put("/feed.xml", rss(item(guid="1"), item(guid="2")), headers={"ETag": '"2"'})
    back = polled(sqlite_database, url, now=NOW + timedelta(days=2))
    assert (back.is_ok, back.new) == (True, 1)


def test_a_gone_feed_stops_and_tells(sqlite_database: Database, site: Site) -> None:
    outcome = polled(sqlite_database, site.put("/feed.xml", status=410))
    assert outcome.note == "410 Gone; the feed is gone for good; find its new address, or remove it"
    assert row(sqlite_database, outcome.feed_id).state is FeedState.GONE


_STATED = "the server says when to come back (Retry-After)"


@pytest.mark.parametrize(
    ("answer", "words", "hours"),
    [
        ((429, {"Retry-After": "7200"}), _STATED, 2),
        ((429, {}), "the server wants fewer requests", 4),
        ((503, {"Retry-After": "Mon, 16 Nov 2026 15:00:00 GMT"}), _STATED, 6),
        ((403, {}), "the server does not let us in", 4),
    ],
)
def test_a_refusal_says_when_it_is_tried_again(
    sqlite_database: Database, site: Site, answer: tuple[int, dict[str, str]], words: str, hours: int
) -> None:
    outcome = polled(sqlite_database, site.put("/feed.xml", status=answer[0], headers=answer[1]))
    assert outcome.note.endswith(f"because {words}")
    assert row(sqlite_database, outcome.feed_id).next_poll_at == NOW + timedelta(hours=hours)


def test_a_certificate_that_cannot_be_trusted_is_told(sqlite_database: Database) -> None:
    with running_site(tls_names=[]) as site:
        url = f"https://feeds.example.org:{site.port}/feed.xml"
        outcome = polled(sqlite_database, url, by=fetcher(resolve=lambda _host, _port: ["127.0.0.1"]))
    assert outcome.note.startswith("feeds.example.org shows a certificate that cannot be trusted: ")


def test_304_is_an_answer_only_to_who_sent_validators(sqlite_database: Database, site: Site) -> None:
    url = site.put("/feed.xml", BODY, headers={"ETag": '"1"', "Cache-Control": "max-age=7200"})
    polled(sqlite_database, url)
    outcome = polled(sqlite_database, url, now=NOW + timedelta(days=1))
    assert outcome.note.startswith("304; next ")
    assert outcome.is_ok
    other = polled(sqlite_database, site.put("/other.xml", status=304))
    assert (other.is_ok, other.note.startswith("304 Not Modified; next ")) == (False, True)


def test_none_of_them_stops_the_others(sqlite_database: Database) -> None:
    """A round over all kinds of bad servers at once ends, with a line in words for each and the good feed's item."""

    def endless(connection: socket, over: threading.Event) -> None:
        connection.sendall(HEAD + b"\r\n")
        while not over.is_set():
            connection.sendall(b"x" * 10_000)

    def silent(_connection: socket, over: threading.Event) -> None:
        over.wait(5)

    with ExitStack() as stack:
        site = stack.enter_context(running_site())
        raw = [stack.enter_context(raw_server(answer)) for answer in (endless, silent)]
        bomb = gzip.compress(b"\0" * 5_000_000)
        port = site.port
        for path, kept in {
            "bomb": {"body": bomb, "headers": {"Content-Encoding": "gzip"}},
            "loop": {"status": 301, "headers": {"Location": "/loop"}},
            "page": {"body": b"<html><body>Hello</body></html>"},
            "gone": {"status": 410},
            "busy": {"status": 429},
            "shut": {"status": 403},
            "good": {"body": BODY},
        }.items():
            site.put(f"/{path}", **kept)  # type: ignore[arg-type] - passed through
            add_feed(sqlite_database, f"http://{path}.example:{port}/{path}", now=NOW)
        for number, url in enumerate(raw):
            add_feed(sqlite_database, url.replace("127.0.0.1", f"raw{number}.example"), now=NOW)
        hands = fetcher(
            Limits(connect_s=2, read_s=0.3, total_s=2, max_bytes=1_000_000),
            resolve=lambda _host, _port: ["127.0.0.1"],
        )
        pollers = Pollers(sqlite_database, hands, lambda: NOW, Random(1), "one")
        assert go_round(pollers, is_over=lambda: False) is False
    with sqlite_database.read() as session:
        rows = store.feed_rows(session)
        lines = [polls.polls(session, each.id) for each in rows]
    assert [len(each) for each in lines] == [1] * 9
    assert sorted(each.is_ok for each in rows) == [False] * 8 + [True]
    assert all(each.note and "Error" not in each.note.replace("Server Error", "") for each in rows)
    assert sum(each.items for each in rows) == 1


def test_an_encoding_that_no_database_can_hold_is_told(database: Database) -> None:
    def odd(connection: socket, _over: threading.Event) -> None:
        connection.sendall(HEAD + b"Content-Encoding: a\0b\r\nContent-Length: 1\r\n\r\nx")

    with raw_server(odd) as url:
        outcome = polled(database, url)
    assert outcome.note.startswith("The server sent an encoding that nobody asked for (ab); next ")
