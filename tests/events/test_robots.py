"""Machines give themselves away, people who click fast do not; and the order of arrival means nothing."""

import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from curator.events.robots import robots
from curator.events.tally import MOST_AGENTS, MOST_HITS, Tally, change, of_reader
from curator.events.values import Hit, StoredHit
from tests.events.scene import hit

HITS = st.lists(
    st.builds(
        lambda link, after, agent, is_head: hit(1, link, 5, after_s=after, agent=agent, is_head=is_head),
        st.integers(0, 6),
        # Close together, at the edges of both reaches, and far away.
        st.sampled_from([0, 0.5, 1, 2.999, 3, 3.001, 9.999, 10, 10.001, 20, 599.9, 600, 600.1, 700, 5000]),
        st.integers(1, 3),
        st.booleans(),
    ),
    max_size=30,
)


# The hits in HITS are on seven of them.
MAILS = st.sampled_from([0, 5, 7, 9, 30])


def _humans(*hits: Hit, mail_links: int = 30) -> list[int]:
    verdicts = robots(hits, mail_links=mail_links)
    return [each.link for each, is_robot in zip(hits, verdicts, strict=True) if not is_robot]


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


def test_five_different_links_in_three_seconds_are_a_machines() -> None:
    five = [hit(1, link, 5, after_s=0.75 * (link - 1)) for link in range(1, 6)]
    assert _humans(*five) == []
    assert _humans(*five, hit(1, 6, 5, after_s=90)) == [6]
    slower = [hit(1, link, 5, after_s=0.76 * (link - 1)) for link in range(1, 6)]
    assert _humans(*slower) == [1, 2, 3, 4, 5]


def test_five_tabs_opened_one_after_the_other_are_a_persons() -> None:
    tabs = [hit(1, link, 5, after_s=2 * link) for link in range(1, 6)]
    assert _humans(*tabs) == [1, 2, 3, 4, 5]
    assert _humans(*tabs, mail_links=0) == [1, 2, 3, 4, 5]
    assert _humans(*tabs, mail_links=8) == [1, 2, 3, 4, 5], "five of eight are not most of them"


def test_most_links_of_a_mail_in_ten_seconds_are_a_machines() -> None:
    swept = [hit(1, link, 5, after_s=2.5 * (link - 1)) for link in range(1, 6)]
    assert _humans(*swept, mail_links=7) == []
    assert _humans(*swept, hit(1, 6, 5, after_s=90), mail_links=7) == [6]
    slower = [hit(1, link, 5, after_s=2.6 * (link - 1)) for link in range(1, 6)]
    assert _humans(*slower, mail_links=7) == [1, 2, 3, 4, 5]
    assert _humans(*swept[:4], mail_links=4) == [1, 2, 3, 4], "a short mail is read to its end"


def test_one_link_pressed_many_times_is_a_person() -> None:
    assert len(_humans(*(hit(1, 3, 5, after_s=n / 10) for n in range(30)))) == 30


@given(HITS, MAILS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_means_nothing(hits: list[Hit], mail_links: int, chance: object) -> None:
    verdicts = dict(zip(hits, robots(hits, mail_links=mail_links), strict=True))
    shuffled = list(hits)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands in a random.Random
    assert robots(shuffled, mail_links=mail_links) == [verdicts[each] for each in shuffled]


@given(HITS, MAILS)
def test_a_burst_is_every_span_with_enough_links(hits: list[Hit], mail_links: int) -> None:
    """The rule as one would say it, against the one walk over the hits that decides it."""
    without_others = [each for each in hits if each.link and not each.is_head and each.agent == 1]

    def is_in_span(one: Hit, seconds: int, share: float) -> bool:
        for begun in without_others:
            window = [each for each in without_others if 0 <= (each.at - begun.at).total_seconds() <= seconds]
            different = len({each.link for each in window})
            if one in window and different >= 5 and different >= share * mail_links:
                return True
        return False

    def is_in_burst(one: Hit) -> bool:
        return is_in_span(one, 3, 0) or (mail_links > 0 and is_in_span(one, 10, 0.7))

    assert robots(without_others, mail_links=mail_links) == [is_in_burst(each) for each in without_others]


@given(HITS, MAILS, st.lists(st.integers(0, 30), max_size=6), st.randoms(use_true_random=False))
def test_counters_that_get_the_difference_equal_a_recount(
    hits: list[Hit], mail_links: int, cuts: list[int], chance: object
) -> None:
    arrived = list(hits)
    chance.shuffle(arrived)  # type: ignore[attr-defined]  # hypothesis hands in a random.Random
    total, stored = _told_in_pieces(arrived, sorted({0, *cuts, len(arrived)}), mail_links)
    assert total == of_reader(zip(hits, robots(hits, mail_links=mail_links), strict=True))
    assert [each.is_robot for each in stored] == robots([each.hit for each in stored], mail_links=mail_links)


def _told_in_pieces(arrived: Sequence[Hit], cuts: list[int], mail_links: int) -> tuple[Tally, list[StoredHit]]:
    total, stored = Tally(), list[StoredHit]()
    for first, last in itertools.pairwise(cuts):
        changed = change(stored, arrived[first:last], at_most=MOST_HITS, mail_links=mail_links)
        stored = [StoredHit(each.id, each.hit, changed.judged_anew.get(each.id, each.is_robot)) for each in stored]
        stored += [StoredHit(len(stored) + n, each, flag) for n, (each, flag) in enumerate(changed.added)]
        total += changed.tally
    return total, stored


def _stored(*hits: Hit) -> list[StoredHit]:
    return [StoredHit(n, each, is_robot=True) for n, each in enumerate(hits)]


def test_a_machine_uses_up_its_own_room_and_not_the_persons() -> None:
    scanner = _stored(*(hit(1, n % 40, 5, after_s=n / 10, agent=1) for n in range(MOST_HITS)))
    again, person = hit(1, 3, 5, after_s=60, agent=1), hit(1, 3, 5, after_s=10_000, agent=2)
    changed = change(scanner, [again, person])
    assert (changed.added, changed.dropped) == (((person, False),), 1)


def test_a_fleet_is_looked_at_up_to_a_bound() -> None:
    fleet = _stored(*(hit(1, 1, 5, agent=agent) for agent in range(MOST_AGENTS - 1)))
    changed = change(fleet, [hit(1, 2, 5, agent=100), hit(1, 2, 5, agent=101), hit(1, 3, 5, agent=100)])
    assert ([each.agent for each, _ in changed.added], changed.dropped) == ([100, 100], 1)


def test_beyond_the_limit_hits_are_only_counted() -> None:
    first = change([], [hit(1, 1, 5)] * 3, at_most=2)
    assert (len(first.added), first.dropped, first.tally.clicks) == (2, 1, 2)
    stored = [StoredHit(n, each, flag) for n, (each, flag) in enumerate(first.added)]
    second = change(stored, [hit(1, 2, 5)] * 4, at_most=2)
    assert (len(second.added), second.dropped, second.tally) == (0, 4, Tally())
