"""What killed senders left open is settled by their journals, or put in doubt."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from curator.db import Database
from curator.mailings import control, journal, recover, send, store
from curator.mailings.ledger import store as ledger
from curator.mailings.tables import Batch
from curator.mailings.values import BatchState, Claim, DeliveryState, MailingState
from tests.builders import approved_issue_row, newsletter_row, subscriber_rows
from tests.conftest import FakeClock

HOUR = timedelta(hours=1)


class Scene:
    """A mailing of five readers with its only batch claimed and the first four about to leave."""

    def __init__(self, db: Database, clock: FakeClock, folder: Path) -> None:
        self.db, self.clock, self.folder = db, clock, folder
        newsletter_id = newsletter_row(db)
        self.ids = subscriber_rows(db, newsletter_id, [f"r{n}@example.org" for n in range(5)])
        self.mailing_id = send.start(db, approved_issue_row(db, newsletter_id), now=clock())

    def claim(self, owner: str) -> Claim:
        now = self.clock()
        with self.db.write() as session:
            held = ledger.claim(session, self.mailing_id, owner=owner, now=now, lease_until=now + HOUR)
            assert held is not None
            ledger.intend(session, held, dict.fromkeys(self.ids[:4], DeliveryState.PENDING), now=now)
        return held

    def die(self, *, boot: str | None = None) -> str:
        """A sender that dies with one answer, one dot without answer, one deferral, and one message untouched."""
        with suppress(ZeroDivisionError), journal.opened(self.folder, "host:1") as own:
            held = self.claim(own.name)
            keys = [(self.mailing_id, subscriber_id, held.fence) for subscriber_id in self.ids]
            own.dot(keys[0])
            own.answered(keys[0], DeliveryState.SENT, 250)
            own.dot(keys[1])
            own.dot(keys[2])
            own.answered(keys[2], DeliveryState.DEFERRED, 451)
            raise ZeroDivisionError
        if boot is not None:
            path = self.folder / own.name
            path.write_text(path.read_text().replace(journal.this_boot(), boot))
        return own.name

    def recover(self) -> int:
        return recover.recover(self.db, self.mailing_id, journal_dir=self.folder, now=self.clock())

    def states(self) -> list[DeliveryState]:
        with self.db.read() as session:
            rows = store.deliveries(session, self.mailing_id, states=list(DeliveryState))
        return [row.state for row in rows]

    def batch(self) -> Batch:
        with self.db.read() as session:
            return session.scalars(select(Batch)).one()


@pytest.fixture
def scene(database: Database, clock: FakeClock, tmp_path: Path) -> Scene:
    return Scene(database, clock, tmp_path / "journals")


def test_a_dead_sender_on_this_machine_is_settled_at_once(scene: Scene) -> None:
    scene.die()
    assert scene.recover() == 1
    assert scene.states() == [
        DeliveryState.SENT,
        DeliveryState.IN_DOUBT,
        DeliveryState.DEFERRED,
        DeliveryState.PENDING,
        DeliveryState.PENDING,
    ]
    batch = scene.batch()
    assert (batch.state, batch.fence, batch.owner) == (BatchState.OPEN, 2, None)
    assert scene.recover() == 0


def test_after_a_power_cut_silence_proves_nothing_but_answers_do(scene: Scene) -> None:
    scene.die(boot="the-boot-before")
    assert scene.recover() == 0
    scene.clock.advance(HOUR)
    assert scene.recover() == 1
    assert scene.states() == [
        DeliveryState.SENT,
        DeliveryState.IN_DOUBT,
        DeliveryState.DEFERRED,
        DeliveryState.IN_DOUBT,
        DeliveryState.PENDING,
    ]


def test_without_a_journal_within_reach_everything_that_was_about_to_leave_is_in_doubt(scene: Scene) -> None:
    (scene.folder / scene.die()).unlink()
    assert scene.recover() == 0
    scene.clock.advance(HOUR)
    assert scene.recover() == 1
    assert scene.states() == [DeliveryState.IN_DOUBT] * 4 + [DeliveryState.PENDING]


def test_a_living_sender_is_left_alone_until_its_lease_is_over(scene: Scene) -> None:
    with journal.opened(scene.folder, "host:1") as own:
        scene.claim(own.name)
        assert scene.recover() == 0
        scene.clock.advance(HOUR)
        assert scene.recover() == 1
    assert scene.states() == [DeliveryState.IN_DOUBT] * 4 + [DeliveryState.PENDING]


def test_a_cancelled_mailing_is_settled_too_and_sends_nothing_more(scene: Scene) -> None:
    scene.die()
    control.cancel(scene.db, scene.mailing_id, now=scene.clock())
    with scene.db.read() as session:
        assert store.pumpable_ids(session, now=scene.clock()) == [scene.mailing_id]
    assert scene.recover() == 1
    assert scene.states() == [
        DeliveryState.SENT,
        DeliveryState.IN_DOUBT,
        DeliveryState.CANCELLED,
        DeliveryState.CANCELLED,
        DeliveryState.CANCELLED,
    ]
    assert scene.batch().state == BatchState.DONE


def test_a_paused_mailing_is_settled_and_stays_paused(scene: Scene) -> None:
    scene.die()
    control.pause(scene.db, scene.mailing_id, now=scene.clock())
    assert scene.recover() == 1
    with scene.db.read() as session:
        assert store.mailing(session, scene.mailing_id).state is MailingState.PAUSED


def test_a_journal_is_kept_as_long_as_a_batch_refers_to_it(scene: Scene) -> None:
    name = scene.die()
    recover.clear_journals(scene.db, journal_dir=scene.folder)
    assert [path.name for path in scene.folder.iterdir()] == [name]
    scene.recover()
    recover.clear_journals(scene.db, journal_dir=scene.folder)
    assert list(scene.folder.iterdir()) == []
