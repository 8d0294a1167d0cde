"""Leaving, taking it back, and a reader's own page."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from curator.audience import preferences, sign_up, subscribe
from curator.audience.moving import bring
from curator.audience.values import Confirmation, SubscriptionState, SuppressionReason, Ticked
from curator.db import Database
from tests.audience.people import ADA, asked, confirmed, denied, letters, link_of, states, steps
from tests.builders import newsletter_row, subscriber_rows

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def _left(database: Database, newsletter_id: int, subscriber_id: int, *, now: datetime, how: str = "link") -> bool:
    return subscribe.unsubscribe(
        database, newsletter_id, subscriber_id, now=now, how=how, place="/u", words="Unsubscribe"
    )


def test_leaving_says_whether_it_ended_something_and_is_written_down(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    ada = subscribe.add(database, newsletter_id, ADA, now=now)
    assert [_left(database, newsletter_id, ada, now=now) for _ in range(2)] == [True, False]
    assert not _left(database, newsletter_id, 4711, now=now)
    assert steps(database) == [("added", "by hand", subscribe.ADDED_BECAUSE), ("left", "/u", "Unsubscribe")]


@pytest.mark.parametrize("how", ["link", "one-click", "preferences"])
def test_a_reader_takes_their_leaving_back_once(database: Database, now: datetime, how: str) -> None:
    newsletter_id = newsletter_row(database)
    (ada,) = subscriber_rows(database, newsletter_id, [ADA])
    _left(database, newsletter_id, ada, now=now, how=how)
    assert subscribe.may_undo(database, newsletter_id, ada, now=now)
    at = now + 30 * _DAY
    assert [subscribe.undo_unsubscribe(database, newsletter_id, ada, now=at) for _ in range(2)] == [True, False]
    assert states(database) == [(ADA, "active", "returned")]
    assert [step for step, _, _ in steps(database)] == ["left", "returned"]


def test_nobody_is_brought_back_who_was_taken_out_otherwise_or_long_ago(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    by_hand, late, never_mailed = subscriber_rows(
        database, newsletter_id, ["bob@example.org", "eve@example.org", "zoe@example.org"]
    )
    _left(database, newsletter_id, by_hand, now=now, how="by hand")
    _left(database, newsletter_id, late, now=now - 31 * _DAY)
    _left(database, newsletter_id, never_mailed, now=now)
    subscribe.suppress(database, "zoe@example.org", SuppressionReason.COMPLAINED, now=now)
    for each in (by_hand, late, never_mailed, 4711):
        assert not subscribe.undo_unsubscribe(database, newsletter_id, each, now=now)
    assert [state for _, state, _ in states(database)] == ["ended"] * 3


def test_nobody_is_brought_back_who_never_said_yes(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    for address in (ADA, "bob@example.org"):
        asked(database, newsletter_id, now=now, address=address)
    ada, bob = (link_of(database, newsletter_id, address=each) for each in (ADA, "bob@example.org"))
    _left(database, newsletter_id, ada.subscriber_id, now=now)
    confirmed(database, bob, now=now)
    denied(database, bob, now=now)
    _left(database, newsletter_id, bob.subscriber_id, now=now)
    for each in (ada, bob):
        assert not subscribe.undo_unsubscribe(database, newsletter_id, each.subscriber_id, now=now)


def test_two_who_undo_at_once_undo_once(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    (ada,) = subscriber_rows(database, newsletter_id, [ADA])
    _left(database, newsletter_id, ada, now=now)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: subscribe.undo_unsubscribe(database, newsletter_id, ada, now=now), range(8)))
    assert done.count(True) == 1


def test_the_record_says_how_everybody_came(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    bring.import_csv(database, newsletter_id, b"bob@example.org\neve@example.org", now=now)
    bring.import_csv(database, newsletter_id, b"bob@example.org", now=now)
    subscribe.add(database, newsletter_id, ADA, now=now)
    subscribe.add(database, newsletter_id, ADA, now=now)
    assert steps(database) == [("imported", f"file.csv, line {n}", "import") for n in (1, 2)] + [
        ("added", "by hand", subscribe.ADDED_BECAUSE)
    ]


# --- the reader's own page


def _save(
    database: Database, ada: int, *, ticked: list[int], shown: list[int], now: datetime, name: str = "Ada"
) -> set[Ticked]:
    return preferences.save(
        database,
        ada,
        name=name,
        ticked=ticked,
        shown_ticked=shown,
        place="/p",
        words={1: "Send me one", 2: "Send me two"},
        now=now,
    )


@pytest.fixture
def two(database: Database) -> tuple[int, int]:
    return newsletter_row(database, slug="one", name="One"), newsletter_row(database, slug="two", name="Two")


def test_a_reader_sees_every_newsletter_with_its_state(database: Database, two: tuple[int, int], now: datetime) -> None:
    (ada,) = subscriber_rows(database, two[0], [ADA], name="Ada")
    seen = preferences.read(database, ada)
    assert seen is not None
    assert (seen.address, seen.name, seen.suppression) == (ADA, "Ada", None)
    assert [(each.newsletter.name, each.state) for each in seen.choices] == [
        ("One", SubscriptionState.ACTIVE),
        ("Two", None),
    ]
    assert preferences.read(database, 4711) is None


def test_unticking_leaves_and_ticking_again_brings_back_at_once(
    database: Database, two: tuple[int, int], now: datetime
) -> None:
    one = two[0]
    (ada,) = subscriber_rows(database, one, [ADA])
    _save(database, ada, ticked=[], shown=[one], now=now, name="Ada\r\nLovelace")
    for _ in range(2):
        assert _save(database, ada, ticked=[one], shown=[], now=now + 400 * _DAY) == {Ticked.BACK}
    assert states(database) == [(ADA, "active", "preferences")]
    assert steps(database) == [("left", "/p", "Send me one"), ("returned", "/p", "Send me one")]
    assert letters(database) == []


def test_what_is_new_to_a_reader_asks_the_mailbox_first(
    database: Database, two: tuple[int, int], now: datetime
) -> None:
    one, other = two
    (ada,) = subscriber_rows(database, one, [ADA])
    said = [_save(database, ada, ticked=[one, other], shown=[one], now=now + minutes * _MINUTE) for minutes in range(4)]
    assert said == [{Ticked.ASKED}] * 3 + [{Ticked.UNSENT}]
    assert [state for _, state, _ in states(database)] == ["active", "pending"]
    assert steps(database) == [("asked", "/p", "Send me two")]
    assert letters(database) == [("confirm", ADA)] * 3
    assert confirmed(database, link_of(database, other), now=now) is Confirmation.CONFIRMED


def test_a_passed_on_link_brings_nothing_to_whoever_denied_it(
    database: Database, two: tuple[int, int], now: datetime
) -> None:
    asked(database, two[0], now=now)
    link = link_of(database, two[0])
    denied(database, link, now=now)
    assert _save(database, link.subscriber_id, ticked=list(two), shown=[], now=now) == {Ticked.UNSENT}
    assert letters(database) == [("confirm", ADA)]
    assert states(database) == [(ADA, "ended", "denied")]


def test_a_page_left_open_changes_only_what_was_changed_on_it(
    database: Database, two: tuple[int, int], now: datetime
) -> None:
    one, other = two
    (ada,) = subscriber_rows(database, one, [ADA])
    subscribe.add(database, other, ADA, now=now)
    _save(database, ada, ticked=[one], shown=[one], now=now)
    assert [state for _, state, _ in states(database)] == ["active", "active"]
    _left(database, one, ada, now=now)
    _save(database, ada, ticked=[one], shown=[one], now=now)
    assert [state for _, state, _ in states(database)] == ["ended", "active"]


def test_ticking_what_waits_asks_again(database: Database, two: tuple[int, int], now: datetime) -> None:
    asked(database, two[0], now=now)
    ada = link_of(database, two[0]).subscriber_id
    assert _save(database, ada, ticked=[two[0], 99], shown=[], now=now + _MINUTE) == {Ticked.ASKED}
    assert states(database) == [(ADA, "pending", "sign-up")]
    assert letters(database) == [("confirm", ADA)] * 2


def test_nothing_is_taken_up_for_an_address_that_must_not_be_mailed(
    database: Database, two: tuple[int, int], now: datetime
) -> None:
    (ada,) = subscriber_rows(database, two[0], [ADA])
    subscribe.suppress(database, ADA, SuppressionReason.BOUNCED, now=now)
    _save(database, ada, ticked=[two[1]], shown=[two[0]], now=now)
    assert states(database) == [(ADA, "ended", "preferences")]


def test_leaving_all_ends_everything(database: Database, two: tuple[int, int], now: datetime) -> None:
    (ada,) = subscriber_rows(database, two[0], [ADA])
    asked(database, two[1], now=now)
    said = [preferences.leave_all(database, ada, place="/p", words="Leave all", now=now) for _ in range(2)]
    assert said == [1 + 1, 0]
    assert preferences.leave_all(database, 4711, place="/p", words="", now=now) == 0
    assert [state for _, state, _ in states(database)] == ["ended", "ended"]


def test_whoever_is_gone_saves_nothing(database: Database, two: tuple[int, int], now: datetime) -> None:
    assert not _save(database, 4711, ticked=[two[0]], shown=[], now=now)
    assert sign_up.expire(database, now=now) == 0
    assert states(database) == []
