"""An order in which neighbours differ, with caps."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from curator.picks.taste.diversify import Caps, Entrant, diversified, likeness

_ENTRANTS = st.lists(
    st.builds(
        Entrant,
        key=st.text("abcdefgh", min_size=1, max_size=3),
        score=st.floats(-5, 5),
        feed=st.sampled_from(["", "one", "two"]),
        domain=st.sampled_from(["", "a.example", "b.example"]),
        story=st.sampled_from(["", "s1", "s2", "s3"]),
        traits=st.frozensets(st.sampled_from(["kelp", "tide", "phone"])),
    ),
    max_size=40,
)


def test_the_best_comes_first_and_a_likeness_of_it_later() -> None:
    tide, tides, phone = (
        Entrant("tide", 3.0, traits=frozenset({"tide", "pool"})),
        Entrant("tides", 2.9, traits=frozenset({"tide", "pool"})),
        Entrant("phone", 2.8, traits=frozenset({"phone"})),
    )
    assert diversified([phone, tides, tide], slots=3, trade=0.5) == [tide, phone, tides]
    assert diversified([phone, tides, tide], slots=3, trade=1.0) == [tide, tides, phone]


def test_ten_thousand_copies_of_a_story_take_one_place() -> None:
    copies = [Entrant(f"copy {number:05}", 9.0, feed=f"f{number}", story="flood") for number in range(10_000)]
    other = [Entrant("other", 1.0), Entrant("another", 0.5)]
    assert [each.key for each in diversified([*copies, *other], slots=10)] == ["copy 00000", "other", "another"]


def test_a_feed_that_floods_leaves_room_for_others() -> None:
    flood = [Entrant(f"flood {number:04}", 9.0, feed="flood") for number in range(2_000)]
    found = diversified([*flood, Entrant("other", 1.0, feed="calm")], slots=10, caps=Caps(feed=3))
    assert [each.feed for each in found].count("flood") == 3
    assert found[-1].key == "other" or "calm" in {each.feed for each in found}


@given(_ENTRANTS, st.integers(0, 12), st.randoms(use_true_random=False))
def test_caps_hold_and_the_order_of_input_does_not_matter(
    found: list[Entrant], slots: int, dice: random.Random
) -> None:
    one = list({each.key: each for each in found}.values())
    chosen = diversified(one, slots=slots, caps=Caps(feed=2, domain=3, story=1))
    assert len(chosen) <= slots
    for name, cap in (("feed", 2), ("domain", 3), ("story", 1)):
        count = Counter(getattr(each, name) for each in chosen)
        assert all(times <= cap for value, times in count.items() if value)
    if chosen:
        assert chosen[0].score == max(each.score for each in one)
    dice.shuffle(one)
    assert diversified(one, slots=slots, caps=Caps(feed=2, domain=3, story=1)) == chosen


def test_likeness_is_what_is_common() -> None:
    assert likeness(frozenset("ab"), frozenset("bc")) == 1 / 3
    assert likeness(frozenset(), frozenset()) == 0.0
