"""The inbox by stories: one row for each, dealt with as one, in both orders."""

import random
from datetime import timedelta

import pytest

from curator.picks import curate
from curator.picks.inbox import store as inbox
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import Offer
from curator.picks.tables import Resurfaced, StoryItem, StoryRow
from curator.picks.values import InboxFilter, InboxMark, InboxOrder, InboxRow, Narrowing
from tests.picks.desk import NOW, Desk


def story(desk: Desk, *item_ids: int, best: int) -> None:
    with desk.db.write() as session:
        row = StoryRow(first_at=NOW, last_at=NOW)
        session.add(row)
        session.flush()
        session.add_all(StoryItem(item_id=each, story_id=row.id, is_best=each == best) for each in item_ids)


def candidates(desk: Desk, *item_ids: int) -> None:
    offers = [
        Offer(item_id=each, section_id=None, score=0.0, place=place, reasons=(), propensity=None, scored_at=NOW)
        for place, each in enumerate(item_ids, start=1)
    ]
    with desk.db.write() as session:
        ranking.put_candidates(session, desk.newsletter_id, offers, model_id=None)


def best_first(desk: Desk, *, before: InboxMark | None = None, limit: int = 50, **narrow: object) -> list[InboxRow]:
    with desk.db.read() as session:
        return inbox.inbox(
            session,
            desk.newsletter_id,
            now=NOW,
            order=InboxOrder.BEST,
            narrowing=Narrowing(**narrow),  # type: ignore[arg-type]  # the test's own words
            before=before,
            limit=limit,
        )


@pytest.fixture
def three(desk: Desk) -> list[int]:
    """Three tellings of one story, the second of them the best, by both feeds; beside the four items of the desk."""
    told = [desk.item(index % 2, f"Tide model {index}", 4 + index) for index in range(3)]
    desk.items += told
    story(desk, *told, best=told[1])
    return told


def test_a_story_is_one_row_with_its_best_item(desk: Desk, three: list[int]) -> None:
    assert [title for title in desk.shown() if "Tide" in title] == ["Tide model 1"]
    assert desk.counts().new == 5
    assert sum("Tide" in title for title in desk.shown(InboxFilter.ALL)) == 3


def test_where_the_best_is_hidden_the_first_that_is_seen_stands_for_the_story(desk: Desk, three: list[int]) -> None:
    assert desk.shown(feed_id=desk.feeds[0], search="tide") == ["Tide model 0"]
    with desk.db.write() as session:
        inbox.aside.add_mute(session, desk.newsletter_id, words="model 1", by=None, now=NOW)
    assert [title for title in desk.shown() if "Tide" in title] == ["Tide model 0"]
    assert desk.shown(InboxFilter.MUTED) == ["Tide model 1"]


@pytest.mark.parametrize("deed", ["pick", "skip", "put off"])
def test_whoever_deals_with_one_deals_with_all_and_undo_brings_all_back(
    desk: Desk, three: list[int], deed: str
) -> None:
    match deed:
        case "pick":
            desk.pick(6)
        case "skip":
            desk.skip(6)
        case _:
            desk.put_off(6, 2)
    assert not any("Tide" in title for title in desk.shown())
    counts = desk.counts()
    assert (counts.new, counts.picked + counts.skipped + counts.later) == (4, 1), "one row is one row"
    desk.undo()
    assert desk.counts().new == 5
    assert "Tide model 1" in desk.shown()


def test_another_newsletter_has_not_dealt_with_it(desk: Desk, three: list[int]) -> None:
    curate.skip(desk.db, desk.other_id, three[1], by=None, now=NOW)
    assert "Tide model 1" in desk.shown()


def test_the_best_come_first_and_then_the_rest_by_age(desk: Desk) -> None:
    candidates(desk, desk.items[2], desk.items[0])
    assert [row.item.id for row in best_first(desk)] == [desk.items[each] for each in (2, 0, 3, 1)]
    assert [row.place for row in best_first(desk)] == [1, 2, None, None]
    desk.skip(2)
    assert [row.item.id for row in best_first(desk)] == [desk.items[each] for each in (0, 3, 1)]


def test_a_candidate_stands_for_its_story_in_the_best_order(desk: Desk, three: list[int]) -> None:
    candidates(desk, three[2], desk.items[0], three[0])
    told = [row.item.title for row in best_first(desk)]
    assert told[:2] == ["Tide model 2", "100% of vectors"]
    assert sum("Tide" in title for title in told) == 1


def test_what_came_back_stands_before_the_others_for_a_fortnight(desk: Desk) -> None:
    with desk.db.write() as session:
        session.add(Resurfaced(newsletter_id=desk.newsletter_id, item_id=desk.items[3], why="rising: tides", at=NOW))
    assert desk.items[3] not in [row.item.id for row in desk.rows()]
    with desk.db.read() as session:
        (back,) = inbox.resurfaced(session, desk.newsletter_id, now=NOW)
        assert (back.item.id, back.why_back) == (desk.items[3], "rising: tides")
        assert inbox.resurfaced(session, desk.newsletter_id, now=NOW + timedelta(days=15)) == []
    assert desk.counts().new == 4
    assert desk.items[3] in [row.item.id for row in desk.rows(now=NOW + timedelta(days=15))]
    desk.skip(3)
    with desk.db.read() as session:
        assert inbox.resurfaced(session, desk.newsletter_id, now=NOW) == []


@pytest.mark.parametrize("seed", range(4))
def test_both_orders_hold_every_story_once_page_by_page(desk: Desk, seed: int) -> None:
    dice = random.Random(seed)
    items = [desk.item(dice.randrange(2), f"Thing {number}", 3 + number) for number in range(24)]
    story_of: dict[int, int] = {}
    left = dice.sample(items, 18)
    while left:
        members = [left.pop() for _ in range(min(len(left), dice.randint(1, 4)))]
        story(desk, *members, best=dice.choice(members))
        story_of |= dict.fromkeys(members, members[0])
    candidates(desk, *dice.sample(items, 12))
    for item in dice.sample(items, 3):
        curate.skip(desk.db, desk.newsletter_id, item, by=None, now=NOW)
    for narrow in ({}, {"feed_id": desk.feeds[0]}, {"search": "thing 1"}):
        newest = desk.rows(**narrow)
        seen: list[InboxRow] = []
        while page := best_first(desk, before=seen[-1].mark if seen else None, limit=4, **narrow):
            seen += page
        told = [[story_of.get(row.item.id, row.item.id) for row in rows] for rows in (newest, seen)]
        assert sorted(told[0]) == sorted(told[1]) == sorted(set(told[0])), narrow
        assert desk.counts(**narrow).new == len(newest), narrow
