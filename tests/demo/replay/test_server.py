"""The archive's servers over real HTTP, asked by the real way out."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from curator.demo.replay.answers import NEW, Answers
from curator.demo.replay.plan import Fault, FaultKind, Plan
from curator.demo.replay.server import ReplayServers
from curator.errors import FetchError, StateError
from curator.http.client import GuardedFetcher
from curator.http.values import Limits
from tests.conftest import FakeClock
from tests.demo.replay.test_answers import ARCHIVE

HOSTS = {"a.xml": "127.0.0.1", "b.xml": "127.0.0.2"}
LIMITS = Limits(max_bytes=1_000_000, read_s=1.0)
FETCHER = GuardedFetcher(LIMITS, user_agent="Curator/test", allow_private=True)

pytestmark = pytest.mark.allow_hosts(sorted(HOSTS.values()))


def _served(clock: FakeClock, *faults: Fault) -> Iterator[tuple[Answers, ReplayServers]]:
    plan = Plan(1, HOSTS, faults)
    answers = Answers(ARCHIVE, plan, clock, max_bytes=LIMITS.max_bytes, late_s=LIMITS.read_s * 2)
    answers.begin(0)
    with ReplayServers(plan, answers) as servers:
        yield answers, servers


def test_each_feed_lies_at_its_host_and_the_hour_is_that_of_the_clock_that_is_set(clock: FakeClock) -> None:
    for answers, servers in _served(clock):
        clock.advance(timedelta(hours=3))
        found = FETCHER.get(servers.url("b.xml"))
        assert servers.url("b.xml").startswith("http://127.0.0.2:")
        assert (found.status, found.body, found.headers["date"]) == (
            200,
            b"<rss>b</rss>",
            "Mon, 16 Nov 2026 12:00:00 GMT",
        )
        assert FETCHER.get(servers.url("b.xml"), headers={"If-None-Match": found.headers["etag"]}).status == 304
        assert answers.unsettled == ["a.xml"]


def test_a_move_leads_to_the_same_document(clock: FakeClock) -> None:
    for answers, servers in _served(clock, Fault("a.xml", FaultKind.MOVED, 0)):
        found = FETCHER.get(servers.url("a.xml"))
        assert (found.url, found.body) == (servers.url("a.xml", NEW), b"<rss>one</rss>")
        assert answers.unsettled == ["b.xml"]


@pytest.mark.parametrize("kind", [FaultKind.HUGE, FaultKind.BOMB, FaultKind.TORN, FaultKind.LATE])
def test_an_answer_beyond_the_limits_fails_once_and_settles_nothing(clock: FakeClock, kind: FaultKind) -> None:
    for answers, servers in _served(clock, Fault("a.xml", kind, 0)):
        with pytest.raises(FetchError):
            FETCHER.get(servers.url("a.xml"))
        assert answers.unsettled == ["a.xml", "b.xml"]
        assert FETCHER.get(servers.url("a.xml")).body == b"<rss>one</rss>"


def test_a_machine_without_such_addresses_is_told_so(clock: FakeClock) -> None:
    plan = Plan(1, {"a.xml": "127.0.0.1", "b.xml": "203.0.113.9"}, ())
    answers = Answers(ARCHIVE, plan, clock, max_bytes=1, late_s=1.0)
    with pytest.raises(StateError, match=r"Nothing can listen on 203\.0\.113\.9"):
        ReplayServers(plan, answers)
