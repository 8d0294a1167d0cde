"""What the archive holds: issues that were sent to readers, each once, with the revision that went out."""

from datetime import UTC, datetime, timedelta

import pytest

from curator.db import Database
from curator.issues.tables import Issue, Revision
from curator.issues.values import IssueState
from curator.mailings.archive import store
from curator.mailings.tables import Mailing
from curator.mailings.values import MailingState
from tests.audience.counting import statements
from tests.builders import approved_issue_row, newsletter_row

START = datetime(2026, 1, 6, 7, 0, tzinfo=UTC)


def mailing(
    db: Database, issue_id: int, *, at: datetime = START, state: MailingState = MailingState.FINISHED, **columns: object
) -> int:
    """A mailing of the issue's newest revision; returns that revision's id."""
    with db.write() as session:
        issue = session.get_one(Issue, issue_id)
        revisions = session.query(Revision.id).filter_by(issue_id=issue_id).order_by(Revision.number.desc())
        revision_id = revisions.first()[0]  # type: ignore[index]  # the builder gave it one
        session.add(
            Mailing(
                issue_id=issue_id,
                revision_id=revision_id,
                newsletter_id=issue.newsletter_id,
                state=state,
                highest_id=0,
                started_at=at,
                **columns,
            )
        )
        return int(revision_id)


def sent(db: Database, newsletter_id: int, number: int, *, at: datetime | None = None) -> int:
    issue_id = approved_issue_row(db, newsletter_id, number=number, state=IssueState.SENT, subject=f"Number {number}")
    mailing(db, issue_id, at=at or START + timedelta(weeks=number))
    return issue_id


def another_revision(db: Database, issue_id: int) -> None:
    with db.write() as session:
        first = session.query(Revision).filter_by(issue_id=issue_id).one()
        session.add(
            Revision(
                issue_id=issue_id,
                number=2,
                content_hash="b" * 64,
                subject="Mended",
                html=first.html,
                text=first.text,
                created_at=first.created_at,
            )
        )


def numbers(db: Database, newsletter_id: int, *, limit: int = 100, offset: int = 0) -> list[int]:
    with db.read() as session:
        return [each.number for each in store.issues(session, newsletter_id, limit=limit, offset=offset)]


@pytest.mark.parametrize("state", [each for each in IssueState if each not in (IssueState.SENT, IssueState.SENDING)])
def test_an_issue_that_is_not_sent_is_not_in_the_archive(database: Database, state: IssueState) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, state=state)
    mailing(database, issue_id)
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
    revision_id = mailing(database, issue_id, state=running)
    with database.read() as session:
        found = store.issue(session, newsletter_id, 7)
    assert found is not None
    assert (found.id, found.revision_id, found.at) == (issue_id, revision_id, START)


def test_a_test_mailing_never_publishes(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, state=IssueState.SENDING)
    mailing(database, issue_id, is_test=True)
    assert numbers(database, newsletter_id) == []


def test_a_later_test_mailing_does_not_change_what_is_shown(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, state=IssueState.SENT)
    revision_id = mailing(database, issue_id)
    another_revision(database, issue_id)
    mailing(database, issue_id, is_test=True)
    with database.read() as session:
        found = store.issue(session, newsletter_id, 1)
    assert found is not None
    assert found.revision_id == revision_id


def test_what_was_cancelled_and_sent_again_is_there_once_as_it_was_sent_again(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id, state=IssueState.SENT)
    mailing(database, issue_id, state=MailingState.CANCELLED)
    another_revision(database, issue_id)
    revision_id = mailing(database, issue_id, at=START + timedelta(days=1))
    with database.read() as session:
        [found] = store.issues(session, newsletter_id, limit=10)
        assert store.count(session, newsletter_id) == 1
    assert (found.revision_id, found.at) == (revision_id, START + timedelta(days=1))


def test_issues_come_newest_first_and_page_by_page(database: Database) -> None:
    newsletter_id, other_id = newsletter_row(database), newsletter_row(database, slug="other")
    for number in (1, 2, 3, 4, 5):
        sent(database, newsletter_id, number)
    sent(database, other_id, 9)
    sent(database, newsletter_id, 6, at=START)
    assert numbers(database, newsletter_id) == [5, 4, 3, 2, 1, 6]
    assert numbers(database, newsletter_id, limit=2, offset=2) == [3, 2]
    with database.read() as session:
        assert store.count(session, newsletter_id) == 6


def test_an_issue_stands_between_its_neighbours(database: Database) -> None:
    newsletter_id, other_id = newsletter_row(database), newsletter_row(database, slug="other")
    for number in (1, 2, 3):
        sent(database, newsletter_id, number, at=START)
        sent(database, other_id, number + 10, at=START)
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
            sent(database, newsletter_id, number + newsletter_id)
    with database.read() as session:
        found = store.newest(session)
    assert {key: issue.number for key, issue in found.items()} == {ids[0]: ids[0] + 2, ids[1]: ids[1] + 2}


def test_each_question_is_one_query_however_many_issues(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    for number in (1, 2, 3):
        sent(database, newsletter_id, number)
    with database.read() as session, statements(database) as seen:
        store.issues(session, newsletter_id, limit=100)
        store.count(session, newsletter_id)
        store.newest(session)
        second = store.issue(session, newsletter_id, 2)
        assert second is not None
        assert len(seen) == 4
        store.neighbours(session, second)
        assert len(seen) == 6
