"""Adding feeds and polling them, on both databases."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event

from curator.activity.store import recent
from curator.db import Database
from curator.errors import InvalidError, NotFoundError, StateError
from curator.feeds import merge, store
from curator.feeds.asking import CHUNK
from curator.feeds.ingest import add_feed, ask_now, pause, poll, resume
from curator.feeds.values import FeedKind, FeedState, FreshItem, ParsedFeed, PollOutcome
from curator.http.client import GuardedFetcher
from curator.http.memory import MemoryFetcher
from curator.http.values import Fetched, Fetcher, Limits
from tests.feeds.documents import item, rss
from tests.http.servers import running_site

URL = "https://feed.example/feed.xml"
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
TODAY = "Mon, 16 Nov 2026 08:00:00 GMT"
LATER = NOW + timedelta(days=1)
CORPUS = Path(__file__).parents[3] / "shared" / "data" / "feeds"


@pytest.fixture
def fetcher() -> MemoryFetcher:
    return MemoryFetcher()


def added(db: Database, url: str = URL) -> int:
    return add_feed(db, url, now=NOW)


def polled(db: Database, fetcher: Fetcher, feed_id: int, *, now: datetime = NOW) -> PollOutcome:
    return poll(db, fetcher, feed_id, now=now, random=Random(1))


def items(db: Database, *, include_archive: bool = True) -> list[FreshItem]:
    with db.read() as session:
        return store.fresh_items(session, since=None, include_archive=include_archive)


def row(db: Database, feed_id: int) -> store.FeedRow:
    with db.read() as session:
        return store.feed_row(session, feed_id)


def due(db: Database, *, now: datetime = NOW) -> list[int]:
    with db.read() as session:
        return store.due_feed_ids(session, now=now)


def test_a_new_feed_is_due_at_once_and_named_after_its_place(database: Database) -> None:
    feed_id = add_feed(database, URL, now=NOW, is_own_show=True, by=7)
    assert due(database) == [feed_id]
    found = row(database, feed_id)
    assert (found.title, found.kind, found.state, found.items) == (
        "feed.example/feed.xml",
        FeedKind.ARTICLE,
        FeedState.ACTIVE,
        0,
    )
    assert found.is_own_show
    with database.read() as session:
        (change,) = recent(session, subject="feed", subject_id=feed_id)
    assert (change.verb, change.actor, change.after) == ("add", 7, {"url": URL})


@pytest.mark.parametrize(
    "same", [URL, " https://FEED.example:443/feed.xml#top ", "feed.example/feed.xml", "feed://feed.example/feed.xml"]
)
def test_a_known_url_gives_the_known_feed(database: Database, same: str) -> None:
    feed_id = added(database)
    assert added(database, same) == feed_id
    with database.read() as session:
        assert len(store.feed_rows(session)) == 1
        assert len(recent(session)) == 1


@pytest.mark.parametrize(
    "url", ["", "no address", "ftp://feed.example/", "javascript:alert(1)", "https://ada:pw@feed.example/", "https://"]
)
def test_what_is_no_web_address_is_no_feed(sqlite_database: Database, url: str) -> None:
    with pytest.raises(InvalidError, match="no web address") as caught:
        added(sqlite_database, url)
    assert caught.value.field == "url"


def test_a_poll_keeps_items_and_says_so(database: Database, fetcher: MemoryFetcher) -> None:
    more = "<itunes:duration>62:03</itunes:duration><itunes:season>1</itunes:season><itunes:episode>4</itunes:episode>"
    body = rss(
        item("An episode", guid="1", link="https://feed.example/1", date=TODAY, audio="/1.mp3", more=more),
        item("A note", guid="2", date="Sun, 15 Nov 2026 08:00:00 GMT"),
        title="The Show",
    )
    fetcher.put(URL, body, headers={"ETag": '"a"', "Cache-Control": "max-age=50000"})
    outcome = polled(database, fetcher, feed_id := added(database))
    assert (outcome.is_ok, outcome.new, outcome.updated) == (True, 2, 0)
    assert outcome.note.startswith("200; 2 new, 0 changed; next 2")
    assert outcome.note.endswith(" UTC because max-age 50000")
    found = row(database, feed_id)
    assert (found.title, found.kind, found.items, found.note) == ("The Show", FeedKind.PODCAST, 2, outcome.note)
    assert (found.last_polled_at, found.last_ok_at, found.failures) == (NOW, NOW, 0)
    assert NOW + timedelta(hours=13.1) <= found.next_poll_at <= NOW + timedelta(hours=15.3)
    assert due(database) == []
    episode, note = items(database)
    assert (episode.title, episode.audio_url) == ("An episode", "https://feed.example/1.mp3")
    assert (episode.duration_s, episode.season, episode.number) == (3723, 1, 4)
    assert (episode.feed_title, episode.at) == ("The Show", datetime(2026, 11, 16, 8, 0, tzinfo=UTC))
    assert (note.title, note.audio_url, note.duration_s, note.is_archive) == ("A note", None, None, False)
    with database.read() as session:
        assert store.items_by_id(session, [note.id, 999, note.id]) == {note.id: note}


def test_polling_twice_is_polling_once(database: Database, fetcher: MemoryFetcher) -> None:
    fetcher.put(URL, rss(*[item(f"T{n}", guid=f"{n}", date=TODAY, audio=f"/{n}.mp3") for n in range(5)]))
    feed_id = added(database)
    polled(database, fetcher, feed_id)
    before = items(database)
    again = polled(database, fetcher, feed_id, now=LATER)
    assert (again.is_ok, again.new, again.updated) == (True, 0, 0)
    assert again.note.startswith("200; the same document; next ")
    fetcher.put(URL, fetcher.get(URL).body + b"\n<!-- another byte -->")
    assert polled(database, fetcher, feed_id, now=LATER).note.startswith("200; nothing new; next ")
    assert items(database) == before


def test_validators_go_back_and_304_keeps_them(database: Database, fetcher: MemoryFetcher) -> None:
    etag, changed = 'W/"x-1"', "Mon, 16 Nov 2026 08:00:00 GMT"
    fetcher.put(URL, rss(item(guid="1")), headers={"ETag": etag, "Last-Modified": changed})
    feed_id = added(database)
    polled(database, fetcher, feed_id)
    for _ in range(2):
        outcome = polled(database, fetcher, feed_id, now=LATER)
        assert outcome.is_ok
        assert outcome.note.startswith("304; next ")
        sent = fetcher.asked[-1].headers
        assert (sent["if-none-match"], sent["if-modified-since"]) == (etag, changed)
    assert "if-none-match" not in fetcher.asked[0].headers


def test_validators_that_the_server_no_longer_gives_are_dropped(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    fetcher.put(URL, rss(item(guid="1")), headers={"ETag": '"a"'})
    polled(database, fetcher, feed_id)
    fetcher.put(URL, rss(item(guid="2")))
    polled(database, fetcher, feed_id, now=LATER)
    polled(database, fetcher, feed_id, now=LATER)
    assert "if-none-match" not in fetcher.asked[-1].headers


def test_validators_from_behind_a_temporary_redirect_are_not_kept(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    for status, is_kept in ((302, False), (301, True)):
        fetcher.put(URL, status=status, headers={"Location": f"/real-{status}.xml"})
        fetcher.put(f"https://feed.example/real-{status}.xml", rss(item(guid="1")), headers={"ETag": '"a"'})
        polled(database, fetcher, feed_id)
        polled(database, fetcher, feed_id)
        assert ("if-none-match" in fetcher.asked[-1].headers) is is_kept


def test_the_feeds_ttl_holds_when_the_server_answers_304(database: Database, fetcher: MemoryFetcher) -> None:
    fetcher.put(URL, rss(item(guid="1", date=TODAY), more="<ttl>720</ttl>"), headers={"ETag": '"a"'})
    feed_id = added(database)
    assert "because ttl 720 min" in polled(database, fetcher, feed_id).note
    assert "because ttl 720 min" in polled(database, fetcher, feed_id, now=LATER).note


def test_an_edited_item_is_changed_and_stays_where_it_was(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    fetcher.put(URL, rss(item("First title", guid="1", date=TODAY, audio="/a.mp3")))
    polled(database, fetcher, feed_id)
    (before,) = items(database)
    moved = "Tue, 17 Nov 2026 08:00:00 GMT"
    fetcher.put(URL, rss(item("The title", guid="1", date=moved, audio="/b.mp3")))
    outcome = polled(database, fetcher, feed_id, now=LATER)
    (after,) = items(database)
    assert (outcome.new, outcome.updated) == (0, 1)
    assert outcome.note.startswith("200; 0 new, 1 changed")
    assert (after.id, after.at, after.title) == (before.id, before.at, "The title")
    assert after.audio_url == "https://feed.example/b.mp3"


def test_a_guid_that_changes_keeps_the_item(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    fetcher.put(URL, rss(item(guid="http://feed.example/?p=1", link="https://feed.example/one")))
    polled(database, fetcher, feed_id)
    (before,) = items(database)
    fetcher.put(URL, rss(item(guid="https://feed.example/?p=1", link="https://feed.example/one")))
    outcome = polled(database, fetcher, feed_id, now=LATER)
    assert (outcome.new, outcome.updated) == (0, 1)
    assert [found.id for found in items(database)] == [before.id]
    fetcher.put(URL, rss(item(guid="https://feed.example/?p=1", link="https://feed.example/one"), title="Renamed"))
    assert polled(database, fetcher, feed_id, now=LATER).updated == 0


def test_what_a_first_poll_finds_old_or_undated_is_archive(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    old, fresh, undated = (
        item("old", guid="1", date="Thu, 01 Oct 2026 08:00:00 GMT"),
        item("fresh", guid="2", date=TODAY),
        item("undated", guid="3"),
    )
    fetcher.put(URL, rss(undated, fresh, old))
    polled(database, fetcher, feed_id)
    assert [found.title for found in items(database, include_archive=False)] == ["fresh"]
    assert [found.title for found in items(database)] == ["undated", "fresh", "old"]
    fetcher.put(URL, rss(item("undated too", guid="4"), undated, fresh, old))
    polled(database, fetcher, feed_id, now=LATER)
    assert [found.title for found in items(database, include_archive=False)] == ["undated too", "fresh"]


def test_an_undated_backlog_keeps_the_feeds_order(sqlite_database: Database, fetcher: MemoryFetcher) -> None:
    fetcher.put(URL, rss(*[item(f"{n}", guid=f"{n}") for n in range(1200)]))
    assert polled(sqlite_database, fetcher, added(sqlite_database)).new == 1200
    assert [found.title for found in items(sqlite_database)] == [f"{n}" for n in range(1200)]


def test_fresh_items_are_bounded_by_time_and_number(sqlite_database: Database, fetcher: MemoryFetcher) -> None:
    fetcher.put(URL, rss(*[item(f"{n}", guid=f"{n}", date=f"Mon, {n} Nov 2026 08:00:00 GMT") for n in range(1, 10)]))
    polled(sqlite_database, fetcher, added(sqlite_database))
    with sqlite_database.read() as session:
        since = store.fresh_items(session, since=datetime(2026, 11, 6, 8, 0, tzinfo=UTC))
        assert [found.title for found in since] == ["9", "8", "7", "6"]
        assert [found.title for found in store.fresh_items(session, since=None, limit=2)] == ["9", "8"]


@pytest.mark.parametrize(
    ("answer", "note", "hours"),
    [
        ((404, {}), "404 Not Found; next", 1),
        ((500, {}), "500 Internal Server Error; next", 1),
        ((403, {}), "403 Forbidden; next 13:00 UTC because the server does not let us in", 4),
        ((429, {"Retry-After": "7200"}), "429 Too Many Requests; next 11:00 UTC because the server says when", 2),
        ((503, {}), "503 Service Unavailable; next 13:00 UTC because the server wants fewer requests", 4),
        ((304, {}), "304 Not Modified; next", 1),
        ((204, {}), "204 No Content; next", 1),
        ((799, {}), "799; next", 1),
    ],
)
def test_a_bad_answer_is_an_outcome_in_words(
    sqlite_database: Database, fetcher: MemoryFetcher, answer: tuple[int, dict[str, str]], note: str, hours: int
) -> None:
    fetcher.put(URL, status=answer[0], headers=answer[1])
    feed_id = added(sqlite_database)
    outcome = polled(sqlite_database, fetcher, feed_id)
    assert not outcome.is_ok
    assert outcome.note.startswith(note)
    found = row(sqlite_database, feed_id)
    assert (found.is_ok, found.failures, found.last_ok_at, found.note) == (False, 1, None, outcome.note)
    assert abs(found.next_poll_at - NOW - timedelta(hours=hours)) <= timedelta(hours=hours * 0.1)


def test_a_feed_that_cannot_be_fetched_or_read_is_an_outcome_too(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    outcome = polled(database, fetcher, feed_id)
    assert outcome.note.startswith("There is no host feed.example, or its name cannot be looked up just now; next ")
    fetcher.put(URL, b"<html><body>Sign in</body></html>", headers={"ETag": '"page"'})
    outcome = polled(database, fetcher, feed_id)
    assert outcome.note.startswith("This is a web page that names no feed; the usual places are looked at.")
    fetcher.put(URL, rss(item(guid="1")), headers={"ETag": '"feed"'})
    assert polled(database, fetcher, feed_id).new == 1
    assert row(database, feed_id).failures == 0
    assert "if-none-match" not in fetcher.asked[-1].headers


def test_trouble_loses_no_item_and_no_validator(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    fetcher.put(URL, rss(item(guid="1")), headers={"ETag": '"a"'})
    polled(database, fetcher, feed_id)
    fetcher.fail(URL, "The server took too long.")
    assert not polled(database, fetcher, feed_id, now=LATER).is_ok
    assert len(items(database)) == 1
    fetcher.put(URL, rss(item(guid="1")), headers={"ETag": '"a"'})
    assert polled(database, fetcher, feed_id, now=LATER).note.startswith("304; ")


def test_a_gone_feed_is_asked_no_more_until_it_is_resumed(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    fetcher.put(URL, status=410)
    outcome = polled(database, fetcher, feed_id)
    assert outcome.note == "410 Gone; the feed is gone for good; find its new address, or remove it"
    assert row(database, feed_id).state is FeedState.GONE
    assert due(database, now=LATER + timedelta(days=400)) == []
    polled(database, fetcher, feed_id, now=LATER)
    assert len(fetcher.asked) == 1
    resume(database, feed_id, now=LATER, by=7)
    assert due(database, now=LATER) == [feed_id]
    with database.read() as session:
        assert [(each.verb, each.actor) for each in recent(session)] == [("resume", 7), ("lose", None), ("add", None)]


def test_a_feed_without_success_for_sixty_days_is_paused(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    polled(database, fetcher, feed_id)
    outcome = polled(database, fetcher, feed_id, now=NOW + timedelta(days=61))
    assert "paused after 60 days" in outcome.note
    assert row(database, feed_id).state is FeedState.PAUSED


def test_a_paused_feed_is_not_polled(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    pause(database, feed_id, now=NOW, by=7)
    pause(database, feed_id, now=NOW, by=7)
    assert due(database, now=LATER) == []
    assert "paused" in polled(database, fetcher, feed_id).note
    assert fetcher.asked == []
    with pytest.raises(StateError, match="resume it first"):
        ask_now(database, feed_id, now=NOW)
    with database.read() as session:
        assert [each.verb for each in recent(session)] == ["pause", "add"]


def test_asking_now_makes_a_waiting_feed_due(database: Database, fetcher: MemoryFetcher) -> None:
    feed_id = added(database)
    polled(database, fetcher, feed_id)
    assert due(database) == []
    ask_now(database, feed_id, now=NOW)
    assert due(database) == [feed_id]


def test_a_feed_that_is_not_there_is_an_error(sqlite_database: Database, fetcher: MemoryFetcher) -> None:
    for act in (
        lambda: polled(sqlite_database, fetcher, 99),
        lambda: pause(sqlite_database, 99, now=NOW, by=None),
        lambda: ask_now(sqlite_database, 99, now=NOW),
        lambda: row(sqlite_database, 99),
    ):
        with pytest.raises(NotFoundError):
            act()


class Slow(Fetcher):
    """A fetcher that lets two polls fetch before either of them writes."""

    def __init__(self, inner: MemoryFetcher, parties: int) -> None:
        self.inner = inner
        self.gate = threading.Barrier(parties, timeout=30)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        answer = self.inner.get(url, headers=headers)
        self.gate.wait()
        return answer


def test_two_polls_of_one_feed_at_once_add_nothing_twice(database: Database, fetcher: MemoryFetcher) -> None:
    fetcher.put(URL, rss(*[item(f"T{n}", guid=f"{n}", audio=f"/{n}.mp3") for n in range(700)]))
    feed_id = added(database)
    slow = Slow(fetcher, 3)
    outcomes: list[PollOutcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(polled(database, slow, feed_id))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.is_ok for outcome in outcomes] == [True] * 3
    assert sum(outcome.new for outcome in outcomes) == 700
    assert len(items(database)) == row(database, feed_id).items == 700
    assert all(found.is_archive for found in items(database))


class Killed(BaseException):
    """Stands for kill -9: nothing may catch it."""


def test_a_kill_between_fetch_and_write_leaves_the_feed_due(database: Database, fetcher: MemoryFetcher) -> None:
    class Killing(MemoryFetcher):
        def get(self, *_: object, **__: object) -> Fetched:
            raise Killed

    feed_id = added(database)
    with pytest.raises(Killed):
        polled(database, Killing(), feed_id)
    assert due(database) == [feed_id]
    fetcher.put(URL, rss(item(guid="1")))
    assert polled(database, fetcher, feed_id).new == 1


def test_a_kill_in_the_middle_of_a_huge_feed_is_made_good_by_the_next_poll(
    database: Database, fetcher: MemoryFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetcher.put(URL, rss(*[item(f"T{n}", guid=f"{n}") for n in range(1100)]), headers={"ETag": '"a"'})
    feed_id = added(database)
    real = store.add_items
    calls: list[int] = []

    def killed_at_second_chunk(*arguments: object, **options: object) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return real(*arguments, **options)  # type: ignore[arg-type] - passed through

    monkeypatch.setattr(store, "add_items", killed_at_second_chunk)
    with pytest.raises(Killed):
        polled(database, fetcher, feed_id)
    assert len(items(database)) == 500
    assert due(database) == [feed_id]
    outcome = polled(database, fetcher, feed_id)
    assert (outcome.new, outcome.updated) == (600, 0)
    assert len(items(database)) == 1100
    assert items(database, include_archive=False) == []


def test_a_huge_document_is_looked_through_once_and_without_a_lock(
    sqlite_database: Database, fetcher: MemoryFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a feed of 50,000 items it took longer than writing a chunk, and the desk waited 5 s for the database.
    looks: list[int] = []
    real = merge.pages_of_one

    def look(feed: ParsedFeed) -> frozenset[str]:
        looks.append(sqlite_database.engine.pool.checkedout())
        return real(feed)

    monkeypatch.setattr(merge, "pages_of_one", look)
    fetcher.put(URL, rss(*(item(guid=str(n)) for n in range(2 * CHUNK + 1))))
    assert polled(sqlite_database, fetcher, added(sqlite_database)).new == 2 * CHUNK + 1
    assert looks == [0]


def test_a_feed_removed_while_it_is_fetched_breaks_nothing(database: Database, fetcher: MemoryFetcher) -> None:
    class Removing(MemoryFetcher):
        def get(self, url: str, **_: object) -> Fetched:
            with database.engine.begin() as connection:
                connection.exec_driver_sql("delete from feed")
            return Fetched(url, 200, {}, rss(item(guid="1")))

    outcome = polled(database, Removing(), added(database))
    assert outcome == PollOutcome(1, "The feed was removed or moved meanwhile.", is_ok=False)
    assert items(database) == []


def test_a_feed_that_got_another_address_while_it_was_fetched_keeps_nothing_of_the_old_one(
    database: Database, fetcher: MemoryFetcher
) -> None:
    feed_id = added(database)
    fetcher.put(URL, rss(item(guid="1")), headers={"ETag": '"old"'})

    class Moving(Fetcher):
        def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
            answer = fetcher.get(url, headers=headers)
            with database.write() as session:
                store.update_feed(session, feed_id, url=URL + "/new")
            return answer

    outcome = polled(database, Moving(), feed_id)
    assert (outcome.is_ok, outcome.note) == (False, "The feed was removed or moved meanwhile.")
    assert (items(database), due(database)) == ([], [feed_id])


def test_hostile_text_reaches_the_database_as_text(database: Database, fetcher: MemoryFetcher) -> None:
    nasty = "\u202e" + "\U0001f469\u200d\U0001f467 'quotes' \" \\ " + "x" * 5000
    body = rss(item(nasty, guid="&#0;", text=nasty * 5, audio="/a.mp3"), title=nasty).replace(
        b"quotes", b"&#xD800;q&#0;"
    )
    fetcher.put(URL, body, headers={"ETag": '"\x80\xff"', "Last-Modified": "a\tb\x01"})
    assert polled(database, fetcher, added(database)).new == 1
    assert "'q'" in items(database)[0].title


def test_a_list_of_feeds_costs_one_query(sqlite_database: Database, fetcher: MemoryFetcher) -> None:
    for n in range(20):
        fetcher.put(f"https://f{n}.example/", rss(item(guid="1"), title=f"Feed {19 - n:02}"))
        polled(sqlite_database, fetcher, added(sqlite_database, f"https://f{n}.example/"))
    statements: list[str] = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    with sqlite_database.read() as session:
        rows = store.feed_rows(session)
    assert [found.title for found in rows] == [f"Feed {n:02}" for n in range(20)]
    assert [found.items for found in rows] == [1] * 20
    assert len([each for each in statements if each.lstrip().lower().startswith("select")]) == 1


def test_a_poll_over_real_http_asks_conditionally(sqlite_database: Database) -> None:
    limits = Limits(connect_s=2, read_s=2, total_s=5, max_bytes=1_000_000)
    with running_site() as site:
        real = GuardedFetcher(limits, user_agent="Curator/test", allow_private=True)
        feed_id = added(sqlite_database, site.put("/feed.xml", rss(item(guid="1")), headers={"ETag": 'W/"1"'}))
        assert polled(sqlite_database, real, feed_id).new == 1
        assert polled(sqlite_database, real, feed_id, now=LATER).note.startswith("304; ")
        assert site.asked[-1][1]["if-none-match"] == 'W/"1"'
        strict = GuardedFetcher(limits, user_agent="Curator/test")
        outcome = polled(sqlite_database, strict, feed_id, now=LATER)
        assert not outcome.is_ok


@pytest.mark.skipif(not CORPUS.exists(), reason=f"the real-world feeds are not at {CORPUS}")
def test_every_real_world_feed_is_stored_and_polling_again_adds_nothing(
    database: Database, fetcher: MemoryFetcher
) -> None:
    feeds = sorted(path for path in CORPUS.iterdir() if path.suffix != ".tsv")
    ids = []
    for number, path in enumerate(feeds):
        url = f"https://f{number}.example/feed"
        fetcher.put(url, path.read_bytes())
        ids.append(added(database, url))
    first = [polled(database, fetcher, feed_id) for feed_id in ids]
    assert [outcome.note for outcome in first if not outcome.is_ok] == []
    for number, path in enumerate(feeds):
        fetcher.put(f"https://f{number}.example/feed", path.read_bytes() + b"\n")
    again = [polled(database, fetcher, feed_id, now=LATER) for feed_id in ids]
    assert sum(outcome.new + outcome.updated for outcome in again) == 0
    assert sum(row(database, feed_id).items for feed_id in ids) == sum(outcome.new for outcome in first)
