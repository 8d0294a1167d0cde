"""Importing a file: nobody twice, nobody against their will, nothing lost when it is killed or run beside itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from curator.activity.store import recent
from curator.audience import store, subscribe
from curator.audience.moving import bring
from curator.audience.moving.values import Tally
from curator.audience.tables import Subscriber, Subscription
from curator.audience.values import SubscriptionState, SuppressionReason
from curator.db import Database
from curator.errors import InvalidError
from tests.audience.counting import statements
from tests.builders import newsletter_row


def _file(*numbers: int) -> bytes:
    return ("email,name\n" + "".join(f"reader{each}@example.org,Reader {each}\n" for each in numbers)).encode()


def _end_state(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as session:
        rows = session.execute(
            select(Subscriber.address, Subscriber.name, Subscription.state, Subscription.how)
            .join(Subscription, Subscription.subscriber_id == Subscriber.id)
            .order_by(Subscriber.address_key)
        )
        return [tuple(row) for row in rows]


def test_every_row_of_the_file_is_accounted_for(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    left = subscribe.add(database, newsletter_id, "left@example.org", now=now)
    subscribe.unsubscribe(database, newsletter_id, left, now=now, how="link")
    subscribe.add(database, newsletter_id, "there@example.org", now=now)
    subscribe.suppress(database, "never@example.org", SuppressionReason.COMPLAINED, now=now)
    content = (
        b"email,name\nleft@example.org,L\nthere@example.org,T\nnever@example.org,N\nnobody,X\n"
        b"new@example.org,\nNEW@example.org,Newt\nLEFT@example.org,L\n"
    )
    report = bring.import_csv(database, newsletter_id, content, now=now, by=5)
    expected = Tally(rows=7, added=1, already_there=2, never_mailed=1, left_before=2, refused=1)
    assert report.tally == expected
    assert [(error.line, error.column) for error in report.refused] == [(5, "email")]
    assert _end_state(database) == [
        ("left@example.org", "L", "ended", "link"),
        ("new@example.org", "Newt", "active", "import"),
        ("there@example.org", "T", "active", "by hand"),
    ]
    with database.read() as session:
        newest = recent(session)[0]
    told = {"added": 1, "asked": 0, "ended": 0, "kept_out": 0, "import": 1}
    assert (newest.verb, newest.actor, newest.after) == ("imported", 5, told)


def test_a_second_import_of_the_same_file_changes_nothing(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    content = _file(*range(1500), 3, 1499)
    assert bring.import_csv(database, newsletter_id, content, now=now).tally == Tally(
        rows=1502, added=1500, already_there=2
    )
    before = _end_state(database)
    assert bring.import_csv(database, newsletter_id, content, now=now).tally == Tally(rows=1502, already_there=1502)
    assert _end_state(database) == before
    with database.read() as session:
        assert len(recent(session)) == 1


def test_whoever_has_yet_to_confirm_still_has_to(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada = subscribe.add(database, newsletter_id, "ada@example.org", now=now)
    with database.write() as session:
        session.get_one(Subscription, (ada, newsletter_id)).state = SubscriptionState.PENDING
    report = bring.import_csv(database, newsletter_id, b"ada@example.org", now=now)
    assert (report.tally.added, report.tally.already_there) == (0, 1)
    with database.read() as session:
        assert store.counts(session, newsletter_id).pending == 1


def test_a_subscriber_of_another_newsletter_is_added_to_this_one(database: Database, now: datetime) -> None:
    one, other = newsletter_row(database, slug="one"), newsletter_row(database, slug="other")
    ada = subscribe.add(database, one, "ada@example.org", now=now)
    subscribe.unsubscribe(database, one, ada, now=now, how="link")
    assert bring.import_csv(database, other, b"ada@example.org", now=now).tally.added == 1
    with database.read() as session:
        assert session.execute(select(func.count()).select_from(Subscriber)).scalar_one() == 1


def test_two_imports_at_once_leave_one_subscription_each(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    files = [_file(*range(3000)), _file(*reversed(range(3000))), _file(*range(1500, 3000), *range(1500))]
    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(lambda content: bring.import_csv(database, newsletter_id, content, now=now), files))
    assert sum(report.tally.added for report in reports) == 3000
    assert all(report.tally.added + report.tally.already_there == 3000 for report in reports)
    assert len(_end_state(database)) == 3000


def test_a_thousand_rows_cost_a_handful_of_statements(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    with statements(database) as asked:
        bring.import_csv(database, newsletter_id, _file(*range(1000)), now=now)
    assert len(asked) <= 30


def test_a_file_of_rubbish_makes_a_bounded_report(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(sqlite_database)
    content = b"email\n" + b"nobody\n" * 1200 + b"ada@example.org\n"
    report = bring.import_csv(sqlite_database, newsletter_id, content, now=now)
    assert (report.tally.added, len(report.refused), report.tally.refused) == (1, 1000, 1200)


def test_a_file_that_cannot_be_read_writes_nothing(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(sqlite_database)
    with pytest.raises(InvalidError, match="workbook"):
        bring.import_csv(sqlite_database, newsletter_id, b"PK\x03\x04", now=now)
    assert _end_state(sqlite_database) == []
