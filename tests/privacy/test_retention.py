"""What is too old goes, chunk by chunk, and not before it was announced; sums stay."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from curator.audience import store as audience
from curator.audience import subscribe
from curator.audience.moving import bring
from curator.audience.tables import Subscriber, Subscription
from curator.db import Database
from curator.events import listen
from curator.events.tables import Event
from curator.issues.tables import Issue
from curator.mailings import store as mailings
from curator.mailings.tables import Delivery, Mailing
from curator.privacy import retention
from curator.privacy.age import store
from curator.privacy.tables import RetentionRun
from curator.privacy.values import Keeping
from curator.tokens import Keys, Veil
from tests.events.scene import NOW, Sent, counters, hit, sent, spooled

_KEEPING = Keeping(events_months=13, deliveries_months=24, ended_months=36, log_months=24)
_YEAR = timedelta(days=366)


@pytest.fixture
def line(database: Database, tmp_path: Path) -> Sent:
    """A mailing that two of three readers clicked in, beside one of today."""
    database.wear(Veil(Keys.from_secret("a secret that is long enough for anybody")))
    line = sent(database, readers=3, candidates=3)
    spooled(tmp_path, *(hit(line.mailing_id, 1, reader, agent=reader) for reader in line.readers[:2]))
    listen.take_in(database, tmp_path, now=NOW)
    return line


def _number(db: Database, table: type) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _pruned(db: Database, at: datetime, keeping: Keeping = _KEEPING) -> dict[str, int]:
    return retention.prune(db, keeping, now=at)[0]


def test_nothing_is_too_old_today(line: Sent) -> None:
    assert set(retention.plan(line.db, _KEEPING, now=NOW).values()) == {0}
    assert set(_pruned(line.db, NOW).values()) == {0}
    assert _number(line.db, Event) == 2


def test_events_go_first_then_deliveries_and_the_sums_stay(line: Sent, tmp_path: Path) -> None:
    before = counters(line.db, line.mailing_id)
    planned = retention.plan(line.db, _KEEPING, now=NOW + 1.2 * _YEAR)
    assert _pruned(line.db, NOW + 1.2 * _YEAR) == planned
    assert (planned["events"], planned["deliveries"]) == (2, 0)
    assert (_number(line.db, Event), _number(line.db, Delivery)) == (0, 3)
    assert _pruned(line.db, NOW + 2.2 * _YEAR)["deliveries"] == 3
    with line.db.read() as session:
        assert mailings.mailing(session, line.mailing_id).balance.is_even
    # A click on a mail of two years ago counts as a click; whether its reader had clicked before is not known any more.
    spooled(tmp_path, hit(line.mailing_id, 1, line.readers[0]))
    listen.take_in(line.db, tmp_path, now=NOW)
    after = counters(line.db, line.mailing_id)
    assert (after.clicks, after.clickers, after.accepted) == (before.clicks + 1, before.clickers, before.accepted)
    assert _number(line.db, Event) == 0


def test_a_ledger_stays_while_its_issue_may_still_go_out(line: Sent) -> None:
    with line.db.write() as session:
        session.execute(update(Issue).values(state="approved"))
        session.execute(update(Mailing).values(state="cancelled"))
    assert _pruned(line.db, NOW + 3 * _YEAR)["deliveries"] == 0
    assert _number(line.db, Delivery) == 3


def test_who_gets_nothing_any_more_is_forgotten_and_no_old_file_brings_them_back(line: Sent) -> None:
    gone, there, _ = line.readers
    subscribe.unsubscribe(line.db, line.newsletter_id, gone, now=NOW, how="link")
    assert _pruned(line.db, NOW + 2.9 * _YEAR)["ended readers"] == 0
    with line.db.read() as session:
        address = session.scalars(select(Subscriber.address).where(Subscriber.id == gone)).one()
    assert _pruned(line.db, NOW + 3.1 * _YEAR)["ended readers"] == 1
    with line.db.read() as session:
        assert audience.subscriber_row(session, None, gone) is None
        assert audience.subscriber_row(session, None, there) is not None
    assert (
        bring.import_csv(line.db, line.newsletter_id, f"email\n{address}\n".encode(), now=NOW).tally.never_mailed == 1
    )
    assert _number(line.db, Subscription) == 2


def test_a_round_that_ends_early_is_gone_on_with(line: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 1)
    ends = iter((False, True))
    removed, is_done = retention.prune(line.db, _KEEPING, now=NOW + 3 * _YEAR, is_over=lambda: next(ends, True))
    assert (removed["events"], is_done) == (2, False)
    assert _number(line.db, Delivery) == 2
    assert _pruned(line.db, NOW + 3 * _YEAR)["deliveries"] == 2


def test_what_is_kept_for_good_is_not_even_looked_at(line: Sent) -> None:
    assert _pruned(line.db, NOW + 99 * _YEAR, Keeping(0, 0, 0, 0)) == {}
    assert (_number(line.db, Event), _number(line.db, Delivery)) == (2, 3)


def test_the_first_rounds_only_announce(line: Sent) -> None:
    at = NOW + 3 * _YEAR

    def made(after: timedelta) -> bool:
        return retention.make_round(line.db, _KEEPING, now=at + after, is_over=lambda: False)

    assert not retention.is_due(line.db, _KEEPING, now=NOW)
    assert retention.is_due(line.db, _KEEPING, now=at)
    assert not made(timedelta(0))
    assert not retention.is_due(line.db, _KEEPING, now=at + timedelta(hours=23))
    assert retention.is_due(line.db, _KEEPING, now=at + timedelta(days=1))
    with line.db.read() as session:
        assert retention.begins_at(session) == at + retention.GRACE
    made(timedelta(days=6))
    assert _number(line.db, Event) == 2
    made(timedelta(days=7))
    assert _number(line.db, Event) == 0
    with line.db.read() as session:
        last = store.last_run(session)
    assert last is not None
    assert last.removed is not None
    assert last.removed["events"] == 2
    assert _number(line.db, RetentionRun) == 3
