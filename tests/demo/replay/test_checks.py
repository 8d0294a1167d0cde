"""What must hold after a replay, and what is said when it does not."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from curator.demo.replay import checks
from curator.demo.replay.archive import Archive, Day
from curator.demo.replay.checks import Seen, difference, expected_of
from curator.demo.replay.plan import BUSY_HOST, Fault, FaultKind, Plan
from curator.demo.replay.played import Played
from curator.demo.replay.store import FeedEnd, StoredItem
from curator.feeds.values import FeedState
from curator.issues.values import RenderedRevision
from tests.demo.replay.archives import document, item

DAYS = tuple(date(2023, 6, day) for day in (10, 11, 12))
ARCHIVE = Archive(
    tuple(
        Day(on, {name: document("site", [item(f"https://{name}/{nth}", "One")]) for name in ("gone", "moved", "busy")})
        for nth, on in enumerate(DAYS)
    )
)
PLAN = Plan(
    1,
    {"gone": "127.0.0.1", "moved": "127.0.0.2", "busy": BUSY_HOST},
    (Fault("gone", FaultKind.GONE, 1), Fault("moved", FaultKind.MOVED, 0), Fault("busy", FaultKind.BUSY, 1)),
)
REVISION = RenderedRevision(1, 1, 1, "0" * 64, "One", "<p>One</p>", "One", datetime(2023, 6, 14, tzinfo=UTC))


def _url(feed: str, folder: str) -> str:
    return f"http://{PLAN.hosts[feed]}/{folder}/{feed}"


def _end(feed: str, **facts: object) -> FeedEnd:
    given = {"url": _url(feed, "feeds"), "state": FeedState.ACTIVE, "is_ok": True, "note": "", "polls": 3}
    return FeedEnd(**({"aliases": frozenset()} | given | facts))  # type: ignore[arg-type]  # the test's own facts


def _item(page: str, identity: str = "") -> StoredItem:
    return StoredItem(1, identity or page, page, "One")


def _seen() -> Seen:
    pages = {name: [_item(f"https://{name}/{nth}") for nth in range(3)] for name in ("moved", "busy")}
    ends = {
        "gone": _end("gone", state=FeedState.GONE, is_ok=False),
        "moved": _end("moved", url=_url("moved", "moved"), aliases=frozenset({_url("moved", "feeds")})),
        "busy": _end("busy"),
    }
    played = Played(
        items={**pages, "gone": [_item("https://gone/0")]},
        feeds=ends,
        issue_id=1,
        revision=REVISION,
        picks=1,
        rounds=3,
        failed_jobs=0,
        held_hosts=frozenset({BUSY_HOST}),
    )
    return Seen(ARCHIVE, PLAN, played, _url, {200: 5, 301: 3, 304: 1, 410: 1, 429: 1}, 0)


def _failed(seen: Seen, rules: tuple[checks._Rule, ...] = checks._RULES) -> list[str]:
    return [what for rule in rules for holds, what in rule(seen) if not holds]


def _ended(seen: Seen, feed: str, **facts: object) -> Seen:
    feeds = {**seen.played.feeds, feed: _end(feed, **facts)}
    return replace(seen, played=replace(seen.played, feeds=feeds))


def test_a_run_in_which_every_fault_came_to_its_end_holds() -> None:
    assert _failed(_seen()) == []
    assert [what for holds, what in checks.findings(_seen()) if not holds] == []


def test_what_arrived_is_held_against_what_was_told_until_a_feed_was_gone() -> None:
    expected = expected_of(ARCHIVE, PLAN)
    assert {feed: len(most) for feed, most in expected.items()} == {"gone": 1, "moved": 3, "busy": 3}
    found = difference(expected, _seen().played)
    assert (found.missing.total(), found.strange.total(), found.twice.total()) == (0, 0, 0)


def test_missing_strange_and_doubled_items_are_counted_by_feed() -> None:
    odd = [_item("https://moved/0"), _item("https://moved/0", "another"), _item("https://nobody/told")]
    played = replace(
        _seen().played, items={**_seen().played.items, "moved": odd, "busy": [_item("https://busy/0")] * 2}
    )
    found = difference(expected_of(ARCHIVE, PLAN), played)
    assert found.missing == {"moved": 2, "busy": 2, "gone": 0}
    assert found.strange == {"moved": 1, "busy": 0, "gone": 0}
    assert found.twice == {"moved": 1, "busy": 2, "gone": 0}  # by page, and by identity


@pytest.mark.parametrize(
    ("feed", "facts", "words"),
    [
        ("gone", {}, "gone, which answers 410, is gone (it is active)"),
        ("busy", {"is_ok": False, "note": "429"}, "busy is asked and well in the end (its note: 429)"),
        ("busy", {"state": FeedState.PAUSED}, "busy is asked and well in the end (its note: )"),
        ("moved", {}, "moved is known under its new address (it is http://127.0.0.2/feeds/moved)"),
        ("moved", {"url": _url("moved", "moved")}, "the old address of moved is kept as an alias"),
        ("busy", {"polls": 0}, "the polls of busy stand in its ledger"),
    ],
)
def test_a_feed_that_ends_otherwise_is_said(feed: str, facts: dict[str, object], words: str) -> None:
    assert words in _failed(_ended(_seen(), feed, **facts))


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ({200: 5}, "every feed that moved was asked at its old address"),
        ({301: 1, 410: 2}, "410 was answered as often as planned (1)"),
        ({301: 1, 410: 1}, "the busy host answered 429"),
        ({301: 1, 410: 1, 429: 1}, "what did not change was answered 304"),
    ],
)
def test_a_fault_that_nobody_met_is_said(statuses: dict[int, int], words: str) -> None:
    assert words in _failed(replace(_seen(), statuses=statuses))


def test_a_day_that_was_not_got_and_a_poll_that_broke_are_said() -> None:
    played = replace(_seen().played, unsettled=("2023-06-11/busy",), failed_jobs=2)
    assert _failed(replace(_seen(), played=played)) == [
        "every feed is got on each of its days (not so: 2023-06-11/busy)",
        "no poll breaks (2 did)",
    ]


def test_a_host_that_was_not_left_alone_is_said() -> None:
    seen = replace(_seen(), asked_while_held=3, played=replace(_seen().played, held_hosts=frozenset()))
    assert _failed(seen) == [
        f"{BUSY_HOST} was held as a host when it answered 429",
        f"nobody asked {BUSY_HOST} while it was held (3 did)",
    ]


def test_two_days_are_too_few_to_learn_a_move() -> None:
    two = replace(_seen(), archive=Archive(ARCHIVE.days[:2]))
    assert _failed(_ended(two, "moved")) == []
