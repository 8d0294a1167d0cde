"""New items join the stories that they tell, round after round."""

from datetime import timedelta

from sqlalchemy import select

from curator.feeds.store import items_by_id
from curator.picks.memory import store as memory
from curator.picks.stories import store
from curator.picks.stories.refresh import refresh
from curator.picks.tables import StoryItem, StoryRow
from tests import builders
from tests.picks.desk import NOW, Desk

TOLD = (
    "Harbour lab opens its tide model to everyone",
    "Tide model of the harbour lab opens to everyone",
    "The harbour lab opens its tide model",
)


def told(desk: Desk, title: str, *, feed: str = "", hours: float = 5, **columns: object) -> int:
    """An item of a feed that nobody else has; five hours old."""
    feed_id = builders.feed_row(desk.db, feed or f"Feed of {title}", **({"is_own_show": True} if feed == "Own" else {}))
    given: dict[str, object] = {"at": NOW - timedelta(hours=hours), "canonical_url": None}
    return builders.item_row(desk.db, feed_id, title, **(given | columns))  # type: ignore[arg-type]  # the test's own columns


def stories(desk: Desk) -> dict[int, list[int]]:
    with desk.db.read() as session:
        rows = session.execute(select(StoryItem.story_id, StoryItem.item_id).order_by(StoryItem.item_id)).all()
    found: dict[int, list[int]] = {}
    for story_id, item_id in rows:
        found.setdefault(story_id, []).append(item_id)
    return found


def best(desk: Desk) -> set[int]:
    with desk.db.read() as session:
        return set(session.scalars(select(StoryItem.item_id).where(StoryItem.is_best)))


def test_items_of_several_feeds_are_one_story_and_every_other_item_its_own(desk: Desk) -> None:
    three = [told(desk, title) for title in TOLD]
    lone = told(desk, "A quarter of lake ice is gone by March")
    assert refresh(desk.db, now=NOW) == 8, "the archive tells nothing new"
    assert three in stories(desk).values()
    assert [lone] in stories(desk).values()
    assert refresh(desk.db, now=NOW) == 0


def test_what_comes_later_joins_the_story_that_is_kept(desk: Desk) -> None:
    first = told(desk, TOLD[0], hours=9)
    refresh(desk.db, now=NOW)
    before = stories(desk)
    second = told(desk, TOLD[1], hours=3)
    # Stories and items go by the same numbers here: an item's must not be taken for a story's.
    others = [told(desk, title, hours=2) for title in ("Basalt columns cooled twice", "Felt", "A yeast that naps")]
    assert refresh(desk.db, now=NOW) == 4
    after = stories(desk)
    story = next(story_id for story_id, items in before.items() if first in items)
    assert after[story] == [first, second]
    assert all([other] in after.values() for other in others)
    assert {story_id: items for story_id, items in after.items() if story_id in before and story_id != story} == {
        story_id: items for story_id, items in before.items() if story_id != story
    }


def test_the_own_show_stands_for_a_story_then_who_has_a_text_then_the_first(desk: Desk) -> None:
    early, late = told(desk, TOLD[0], hours=9), told(desk, TOLD[1], hours=8, summary_text="What it says. " * 20)
    refresh(desk.db, now=NOW)
    assert late in best(desk)
    assert early not in best(desk)
    own = told(desk, TOLD[2], feed="Own", hours=2)
    refresh(desk.db, now=NOW)
    assert best(desk) & {early, late, own} == {own}
    with desk.db.read() as session:
        row = session.scalars(select(StoryRow).join(StoryItem).where(StoryItem.item_id == own)).one()
        assert row.last_at == NOW - timedelta(hours=2)


def test_a_page_told_again_joins_its_story_for_a_fortnight(desk: Desk) -> None:
    page = {"canonical_url": "https://harbour.example/tide-model"}
    first = told(desk, "Tides, modelled", hours=24 * 12, **page)
    refresh(desk.db, now=NOW - timedelta(days=11))
    again = told(desk, "Worth a look", hours=1, **page)
    refresh(desk.db, now=NOW)
    assert [first, again] in stories(desk).values()
    late = told(desk, "From the drawer", hours=-24 * 20, **page)
    refresh(desk.db, now=NOW + timedelta(days=20))
    assert [late] in stories(desk).values(), "that it was told before is known by its address"
    with desk.db.read() as session:
        of_late, of_again = (store.others(session, items_by_id(session, [id_])[id_]) for id_ in (late, again))
    assert {each.item_id: each.is_of_story for each in of_late} == {first: False, again: False}
    assert {each.item_id: each.is_of_story for each in of_again} == {first: True, late: False}


def test_who_else_tells_a_story_is_named_and_listed(desk: Desk) -> None:
    one, two, three = (told(desk, title, feed=name) for title, name in zip(TOLD, ("One", "Two", "Own"), strict=True))
    refresh(desk.db, now=NOW)
    with desk.db.read() as session:
        item = items_by_id(session, [one])[one]
        listed = store.others(session, item)
        known = memory.memory(session, desk.newsletter_id, [item], now=NOW)
    assert [(each.item_id, each.feed_title) for each in listed] == [(three, "Own"), (two, "Two")]
    assert known.also_in == {one: ("Own", "Two")}


def test_items_of_other_scripts_without_words_or_with_mad_dates_are_no_trouble(desk: Desk) -> None:
    for number, title in enumerate(("", "\u6a21\u578b\u5f00\u653e", "\u0645\u062f\u0648\u0646\u0629", "!!!", "the")):
        told(desk, title, feed=f"Odd {number}", hours=24 * 900 * number, first_seen_at=NOW, identity=f"odd {number}")
    assert refresh(desk.db, now=NOW) == 9
    assert refresh(desk.db, now=NOW) == 0
