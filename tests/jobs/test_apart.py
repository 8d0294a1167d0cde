"""The child process: what it does in a round, and what becomes of a piece that it dies of."""

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from curator.accounts import admit
from curator.accounts.values import Role
from curator.app import App
from curator.jobs import clock as ticking
from curator.jobs import tasks, worker
from curator.jobs.apart import run as apart
from curator.jobs.apart.values import ApartError, Asked, last_begun, report
from curator.jobs.tasks import Turn
from curator.picks import curate
from curator.picks.ranking import store as ranking
from tests import builders
from tests.conftest import FakeClock
from tests.jobs.queued import jobs

# Does piece after piece behind the one it is told, and dies of those called "kill..".
_TWIN = """
import json, os, sys, time
asked = json.loads(sys.stdin.readline())
names = {names}
behind = names[names.index(asked["after"]) + 1:] if asked["after"] else names
for name in behind:
    print(json.dumps({{"begun": name}}), flush=True)
    if name.startswith("kill"):
        os.abort()
    if name == "sleep":
        time.sleep(60)
    print("a library's words", flush=True)
    told = {{"failed": name, "why": "ValueError"}} if name == "fail" else {{"done": name, "told": 3}}
    print(json.dumps(told), flush=True)
"""


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> Any:
    def pieces(*names: str) -> Asked:
        monkeypatch.setattr(apart, "COMMAND", (sys.executable, "-c", _TWIN.format(names=json.dumps(names))))
        return Asked("sqlite://", builders._LONG_AGO)

    return pieces


def test_what_is_asked_goes_as_a_line_and_comes_back(clock: FakeClock) -> None:
    asked = Asked("postgresql://u:secret@db/curator", clock(), newsletter_id=4, only="taste", is_asked=True)
    assert Asked.of_json(asked.to_json()) == asked


def test_a_piece_that_fails_or_kills_the_child_does_not_stop_the_others(twin: Any) -> None:
    found = apart.run(twin("one", "fail", "kill", "two", "kill again"))
    assert found.done == {"one": 3, "two": 3}
    too_much = "it took too much time or memory"
    assert found.failed == {"fail": "ValueError", "kill": too_much, "kill again": too_much}


def test_a_child_that_takes_too_long_is_ended_and_what_is_left_waits(twin: Any) -> None:
    found = apart.run(twin("one", "sleep", "two"), longest=timedelta(seconds=1))
    assert found.failed == {"sleep": "it took too much time or memory"}
    assert "two" not in found.done


def test_a_child_that_ends_before_it_begins_is_not_said_to_take_too_much(
    twin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = twin("one")
    monkeypatch.setattr(apart, "COMMAND", (sys.executable, "-c", "raise SystemExit(1)"))
    assert apart.run(asked).failed == {"the round": "it ended before it began anything: the log above tells why"}


def test_a_child_is_ended_with_its_worker(sqlite_app: App, twin: Any) -> None:
    twin("sleep")
    assert tasks.recommend(sqlite_app, {}, Turn(is_stopping=lambda: True))


def test_words_that_are_no_lines_of_ours_are_passed_over() -> None:
    lines = ["", "[1]", "{", '{"begun": "one"}', '{"done": "one"}', '{"begun": "two"}', "warning: so and so"]
    assert last_begun(lines) == "two"
    assert report(lines).done == {"one": None}
    assert last_begun([]) == ""


def test_a_round_learns_and_ranks_in_a_process_of_its_own(app: App, clock: FakeClock) -> None:
    newsletter_id = filled(app, clock)
    tasks.recommend(app, {})
    with app.db.read() as session:
        told = ranking.standing(session, newsletter_id)
        offers = ranking.candidates(session, newsletter_id)
    assert told is not None
    assert (told.is_learned, told.version) == (True, 1)
    assert offers[0].reasons[0] == "like 3 of your picks"
    assert offers[0].scored_at == clock()


def test_somebody_who_asks_gets_a_refit_at_once(sqlite_app: App, clock: FakeClock) -> None:
    newsletter_id = filled(sqlite_app, clock)
    for _ in range(2):
        tasks.recommend(sqlite_app, {"newsletter_id": newsletter_id})
    with sqlite_app.db.read() as session:
        told = ranking.standing(session, newsletter_id)
    assert told is not None
    assert told.version == 2


def test_what_fails_is_said_where_an_operator_looks(sqlite_app: App, twin: Any) -> None:
    twin("fail", "one")
    with pytest.raises(ApartError, match=r"What was there stays\. fail: ValueError"):
        tasks.recommend(sqlite_app, {})


def test_a_round_is_asked_for_when_something_came_and_every_quarter_of_an_hour(app: App, clock: FakeClock) -> None:
    def asks(minutes: float) -> bool:
        clock.advance(timedelta(minutes=minutes))
        before = len(jobs(app.db, "recommend"))
        ticking.ask_recommendations(app)
        worker.run_one(app, owner="w", tasks=["recommend"], known={"recommend": lambda *_: False})
        return len(jobs(app.db, "recommend")) > before

    assert not asks(0)
    feed_id = builders.feed_row(app.db)
    builders.item_row(app.db, feed_id, "One", at=clock())
    assert asks(0)
    assert not asks(6)
    assert asks(9)
    builders.item_row(app.db, feed_id, "Two", at=clock() + timedelta(minutes=1))
    assert not asks(4)
    assert asks(1)


def test_who_serves_pages_or_does_jobs_never_loads_the_libraries_of_learning() -> None:
    loads = "import sys, curator.web, curator.jobs.runner, curator.cli"
    code = f"{loads}; print([name for name in ('numpy', 'scipy', 'sklearn') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def filled(app: App, clock: FakeClock) -> int:
    """A newsletter with forty items, of which an editor picked three of one topic."""
    newsletter_id = builders.newsletter_row(app.db)
    section = builders.section_rows(app.db, newsletter_id)[2]
    feeds = [builders.feed_row(app.db), builders.feed_row(app.db, "Row Store")]
    for number in range(30):
        builders.item_row(
            app.db, feeds[number % 2], f"Phone deals and prices {number}", at=clock() - timedelta(hours=5)
        )
    liked = [
        builders.item_row(app.db, feeds[0], f"{name} tide pools", at=clock() - timedelta(hours=9))
        for name in ("Counting", "Mapping", "Painting", "Walking")
    ]
    by = admit.create_user(app.db, "ada@podcast.example", name="Ada", role=Role.EDITOR, now=clock())
    for item_id in liked[:3]:
        curate.pick(app.db, newsletter_id, item_id, section, by=by, now=clock())
    return newsletter_id
