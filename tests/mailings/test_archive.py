"""What the archive holds: issues that were sent to readers, each once, with the revision that went out."""

from datetime import timedelta

import pytest

from curator.db import Database
from curator.issues.values import IssueState
from curator.mailings.archive import store
from curator.mailings.values import MailingState
from tests.audience.counting import statements
from tests.builders import approved_issue_row, newsletter_row
from tests.published import FIRST_AT, mailing_row, revision_row, sent_issue_row


def numbers(db: Database, newsletter_id: int, *, limit: int = 100, offset: int = 0) -> list[int]:
    with db.read() as session:
        return [each.number for each in store.issues(session, newsletter_id, limit=limit, offset=offset)]


@pytest.mark.parametrize("state", [each for each in IssueState if each not in (IssueState.SENT, IssueState.SENDING)])
def test_an_issue_that_is_not_sent_is_not_in_the_archive(database: Database, state: IssueState) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, state=state)
    mailing_row(database, issue_id)
    with database.read() as session:
        assert store.issue(session, newsletter_id, 1) is None
        assert store.count(session, newsletter_id) == 0
        assert store.newest(session) == {}
    assert numbers(database, newsletter_id) == []


@pytest.mark.parametrize("state", [IssueState.SENT, IssueState.SENDING])
def test_an_issue_is_public_from_the_moment_its_mailing_begins(database: Database, state: IssueState) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, number=7, state=state)
    running = MailingState.RUNNING if state is IssueState.SENDING else MailingState.FINISHED
    revision_id = mailing_row(database, issue_id, state=running)
    with database.read() as session:
        found = store.issue(session, newsletter_id, 7)
    assert found is not None
    assert (found.id, found.revision_id, found.at) == (issue_id, revision_id, FIRST_AT)


def test_a_test_mailing_never_publishes(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, state=IssueState.SENDING)
    mailing_row(database, issue_id, is_test=True)
    assert numbers(database, newsletter_id) == []


def test_a_later_test_mailing_does_not_change_what_is_shown(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, state=IssueState.SENT)
    revision_id = mailing_row(database, issue_id)
    revision_row(database, issue_id)
    mailing_row(database, issue_id, is_test=True)
    with database.read() as session:
        found = store.issue(session, newsletter_id, 1)
    assert found is not None
    assert found.revision_id == revision_id


def test_what_was_cancelled_and_sent_again_is_there_once_as_it_was_sent_again(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, state=IssueState.SENT)
    mailing_row(database, issue_id, state=MailingState.CANCELLED)
    revision_row(database, issue_id)
    revision_id = mailing_row(database, issue_id, at=FIRST_AT + timedelta(days=1))
    with database.read() as session:
        [found] = store.issues(session, newsletter_id, limit=10)
        assert store.count(session, newsletter_id) == 1
    assert (found.revision_id, found.at) == (revision_id, FIRST_AT + timedelta(days=1))


def test_issues_come_newest_first_and_page_by_page(database: Database) -> None:
    newsletter_id, other_id = newsletter_row(database), newsletter_row(database, slug="other")
    for number in (1, 2, 3, 4, 5):
        sent_issue_row(database, newsletter_id, number)
    sent_issue_row(database, other_id, 9)
    sent_issue_row(database, newsletter_id, 6, at=FIRST_AT)
    assert numbers(database, newsletter_id) == [5, 4, 3, 2, 1, 6]
    assert numbers(database, newsletter_id, limit=2, offset=2) == [3, 2]
    with database.read() as session:
        assert store.count(session, newsletter_id) == 6


def test_an_issue_stands_between_its_neighbours(database: Database) -> None:
    newsletter_id, other_id = newsletter_row(database), newsletter_row(database, slug="other")
    for number in (1, 2, 3):
        sent_issue_row(database, newsletter_id, number, at=FIRST_AT)
        sent_issue_row(database, other_id, number + 10, at=FIRST_AT)
    approved_issue_row(database, newsletter_id, number=4)
    with database.read() as session:
        around = {}
        for number in (1, 2, 3):
            found = store.issue(session, newsletter_id, number)
            assert found is not None
            beside = store.neighbours(session, found)
            around[number] = tuple(each and each.number for each in (beside.before, beside.after))
    assert around == {1: (None, 2), 2: (1, 3), 3: (2, None)}


def test_every_newsletter_has_its_newest(database: Database) -> None:
    ids = [newsletter_row(database, slug=f"n-{number}") for number in range(3)]
    for newsletter_id in ids[:2]:
        for number in (1, 2):
            sent_issue_row(database, newsletter_id, number + newsletter_id)
    with database.read() as session:
        found = store.newest(session)
    assert {key: issue.number for key, issue in found.items()} == {ids[0]: ids[0] + 2, ids[1]: ids[1] + 2}


def test_each_question_is_one_query_however_many_issues(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    for number in (1, 2, 3):
        sent_issue_row(database, newsletter_id, number)
    with database.read() as session, statements(database) as seen:
        store.issues(session, newsletter_id, limit=100)
        store.count(session, newsletter_id)
        store.newest(session)
        second = store.issue(session, newsletter_id, 2)
        assert second is not None
        assert len(seen) == 4
        store.neighbours(session, second)
        assert len(seen) == 6
