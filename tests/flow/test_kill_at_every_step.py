"""kill -9 before any statement of a poll, a draft or a start of sending, then again: nothing twice, nothing lost."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from curator.accounts import admit
from curator.accounts.values import Role
from curator.app import TEMPLATES
from curator.audience.moving import bring
from curator.db import Database
from curator.feeds import ingest
from curator.feeds.tables import Enclosure, Episode, Feed, Item
from curator.http.client import GuardedFetcher
from curator.http.values import Limits
from curator.issues import publish
from curator.issues.render import Renderer
from curator.issues.tables import Block, Issue
from curator.mailings import send
from curator.mailings import store as mailings_store
from curator.mailings.tables import Batch, Delivery, Mailing
from curator.mailings.values import DeliveryState
from curator.newsletters import edit
from curator.picks.tables import Pick
from tests import builders
from tests.flow.killing import statements_until_done

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_LIMITS = Limits(connect_s=5, read_s=5, total_s=10, max_bytes=1_000_000)


def _feed_document() -> bytes:
    entries = "".join(
        f"""<item><guid>e{n}</guid><title>Episode {n} on vector databases</title><link>http://127.0.0.1/e{n}</link>
        <pubDate>{NOW - timedelta(days=n):%a, %d %b %Y %H:%M:%S} +0000</pubDate>
        <itunes:duration>40:0{n}</itunes:duration>
        <enclosure url="http://127.0.0.1/e{n}.mp3" type="audio/mpeg" length="{n}000"/></item>"""
        for n in range(1, 6)
    )
    return f"""<?xml version="1.0"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
    <channel><title>The show</title><link>http://127.0.0.1/</link>{entries}</channel></rss>""".encode()


class _Feed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = _feed_document()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def feed_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Feed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/feed.xml"
    server.shutdown()
    thread.join()
    server.server_close()


def _poll(database: Database, feed_id: int) -> None:
    fetcher = GuardedFetcher(_LIMITS, user_agent="test", allow_private=True)
    ingest.poll(database, fetcher, feed_id, now=NOW, random=Random(1))


def _draft(database: Database, newsletter_id: int) -> None:
    publish.draft(database, newsletter_id, slot="2026-11-17T07:00", due_at=NOW + timedelta(days=1), now=NOW)


def _start(database: Database, issue_id: int) -> None:
    send.start(database, issue_id, now=NOW)


def _kill_everywhere(database: Database, act: Callable[..., None], *arguments: object) -> int:
    """Kills `act` before its first statement, its second, and so on, until one run comes to its end."""
    url = database.url.render_as_string(hide_password=False)
    kills = 0
    while not statements_until_done(act, url, kill_before=kills + 1, arguments=arguments):
        kills += 1
        assert kills < 200
    return kills


def _counts(database: Database, *tables: type) -> list[int]:
    with database.read() as session:
        return [session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def test_a_poll_killed_anywhere_lands_whole_and_once(database: Database, feed_url: str) -> None:
    feed_id = ingest.add_feed(database, feed_url, now=NOW)
    kills = _kill_everywhere(database, _poll, feed_id)
    assert kills > 3
    assert _counts(database, Feed, Item, Episode, Enclosure) == [1, 5, 5, 5]
    with database.read() as session:
        assert session.execute(select(Feed.etag)).scalar_one() == '"one"'


def test_a_draft_killed_anywhere_is_made_once(database: Database, feed_url: str) -> None:
    feed_id = ingest.add_feed(database, feed_url, now=NOW, is_own_show=True)
    _poll(database, feed_id)
    newsletter_id = edit.create(database, builders.newsletter_form(minimum_picks=2), now=NOW)
    kills = _kill_everywhere(database, _draft, newsletter_id)
    assert kills > 3
    issues, blocks, picks = _counts(database, Issue, Block, Pick)
    assert issues == 1
    assert blocks == picks == 3


@pytest.mark.parametrize("is_live", [True, False])
def test_a_start_killed_anywhere_counts_every_reader_once(database: Database, feed_url: str, is_live: bool) -> None:
    feed_id = ingest.add_feed(database, feed_url, now=NOW, is_own_show=True)
    _poll(database, feed_id)
    newsletter_id = edit.create(database, builders.newsletter_form(minimum_picks=2), now=NOW)
    readers = "\n".join(f"reader{n}@example.test" for n in range(30))
    bring.import_csv(database, newsletter_id, f"email\n{readers}\n".encode(), now=NOW)
    if is_live:
        edit.go_live(database, newsletter_id, now=NOW)
    admit.create_user(database, "reader7@example.test", name="", role=Role.EDITOR, now=NOW)
    issue_id = publish.draft(database, newsletter_id, now=NOW)
    publish.approve(database, Renderer(TEMPLATES), issue_id, by=None, now=NOW)
    publish.schedule(database, issue_id, at=NOW, by=None, now=NOW)
    kills = _kill_everywhere(database, _start, issue_id)
    assert kills > 3
    assert _counts(database, Mailing, Delivery, Batch) == [1, 30, 1]
    with database.read() as session:
        mailing_id = session.execute(select(Mailing.id)).scalar_one()
        mailing = mailings_store.mailing(session, mailing_id)
    assert mailing.balance.is_even
    assert mailing.is_test is not is_live
    assert mailing.balance.by_state[DeliveryState.PENDING] == (30 if is_live else 1)
