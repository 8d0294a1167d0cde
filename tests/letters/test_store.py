"""The outbox: a letter is claimed by one sender at a time, and only its holder says what became of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from curator.db import Database
from curator.letters import store
from curator.letters.values import ClaimedLetter, LetterKind, LetterRow, LetterState, NewLetter
from tests.builders import letter_row

LEASE = timedelta(minutes=10)


def _write(
    database: Database, now: datetime, number: int = 1, *, newsletter_id: int | None = None, key: str | None = None
) -> bool:
    address = f"reader{number}@example.org"
    letter = NewLetter(
        LetterKind.WELCOME,
        address,
        address,
        payload={"number": number},
        key=key or f"welcome:{number}",
        newsletter_id=newsletter_id,
    )
    with database.write() as session:
        return store.write(session, letter, now=now)


def _claim(database: Database, now: datetime, limit: int = 1) -> list[ClaimedLetter]:
    with database.write() as session:
        return store.claim(session, now=now, lease_until=now + LEASE, limit=limit)


def _row(database: Database, number: int = 1) -> LetterRow:
    with database.read() as session:
        address = f"reader{number}@example.org"
        return store.newest_by_address(session, LetterKind.WELCOME, [address])[address]


def _has_due(database: Database, now: datetime) -> bool:
    with database.read() as session:
        return store.has_due(session, now=now)


def test_of_two_letters_with_one_key_the_second_is_not_written(database: Database, now: datetime) -> None:
    assert _write(database, now)
    assert not _write(database, now)
    assert _write(database, now, 2)
    with database.read() as session:
        kinds = (LetterKind.WELCOME, LetterKind.KNOWN)
        assert store.written_since(session, "reader1@example.org", kinds, since=now) == 1


def test_the_letter_that_is_due_longest_is_claimed_first_and_once(database: Database, now: datetime) -> None:
    assert not _has_due(database, now)
    for number in (3, 1, 2):
        _write(database, now + timedelta(seconds=number), number)
    later = now + timedelta(minutes=1)
    assert _has_due(database, later)
    assert [each.payload for each in _claim(database, later, limit=2)] == [{"number": 1}, {"number": 2}]
    assert [each.payload for each in _claim(database, later, limit=2)] == [{"number": 3}]
    assert _claim(database, later) == []
    assert not _has_due(database, later)


def test_a_letter_is_not_due_before_its_moment(database: Database, now: datetime) -> None:
    _write(database, now)
    assert _claim(database, now - timedelta(seconds=1)) == []


def test_many_senders_at_once_claim_every_letter_once(database: Database, now: datetime) -> None:
    for number in range(20):
        _write(database, now, number)
    with ThreadPoolExecutor(4) as senders:
        claimed = list(senders.map(lambda _: _claim(database, now, limit=5), range(8)))
    numbers = sorted(letter.payload["number"] for letters in claimed for letter in letters)
    assert numbers == list(range(20))


def test_a_letter_whose_lease_is_over_is_taken_over_and_its_old_holder_says_nothing_any_more(
    database: Database, now: datetime
) -> None:
    _write(database, now)
    (first,) = _claim(database, now)
    assert _claim(database, now + LEASE - timedelta(seconds=1)) == []
    (second,) = _claim(database, now + LEASE)
    assert (first.fence, second.fence) == (1, 2)
    with database.write() as session:
        assert not store.finish(session, first, LetterState.SENT, now=now)
        assert not store.put_off(session, first, due_at=now, reason="", is_tried=True)
        assert not store.hold(session, first, reason="held: test mode")
        assert store.finish(session, second, LetterState.SENT, now=now)
        assert not store.finish(session, second, LetterState.REFUSED, now=now)
    row = _row(database)
    assert (row.state, row.finished_at) == (LetterState.SENT, now)


def test_a_letter_that_is_put_off_comes_back_and_counts_its_tries(database: Database, now: datetime) -> None:
    _write(database, now)
    (letter,) = _claim(database, now)
    later = now + timedelta(minutes=5)
    with database.write() as session:
        store.put_off(session, letter, due_at=later, reason="451 " + "greylisted " * 30, is_tried=True)
    assert _claim(database, now) == []
    assert len(_row(database).reason) == 200
    (letter,) = _claim(database, later)
    assert letter.attempt == 1
    with database.write() as session:
        store.put_off(session, letter, due_at=later, reason="the relay is away", is_tried=False)
    assert [each.attempt for each in _claim(database, later)] == [1]


def test_while_the_relay_fails_everything_that_is_due_waits(database: Database, now: datetime) -> None:
    _write(database, now, 1)
    _write(database, now, 2)
    _claim(database, now)
    later = now + timedelta(minutes=1)
    with database.write() as session:
        assert store.put_off_due(session, now=now, until=later, reason="the relay is away") == 1
    assert not _has_due(database, now)
    assert [each.payload["number"] for each in _claim(database, later)] == [2]


def test_held_letters_leave_when_their_newsletter_goes_live_and_old_ones_are_dropped(
    database: Database, now: datetime
) -> None:
    for number, days, newsletter_id in ((1, 4, 7), (2, 2, 7), (3, 2, 8)):
        _write(database, now - timedelta(days=days), number, newsletter_id=newsletter_id)
    for letter in _claim(database, now, limit=9):
        with database.write() as session:
            store.hold(session, letter, reason="held: test mode")
    assert _claim(database, now + timedelta(days=1)) == []
    with database.write() as session:
        assert store.release_held(session, 7, now=now) == 1
    assert [_row(database, number).state for number in (1, 2, 3)] == [
        LetterState.DROPPED,
        LetterState.QUEUED,
        LetterState.HELD,
    ]
    assert [each.payload["number"] for each in _claim(database, now)] == [2]


def test_what_asks_for_a_confirmation_is_released_as_long_as_it_can_be_confirmed(
    database: Database, now: datetime
) -> None:
    for days in (6, 8):
        letter_row(
            database,
            at=now - timedelta(days=days),
            address=f"reader{days}@example.org",
            kind=LetterKind.CONFIRM,
            state=LetterState.HELD,
            newsletter_id=7,
            payload={"number": days},
        )
    with database.read() as session:
        assert store.holding_newsletter_ids(session) == [7]
    with database.write() as session:
        assert store.release_held(session, 7, now=now) == 1
    assert [each.payload["number"] for each in _claim(database, now, limit=9)] == [6]


def test_a_number_is_never_given_twice(database: Database, now: datetime) -> None:
    seen = []
    for number in (1, 2):
        _write(database, now, number)
        (letter,) = _claim(database, now)
        seen.append(letter.id)
        with database.write() as session:
            store.finish(session, letter, LetterState.SENT, now=now)
            assert store.prune(session, before=now + timedelta(days=1)) == 1
    assert seen[0] != seen[1]


def test_a_take_over_counts_as_an_attempt(database: Database, now: datetime) -> None:
    _write(database, now)
    assert [each.attempt for each in _claim(database, now)] == [0]
    assert [each.attempt for each in _claim(database, now + LEASE)] == [1]


def test_everybodys_newest_test_mail_is_kept_as_a_proof(database: Database, now: datetime) -> None:
    test = {"kind": LetterKind.TEST, "state": LetterState.SENT, "newsletter_id": 7, "finished_at": now, "payload": {}}
    for address in ("mina@example.org", "mina@example.org", "theo@example.org"):
        letter_row(database, at=now, address=address, **test)
    with database.write() as session:
        assert store.prune(session, before=now + timedelta(days=1)) == 1
        assert set(store.newest_by_address(session, LetterKind.TEST, ["mina@example.org", "theo@example.org"])) == {
            "mina@example.org",
            "theo@example.org",
        }


def test_letters_that_ended_long_ago_are_forgotten_and_waiting_ones_are_not(database: Database, now: datetime) -> None:
    for number in (1, 2, 3, 4):
        _write(database, now, number)
    ended, held, fresh = _claim(database, now, limit=3)
    with database.write() as session:
        store.finish(session, ended, LetterState.REFUSED, now=now)
        store.hold(session, held, reason="held: test mode")
        store.finish(session, fresh, LetterState.SENT, now=now + timedelta(days=2))
        assert store.prune(session, before=now + timedelta(days=1)) == 2
        assert store.prune(session, before=now + timedelta(days=1)) == 0
    assert _row(database, 3).state is LetterState.SENT
    assert _row(database, 4).state is LetterState.QUEUED


def test_the_newest_letter_to_each_address_is_found(database: Database, now: datetime) -> None:
    _write(database, now, 1, key="welcome:1:a")
    _write(database, now, 1, key="welcome:1:b")
    _write(database, now, 2)
    with database.read() as session:
        found = store.newest_by_address(session, LetterKind.WELCOME, ["reader1@example.org", "nobody@example.org"])
    assert list(found) == ["reader1@example.org"]
