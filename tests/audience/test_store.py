"""Reading the audience: candidates to freeze, recipients at the last moment, lists for the desk."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete

from curator.audience import manner, store, subscribe
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import Subscriber, Subscription
from curator.audience.values import (
    AudienceMember,
    Recipient,
    SubscriberCounts,
    SubscriptionState,
    SuppressionReason,
)
from curator.db import Database
from tests.audience.counting import statements
from tests.builders import newsletter_row, subscriber_rows


def test_candidates_are_the_active_ones_with_their_exclusion(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada, bob, eve, zoe = subscriber_rows(
        database, newsletter_id, ["ada@example.org", "bob@example.org", "eve@example.org", "zoe@example.org"]
    )
    subscribe.unsubscribe(database, newsletter_id, bob, now=now, how="link")
    subscribe.suppress(database, "eve@example.org", SuppressionReason.BOUNCED, now=now)
    with database.write() as session:
        session.get_one(Subscription, (zoe, newsletter_id)).state = SubscriptionState.PENDING
    with database.read() as session:
        assert store.candidates(session, newsletter_id, now=now) == [
            AudienceMember(ada, "ada@example.org", None),
            AudienceMember(eve, "eve@example.org", "suppressed: bounced"),
        ]
        assert store.counts(session, newsletter_id) == SubscriberCounts(active=1, pending=1, ended=1, suppressed=1)


def test_candidates_come_in_pages_that_miss_nobody(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ids = subscriber_rows(database, newsletter_id, [f"reader{each}@example.org" for each in range(7)])
    with database.read() as session:
        seen: list[int] = []
        while page := store.candidates(session, newsletter_id, now=now, after_id=seen[-1] if seen else 0, limit=3):
            seen += [member.subscriber_id for member in page]
    assert seen == sorted(ids)


def test_recipients_are_read_anew_in_one_query(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada, bob, eve, zoe = subscriber_rows(
        database, newsletter_id, ["ada@example.org", "bob@example.org", "eve@example.org", "zoe@example.org"], name="X"
    )
    with database.read() as session:
        assert store.recipients(session, newsletter_id, [ada], now=now) == {ada: Recipient(ada, "ada@example.org", "X")}
    subscribe.unsubscribe(database, newsletter_id, bob, now=now, how="link")
    subscribe.suppress(database, "EVE@example.org", SuppressionReason.COMPLAINED, now=now)
    with database.write() as session:
        session.delete(session.get_one(Subscriber, zoe))
    with database.read() as session, statements(database) as asked:
        found = store.recipients(session, newsletter_id, [zoe, eve, bob, ada], now=now)
    assert found == {
        zoe: "erased",
        eve: "suppressed: complained",
        bob: "unsubscribed",
        ada: Recipient(ada, "ada@example.org", "X"),
    }
    assert len(asked) == 1


def test_a_subscriber_of_another_newsletter_is_no_recipient_of_this_one(database: Database, now: datetime) -> None:
    one, other = newsletter_row(database, slug="one"), newsletter_row(database, slug="other")
    (ada,) = subscriber_rows(database, one, ["ada@example.org"])
    with database.read() as session:
        assert store.recipients(session, other, [ada], now=now) == {ada: "unsubscribed"}
        assert store.recipients(session, other, [], now=now) == {}
        assert store.candidates(session, other, now=now) == []


def test_a_pending_subscriber_is_no_recipient(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    (ada,) = subscriber_rows(database, newsletter_id, ["ada@example.org"])
    with database.write() as session:
        session.get_one(Subscription, (ada, newsletter_id)).state = SubscriptionState.PENDING
    with database.read() as session:
        assert store.recipients(session, newsletter_id, [ada], now=now) == {ada: "not confirmed"}


def test_a_pause_keeps_mail_back_until_it_ends_by_itself(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada, eve, zoe = subscriber_rows(database, newsletter_id, ["ada@example.org", "eve@example.org", "zoe@example.org"])
    until = now + timedelta(weeks=2)
    for reader in (ada, eve):
        manner.pause(database, reader, [newsletter_id], until=until, place="/p", words="", now=now)
    manner.choose(database, zoe, {newsletter_id: (True, frozenset())}, place="/p", now=now)
    subscribe.suppress(database, "eve@example.org", SuppressionReason.BOUNCED, now=now)
    with database.read() as session:
        reasons = [each.exclusion for each in store.candidates(session, newsletter_id, now=now)]
        assert reasons == ["paused", "suppressed: bounced", None]
        assert store.exclusion_counts(session, newsletter_id, now=now) == {"suppressed: bounced": 1, "paused": 1}
        assert store.count_text_only(session, newsletter_id) == 1
        assert store.mailable(session, newsletter_id, ["ada@example.org", "zoe@example.org"], now=now) == 1
        found = store.recipients(session, newsletter_id, [ada, eve, zoe], now=now)
        assert found == {
            ada: "paused",
            eve: "suppressed: bounced",
            zoe: Recipient(zoe, "zoe@example.org", "", is_text_only=True),
        }
        assert store.recipients(session, newsletter_id, [ada], now=until) == {
            ada: Recipient(ada, "ada@example.org", "")
        }
        assert store.exclusion_counts(session, newsletter_id, now=until) == {"suppressed: bounced": 1}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["a_da@example.org", "bob@example.org", "j\u00f6rg@stra\u00dfe.example"]),
        ("BOB@", ["bob@example.org"]),
        ("lovelace", ["a_da@example.org"]),
        ("LOVELACE", ["a_da@example.org"]),
        ("_", ["a_da@example.org"]),
        ("%", []),
        ("\\", []),
        ("stra\u00dfe", ["j\u00f6rg@stra\u00dfe.example"]),
        ("xn--strae", ["j\u00f6rg@stra\u00dfe.example"]),
        ("\u00d6RG", ["j\u00f6rg@stra\u00dfe.example"]),
        (" example.org ", ["a_da@example.org", "bob@example.org"]),
        ("'; drop table subscriber", []),
        ("bo\0b@ex\ud800ample", ["bob@example.org"]),
    ],
)
def test_a_part_of_the_address_or_name_finds_people_in_any_case(
    database: Database, now: datetime, search: str, found: list[str]
) -> None:
    newsletter_id = newsletter_row(database)
    subscribe.add(database, newsletter_id, "a_da@example.org", name="Ada Lovelace", now=now)
    subscribe.add(database, newsletter_id, "bob@example.org", now=now)
    subscribe.add(database, newsletter_id, "j\u00f6rg@stra\u00dfe.example", now=now)
    with database.read() as session, statements(database) as asked:
        rows = store.subscriber_rows(session, newsletter_id, search=search)
    assert [row.address for row in rows] == found
    assert len(asked) == 1


def test_lists_come_in_pages_and_with_or_without_a_newsletter(database: Database, now: datetime) -> None:
    one, other = newsletter_row(database, slug="one"), newsletter_row(database, slug="other")
    ids = subscriber_rows(database, one, ["ada@example.org", "bob@example.org", "eve@example.org"])
    subscribe.add(database, other, "eve@example.org", now=now)
    subscribe.suppress(database, "bob@example.org", SuppressionReason.BY_HAND, now=now)
    with database.read() as session:
        first = store.subscriber_rows(session, None, limit=2)
        rest = store.subscriber_rows(session, None, after_id=first[-1].id, limit=2)
        assert [row.id for row in first + rest] == ids
        assert [(row.state, row.suppression) for row in first] == [(None, None), (None, "by hand")]
        assert [row.id for row in store.subscriber_rows(session, other)] == [ids[2]]
        assert store.subscriber_row(session, other, ids[0]) is None
        shown = store.subscriber_row(session, one, ids[0])
    assert shown is not None
    assert shown.state is SubscriptionState.ACTIVE


def test_suppressions_come_in_pages_by_address(database: Database, now: datetime) -> None:
    for name in ("eve", "ada", "bob"):
        subscribe.suppress(database, f"{name}@example.org", SuppressionReason.BY_HAND, now=now)
    with database.read() as session:
        first = suppressed.rows(session, limit=2)
        rest = suppressed.rows(session, limit=2, after=first[-1].address_key)
    assert [row.address_key for row in first + rest] == ["ada@example.org", "bob@example.org", "eve@example.org"]
    assert first[0].at == now


def test_the_id_of_a_subscriber_is_never_given_again(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    gone_id = subscriber_rows(database, newsletter_id, ["ada@example.test"])[0]
    with database.write() as session:
        session.execute(delete(Subscriber))
    assert subscriber_rows(database, newsletter_id, ["bob@example.test"])[0] > gone_id
