"""A worker looks at an issue's links: each once, what is gone blocks, what cannot be known is to be looked at."""

from datetime import timedelta

import pytest

from curator.db import Database
from curator.http.memory import MemoryFetcher
from curator.http.memory_resolver import MemoryResolver
from curator.http.values import Outcome
from curator.issues import board, publish
from curator.issues.checks import look_links, run, store
from curator.issues.checks.values import LinkRound
from curator.issues.render import Renderer
from curator.issues.tables import Issue
from curator.queue import store as queue
from tests.conftest import FakeClock
from tests.issues.scene import NOW, Scene, scene

GOOD, GONE, SHY, LATE, NO_HOST = (
    "https://good.example/1",
    "https://good.example/gone",
    "https://shy.example/1",
    "https://late.example/1",
    "https://nowhere.example/1",
)


@pytest.fixture
def there(database: Database) -> Scene:
    return scene(database, minimum_picks=0)


@pytest.fixture
def issue_id(there: Scene) -> int:
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    words = " ".join(f"[word {number}]({url})" for number, url in enumerate((GOOD, GONE, SHY, LATE, NO_HOST, GOOD)))
    board.add_text(there.db, issue_id, None, f"{words} [mail](mailto:a@example.org)", by=None, now=NOW)
    return issue_id


@pytest.fixture
def fetcher() -> MemoryFetcher:
    made = MemoryFetcher()
    made.put(GOOD, b"here")
    made.put(SHY, status=403)
    made.fail(LATE, "The server took longer than the 30 s that a fetch may last.")
    return made


@pytest.fixture
def resolver() -> MemoryResolver:
    made = MemoryResolver()
    made.put("late.example")
    return made


def _round(there: Scene, issue_id: int) -> LinkRound:
    with there.db.read() as session:
        found = store.link_round(session, issue_id)
    assert found is not None
    return found


def _told(there: Scene, renderer: Renderer, issue_id: int, now: FakeClock) -> dict[str, list[str]]:
    report = run.report(there.db, renderer, issue_id, now=now())
    links = [each for each in (*report.blocking, *report.warnings) if each.code.startswith("link-")]
    return {code: [each.words for each in links if each.code == code] for code in {each.code for each in links}}


def test_every_link_is_looked_at_once(
    there: Scene, issue_id: int, fetcher: MemoryFetcher, resolver: MemoryResolver, renderer: Renderer
) -> None:
    clock = FakeClock(NOW)
    assert "5 links have not been looked at." in _told(there, renderer, issue_id, clock)["link-not-looked-at"]
    assert look_links.ask(there.db, issue_id, now=NOW)
    assert not look_links.ask(there.db, issue_id, now=NOW), "one is on its way"
    assert _round(there, issue_id) == LinkRound(5, 0, NOW, NOW, None)
    assert not look_links.look(there.db, fetcher, resolver, issue_id, clock=clock, is_over=lambda: False)
    assert _round(there, issue_id) == LinkRound(5, 5, NOW, NOW, NOW)
    assert sorted(each.url for each in fetcher.asked) == sorted({GOOD, GONE, SHY, LATE, NO_HOST})
    told = _told(there, renderer, issue_id, clock)
    assert set(told) == {"link-dead", "link-unsure"}
    dead, unsure = " ".join(told["link-dead"]), " ".join(told["link-unsure"])
    assert "404 Not Found" in dead
    assert NO_HOST in dead
    assert len(told["link-dead"]) == 2
    assert "403 Forbidden" in unsure
    assert "took longer" in unsure


def test_a_dead_link_keeps_an_issue_from_being_approved_until_it_is_checked_by_hand(
    there: Scene, issue_id: int, fetcher: MemoryFetcher, resolver: MemoryResolver, renderer: Renderer
) -> None:
    with there.db.write() as session:
        session.get_one(Issue, issue_id).subject = "Five links to look at"
    resolver.fail(Outcome.LATE)
    look_links.ask(there.db, issue_id, now=NOW)
    look_links.look(there.db, fetcher, resolver, issue_id, clock=FakeClock(NOW), is_over=lambda: False)
    with pytest.raises(publish.UnfinishedError, match="is dead") as caught:
        publish.approve(there.db, renderer, issue_id, by=None, now=NOW)
    (place,) = caught.value.places
    run.tick(there.db, renderer, issue_id, code=place.code, about=place.about, content=place.content, by=None, now=NOW)
    publish.approve(there.db, renderer, issue_id, by=None, now=NOW)


def test_when_time_is_over_the_next_call_goes_on_with_the_others(
    there: Scene, issue_id: int, fetcher: MemoryFetcher, resolver: MemoryResolver
) -> None:
    look_links.ask(there.db, issue_id, now=NOW)
    turns = iter([False, False, True])
    assert look_links.look(there.db, fetcher, resolver, issue_id, clock=FakeClock(NOW), is_over=lambda: next(turns))
    assert (_round(there, issue_id).done, _round(there, issue_id).finished_at) == (2, None)
    assert not look_links.look(there.db, fetcher, resolver, issue_id, clock=FakeClock(NOW), is_over=lambda: False)
    assert len(fetcher.asked) == 5


def test_what_was_found_counts_for_three_days(
    there: Scene, issue_id: int, fetcher: MemoryFetcher, resolver: MemoryResolver, renderer: Renderer
) -> None:
    clock = FakeClock(NOW)
    look_links.ask(there.db, issue_id, now=NOW)
    look_links.look(there.db, fetcher, resolver, issue_id, clock=clock, is_over=lambda: False)
    clock.advance(timedelta(days=3, seconds=1))
    assert set(_told(there, renderer, issue_id, clock)) == {"link-not-looked-at"}


def test_a_link_that_came_back_is_dead_no_more(
    there: Scene, issue_id: int, fetcher: MemoryFetcher, resolver: MemoryResolver, renderer: Renderer
) -> None:
    clock = FakeClock(NOW)
    look_links.ask(there.db, issue_id, now=NOW)
    look_links.look(there.db, fetcher, resolver, issue_id, clock=clock, is_over=lambda: False)
    with there.db.write() as session:
        job = queue.claim(session, owner="test", now=NOW, lease=timedelta(minutes=5))
        assert job is not None
        queue.finish(session, job, now=NOW)
    for url in (GONE, NO_HOST, SHY, LATE):
        fetcher.put(url, b"back")
    later = clock.advance(timedelta(minutes=5))
    assert look_links.ask(there.db, issue_id, now=later)
    look_links.look(there.db, fetcher, resolver, issue_id, clock=clock, is_over=lambda: False)
    assert _told(there, renderer, issue_id, clock) == {}


def test_an_issue_without_links_is_done_at_once(there: Scene, fetcher: MemoryFetcher, resolver: MemoryResolver) -> None:
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    look_links.ask(there.db, issue_id, now=NOW)
    assert not look_links.look(there.db, fetcher, resolver, issue_id, clock=FakeClock(NOW), is_over=lambda: False)
    assert _round(there, issue_id).finished_at == NOW


def test_a_round_whose_links_were_all_looked_at_for_another_issue_is_over(
    there: Scene, issue_id: int, fetcher: MemoryFetcher, resolver: MemoryResolver
) -> None:
    twin = publish.draft(there.db, there.newsletter_id, now=NOW)
    board.add_text(there.db, twin, None, f"[here]({GOOD})", by=None, now=NOW)
    for each in (issue_id, twin):
        look_links.ask(there.db, each, now=NOW)
    for each in (issue_id, twin):
        assert not look_links.look(there.db, fetcher, resolver, each, clock=FakeClock(NOW), is_over=lambda: False)
    assert _round(there, twin) == LinkRound(1, 1, NOW, NOW, NOW)
    assert len(fetcher.asked) == 5


def test_where_a_link_leads_on_and_how_heavy_a_picture_is_are_kept(
    there: Scene, fetcher: MemoryFetcher, resolver: MemoryResolver, renderer: Renderer
) -> None:
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    board.add_text(there.db, issue_id, None, f"[moved](https://good.example/old) [here]({GOOD})", by=None, now=NOW)
    fetcher.put("https://good.example/old", status=301, headers={"Location": "https://other.example/new"})
    fetcher.put("https://other.example/new", b"x", status=206, headers={"Content-Range": "bytes 0-0/2000000"})
    look_links.ask(there.db, issue_id, now=NOW)
    look_links.look(there.db, fetcher, resolver, issue_id, clock=FakeClock(NOW), is_over=lambda: False)
    assert "https://other.example/new" in _told(there, renderer, issue_id, FakeClock(NOW))["link-leads-on"][0]
    with there.db.read() as session:
        looks = store.looks(session, ["https://good.example/old", GOOD], since=NOW)
    old, good = looks["https://good.example/old"], looks[GOOD]
    assert (old.leads_to, old.bytes) == ("https://other.example/new", 2_000_000)
    assert (good.leads_to, good.bytes) == ("", None)
