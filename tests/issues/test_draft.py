"""Drafting: once a slot, from what is fresh and did not run, and in words when there is too little."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from curator.db import Database
from curator.errors import NotFoundError
from curator.issues import publish, store
from curator.issues.values import IssueRow, IssueState
from curator.newsletters.values import WhenShort
from curator.picks import curate
from tests.issues.scene import NOW, Scene, fill, scene

DUE_AT = NOW + timedelta(days=1)


def _issue(there: Scene, issue_id: int) -> IssueRow:
    with there.db.read() as session:
        return store.issue_row(session, issue_id)


def test_sections_are_filled_with_reasons(database: Database) -> None:
    there = scene(database)
    fill(there)
    issue_id = publish.draft(database, there.newsletter_id, now=NOW, slot="2026-11-17T07:00", due_at=DUE_AT)
    assert there.titles(issue_id) == [
        ["Forgetting in the Arctic", "A librarian declines to guess"],
        ["Are vector databases worth it?"],
        ["A history of index cards", "Labels as disagreement", "Small models for long winters"],
    ]
    issue = _issue(there, issue_id)
    assert (issue.number, issue.state, issue.note) == (1, IssueState.DRAFT, "")
    assert (issue.subject, issue.due_at) == ("Forgetting in the Arctic", DUE_AT)
    assert issue.preheader.startswith("Plus: A librarian declines to guess; Are vector databases worth it?")
    assert there.verbs() == ["drafted"]


def test_a_slot_is_drafted_once(database: Database) -> None:
    there = scene(database)
    fill(there)
    first = publish.draft(database, there.newsletter_id, now=NOW, slot="2026-11-17T07:00")
    again = publish.draft(database, there.newsletter_id, now=NOW + timedelta(hours=1), slot="2026-11-17T07:00")
    assert again == first
    assert there.verbs() == ["drafted"]


@pytest.mark.parametrize("order", [1, -1], ids=["first to last", "last to first"])
def test_items_of_one_moment_stand_in_the_same_order_whichever_came_first(database: Database, order: int) -> None:
    there = scene(database)
    for title in ("A cobbler", "Benches", "Cranes", "Dunes", "Eels")[::order]:
        there.item(title, feed=1 if title < "C" else 2, canonical_url=f"https://site.example/{title}")
    issue_id = publish.draft(database, there.newsletter_id, now=NOW)
    assert there.titles(issue_id) == [[], [], ["A cobbler", "Benches", "Cranes", "Dunes"]]


@pytest.mark.parametrize("how", [{"slot": "2026-11-17T07:00"}, {"unless_open": True}], ids=["slot", "by hand"])
def test_four_at_once_draft_one_issue(database: Database, how: dict[str, Any]) -> None:
    there = scene(database)
    fill(there)
    start, found = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        found.append(publish.draft(database, there.newsletter_id, now=NOW, **how))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert there.verbs() == ["drafted"]


def test_what_ran_does_not_run_again(sqlite_database: Database) -> None:
    there = scene(sqlite_database)
    there.item("The first episode", feed=0, days=2)
    there.item("An article")
    publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    there.item("The next episode", feed=0, days=0)
    there.item("A fresh article", feed=2, days=0)
    second = publish.draft(sqlite_database, there.newsletter_id, now=NOW + timedelta(hours=1))
    assert _issue(there, second).number == 2
    assert there.titles(second) == [["The next episode"], [], ["A fresh article"]]


def test_an_item_with_a_canonical_url_that_ran_stays_out(sqlite_database: Database) -> None:
    there = scene(sqlite_database)
    there.item("An article", canonical_url="https://site.example/one")
    there.item("An episode", feed=0)
    publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    there.item("The article under another title", feed=2, canonical_url="https://site.example/one")
    there.item("Another", feed=2)
    second = publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    assert there.titles(second) == [[], [], ["Another"]]


def test_skipped_and_archived_and_old_items_stay_out(sqlite_database: Database) -> None:
    there = scene(sqlite_database)
    passed_over = there.item("Passed over")
    there.item("From before the feed was added", is_archive=True)
    there.item("Older than two weeks", days=15)
    there.item("Fresh")
    curate.skip(sqlite_database, there.newsletter_id, passed_over, by=None, now=NOW)
    issue_id = publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    assert there.titles(issue_id) == [[], [], ["Fresh"]]


def test_the_archive_can_be_included(sqlite_database: Database) -> None:
    there = scene(sqlite_database)
    there.item("From long ago", is_archive=True, days=900)
    there.item("An old episode", feed=0, is_archive=True, days=800)
    issue_id = publish.draft(sqlite_database, there.newsletter_id, now=NOW, include_archive=True)
    assert there.titles(issue_id) == [["An old episode"], [], ["From long ago"]]
    assert _issue(there, issue_id).state is IssueState.DRAFT


def test_a_monthly_newsletter_looks_back_to_its_last_issue(sqlite_database: Database) -> None:
    there = scene(sqlite_database, minimum_picks=1)
    there.item("Last month's", days=40)
    publish.draft(sqlite_database, there.newsletter_id, now=NOW - timedelta(days=39))
    there.item("Three weeks old", days=21)
    issue_id = publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    assert there.titles(issue_id) == [[], [], ["Three weeks old"]]


def test_picks_that_wait_are_placed_first(sqlite_database: Database) -> None:
    there = scene(sqlite_database)
    fill(there)
    old = there.item("An old favourite", days=200)
    curate.pick(sqlite_database, there.newsletter_id, old, there.sections[2], by=None, now=NOW)
    first = publish.draft(sqlite_database, there.newsletter_id, now=NOW)
    assert there.titles(first)[2][0] == "An old favourite"
    assert len(there.titles(first)[2]) == 4
    assert publish.draft(sqlite_database, there.newsletter_id, now=NOW) != first


def test_too_few_picks_hold_the_issue_and_say_so(sqlite_database: Database) -> None:
    there = scene(sqlite_database, minimum_picks=3)
    there.item("Only one")
    issue = _issue(there, publish.draft(sqlite_database, there.newsletter_id, now=NOW, slot="s", due_at=DUE_AT))
    assert issue.state is IssueState.HELD
    assert issue.note == (
        "1 pick was found for this issue; at least 3 are wanted. Pick more in the inbox, or approve it as it is."
    )
    assert there.titles(issue.id) == [[], [], ["Only one"]]


def test_too_few_picks_skip_the_slot_when_that_is_wished(sqlite_database: Database) -> None:
    there = scene(sqlite_database, minimum_picks=3, when_short=WhenShort.SKIP)
    there.item("Only one")
    issue = _issue(there, publish.draft(sqlite_database, there.newsletter_id, now=NOW, slot="s", due_at=DUE_AT))
    assert issue.state is IssueState.SKIPPED
    assert issue.note.startswith("1 pick was found for this issue; at least 3 are wanted. This slot was skipped")
    assert there.titles(issue.id) == [[], [], []]
    by_hand = _issue(there, publish.draft(sqlite_database, there.newsletter_id, now=NOW))
    assert by_hand.state is IssueState.HELD
    assert there.titles(by_hand.id) == [[], [], ["Only one"]]


def test_a_newsletter_that_is_not_there_is_said(sqlite_database: Database) -> None:
    with pytest.raises(NotFoundError):
        publish.draft(sqlite_database, 77, now=NOW)
