"""Machines give themselves away, people who click fast do not; and the order of arrival means nothing."""

import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from curator.events.robots import robots
from curator.events.tally import Tally, change, of_reader
from curator.events.values import Hit, StoredHit
from tests.events.scene import hit

HITS = st.lists(
    st.builds(
        lambda link, after, agent, is_head: hit(1, link, 5, after_s=after, agent=agent, is_head=is_head),
        st.integers(0, 6),
        # Close together, at the edges of both reaches, and far away.
        st.sampled_from([0, 0.5, 1, 9.999, 10, 10.001, 20, 599.9, 600, 600.1, 700, 5000]),
        st.integers(1, 3),
        st.booleans(),
    ),
    max_size=30,
)


def _humans(*hits: Hit) -> list[int]:
    return [each.link for each, is_robot in zip(hits, robots(hits), strict=True) if not is_robot]


def test_a_person_who_clicks_is_a_person() -> None:
    assert _humans(hit(1, 3, 5), hit(1, 3, 5, after_s=1), hit(1, 4, 5, after_s=90)) == [3, 3, 4]


def test_whoever_only_asks_for_the_head_is_a_machine() -> None:
    assert _humans(hit(1, 3, 5, is_head=True), hit(1, 3, 5, after_s=4)) == [3]


def test_whoever_follows_the_canary_is_a_machine_for_ten_minutes_before_and_after() -> None:
    near = [hit(1, 2, 5, after_s=0), hit(1, 0, 5, after_s=600), hit(1, 3, 5, after_s=1200)]
    assert _humans(*near) == []
    assert _humans(*near, hit(1, 4, 5, after_s=1201)) == [4]


def test_the_person_behind_the_scanner_stays_a_person() -> None:
    scanner = [hit(1, link, 5, after_s=link, agent=1) for link in range(5)]
    assert _humans(*scanner, hit(1, 2, 5, after_s=6, agent=2)) == [2]


def test_five_different_links_in_ten_seconds_are_a_machines() -> None:
    five = [hit(1, link, 5, after_s=2.5 * (link - 1)) for link in range(1, 6)]
    assert _humans(*five) == []
    assert _humans(*five, hit(1, 6, 5, after_s=90)) == [6]
    slower = [hit(1, link, 5, after_s=2.6 * (link - 1)) for link in range(1, 6)]
    assert _humans(*slower) == [1, 2, 3, 4, 5]


def test_one_link_pressed_many_times_is_a_person() -> None:
    assert len(_humans(*(hit(1, 3, 5, after_s=n / 10) for n in range(30)))) == 30


@given(HITS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_means_nothing(hits: list[Hit], chance: object) -> None:
    verdicts = dict(zip(hits, robots(hits), strict=True))
    shuffled = list(hits)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands in a random.Random
    assert robots(shuffled) == [verdicts[each] for each in shuffled]


@given(HITS)
def test_a_burst_is_every_ten_seconds_with_five_links(hits: list[Hit]) -> None:
    """The rule as one would say it, against the one walk over the hits that decides it."""
    without_others = [each for each in hits if each.link and not each.is_head and each.agent == 1]

    def is_in_burst(one: Hit) -> bool:
        for begun in without_others:
            window = [each for each in without_others if 0 <= (each.at - begun.at).total_seconds() <= 10]
            if one in window and len({each.link for each in window}) >= 5:
                return True
        return False

    assert robots(without_others) == [is_in_burst(each) for each in without_others]


@given(HITS, st.lists(st.integers(0, 30), max_size=6), st.randoms(use_true_random=False))
def test_counters_that_get_the_difference_equal_a_recount(hits: list[Hit], cuts: list[int], chance: object) -> None:
    arrived = list(hits)
    chance.shuffle(arrived)  # type: ignore[attr-defined]  # hypothesis hands in a random.Random
    total, stored = _told_in_pieces(arrived, sorted({0, *cuts, len(arrived)}))
    assert total == of_reader(zip(hits, robots(hits), strict=True))
    assert [each.is_robot for each in stored] == robots([each.hit for each in stored])


def _told_in_pieces(arrived: Sequence[Hit], cuts: list[int]) -> tuple[Tally, list[StoredHit]]:
    total, stored = Tally(), list[StoredHit]()
    for first, last in itertools.pairwise(cuts):
        changed = change(stored, arrived[first:last], at_most=200)
        stored = [StoredHit(each.id, each.hit, changed.judged_anew.get(each.id, each.is_robot)) for each in stored]
        stored += [StoredHit(len(stored) + n, each, flag) for n, (each, flag) in enumerate(changed.added)]
        total += changed.tally
    return total, stored


def test_beyond_the_limit_hits_are_only_counted() -> None:
    first = change([], [hit(1, 1, 5)] * 3, at_most=2)
    assert (len(first.added), first.dropped, first.tally.clicks) == (2, 1, 2)
    stored = [StoredHit(n, each, flag) for n, (each, flag) in enumerate(first.added)]
    second = change(stored, [hit(1, 2, 5)] * 4, at_most=2)
    assert (len(second.added), second.dropped, second.tally) == (0, 4, Tally())
