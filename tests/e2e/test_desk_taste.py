"""The taste's page: a refit by mouse, by keyboard and without scripts, and three picks that move their topic up."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from curator.feeds.tables import Feed
from curator.newsletters import store as newsletters
from curator.picks import curate
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import Offer
from curator.picks.scoreboard import store as scoreboard
from curator.picks.scoreboard.values import Score
from tests import builders
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene

PAGE = "/desk/newsletter/taste"
# A refit takes a second or two of a machine that has nothing else to do.
_MOST_LOOKS = 400


@pytest.fixture
def bare(open_browser: Open, scene: Scene, states: dict[int, Any]) -> Page:
    """A window without scripts in which the owner is signed in."""
    return open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=False)


def _version(scene: Scene) -> int:
    with scene.server.app.db.read() as session:
        standing = ranking.standing(session, scene.newsletter)
    return 0 if standing is None else standing.version


def _ask(hands: Hands, scene: Scene) -> int:
    """Asks for a refit, sees that it is under way, and returns the version before it."""
    before = _version(scene)
    hands.page.goto(PAGE)
    hands.press("Refit now")
    expect(hands.page.get_by_text("refitting")).to_be_visible()
    # The words may be seen before the page has come whole; whoever goes on then is turned back.
    hands.page.wait_for_load_state()
    return before


def _refit(hands: Hands, scene: Scene) -> None:
    """Asks for a refit and looks until the page tells of it."""
    before = _ask(hands, scene)
    for _ in range(_MOST_LOOKS):
        if _version(scene) > before and not hands.page.get_by_text("refitting").count():
            break
        hands.page.wait_for_timeout(500)
        hands.page.goto(PAGE)
    expect(hands.page.get_by_text(f"Version {_version(scene)}", exact=True)).to_be_visible()
    assert _version(scene) > before


def _offer(scene: Scene, item_id: int) -> Offer:
    with scene.server.app.db.read() as session:
        return ranking.offers_of(session, scene.newsletter, [item_id])[item_id]


def _told(scene: Scene, topic: str, ages: Sequence[int]) -> list[int]:
    """Items about one thing, told by one of the demo's feeds; days apart, so that they never are one story."""
    app = scene.server.app
    with app.db.read() as session:
        feed_id = session.scalar(select(Feed.id).where(Feed.is_own_show.is_(False)).order_by(Feed.id).limit(1))
    titles = ("Counting", "Mapping", "Painting", "Walking")
    return [
        builders.item_row(app.db, feed_id, f"{word} {topic}", at=app.clock() - timedelta(days=age, hours=6))
        for word, age in zip(titles, ages, strict=True)
    ]


def test_three_picks_of_a_topic_move_it_up_on_the_next_refit(desk: Page, scene: Scene) -> None:
    app = scene.server.app
    *picked, left = _told(scene, "tide pools", ages=(9, 6, 0, 3))
    # Whatever other tests have decided, there is something to tell the picks from, and something newer than `left`.
    for item_id in _told(scene, "board meetings", ages=(8, 5, 4, 1)):
        curate.skip(app.db, scene.newsletter, item_id, by=scene.owner, now=app.clock())
    _refit(Mouse(desk), scene)
    before = _offer(scene, left)
    with app.db.read() as session:
        section = newsletters.newsletter(session, scene.newsletter).sections[-1].id
    for item_id in picked:
        curate.pick(app.db, scene.newsletter, item_id, section, by=scene.owner, now=app.clock())
    _refit(Mouse(desk), scene)
    assert _offer(scene, left).place < before.place


def test_a_refit_is_asked_for_without_scripts(bare: Page, scene: Scene) -> None:
    _ask(Mouse(bare), scene)


def test_a_refit_is_asked_for_by_keyboard(desk: Page, scene: Scene) -> None:
    _ask(Keys(desk), scene)


def test_the_page_is_within_the_rules_with_a_full_scoreboard(desk: Page, scene: Scene) -> None:
    app, now = scene.server.app, scene.server.app.clock()
    orders = {"model": 0.94, "newest": 0.06, "points": 0.04, "random": 0.05}
    figures = {name: {"recall": value, "ndcg": value, "precision": value} for name, value in orders.items()}
    won, lost = dict.fromkeys(orders, 11), dict.fromkeys(orders, 1)
    with app.db.write() as session:
        for engine in (8, 9):
            score = Score(engine, now, now, now, 12, 1, 37, 15.0, figures, won, lost)
            scoreboard.put(session, scene.newsletter, score)
    desk.goto(PAGE)
    expect(desk.get_by_text("94%").first).to_be_visible()
    assert not (found := axe.faults(desk, widths=(axe.WIDE, axe.NARROW, 320))), found
