"""A reader moves to another address: both mailboxes have their word, links of before go on working."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from curator.audience import links, readdress, subscribe
from curator.audience.links import AddressLink
from curator.audience.readdressed import store as changes
from curator.audience.tables import AddressChange, Consent, Subscriber
from curator.audience.values import Moving, SuppressionReason
from curator.db import Database
from curator.errors import InvalidError
from tests.audience.people import ADA, letters
from tests.builders import newsletter_row, subscriber_rows

NEW = "ada@new.example"
_DAY = timedelta(days=1)


@pytest.fixture
def ada(database: Database) -> int:
    return subscriber_rows(database, newsletter_row(database), [ADA])[0]


def asked(db: Database, reader: int, *, now: datetime, address: str = NEW) -> AddressLink:
    """Asks for a change and returns the new mailbox's link."""
    readdress.ask(db, reader, address, now=now)
    with db.read() as session:
        change = changes.newest(session, reader)
    assert change is not None
    return AddressLink(change.id)


def moved(db: Database, link: AddressLink, *, now: datetime) -> Moving:
    return readdress.move(db, link, place="/a", words="Yes.", now=now)


def back(link: AddressLink) -> AddressLink:
    return AddressLink(link.change_id, is_back=True)


def address(db: Database, reader: int) -> str:
    with db.read() as session:
        return session.execute(select(Subscriber.address).where(Subscriber.id == reader)).scalar_one()


def test_nothing_changes_until_the_new_mailbox_agrees(database: Database, ada: int, now: datetime) -> None:
    link = asked(database, ada, now=now)
    assert readdress.standing(database, link, now=now) is Moving.OPEN
    assert address(database, ada) == ADA
    assert letters(database) == [("address_told", ADA), ("address_asked", NEW)]
    assert [moved(database, link, now=now + _DAY) for _ in range(2)] == [Moving.MOVED, Moving.ALREADY]
    assert address(database, ada) == NEW
    assert letters(database)[2:] == [("address_moved", ADA)]
    with database.read() as session:
        steps = session.execute(select(Consent.step, Consent.place, Consent.words)).all()
    assert [tuple(step) for step in steps] == [("readdressed", "/a", "Yes.")]


def test_the_old_mailbox_takes_it_back_within_seven_days(database: Database, ada: int, now: datetime) -> None:
    link = asked(database, ada, now=now)
    assert moved(database, back(link), now=now) is Moving.OVER, "there is nothing to take back yet"
    moved(database, link, now=now)
    late = now + timedelta(days=7, seconds=1)
    assert readdress.standing(database, back(link), now=late) is Moving.EXPIRED
    assert [moved(database, back(link), now=now + 6 * _DAY) for _ in range(2)] == [Moving.MOVED, Moving.ALREADY]
    assert address(database, ada) == ADA
    assert moved(database, link, now=now + 6 * _DAY) is Moving.OVER, "the thief's link is dead"


def test_the_first_mailbox_overrules_whoever_moved_it_on(database: Database, ada: int, now: datetime) -> None:
    first = asked(database, ada, now=now)
    moved(database, first, now=now)
    second = asked(database, ada, now=now, address="thief@other.example")
    moved(database, second, now=now)
    assert moved(database, back(first), now=now + _DAY) is Moving.MOVED
    assert address(database, ada) == ADA
    for link in (second, back(second)):
        assert moved(database, link, now=now + _DAY) in (Moving.OVER, Moving.ALREADY)
    assert address(database, ada) == ADA


def test_an_address_that_is_known_is_told_so_and_nothing_moves(database: Database, ada: int, now: datetime) -> None:
    subscriber_rows(database, newsletter_row(database, slug="other"), [NEW])
    link = asked(database, ada, now=now)
    assert letters(database) == [("address_told", ADA), ("address_known", NEW)]
    assert moved(database, link, now=now) is Moving.OVER
    assert address(database, ada) == ADA


def test_nothing_is_written_to_an_address_that_must_not_be_mailed(database: Database, ada: int, now: datetime) -> None:
    subscribe.suppress(database, NEW, SuppressionReason.COMPLAINED, now=now)
    link = asked(database, ada, now=now)
    assert letters(database) == [("address_told", ADA)], "the old mailbox's letter says what to do"
    assert moved(database, link, now=now) is Moving.OVER


def test_a_link_is_too_old_after_seven_days_and_after_another_change(
    database: Database, ada: int, now: datetime
) -> None:
    first = asked(database, ada, now=now)
    assert readdress.standing(database, first, now=now + timedelta(days=7, seconds=1)) is Moving.EXPIRED
    second = asked(database, ada, now=now + _DAY, address="other@new.example")
    assert moved(database, first, now=now + _DAY) is Moving.OVER
    assert moved(database, second, now=now + _DAY) is Moving.MOVED


def test_nobody_is_bombed_by_somebodys_link(database: Database, ada: int, now: datetime) -> None:
    for _ in range(3):
        asked(database, ada, now=now)
    with pytest.raises(InvalidError, match="three times today"):
        asked(database, ada, now=now)
    for wrong in ("ada at new", ADA.upper(), f"{NEW}\r\nBcc: eve@x.example"):
        with pytest.raises(InvalidError):
            readdress.ask(database, ada, wrong, now=now + 2 * _DAY)


def test_changes_are_forgotten_once_no_link_of_theirs_works(database: Database, ada: int, now: datetime) -> None:
    moved(database, asked(database, ada, now=now), now=now + 5 * _DAY)
    assert readdress.forget(database, now=now + 8 * _DAY) == 0, "the old mailbox may still take it back"
    assert readdress.forget(database, now=now + 13 * _DAY) == 1
    with database.read() as session:
        assert session.scalars(select(AddressChange.id)).all() == []
    assert readdress.standing(database, AddressLink(1), now=now) is Moving.EXPIRED


def test_links_of_before_name_the_same_reader(database: Database, ada: int, now: datetime) -> None:
    before = links.UnsubscribeLink(1, ada)
    moved(database, asked(database, ada, now=now), now=now)
    assert subscribe.unsubscribe(database, before.newsletter_id, before.subscriber_id, now=now, how="link")
