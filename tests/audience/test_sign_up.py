"""Signing up: the mailbox decides, nobody learns whose address is known, and nobody can be bombed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from curator.activity.store import recent
from curator.audience import links, sign_up, subscribe
from curator.audience.moving import bring
from curator.audience.tables import Consent, Subscriber
from curator.audience.values import Confirmation, SuppressionReason
from curator.db import Database
from curator.errors import InvalidError, NotFoundError
from curator.letters.tables import Letter
from tests.audience.people import ADA, WORDS, asked, confirmed, denied, letters, link_of, states, steps
from tests.builders import newsletter_row, subscriber_rows

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def test_a_sign_up_waits_and_asks_the_mailbox(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now, name="Ada")
    assert states(database) == [(ADA, "pending", "sign-up")]
    assert steps(database) == [("asked", "/n/ai-weekly", WORDS)]
    assert letters(database) == [("confirm", ADA)]
    assert links.is_same_moment(now, link_of(database, newsletter_id))


def test_confirming_makes_it_active_and_welcomes_once(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now, name="Ada")
    link = link_of(database, newsletter_id)
    assert sign_up.standing(database, link, now=now) is Confirmation.OPEN
    said = [confirmed(database, link, now=now + _DAY) for _ in range(3)]
    assert said == [Confirmation.CONFIRMED, Confirmation.ALREADY, Confirmation.ALREADY]
    assert states(database) == [(ADA, "active", "confirmed")]
    assert steps(database)[1:] == [("confirmed", "/c", "Yes")]
    assert letters(database) == [("confirm", ADA), ("welcome", ADA)]


def test_what_is_no_address_and_no_newsletter_is_said(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    with pytest.raises(InvalidError) as refused:
        asked(database, newsletter_id, now=now, address="ada at example")
    assert refused.value.field == "address"
    with pytest.raises(InvalidError):
        asked(database, newsletter_id, now=now, address="ada@example.org\r\nBcc: eve@example.org")
    with pytest.raises(NotFoundError):
        asked(database, 99, now=now)
    assert letters(database) == []


def test_asking_again_while_it_waits_writes_the_letter_again(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now)
    first = link_of(database, newsletter_id)
    asked(database, newsletter_id, now=now + _DAY)
    assert link_of(database, newsletter_id) == first
    assert letters(database) == [("confirm", ADA)] * 2
    assert len(steps(database)) == 1
    assert confirmed(database, first, now=now + _WEEK) is Confirmation.CONFIRMED


def test_a_form_posted_twice_writes_one_letter(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: asked(database, newsletter_id, now=now), range(8)))
    assert letters(database) == [("confirm", ADA)]
    assert states(database) == [(ADA, "pending", "sign-up")]
    assert len(steps(database)) == 1


def test_two_who_confirm_at_once_confirm_once(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now)
    link = link_of(database, newsletter_id)
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: confirmed(database, link, now=now), range(8)))
    assert sorted(said) == [Confirmation.ALREADY] * 7 + [Confirmation.CONFIRMED]
    assert letters(database) == [("confirm", ADA), ("welcome", ADA)]
    assert [step for step, _, _ in steps(database)] == ["asked", "confirmed"]


def test_a_sign_up_beside_an_import_never_takes_a_reader_out(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    addresses = [f"reader{each}@example.org" for each in range(40)]
    file = "\n".join(["email", *addresses]).encode()
    with ThreadPoolExecutor(3) as pool:
        importing = pool.submit(bring.import_csv, database, newsletter_id, file, now=now)
        list(pool.map(lambda each: asked(database, newsletter_id, now=now, address=each), addresses))
        report = importing.result()
    assert report.tally.added + report.tally.already_there == 40
    active = {address for address, state, _ in states(database) if state == "active"}
    assert len(active) == report.tally.added
    assert [step for step, _, _ in steps(database)].count("imported") == report.tally.added


def test_no_mailbox_gets_more_than_three_letters_a_day(database: Database, now: datetime) -> None:
    one, other = newsletter_row(database, slug="one"), newsletter_row(database, slug="other")
    for minute in range(20):
        asked(database, (one, other)[minute % 2], now=now + timedelta(minutes=2 * minute))
    assert len(letters(database)) == 3
    asked(database, one, now=now + 2 * _DAY)
    assert len(letters(database)) == 4


def test_whoever_gets_it_already_is_told_once_a_day(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    subscriber_rows(database, newsletter_id, [ADA])
    for minutes in (0, 5, 10, 60 * 24):
        asked(database, newsletter_id, now=now + timedelta(minutes=minutes))
    assert letters(database) == [("known", ADA)] * 2
    assert [state for _, state, _ in states(database)] == ["active"]
    assert steps(database) == []


def test_nothing_is_written_about_an_address_that_must_not_be_mailed(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    subscribe.suppress(database, ADA, SuppressionReason.COMPLAINED, now=now)
    asked(database, newsletter_id, now=now)
    assert (letters(database), states(database), steps(database)) == ([], [], [])


def test_whoever_never_signed_up_hears_nothing_for_ninety_days(database: Database, now: datetime) -> None:
    one, other = newsletter_row(database, slug="one"), newsletter_row(database, slug="other")
    asked(database, one, now=now)
    assert denied(database, link_of(database, one), now=now)
    for newsletter_id in (one, other):
        asked(database, newsletter_id, now=now + 89 * _DAY)
    assert letters(database) == [("confirm", ADA)]
    asked(database, one, now=now + 91 * _DAY)
    assert letters(database) == [("confirm", ADA)] * 2
    assert states(database) == [(ADA, "pending", "sign-up after leaving")]


def test_denying_ends_what_waits_and_what_was_confirmed(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    for address in (ADA, "bob@example.org"):
        asked(database, newsletter_id, now=now, address=address)
    confirmed(database, link_of(database, newsletter_id), now=now)
    for address in (ADA, "bob@example.org"):
        link = link_of(database, newsletter_id, address=address)
        assert [denied(database, link, now=now) for _ in range(2)] == [True, False]
        assert confirmed(database, link, now=now) is Confirmation.OVER
    assert [state for _, state, _ in states(database)] == ["ended", "ended"]
    assert [step for step, _, _ in steps(database)].count("denied") == 2


def test_denying_an_old_sign_up_leaves_a_newer_one_alone(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now)
    old = link_of(database, newsletter_id)
    asked(database, newsletter_id, now=now + 8 * _DAY)
    assert not denied(database, old, now=now + 8 * _DAY)
    assert [state for _, state, _ in states(database)] == ["pending"]


def test_a_late_denial_still_holds(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now)
    assert denied(database, link_of(database, newsletter_id), now=now + 8 * _DAY)
    asked(database, newsletter_id, now=now + 9 * _DAY)
    assert letters(database) == [("confirm", ADA)]


def test_an_old_link_revives_nothing_after_leaving(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now)
    link = link_of(database, newsletter_id)
    confirmed(database, link, now=now)
    subscribe.unsubscribe(database, newsletter_id, link.subscriber_id, now=now, how="link")
    for days in (1, 6, 8, 400):
        at = now + days * _DAY
        assert confirmed(database, link, now=at) is Confirmation.OVER
        assert not sign_up.ask_again(database, link, place="/c", words="", now=at)
    assert [state for _, state, _ in states(database)] == ["ended"]


def test_a_link_of_an_earlier_sign_up_does_not_confirm_a_later_one(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now)
    old = link_of(database, newsletter_id)
    subscribe.unsubscribe(database, newsletter_id, old.subscriber_id, now=now, how="link")
    asked(database, newsletter_id, now=now + _DAY)
    assert confirmed(database, old, now=now + _DAY) is Confirmation.OVER
    assert confirmed(database, link_of(database, newsletter_id), now=now + _DAY) is Confirmation.CONFIRMED


def test_a_link_is_good_for_seven_days_and_then_asks_for_a_new_one(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now)
    old, late = link_of(database, newsletter_id), now + _WEEK + timedelta(seconds=1)
    assert confirmed(database, old, now=late) is Confirmation.EXPIRED
    for _ in range(2):
        assert sign_up.ask_again(database, old, place="/c", words=WORDS, now=late)
    assert letters(database) == [("confirm", ADA)] * 2
    assert confirmed(database, old, now=late) is Confirmation.EXPIRED
    assert confirmed(database, link_of(database, newsletter_id), now=late) is Confirmation.CONFIRMED
    assert not sign_up.ask_again(database, old, place="/c", words=WORDS, now=late)


def test_a_link_that_is_not_late_is_not_renewed(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now)
    assert not sign_up.ask_again(database, link_of(database, newsletter_id), place="/c", words="", now=now + _DAY)


def test_sign_ups_that_nobody_confirmed_are_forgotten(database: Database, now: datetime) -> None:
    one, other = newsletter_row(database, slug="one"), newsletter_row(database, slug="other")
    asked(database, one, now=now)
    asked(database, one, now=now, address="bob@example.org")
    asked(database, one, now=now + _DAY, address="eve@example.org")
    subscriber_rows(database, other, ["zoe@example.org"])
    asked(database, one, now=now, address="zoe@example.org")
    old = link_of(database, one)
    assert sign_up.expire(database, now=now + _WEEK) == 0
    assert sign_up.expire(database, now=now + _WEEK + timedelta(hours=1)) == 3
    assert states(database) == [("eve@example.org", "pending", "sign-up"), ("zoe@example.org", "active", "")]
    with database.read() as session:
        assert session.scalars(select(Subscriber.address).order_by(Subscriber.id)).all() == [
            "eve@example.org",
            "zoe@example.org",
        ]
    assert confirmed(database, old, now=now + 8 * _DAY) is Confirmation.EXPIRED
    assert not sign_up.ask_again(database, old, place="/c", words="", now=now + 8 * _DAY)
    assert not denied(database, old, now=now + 8 * _DAY)


def test_forgetting_a_sign_up_does_not_forget_that_somebody_had_left(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada = subscribe.add(database, newsletter_id, ADA, now=now)
    subscribe.unsubscribe(database, newsletter_id, ada, now=now, how="link")
    asked(database, newsletter_id, now=now)
    asked(database, newsletter_id, now=now + 8 * _DAY)
    assert sign_up.expire(database, now=now + 30 * _DAY) == 1
    assert states(database) == [(ADA, "ended", "not confirmed")]
    report = bring.import_csv(database, newsletter_id, ADA.encode(), now=now + 30 * _DAY)
    assert (report.tally.added, report.tally.left_before) == (0, 1)
    assert not subscribe.may_undo(database, newsletter_id, ada, now=now + 30 * _DAY)


def test_forgetting_goes_on_over_many_chunks(
    sqlite_database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_up, "CHUNK", 3)
    newsletter_id = newsletter_row(sqlite_database)
    for each in range(8):
        asked(sqlite_database, newsletter_id, now=now, address=f"reader{each}@example.org")
    assert sign_up.expire(sqlite_database, now=now + 8 * _DAY) == 8
    with sqlite_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Consent)) == 0


def test_forgetting_beside_signing_up_again_loses_no_sign_up(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    addresses = [f"reader{each}@example.org" for each in range(20)]
    for address in addresses:
        asked(database, newsletter_id, now=now, address=address)
    later = now + 8 * _DAY
    with ThreadPoolExecutor(3) as pool:
        sweeping = [pool.submit(sign_up.expire, database, now=later) for _ in range(4)]
        list(pool.map(lambda each: asked(database, newsletter_id, now=later, address=each), addresses))
        for each in sweeping:
            each.result()
    assert [state for _, state, _ in states(database)] == ["pending"] * 20
    with database.read() as session:
        assert session.scalar(select(func.count()).where(Letter.created_at == later)) == 20


def test_a_stranger_gives_no_name_to_whoever_gets_mail_already(database: Database, now: datetime) -> None:
    one, other = newsletter_row(database, slug="one"), newsletter_row(database, slug="other")
    subscriber_rows(database, one, [ADA])
    asked(database, other, now=now, name="Cheap pills at https://spam.example")
    asked(database, other, now=now, address="bob@example.org", name="Bob")
    with database.read() as session:
        names = [tuple(row) for row in session.execute(select(Subscriber.address, Subscriber.name))]
        said = session.scalars(select(Letter.name)).all()
    assert sorted(names) == [(ADA, ""), ("bob@example.org", "Bob")]
    assert set(said) == {""}, "what a stranger typed is not mailed to anybody"


@pytest.mark.parametrize("own", ["Ada Lovelace", ""])
def test_the_newest_name_wins_until_somebody_gets_mail(database: Database, now: datetime, own: str) -> None:
    newsletter_id = newsletter_row(database)
    for minutes, name in ((0, "Loser https://evil.example"), (2, own)):
        asked(database, newsletter_id, now=now + timedelta(minutes=minutes), name=name)
    confirmed(database, link_of(database, newsletter_id), now=now)
    for minutes, name in ((4, "Loser again"), (6, "")):
        asked(database, newsletter_id, now=now + timedelta(minutes=minutes), name=name)
    with database.read() as session:
        assert session.scalars(select(Subscriber.name)).one() == own


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada\r\nBcc", "Ada Bcc"),
        ("Ada\r\nBcc: eve@example.org", ""),
        ("=?utf-8?q?Ada?=", ""),
        ("x" * 10_000, ""),
        ("free pharma visit", ""),
        ("A\0da", "Ada"),
        ("\u202eadA", "adA"),
        ("\ud800Ada", "Ada"),
        ("<script>{{7*7}}", ""),
    ],
)
def test_any_name_is_one_harmless_line(database: Database, now: datetime, typed: str, kept: str) -> None:
    newsletter_id = newsletter_row(database)
    asked(database, newsletter_id, now=now, name=typed)
    with database.read() as session:
        assert session.scalars(select(Subscriber.name)).one() == kept


def test_the_log_of_a_sign_up_holds_no_address(sqlite_database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(sqlite_database)
    asked(sqlite_database, newsletter_id, now=now)
    confirmed(sqlite_database, link_of(sqlite_database, newsletter_id), now=now)
    with sqlite_database.read() as session:
        log = recent(session)
    assert [entry.verb for entry in log] == ["confirmed", "signed up"]
    assert "example.org" not in str(log)
