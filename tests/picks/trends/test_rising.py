"""Which topics rise, and with what evidence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.picks.trends.rising import Floor, Span, rising
from curator.picks.trends.values import Told
from tests.picks.trends.world import ON, SPAN, World


def test_a_quiet_world_has_no_trends() -> None:
    assert World().trends() == []
    assert rising([], span=SPAN) == []


def test_what_several_feeds_tell_all_at_once_is_a_trend() -> None:
    world = World()
    world.tell("Vector databases grow up", "Why vector databases", "A vector database for all", "My vector database")
    trend = world.trends()[0]
    assert trend.term == "vector database"
    assert trend.items == 4
    assert trend.past_items == 0
    assert trend.factor is None
    assert trend.first_seen_on == ON
    assert sum(trend.daily) == 4
    assert trend.daily[-1] == 4
    assert len(trend.daily) == 30


def test_the_factor_is_the_share_now_over_the_share_before() -> None:
    world = World()
    for back in range(2, 30):
        world.tell("Glaciers", back=back)
    world.tell("Glaciers melt", "On glaciers", "Glaciers again", "Glaciers?")
    trend = world.trends()[0]
    # Now 4 of 12 items, before 28 of 140.
    assert trend.term == "Glaciers"
    assert trend.factor == 1.7
    assert trend.first_seen_on == ON - timedelta(days=29)


def test_what_is_told_as_often_as_ever_is_none() -> None:
    world = World()
    for back in range(30):
        world.tell("Glaciers", "Glaciers", "Glaciers", back=back)
    assert world.named() == []


def test_one_feed_makes_no_trend_however_much_it_says() -> None:
    world = World()
    world.tell(*(f"Zeppelin offer {number}" for number in range(500)), feeds=["loud"])
    assert world.named() == []


def test_what_editors_added_counts_as_a_voice_each() -> None:
    world = World()
    added = [Told(5000 + number, f"Zeppelin over town {number}", (), ON) for number in range(3)]
    assert [trend.term for trend in rising([*world.items, *added], span=SPAN)] == ["Zeppelin over town"]


def test_a_busy_feed_does_not_outdo_several_quiet_ones() -> None:
    world = World()
    world.tell(*(f"Zeppelin offer {number}" for number in range(12)), feeds=["loud"] * 11 + ["other"])
    world.tell("Tunnels flood", "The tunnels flooded", "Tunnels", "What tunnels?", "More on tunnels", "Tunnels drained")
    assert world.named()[0].lower() == "tunnels"


def test_ten_thousand_copies_of_a_feeds_title_count_once_a_day() -> None:
    world = World()
    world.tell(*["Zeppelin lands"] * 10_000, feeds=["loud"])
    world.tell("Zeppelin lands", "Zeppelin on the ground", feeds=["b", "c"])
    assert world.trends()[0].items == 3


def test_nested_terms_are_one_trend_with_the_longest_that_says_it_all() -> None:
    world = World()
    world.tell("Silicon Valley Bank fails", "Silicon Valley Bank is gone", "Run on Silicon Valley Bank", "Whose bank?")
    trends = world.trends()
    assert trends[0].term == "Silicon Valley Bank"
    assert not any("Silicon" in trend.term for trend in trends[1:])


def test_a_part_stays_in_front_when_the_longer_term_is_only_a_part_of_it() -> None:
    world = World()
    world.tell("OpenAI GPT 5 is out", "GPT 5 reviewed", "GPT-5 in use", "Ask GPT5", "OpenAI GPT 5 prices")
    trend = world.trends()[0]
    assert (trend.term, trend.items) == ("GPT 5", 5)


def test_the_items_that_show_a_trend_come_from_different_feeds_first() -> None:
    world = World()
    world.tell("Tunnels 1", "Tunnels 2", "Tunnels 3", "Tunnels 4", "Tunnels 5", "Tunnels 6", feeds=["a"] * 5 + ["b"])
    trend = world.trends()[0]
    titles = {item.id: item.feeds[0] for item in world.items}
    assert [titles[item_id] for item_id in trend.item_ids] == ["a", "b", "a", "a", "a"]
    assert dict(trend.feeds) == {"a": 5, "b": 1}


@pytest.mark.parametrize("words", ["Black Friday", "hiring"])
def test_what_rises_every_year_is_blocked(words: str) -> None:
    world = World()
    world.tell(*(f"{words} number {number}" for number in range(6)))
    assert words not in world.named()


def test_a_newsletter_blocks_words_of_its_own() -> None:
    world = World()
    world.tell("Glass Zeppelins", "New: Glass Zeppelin", "Glass Zeppelin, again", "A Glass Zeppelin")
    assert world.named() == ["Glass Zeppelin"]
    assert world.named(blocked=["glass zeppelin"]) == []


def test_without_a_past_nothing_can_be_said_to_rise() -> None:
    world = World(days=6)
    world.tell("Tunnels", "On tunnels", "Why tunnels")
    assert world.trends() == []


@pytest.mark.parametrize(
    "titles", [("百度发布人工智能", "人工智能真快", "谁用人工智能", "看人工智能"), ("الذكاء الاصطناعي",) * 4]
)
def test_other_scripts_have_trends(titles: tuple[str, ...]) -> None:
    world = World()
    world.tell(*titles)
    assert world.named()[0] in ("人工智能", "الذكاء الاصطناعي")


def test_the_floor_can_be_lowered_for_a_pool_of_one_feed() -> None:
    world = World()
    world.tell("Zeppelin")
    assert world.named(floor=Floor(items=1, feeds=1)) == ["Zeppelin"]


def test_items_after_the_window_are_not_known_yet() -> None:
    world = World()
    world.tell("Tunnels", "On tunnels", "Why tunnels", back=-1)
    assert world.trends() == []


WORDS = st.sampled_from(["Ice", "lake", "GPT-4", "the", "百度", "Tarn", "black", "friday", "عاصفة", "C++", "12", ""])
ITEMS = st.lists(
    st.tuples(st.lists(WORDS, max_size=5).map(" ".join), st.sampled_from("abc"), st.integers(-1, 32)), max_size=40
).map(lambda rows: [Told(n, title, (feed,), ON - timedelta(days=back)) for n, (title, feed, back) in enumerate(rows)])


@given(ITEMS, st.randoms(use_true_random=False))
def test_trends_do_not_depend_on_order_and_tell_only_what_is_so(items: list[Told], chance) -> None:  # type: ignore[no-untyped-def]
    quiet = World().items
    known = {item.id: item for item in [*items, *(Told(i.id + 1000, i.title, i.feeds, i.on) for i in quiet)]}
    everything = list(known.values())
    found = rising(everything, span=SPAN)
    chance.shuffle(everything)
    assert rising(everything, span=SPAN) == found
    for trend in found:
        assert trend.items == sum(trend.daily[-2:])
        assert trend.past_items == sum(trend.daily[:-2])
        assert trend.items >= 3
        assert len(trend.feeds) >= 2
        assert {known[item_id].on for item_id in trend.item_ids} <= {ON, ON - timedelta(days=1)}
        assert {known[item_id].feeds[0] for item_id in trend.item_ids} <= trend.feeds.keys()
    assert len({trend.key for trend in found}) == len(found)


def test_four_weeks_are_held_against_a_longer_past() -> None:
    span = Span(ON, days=28, past_days=84)
    assert (ON - span.first_on).days == 27
    assert (span.first_on - span.past_first_on).days == 84
