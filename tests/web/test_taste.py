"""The page of a newsletter's taste: what was learned and when, a refit on demand, and how well it foresees."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from curator.app import App
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import Learned, Offer
from curator.picks.scoreboard import store as scoreboard
from curator.picks.scoreboard.values import Score
from tests import builders
from tests.conftest import FakeClock
from tests.jobs.queued import jobs
from tests.web.conftest import Browser, Newsroom

PAGE = "/desk/newsletter/taste"
FIGURES = {
    "model": {"recall": 0.94, "ndcg": 0.77, "precision": 0.21},
    "newest": {"recall": 0.06, "ndcg": 0.02, "precision": 0.02},
    "points": {"recall": 0.04, "ndcg": 0.02, "precision": 0.02},
    "random": {"recall": 0.05, "ndcg": 0.03, "precision": 0.02},
}


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def learn(app: App, newsletter_id: int, *learned: Learned) -> None:
    with app.db.write() as session:
        ranking.put_models(session, newsletter_id, learned, now=app.clock())


def score(app: App, newsletter_id: int, **columns: object) -> None:
    at = app.clock()
    given: dict[str, object] = {"engine": 2, "made_at": at, "from_at": at - timedelta(weeks=13), "until_at": at}
    with app.db.write() as session:
        scoreboard.put(session, newsletter_id, Score(**(given | columns)))  # type: ignore[arg-type]  # the test's own columns


def test_before_the_first_refit_the_page_says_what_to_do(mina: Browser, newsroom: Newsroom) -> None:
    said = words(mina.see(PAGE))
    assert "Never refit" in said
    assert "Nothing is learned yet. Pick a few items in the inbox" in said
    assert "Nothing is measured yet." in said


def test_a_refit_is_queued_once_and_the_page_says_so(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    for _ in range(2):
        page = mina.follow(mina.post("/desk/newsletter/taste/refit", {"newsletter": newsroom.newsletter}))
    assert jobs(sqlite_app.db, "recommend") == [{"newsletter_id": newsroom.newsletter}]
    assert "refitting" in page
    assert "data-watch" in page


def test_the_page_tells_when_it_was_refit_by_which_version_and_from_what(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    section = newsroom.sections[0]
    whole = Learned(None, b"model", examples=12_041, positives=41, lag_days=8.4)
    learn(sqlite_app, newsroom.newsletter, whole, Learned(section, None, "There are no picks to learn from yet."))
    clock.advance(timedelta(hours=3))
    said = words(mina.see(PAGE))
    assert "Refit 3 h ago Version 1" in said
    assert "Picked or saved 41 Items in all 12,041 Version 1 Refit on Mon 16 Nov 2026, 09:00 Europe/London" in said
    assert "From first sight to print 8 days" in said
    assert "There are no picks to learn from yet." in said


def test_what_cannot_be_learned_yet_is_said_in_words(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    learn(sqlite_app, newsroom.newsletter, Learned(None, None, "There are 2 picks to learn from yet."))
    said = words(mina.see(PAGE))
    assert "There are 2 picks to learn from yet." in said
    assert "Until then the list goes by freshness" in said


def test_a_list_that_nobody_renewed_is_said_to_be_old(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, clock: FakeClock
) -> None:
    item = builders.item_row(sqlite_app.db, builders.feed_row(sqlite_app.db, "More"), "One", at=clock())
    with sqlite_app.db.write() as session:
        offer = Offer(item, None, 1.0, 1, (), None, clock())
        ranking.put_candidates(session, newsroom.newsletter, [offer], model_id=None)
    assert "The list is old." not in mina.see(PAGE)
    clock.advance(timedelta(days=3))
    assert "The list is old." in mina.see(PAGE)


def test_the_scoreboard_stands_beside_its_baselines(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    against = {"newest": 11, "points": 12, "random": 12}
    score(
        sqlite_app,
        newsroom.newsletter,
        weeks=12,
        untaught=1,
        picks=37,
        items_a_week=459.4,
        figures=FIGURES,
        won=against,
        lost={"newest": 1, "points": 0, "random": 0},
    )
    score(sqlite_app, newsroom.newsletter, engine=1, weeks=9, figures={"model": {"recall": 0.8}})
    page = mina.see(PAGE)
    said = words(page)
    assert (
        "94% of what your feeds brought and you ran stood among the first 20; 6% with the newest first and 4%" in said
    )
    assert "37 picks 459 items a week" in said
    assert "Your taste 94% 0.77 21% Newest first 6% 0.02 2% 11 to 1 Told by most feeds first 4%" in said
    assert "In 1 week there was too little to learn from" in said
    assert "Engine 1: 80% among the first 20, over 9 weeks" in said
    assert "style=" not in page


def test_nothing_to_measure_on_is_said_honestly(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    score(sqlite_app, newsroom.newsletter, note="Nothing was sent in the last quarter.")
    assert "Nothing was sent in the last quarter." in mina.see(PAGE)


def test_without_a_newsletter_there_is_no_taste(mina: Browser) -> None:
    assert "Taste" in mina.see(PAGE)


@pytest.mark.parametrize("offers", [1, 40])
def test_the_page_costs_the_same_however_much_is_ranked(
    mina: Browser, newsroom: Newsroom, sqlite_app: App, offers: int
) -> None:
    feed = builders.feed_row(sqlite_app.db, "More")
    ids = [builders.item_row(sqlite_app.db, feed, f"No. {n}", at=sqlite_app.clock()) for n in range(offers)]
    with sqlite_app.db.write() as session:
        rows = [Offer(id_, None, 1.0, place, (), None, sqlite_app.clock()) for place, id_ in enumerate(ids, 1)]
        ranking.put_candidates(session, newsroom.newsletter, rows, model_id=None)
    mina.see(PAGE)
    counted: list[str] = []
    event.listen(sqlite_app.db.engine, "before_cursor_execute", note := lambda *given: counted.append(given[2]))
    mina.see(PAGE)
    event.remove(sqlite_app.db.engine, "before_cursor_execute", note)
    assert len([each for each in counted if each.lstrip().upper().startswith("SELECT")]) <= 20
