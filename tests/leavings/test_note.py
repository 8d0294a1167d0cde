"""What readers, servers and the desk do is on the log before it is answered, and nobody's address is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from curator.audience import subscribe
from curator.audience.record import store as record
from curator.audience.suppressed import store as suppressed
from curator.audience.values import SuppressionReason
from curator.db import Database
from curator.leavings.log import LeavingsLog, read
from curator.leavings.values import Deed, Fact
from curator.privacy import erase
from curator.tokens import Keys, Veil
from tests.builders import newsletter_row, subscriber_rows
from tests.conftest import FakeClock

_KEYS = Keys.from_secret("k" * 40)


@pytest.fixture
def db(database: Database, tmp_path: Path) -> Database:
    database.wear(Veil(_KEYS))
    database.witness = LeavingsLog(tmp_path / "log")
    database.witness.begin(now=datetime(2026, 1, 1, tzinfo=UTC))
    yield database
    database.witness = None


@pytest.fixture
def facts(db: Database, tmp_path: Path) -> Callable[[], list[Fact]]:
    return lambda: [fact for fact in read([tmp_path / "log"]).facts if fact.deed is not Deed.BEGUN]


def test_a_leaving_and_a_return_are_on_the_log(db: Database, facts: Callable[[], list[Fact]], clock: FakeClock) -> None:
    newsletter_id = newsletter_row(db)
    [ada] = subscriber_rows(db, newsletter_id, ["ada@example.org"])
    subscribe.unsubscribe(db, newsletter_id, ada, now=clock(), how="link")
    assert facts() == [Fact(Deed.LEFT, clock(), newsletter_id=newsletter_id, subscribers=(ada,), how="link")]
    later = clock.advance(timedelta(minutes=1))
    assert subscribe.undo_unsubscribe(db, newsletter_id, ada, now=later)
    assert facts()[1:] == [Fact(Deed.RETURNED, later, newsletter_id=newsletter_id, subscribers=(ada,))]


def test_suppressions_and_erasures_are_marks(db: Database, facts: Callable[[], list[Fact]], clock: FakeClock) -> None:
    newsletter_id = newsletter_row(db)
    [ada] = subscriber_rows(db, newsletter_id, ["ada@example.org"])
    subscribe.suppress(db, "Bo@Example.org", SuppressionReason.BOUNCED, now=clock())
    subscribe.unsuppress(db, "bo@example.org", now=clock())
    erase.erase(db, ada, by=None, now=clock())
    veil = Veil(_KEYS)
    bo, gone = (veil.mark("bo@example.org"),), (veil.mark("ada@example.org"),)
    assert [(fact.deed, fact.marks, fact.how) for fact in facts()] == [
        (Deed.SUPPRESSED, bo, "bounced"),
        (Deed.LIFTED, bo, ""),
        (Deed.ERASED, gone, ""),
    ]
    assert "@" not in "".join(fact.to_line() for fact in facts())


class TornError(Exception):
    """The transaction breaks."""


def _suppress_and_break(db: Database, subscriber_id: int, *, now: datetime) -> None:
    with db.write() as session:
        record.hold(session, subscriber_id)
        suppressed.put(session, "ada@example.org", SuppressionReason.BY_HAND, note="", at=now)
        raise TornError


def test_what_is_rolled_back_is_not_on_the_log(db: Database, facts: Callable[[], list[Fact]], clock: FakeClock) -> None:
    newsletter_id = newsletter_row(db)
    [ada] = subscriber_rows(db, newsletter_id, ["ada@example.org"])
    with pytest.raises(TornError):
        _suppress_and_break(db, ada, now=clock())
    assert facts() == []
