"""Readers are written out for spreadsheets and programs, and what was written comes back as it was."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from curator.audience import subscribe
from curator.audience.moving.cells import as_it_was, defused
from curator.audience.moving.out.write import COLUMNS, Form, What, written
from curator.audience.moving.values import Tally
from curator.audience.tables import Subscriber, SubscriberTag, Suppression, Tag
from curator.audience.values import SuppressionReason
from curator.db import Database
from tests.audience.moving.test_vendors import brought, looked, taken
from tests.audience.people import states
from tests.builders import newsletter_row


@given(st.text(st.sampled_from("'=+-@\t\ra1")))
def test_a_cell_is_never_a_formula_and_comes_back_unchanged(text: str) -> None:
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert as_it_was(defused(text)) == text


def _csv(db: Database, what: What, newsletter_id: int | None = None) -> tuple[str, list[dict[str, str]]]:
    text = "".join(written(db, what, Form.CSV, newsletter_id=newsletter_id))
    return text, list(csv.DictReader(io.StringIO(text, newline="")))


_FILE = """email,name,status,tags,interests,created at
+ada@example.org,=HYPERLINK("x"),active,"a; b",Vectors,2021-03-04
bob@example.org,'-Bob,unsubscribed,,,2021-03-04
eve@example.org,@Eve,active,"[""x, y"", ""-z""]",,2021-03-04
mal@example.org,Mal,bounced,,,
"""


def test_what_is_written_comes_back_as_it_was(database: Database, tmp_path: Path, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    taken(database, tmp_path, brought(database, tmp_path, _FILE.encode(), now, newsletter_id=newsletter_id), now)
    subscribe.suppress(database, "eve@example.org", SuppressionReason.COMPLAINED, now=now)
    before, told = _facts(database), _csv(database, What.SUBSCRIBERS, newsletter_id)
    suppressed = _csv(database, What.SUPPRESSIONS)
    assert [row["name"] for row in told[1]] == ['\'=HYPERLINK("x")', "'-Bob", "'@Eve"]
    assert told[1][0]["consent_basis"].startswith("Signed up at the old place (joined 2021-03-04 00:00 UTC)")
    with database.write() as session:
        for table in (Subscriber, Suppression, Tag):
            session.execute(delete(table))
    for text in (suppressed[0], told[0]):
        import_id = brought(database, tmp_path, text.encode(), now, newsletter_id=newsletter_id)
        seen = looked(database, tmp_path, import_id, now)
        assert seen.plan is not None
        assert seen.plan.vendor == "curator"
        last = taken(database, tmp_path, import_id, now)
    assert last.tally == Tally(rows=3, added=1, ended=1, known=1)
    names, tags, kept = _facts(database)
    # Of whoever is never mailed nothing is kept but that.
    assert (names, kept) == (['=HYPERLINK("x")', "-Bob"], before[2])
    assert tags == ["a", "b"]
    assert [state for _, state, _ in states(database)] == ["active", "ended"]


def _facts(db: Database) -> tuple[object, ...]:
    with db.read() as session:
        names = session.scalars(select(Subscriber.name).order_by(Subscriber.address_key)).all()
        tags = session.scalars(select(Tag.name).join(SubscriberTag).order_by(Tag.name)).all()
        kept = session.execute(select(Suppression.address_key, Suppression.reason).order_by(Suppression.address_key))
        return names, tags, [tuple(row) for row in kept]


def test_of_somebody_erased_only_the_hash_goes_out_and_comes_back(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    with database.write() as session:
        row = Suppression(address_key="hash:0123456789abcdef", reason=SuppressionReason.ERASED, note="", at=now)
        session.add(row)
    text, rows = _csv(database, What.SUPPRESSIONS)
    assert (rows[0]["email"], rows[0]["hash"]) == ("", "hash:0123456789abcdef")
    with database.write() as session:
        session.execute(delete(Suppression))
    done = taken(database, tmp_path, brought(database, tmp_path, text.encode(), now), now)
    assert done.tally == Tally(rows=1, kept_out=1)
    assert _csv(database, What.SUPPRESSIONS)[1][0]["hash"] == "hash:0123456789abcdef"


def test_rows_of_another_newsletter_are_passed_over(database: Database, tmp_path: Path, now: datetime) -> None:
    one, other = newsletter_row(database, slug="one"), newsletter_row(database, slug="other")
    subscribe.add(database, one, "ada@example.org", now=now)
    subscribe.add(database, other, "bob@example.org", now=now)
    text, rows = _csv(database, What.SUBSCRIBERS)
    assert [row["newsletter"] for row in rows] == ["one", "other"]
    assert [row["email"] for row in _csv(database, What.SUBSCRIBERS, other)[1]] == ["bob@example.org"]
    done = taken(database, tmp_path, brought(database, tmp_path, text.encode(), now, newsletter_id=other), now)
    assert done.tally == Tally(rows=2, already_there=1, aside=1)


def test_lines_of_json_hold_the_same(database: Database, now: datetime) -> None:
    newsletter_id = newsletter_row(database)
    subscribe.add(database, newsletter_id, "ada@example.org", name="=Ada", now=now)
    for what in (What.SUBSCRIBERS, What.CONSENTS):
        (line,) = "".join(written(database, what, Form.JSON_LINES)).splitlines()
        told = json.loads(line)
        assert set(told) == set(COLUMNS[what])
        assert told["email"] == "ada@example.org"
    assert "".join(written(database, What.SUPPRESSIONS, Form.JSON_LINES)) == ""
