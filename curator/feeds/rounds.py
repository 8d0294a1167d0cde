"""Asks many feeds and never a host twice at a time, over all threads and processes that do so."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random

from curator.clock import Clock
from curator.db import Database
from curator.errors import NotFoundError
from curator.feeds import polling, store
from curator.feeds.asking import never, poll_each
from curator.feeds.polls import store as polls
from curator.feeds.polls.values import DueFeed, Taken
from curator.feeds.values import PollOutcome
from curator.http.values import Fetcher

_WINDOW = 200
_STRETCH = polls.LEASE / 2
BUSY = "Not asked: its host is being asked by another process just now. Try again in a minute"


@dataclass(frozen=True)
class Pollers:
    """What asking takes, and the name under which hosts are taken. `per_host` polls may go to one host at a time."""

    db: Database
    fetcher: Fetcher
    clock: Clock
    random: Random
    name: str
    per_host: int = 1


def go_round(pollers: Pollers, *, is_over: Callable[[], bool]) -> bool:
    """Asks what is due, host after host, until the turn is over; False when nothing is left to take.

    Hosts are taken for as long as they are asked: others pass them by. A kill leaves them taken for three minutes, and
    their feeds due. What a bug breaks is put aside for an hour and raised: the others that go round do not meet it.
    """
    while not is_over():
        taken = _take(pollers)
        if not taken:
            return False
        with _given_back(pollers, [each.name for each in taken]):
            _asked(pollers, [feed_id for each in taken for feed_id in each.feed_ids], is_over=is_over)
    return True


def poll_one(pollers: Pollers, feed_id: int) -> PollOutcome:
    """Asks one feed now, unless its host is being asked or held. Raises NotFoundError."""
    (outcome,) = poll_these(pollers, [feed_id], at_once=1) or (None,)
    if outcome is None:
        raise NotFoundError("feed", feed_id)
    return outcome


def poll_these(pollers: Pollers, feed_ids: Sequence[int], *, at_once: int) -> list[PollOutcome]:
    """Asks these feeds, due or not, some hosts at once, and returns how each went, in the order given."""
    with pollers.db.read() as session:
        found = polls.hosts_of(session, feed_ids)
    groups = _by_name(((feed_id, host) for feed_id, host in found), per_host=pollers.per_host)
    with ThreadPoolExecutor(at_once) as threads:
        done = list(threads.map(lambda group: _group_asked(pollers, *group), groups.items()))
    outcomes = {feed_id: outcome for group in done for feed_id, outcome in group.items()}
    return [outcomes[feed_id] for feed_id, _ in found if feed_id in outcomes]


def _group_asked(pollers: Pollers, name: str, feed_ids: Sequence[int]) -> dict[int, PollOutcome]:
    """Asks a host's feeds, and takes the host anew before the time is over for which it is taken."""
    outcomes: dict[int, PollOutcome] = {}
    left = list(feed_ids)
    while left:
        with pollers.db.write() as session:
            now = pollers.clock()
            is_taken = polls.take_hosts(session, [name], by=pollers.name, now=now)
        if not is_taken:
            return outcomes | {feed_id: PollOutcome(feed_id, BUSY, is_ok=False) for feed_id in left}
        with _given_back(pollers, [name]):
            found = _asked(pollers, left, is_over=partial(_is_past, now + _STRETCH, pollers.clock))
        if not found:  # the rest was removed
            break
        outcomes |= found
        left = [feed_id for feed_id in left if feed_id not in found]
    return outcomes


def _is_past(moment: datetime, clock: Clock) -> bool:
    return clock() >= moment


def _asked(pollers: Pollers, feed_ids: Sequence[int], *, is_over: Callable[[], bool] = never) -> dict[int, PollOutcome]:
    return poll_each(pollers.db, pollers.fetcher, feed_ids, clock=pollers.clock, random=pollers.random, is_over=is_over)


def _take(pollers: Pollers) -> list[Taken]:
    """Takes hosts with feeds that are due; puts off those of hosts that are held."""
    now = pollers.clock()
    with pollers.db.write() as session:
        busy = polls.taken_hosts(session, now=now)
        window = polls.due_feeds(session, now=now, limit=_WINDOW)
        while window:
            waiting = _without_held(session, window, now=now)
            groups = _by_name(((feed.id, feed.host) for feed in waiting), per_host=pollers.per_host)
            for names in _shares([name for name in groups if name not in busy], pollers.random):
                taken = polls.take_hosts(session, names, by=pollers.name, now=now)
                if taken:
                    return [Taken(name, tuple(groups[name])) for name in taken]
            window = polls.due_feeds(session, now=now, limit=_WINDOW, after=window[-1])
    return []


def _shares(hosts: list[str], random: Random) -> Iterator[list[str]]:
    """Parts hosts into what one poller takes at a time: one, but some where very many wait, for taking costs too.

    By chance, so that pollers that look at the same moment do not all want the same; within a share in order, so that
    no two wait for each other.
    """
    random.shuffle(hosts)
    size = min(10, max(1, len(hosts) // 16))
    for start in range(0, len(hosts), size):
        yield sorted(hosts[start : start + size])


def _without_held(session: store.Transaction, window: Sequence[DueFeed], *, now: datetime) -> list[DueFeed]:
    held = polls.holds(session, {feed.host for feed in window}, now=now)
    for host, hold in held.items():
        waiting = [feed.id for feed in window if feed.host == host]
        polls.put_off(session, waiting, until=hold.until, note=polling.held_note(hold.until, now=now))
    return [feed for feed in window if feed.host not in held]


def _by_name(feeds: Iterable[tuple[int, str]], *, per_host: int) -> dict[str, list[int]]:
    """Returns the feeds by the lease that asking them takes: one a host, or numbered ones that share its feeds out."""
    groups: dict[str, list[int]] = {}
    for feed_id, host in feeds:
        share = feed_id % per_host
        groups.setdefault(f"{host}#{share}" if share else host, []).append(feed_id)
    return groups


@contextmanager
def _given_back(pollers: Pollers, names: Sequence[str]) -> Iterator[None]:
    try:
        yield
    finally:
        with pollers.db.write() as session:
            polls.give_back(session, names, by=pollers.name, now=pollers.clock())
