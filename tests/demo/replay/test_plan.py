"""The plan of faults: the same seed gives the same, and nothing that would keep an item away for good."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from curator.demo.replay.plan import BUSY_HOST, FaultKind, Plan, plan_of


def _plan(feeds: int, days: int, seed: int) -> Plan:
    return plan_of([f"{feed:03}.xml" for feed in range(feeds)], days=days, seed=seed, random=Random(seed))


@given(st.integers(1, 200), st.integers(1, 5), st.integers(0, 9))
def test_every_feed_has_one_host_and_at_most_one_fault_within_the_days(feeds: int, days: int, seed: int) -> None:
    plan = _plan(feeds, days, seed)
    assert len(plan.hosts) == feeds
    names = [fault.feed for fault in plan.faults]
    assert len(names) == len(set(names))
    assert all(0 <= fault.day < days for fault in plan.faults)
    assert all(fault.day > 0 for fault in plan.of_kind(FaultKind.GONE))
    busy = {fault.feed for fault in plan.of_kind(FaultKind.BUSY)}
    assert busy == {feed for feed, host in plan.hosts.items() if host == BUSY_HOST}
    assert _plan(feeds, days, seed) == plan


def test_an_archive_of_some_size_has_every_fault() -> None:
    assert {fault.kind for fault in _plan(20, 3, 1).faults} == set(FaultKind)


def test_another_seed_gives_another_plan() -> None:
    assert _plan(183, 3, 1) != _plan(183, 3, 2)
