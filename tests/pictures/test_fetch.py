"""A picture is asked for once, kept, and given up politely where it cannot be had."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from curator.db import Database
from curator.errors import StorageError
from curator.http.memory import MemoryFetcher
from curator.http.values import Fetched
from curator.pictures import fetch, patience, store
from curator.pictures.folder import FolderPictures
from curator.pictures.memory import MemoryPictures
from curator.pictures.values import Kind, PictureRow, PictureState, Source, Use
from tests.conftest import FakeClock
from tests.pictures import files

URL = "https://blog.example/lead.jpg"
SOURCE = Source(URL, Use.WIDE)


class Wanted:
    """One picture that is wanted, a world to ask, and a place to keep it."""

    def __init__(self, db: Database, clock: FakeClock) -> None:
        self.db, self.clock = db, clock
        self.world, self.kept = MemoryFetcher(), MemoryPictures()
        with db.write() as session:
            (self.id,) = store.want(session, [SOURCE], now=clock())

    def ask(self) -> fetch.Came:
        return fetch.fetch(self.db, self.world, self.kept, self.id, clock=self.clock)

    def row(self) -> PictureRow:
        with self.db.read() as session:
            return store.picture(session, self.id)


@pytest.fixture
def wanted(database: Database, clock: FakeClock) -> Wanted:
    return Wanted(database, clock)


def test_a_picture_is_fetched_made_small_and_kept(wanted: Wanted) -> None:
    wanted.world.put(URL, files.photo())
    assert wanted.ask().is_kept
    row = wanted.row()
    assert row.picture is not None
    assert (row.state, row.picture.width, row.picture.height) == (PictureState.STORED, 528, 330)
    assert (row.stored_at, row.next_try_at, row.note) == (wanted.clock(), None, "")
    assert len(wanted.kept.get(row.picture.name) or b"") == row.picture.bytes
    assert row.picture.path.startswith("/pictures/")


def test_a_picture_is_here_since_it_came_and_not_since_it_was_asked_for(wanted: Wanted, clock: FakeClock) -> None:
    class Slow(MemoryFetcher):
        def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
            clock.advance(timedelta(seconds=40))
            return super().get(url, headers=headers)

    asked_at, wanted.world = clock(), Slow()
    wanted.world.put(URL, files.photo())
    assert wanted.ask().is_kept
    assert wanted.row().stored_at == asked_at + timedelta(seconds=40), "an approval between the two is of before it"


def test_what_is_kept_is_not_asked_for_again_until_somebody_says_so(wanted: Wanted) -> None:
    wanted.world.put(URL, files.photo())
    wanted.ask()
    since = wanted.clock()
    wanted.clock.advance(timedelta(days=40))
    assert wanted.ask().is_kept
    with wanted.db.write() as session:
        assert store.want(session, [SOURCE], now=wanted.clock()) == []
        store.ask_again(session, SOURCE, now=wanted.clock())
    assert not wanted.ask().is_other
    assert wanted.row().stored_at == since
    assert len(wanted.world.asked) == 2


def test_another_picture_at_the_same_address_is_told_of(wanted: Wanted) -> None:
    wanted.world.put(URL, files.photo())
    wanted.ask()
    wanted.world.put(URL, files.photo(900, 900))
    wanted.clock.advance(timedelta(hours=1))
    with wanted.db.write() as session:
        store.ask_again(session, SOURCE, now=wanted.clock())
    assert wanted.ask().is_other
    row = wanted.row()
    assert row.picture is not None
    assert (row.picture.height, row.stored_at) == (528, wanted.clock())


def test_a_later_failure_takes_nothing_away(wanted: Wanted) -> None:
    wanted.world.put(URL, files.photo())
    wanted.ask()
    wanted.world.fail(URL, "It is down.")
    with wanted.db.write() as session:
        store.ask_again(session, SOURCE, now=wanted.clock())
    assert wanted.ask().is_kept
    row = wanted.row()
    assert (row.state, row.note) == (PictureState.STORED, "It is down.")
    assert row.picture is not None


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"<html>", "web page"), (b"<svg></svg>", "SVG"), (b"", "empty"), (files.photo()[:900], "damaged")],
)
def test_what_is_no_picture_is_given_up_at_once(
    sqlite_database: Database, clock: FakeClock, body: bytes, words: str
) -> None:
    wanted = Wanted(sqlite_database, clock)
    wanted.world.put(URL, body)
    assert not wanted.ask().is_kept
    row = wanted.row()
    assert (row.state, row.next_try_at, row.picture) == (PictureState.FAILED, None, None)
    assert words in row.note


def test_a_picture_that_is_not_there_is_asked_for_four_times_more_and_no_more(wanted: Wanted) -> None:
    wanted.world.put("https://blog.example/", b"")
    tries = 0
    while (row := wanted.row()).next_try_at is not None:
        wanted.clock.at = row.next_try_at
        wanted.ask()
        tries += 1
    assert tries == 5
    assert wanted.row().note == "The server answers 404 Not Found."
    assert wanted.clock() > datetime(2026, 11, 17, tzinfo=wanted.clock().tzinfo)


def test_what_was_given_up_is_asked_for_again_after_a_week_if_it_is_still_wanted(wanted: Wanted) -> None:
    wanted.world.put(URL, b"<html>")
    wanted.ask()
    with wanted.db.write() as session:
        assert store.want(session, [SOURCE], now=wanted.clock()) == []
        assert store.want(session, [SOURCE], now=wanted.clock.advance(timedelta(days=7))) == [wanted.id]


def test_more_than_is_read_is_refused_in_words(wanted: Wanted) -> None:
    wanted.world.put(URL, b"\xff\xd8\xff" + b"\0" * 14_000_000)
    wanted.ask()
    assert wanted.row().note == "The file has more than 10 MB."


def test_a_private_address_is_not_asked(sqlite_database: Database, clock: FakeClock) -> None:
    wanted = Wanted(sqlite_database, clock)
    wanted.world = MemoryFetcher(allow_private=False)
    wanted.world.put(URL, status=302, headers={"Location": "http://127.0.0.1/secret.png"})
    wanted.ask()
    assert "no public address" in wanted.row().note or "does not ask" in wanted.row().note


def test_a_small_and_a_wide_one_of_one_address_are_two(database: Database, clock: FakeClock) -> None:
    both = [SOURCE, Source(URL, Use.ARTWORK), SOURCE]
    with database.write() as session:
        assert len(store.want(session, both, now=clock())) == 2
        assert set(store.pictures(session, both)) == set(both)
        assert store.due_ids(session, now=clock()) == sorted(row.id for row in store.pictures(session, both).values())


def test_tries_lie_further_and_further_apart(now: datetime) -> None:
    waits = [(at - now) for tries in range(1, 5) if (at := patience.next_try(tries, now=now))]
    assert waits == sorted(set(waits))
    assert patience.next_try(1, now=now, at_least=timedelta(days=3)) == now + timedelta(days=3)


@pytest.fixture(params=["folder", "memory"])
def kept(request: pytest.FixtureRequest, tmp_path):
    return MemoryPictures() if request.param == "memory" else FolderPictures(tmp_path / "pictures")


def test_bytes_are_kept_once_by_their_content(kept: MemoryPictures) -> None:
    name = kept.put(b"one", "png")  # type: ignore[arg-type]  # as a column gives it
    assert (kept.put(b"one", "png"), kept.get(name)) == (name, b"one")  # type: ignore[arg-type]  # the same
    assert kept.has(name)
    assert kept.put(b"other", "png") != name  # type: ignore[arg-type]  # the same


def test_what_is_forgotten_is_gone_and_forgetting_twice_is_no_error(kept: MemoryPictures) -> None:
    name, other = kept.put(b"one", Kind.PNG), kept.put(b"other", Kind.PNG)
    for _ in range(2):
        kept.forget(name)
    assert (kept.has(name), kept.get(name), kept.has(other)) == (False, None, True)
    kept.forget("../secret.key")


@pytest.mark.parametrize("name", ["../../secret.key", "a" * 32 + ".png", "", "x", "a" * 32 + ".svg", "A" * 32 + ".png"])
def test_what_is_no_name_is_not_there(kept: MemoryPictures, name: str) -> None:
    assert kept.get(name) is None
    assert not kept.has(name)


def test_a_folder_that_cannot_be_written_says_so(tmp_path) -> None:
    (tmp_path / "pictures").write_text("a file in its place")
    with pytest.raises(StorageError, match="cannot be kept"):
        FolderPictures(tmp_path / "pictures").put(b"one", "png")  # type: ignore[arg-type]  # as a column gives it
