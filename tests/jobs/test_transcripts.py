"""The clock and transcripts: what lacks is asked for, again and again with longer pauses, until it is there."""

import pytest

from curator.app import App
from curator.episodes.transcripts import store
from curator.http.memory import MemoryFetcher
from curator.jobs import clock as ticking
from curator.jobs import worker
from tests.conftest import FakeClock
from tests.episodes.spoken import HOUR, PLACE, VTT, episode_row, link, show_row


@pytest.fixture
def item(app: App) -> int:
    return episode_row(app.db, show_row(app.db), at=app.clock(), links=[link("talk.vtt", "text/vtt")])


def work(app: App) -> int:
    """Asks once and does what was queued; returns how many jobs that were."""
    ticking.ask_transcripts(app)
    done = 0
    while worker.run_one(app, owner="test", tasks=["fetch_transcript"]):
        done += 1
    return done


def test_a_transcript_comes_by_itself_and_is_asked_for_once(app: App, item: int) -> None:
    assert isinstance(app.fetcher, MemoryFetcher)
    app.fetcher.put(f"{PLACE}/talk.vtt", VTT.encode())
    assert [work(app), work(app)] == [1, 0]
    with app.db.read() as session:
        assert len(store.turns(session, item)) == 5


def test_one_that_fails_is_tried_again_less_and_less_often(app: App, item: int, clock: FakeClock) -> None:
    tries = []
    for hour in range(200):
        if work(app):
            tries.append(hour)
        clock.advance(HOUR)
    assert tries == [0, 1, 2, 4, 8, 16, 32, 64, 128]
    with app.db.read() as session:
        row = store.transcript_row(session, item)
    assert row is not None
    assert row.note.startswith("WebVTT: There is no host show.example")


def test_many_are_asked_for_a_few_at_a_time(sqlite_app: App) -> None:
    show = show_row(sqlite_app.db)
    for number in range(25):
        episode_row(
            sqlite_app.db, show, at=sqlite_app.clock(), title=f"Talk {number}", links=[link("talk.vtt", "text/vtt")]
        )
    assert [work(sqlite_app), work(sqlite_app), work(sqlite_app)] == [20, 5, 0]
