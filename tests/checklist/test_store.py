"""The checklist ticks itself from what is there, with one query."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, update

from curator.accounts import admit
from curator.accounts.tables import User
from curator.accounts.values import Role
from curator.audience.tables import Subscription
from curator.audience.values import SubscriptionState
from curator.checklist import store
from curator.checklist.values import Checklist, Step
from curator.db import Database
from curator.errors import NotFoundError
from curator.letters.values import LetterKind, LetterState
from curator.newsletters import edit
from tests import builders


@pytest.fixture
def newsletter_id(database: Database, now: datetime) -> int:
    """A newsletter in test mode without a postal address; Mina has a place at its desk."""
    admit.create_user(database, "mina@podcast.example", name="Mina", role=Role.OWNER, now=now)
    return builders.newsletter_row(database, live_at=None, postal_address="")


@pytest.fixture
def left(database: Database, newsletter_id: int) -> Callable[[], tuple[Step, ...]]:
    return lambda: _checklist(database, newsletter_id).left


def test_of_a_newsletter_with_nothing_every_step_is_left(left: Callable[[], tuple[Step, ...]]) -> None:
    assert left() == tuple(Step)


def test_the_sender_needs_a_postal_address(database: Database, left: Callable[[], tuple[Step, ...]]) -> None:
    for address, is_left in (("  \n", True), ("1 Quay Road", False)):
        builders.change_newsletters(database, postal_address=address)
        assert (Step.SENDER in left()) is is_left


def test_somebody_says_that_the_dns_records_are_in_place(
    database: Database, newsletter_id: int, left: Callable[[], tuple[Step, ...]], now: datetime
) -> None:
    edit.note_dns_seen(database, newsletter_id, now=now)
    assert Step.DNS not in left()


def test_a_feed_counts_once_it_was_polled_well(
    database: Database, left: Callable[[], tuple[Step, ...]], now: datetime
) -> None:
    builders.feed_row(database, "Broken", last_polled_at=now, is_ok=False)
    assert Step.FEEDS in left()
    builders.feed_row(database, "Well", last_polled_at=now, last_ok_at=now)
    assert Step.FEEDS not in left()


def test_people_at_the_desk_are_no_readers(
    database: Database, newsletter_id: int, left: Callable[[], tuple[Step, ...]]
) -> None:
    builders.subscriber_rows(database, newsletter_id, ["mina@podcast.example"])
    assert Step.SUBSCRIBERS in left()
    (ada,) = builders.subscriber_rows(database, newsletter_id, ["ada@example.org"])
    assert Step.SUBSCRIBERS not in left()
    with database.write() as session:
        ended = update(Subscription).where(Subscription.subscriber_id == ada).values(state=SubscriptionState.PENDING)
        session.execute(ended)
    assert Step.SUBSCRIBERS in left()


def test_a_test_mail_counts_once_it_left_to_somebody_at_the_desk(
    database: Database, newsletter_id: int, left: Callable[[], tuple[Step, ...]], now: datetime
) -> None:
    sent = {"kind": LetterKind.TEST, "state": LetterState.SENT, "newsletter_id": newsletter_id}
    for wrong in (
        {"address": "ada@example.org"},
        {"address": "mina@podcast.example", "state": LetterState.QUEUED},
        {"address": "mina@podcast.example", "kind": LetterKind.INVITATION},
        {"address": "mina@podcast.example", "newsletter_id": newsletter_id + 1},
    ):
        builders.letter_row(database, at=now, **(sent | wrong))
        assert Step.TEST_MAIL in left()
    builders.letter_row(database, at=now, address="mina@podcast.example", **sent)
    assert Step.TEST_MAIL not in left()
    with database.write() as session:
        session.execute(update(User).values(is_active=False))
    assert Step.TEST_MAIL in left()


def test_one_query_finds_every_newsletter_in_test_mode_by_name_and_no_live_one(
    database: Database, newsletter_id: int, now: datetime
) -> None:
    builders.newsletter_row(database, slug="b", name="A second one", live_at=None)
    builders.newsletter_row(database, slug="c", name="Live")
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *call: said.append(call[2]))
    with database.read() as session:
        assert [found.name for found in store.in_test_mode(session)] == ["A second one", "AI Weekly"]
    assert len([line for line in said if line.startswith("SELECT")]) == 1
    edit.go_live(database, newsletter_id, now=now + timedelta(days=1))
    assert _checklist(database, newsletter_id).live_at == now + timedelta(days=1)
    with database.read() as session:
        assert [found.name for found in store.in_test_mode(session)] == ["A second one"]


def test_a_newsletter_that_is_not_there_is_named(sqlite_database: Database) -> None:
    with pytest.raises(NotFoundError, match="no newsletter 7"):
        _checklist(sqlite_database, 7)


def _checklist(database: Database, newsletter_id: int) -> Checklist:
    with database.read() as session:
        return store.checklist(session, newsletter_id)
