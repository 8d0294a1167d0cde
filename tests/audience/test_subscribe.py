"""Taking people in and letting them go: by hand, by link, and never against their will."""

from datetime import datetime

import pytest

from curator.activity.store import recent
from curator.activity.values import ActivityRow
from curator.audience import store, subscribe
from curator.audience.moving import bring
from curator.audience.suppressed import store as suppressed
from curator.audience.values import SubscriberCounts, SuppressionReason
from curator.db import Database
from curator.errors import InvalidError, NotFoundError
from tests.builders import newsletter_row


def _counts(database: Database, newsletter_id: int) -> SubscriberCounts:
    with database.read() as session:
        return store.counts(session, newsletter_id)


def _log(database: Database) -> list[ActivityRow]:
    with database.read() as session:
        return recent(session)


def test_somebody_added_twice_is_subscribed_once(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    first = subscribe.add(database, newsletter_id, "Ada@Example.org", now=now, by=7)
    again = subscribe.add(database, newsletter_id, "ada@example.ORG", name="Ada\r\nLovelace", now=now, by=7)
    assert first == again
    with database.read() as session:
        (row,) = store.subscriber_rows(session, newsletter_id)
    assert (row.address, row.name, row.state, row.how) == ("Ada@example.org", "Ada Lovelace", "active", "by hand")
    assert [(entry.verb, entry.actor, entry.subject_id) for entry in _log(database)] == [("subscribed", 7, first)]


def test_a_name_once_known_is_not_overwritten(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(sqlite_database)
    subscribe.add(sqlite_database, newsletter_id, "ada@example.org", name="Ada", now=now)
    subscribe.add(sqlite_database, newsletter_id, "ada@example.org", name="Eve", now=now)
    with sqlite_database.read() as session:
        assert store.subscriber_rows(session, None)[0].name == "Ada"


def test_an_unknown_newsletter_takes_nobody_in(database: Database, now: datetime) -> None:
    with pytest.raises(NotFoundError):
        subscribe.add(database, 99, "ada@example.org", now=now)
    with pytest.raises(NotFoundError):
        bring.import_csv(database, 99, b"ada@example.org", now=now)
    with database.read() as session:
        assert store.subscriber_rows(session, None) == []


def test_leaving_twice_is_leaving_once(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada = subscribe.add(database, newsletter_id, "ada@example.org", now=now)
    for how in ("link", "one click"):
        subscribe.unsubscribe(database, newsletter_id, ada, now=now, how=how)
    assert _counts(database, newsletter_id) == SubscriberCounts(active=0, pending=0, ended=1, suppressed=0)
    with database.read() as session:
        assert store.subscriber_rows(session, newsletter_id)[0].how == "link"
    assert [entry.verb for entry in _log(database)] == ["unsubscribed", "subscribed"]


def test_leaving_one_newsletter_leaves_the_other_alone(database: Database, now: datetime) -> None:
    one, other = newsletter_row(database, slug="one"), newsletter_row(database, slug="other")
    ada = subscribe.add(database, one, "ada@example.org", now=now)
    subscribe.add(database, other, "ada@example.org", now=now)
    subscribe.unsubscribe(database, one, ada, now=now, how="link")
    assert (_counts(database, one).active, _counts(database, other).active) == (0, 1)


def test_a_link_of_somebody_who_is_gone_changes_nothing(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    subscribe.unsubscribe(database, newsletter_id, 4711, now=now, how="link")
    subscribe.unsubscribe(database, 4711, 4711, now=now, how="link")
    assert _log(database) == []


def test_whoever_left_can_be_added_again_by_hand(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada = subscribe.add(database, newsletter_id, "ada@example.org", now=now)
    subscribe.unsubscribe(database, newsletter_id, ada, now=now, how="link")
    assert subscribe.add(database, newsletter_id, "ada@example.org", now=now) == ada
    assert _counts(database, newsletter_id).active == 1


def test_a_suppressed_address_is_not_taken_in(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    subscribe.suppress(database, "ADA@example.org", SuppressionReason.COMPLAINED, now=now)
    with pytest.raises(InvalidError, match="complained") as refused:
        subscribe.add(database, newsletter_id, "ada@example.org", now=now)
    assert refused.value.field == "address"


def test_suppressing_works_without_a_subscriber_and_twice(database: Database, now: datetime) -> None:
    for _ in range(2):
        subscribe.suppress(
            database, "eve@example.org", SuppressionReason.BY_HAND, note="asked\nby phone", now=now, by=3
        )
    with database.read() as session:
        (row,) = suppressed.rows(session)
    assert (row.address_key, row.reason, row.note) == ("eve@example.org", "by hand", "asked by phone")
    assert [(entry.verb, entry.subject_id) for entry in _log(database)] == [("suppressed", 0)]


def test_lifting_a_suppression_gives_the_subscription_back(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada = subscribe.add(database, newsletter_id, "ada@example.org", now=now)
    subscribe.suppress(database, "ada@example.org", SuppressionReason.BOUNCED, now=now)
    assert _counts(database, newsletter_id) == SubscriberCounts(active=0, pending=0, ended=0, suppressed=1)
    for _ in range(2):
        subscribe.unsuppress(database, "ada@example.org", now=now, by=3)
    assert _counts(database, newsletter_id) == SubscriberCounts(active=1, pending=0, ended=0, suppressed=0)
    assert [(entry.verb, entry.subject_id) for entry in _log(database)][:2] == [
        ("unsuppressed", ada),
        ("suppressed", ada),
    ]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (SuppressionReason.BOUNCED, SuppressionReason.COMPLAINED, "complained"),
        (SuppressionReason.COMPLAINED, SuppressionReason.BOUNCED, "complained"),
        (SuppressionReason.COMPLAINED, SuppressionReason.ERASED, "erased"),
        (SuppressionReason.ERASED, SuppressionReason.BY_HAND, "erased"),
    ],
)
def test_the_weightier_reason_stays(
    database: Database, now: datetime, first: SuppressionReason, second: SuppressionReason, kept: str
) -> None:
    subscribe.suppress(database, "ada@example.org", first, now=now)
    subscribe.suppress(database, "ada@example.org", second, now=now)
    with database.read() as session:
        assert suppressed.why(session, "ada@example.org") == kept


def test_the_log_never_holds_an_address(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(sqlite_database)
    ada = subscribe.add(sqlite_database, newsletter_id, "ada@example.org", now=now)
    bring.import_csv(sqlite_database, newsletter_id, b"eve@example.org", now=now)
    subscribe.unsubscribe(sqlite_database, newsletter_id, ada, now=now, how="link")
    subscribe.suppress(sqlite_database, "ada@example.org", SuppressionReason.BY_HAND, note="ada@example.org", now=now)
    subscribe.unsuppress(sqlite_database, "ada@example.org", now=now)
    log = _log(sqlite_database)
    assert len(log) == 5
    assert "example.org" not in str(log)
