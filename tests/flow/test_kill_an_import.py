"""kill -9 in the middle of an import, again and again: it goes on behind the last chunk, and the end is the same."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select

from curator.activity.store import recent
from curator.activity.tables import Activity
from curator.audience.moving import bring, store
from curator.audience.moving.files import StoredFile
from curator.audience.moving.take_in import take_in
from curator.audience.moving.values import MOST_TRIES, Import, Phase
from curator.audience.tables import Consent, Subscriber, SubscriberTag, Subscription, Suppression, Tag
from curator.db import Database
from curator.newsletters.tables import Newsletter
from tests.builders import newsletter_row
from tests.flow.killing import statements_until_done

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
_STATUSES = ("active", "unsubscribed", "active", "bounced", "sparkling", "active", "complained")


def _file(rows: int) -> bytes:
    lines = ["Email,Status,Tags"]
    lines += [f"reader{n % 31}@example.org,{_STATUSES[n % 7]},t{n % 5}" for n in range(rows)]
    return "\r\n".join(lines).encode("utf-16")


def _take_in(database: Database, import_id: int, folder: str) -> None:
    file = StoredFile(bring.place(Path(folder), import_id))
    take_in(database, import_id, file, clock=lambda: NOW, chunk_rows=7)


def _begun(database: Database, tmp_path: Path) -> int:
    newsletter_id = newsletter_row(database)
    file = tmp_path / "given.csv"
    file.write_bytes(_file(60))
    import_id = bring.bring(
        database, newsletter_id, file, file_name="given.csv", folder=tmp_path, max_bytes=100_000, now=NOW
    )
    with database.read() as session:
        parts = store.one(session, import_id).parts
    plan = bring.usual_plan(parts, basis="They asked")
    bring.begin_look(database, import_id, plan, now=NOW, is_asked_for=False)
    with database.write() as session:
        store.change(session, import_id, phases=[Phase.LOOKING], phase=Phase.LOOKED)
    bring.begin_run(database, import_id, now=NOW)
    return import_id


def _end(database: Database, import_id: int) -> tuple[Any, ...]:
    with database.read() as session:
        done = store.one(session, import_id)
        people = session.execute(
            select(Subscriber.address_key, Subscription.state, Subscription.how)
            .join(Subscription, Subscription.subscriber_id == Subscriber.id)
            .order_by(Subscriber.address_key)
        )
        suppressed = session.execute(
            select(Suppression.address_key, Suppression.reason).order_by(Suppression.address_key)
        )
        record = session.execute(select(Consent.place, Consent.step, Consent.words).order_by(Consent.place, Consent.id))
        tags = session.scalar(select(func.count()).select_from(SubscriberTag))
        refused = store.refusals(session, import_id)
        told = [(row.verb, row.after) for row in recent(session)]
    rows = [[tuple(map(str, row)) for row in found] for found in (people, suppressed, record)]
    return done.phase, done.tally, rows, tags, refused, told


def test_an_import_killed_again_and_again_ends_as_if_it_never_was(database: Database, tmp_path: Path) -> None:
    whole = _begun(database, tmp_path)
    _take_in(database, whole, str(tmp_path))
    expected = _end(database, whole)
    assert (expected[0], expected[1].rows) == (Phase.DONE, 60)
    _empty(database)
    import_id, url = _begun(database, tmp_path), database.url.render_as_string(hide_password=False)
    kills, is_done = 0, False
    # Each life is a little longer than a chunk takes at most, so that every one dies at another statement.
    while not is_done:
        is_done = statements_until_done(
            _take_in, url, kill_before=23 + 7 * (kills % 5), arguments=(import_id, str(tmp_path))
        )
        kills += not is_done
    assert kills >= 3
    told = _end(database, import_id)
    assert (told[0], told[1], *told[3:5]) == (expected[0], expected[1], *expected[3:5])
    assert told[2] == expected[2]
    assert told[5][0][1] == {**expected[5][0][1], "import": import_id}


def test_one_that_dies_at_the_same_place_is_given_up(sqlite_database: Database, tmp_path: Path) -> None:
    import_id = _begun(sqlite_database, tmp_path)
    url = sqlite_database.url.render_as_string(hide_password=False)
    lives = 0
    while _found(sqlite_database, import_id).phase is Phase.RUNNING:
        statements_until_done(_take_in, url, kill_before=9, arguments=(import_id, str(tmp_path)))
        lives += 1
    assert lives == MOST_TRIES + 1
    assert "without a word" in _found(sqlite_database, import_id).note
    bring.begin_run(sqlite_database, import_id, now=NOW)
    _take_in(sqlite_database, import_id, str(tmp_path))
    assert _found(sqlite_database, import_id).phase is Phase.DONE


def _found(database: Database, import_id: int) -> Import:
    with database.read() as session:
        return store.one(session, import_id)


def _empty(database: Database) -> None:
    with database.write() as session:
        for table in (Activity, Suppression, Subscriber, Tag, Newsletter):
            session.execute(delete(table))
