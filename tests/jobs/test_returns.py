"""Bounces and doubts while the processes run: the clock reads the mailbox, a turn's end settles what is proven."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from curator.app import App
from curator.events import listen
from curator.jobs import clock as ticking
from curator.jobs import housekeeping, tasks
from curator.mailings import send, store
from curator.mailings.ledger import store as ledger
from curator.mailings.reply_path import Leaving, leave_token
from curator.mailings.return_path import OfDelivery, by_return_path, return_token
from curator.mailings.transports.memory import MemoryTransport
from curator.mailings.values import DeliveryRow, DeliveryState, MailingState
from curator.settings.imap import ImapUrl
from curator.watch import store as watched
from curator.watch.values import Alert, AlertKind
from tests import builders
from tests.conftest import FakeClock
from tests.events.bounces import Mailbox, bounce
from tests.events.imap.server import serving
from tests.events.scene import Sent, counters, deliver, sent, spooled
from tests.events.scene import hit as click
from tests.jobs.queued import jobs


@pytest.fixture
def returning(app: App, tmp_path: Path) -> App:
    """The application with a way back for bounces."""
    settings = replace(
        app.settings, bounce_address="bounces@podcast.example", bounce_maildir=tmp_path / "mail" / "bounces"
    )
    return replace(app, settings=settings)


def rows(app: App, mailing_id: int) -> list[DeliveryRow]:
    with app.db.read() as session:
        return store.deliveries(session, mailing_id, states=DeliveryState)


def test_the_clock_reads_the_mailbox_of_its_machine_itself(returning: App, tmp_path: Path) -> None:
    line = sent(returning.db)
    box = Mailbox(tmp_path / "mail" / "bounces")
    token = return_token(returning.keys, OfDelivery(line.mailing_id, line.readers[0]))
    box.deliver(bounce(f"bounces+{token}@podcast.example"))
    with capture_logs() as said:
        ticking.take_in_returns(returning)
        ticking.take_in_returns(returning)
    assert counters(returning.db, line.mailing_id).bounced == 1
    assert jobs(returning.db) == [], "no job: it might come to a machine that does not have the mailbox"
    assert [(each["event"], each.get("bounce")) for each in said] == [("bounces read", 1)]
    assert "example" not in str(said), "no address reaches the log"


def test_a_machine_without_the_mailbox_leaves_it_to_the_one_that_has_it(returning: App, tmp_path: Path) -> None:
    with capture_logs() as said:
        ticking.take_in_returns(returning)
        assert said == []
        (tmp_path / "mail" / "bounces").mkdir(parents=True)
        ticking.take_in_returns(returning)
    assert said[0]["event"] == "bounces cannot be read"


def test_the_clock_reads_the_mailbox_on_another_machine(app: App) -> None:
    line = sent(app.db)
    token = return_token(app.keys, OfDelivery(line.mailing_id, line.readers[0]))
    with serving() as server, capture_logs() as said:
        server.put(bounce(f"bounces+{token}@podcast.example"))
        ticking.take_in_mailbox(app)
        assert said == [], "none is set"
        reading = replace(app, settings=replace(app.settings, bounce_mailbox=server.url()))
        ticking.take_in_mailbox(reading)
        wrong = replace(app, settings=replace(app.settings, bounce_mailbox=server.url(password="wrong")))
        ticking.take_in_mailbox(wrong)
    assert counters(app.db, line.mailing_id).bounced == 1
    assert [each["event"] for each in said] == ["bounces read", "bounces cannot be read"]
    assert "example" not in str(said), "no address reaches the log"
    (alert,) = alerts(app)
    assert (alert.kind, alert.what) == (
        *(AlertKind.MAILBOX, "The mailbox on 127.0.0.1 takes neither this user nor this password."),
    )


def test_a_host_that_is_away_is_one_alert_however_often_it_is_asked(app: App) -> None:
    # Port 1 is nobody's.
    url = ImapUrl("127.0.0.1", 1, "replies", "secret", "INBOX", "none")
    away = replace(app, settings=replace(app.settings, reply_mailbox=url))
    for _ in range(3):
        ticking.take_in_mailbox(away)
    (alert,) = alerts(app)
    assert alert.what.startswith("The mailbox on 127.0.0.1 cannot be read")
    assert "CURATOR_REPLY_MAILBOX" in alert.todo


def test_a_mailbox_in_trouble_keeps_no_other_waiting(app: App) -> None:
    line = sent(app.db)
    with serving() as server:
        server.put(_leaving(app, line))
        wrong, right = server.url(password="wrong"), server.url()
        ticking.take_in_mailbox(replace(app, settings=replace(app.settings, reply_mailbox=wrong, bounce_mailbox=right)))
    assert counters(app.db, line.mailing_id).unsubscribed == 1


def test_the_clock_lets_go_whoever_writes_to_the_folder_of_answers(app: App, tmp_path: Path) -> None:
    line, box = sent(app.db), Mailbox(tmp_path / "replies")
    box.deliver(_leaving(app, line))
    settings = replace(app.settings, reply_address="replies@podcast.example", reply_maildir=box.folder)
    ticking.take_in_returns(replace(app, settings=settings))
    assert counters(app.db, line.mailing_id).unsubscribed == 1


def test_nobody_is_told_to_write_where_nobody_reads(app: App, tmp_path: Path) -> None:
    unread = replace(app, settings=replace(app.settings, reply_address="replies@podcast.example"))
    assert (app.reply_path, unread.reply_path) == (None, None)
    read = replace(app, settings=replace(unread.settings, reply_maildir=tmp_path))
    assert read.reply_path is not None


def alerts(app: App) -> list[Alert]:
    with app.db.read() as session:
        return watched.open_alerts(session)


def _leaving(app: App, line: Sent) -> bytes:
    token = leave_token(app.keys, Leaving(line.mailing_id, line.readers[0]))
    return f"From: a@b.example\r\nTo: replies+{token}@podcast.example\r\n\r\n".encode()


def test_messages_leave_with_a_return_path_each(returning: App) -> None:
    newsletter_id = builders.newsletter_row(returning.db)
    (reader,) = builders.subscriber_rows(returning.db, newsletter_id, ["ada@example.org"])
    issue_id = builders.approved_issue_row(returning.db, newsletter_id)
    mailing_id = send.start(returning.db, issue_id, now=returning.clock())
    tasks.pump_mailing(returning, {"mailing_id": mailing_id})
    assert isinstance(returning.transport, MemoryTransport)
    (message,) = returning.transport.sent
    assert by_return_path(returning.keys, [message.sender]) == OfDelivery(mailing_id, reader)


def test_a_bounce_that_came_before_the_recovery_settles_what_the_recovery_doubts(app: App, clock: FakeClock) -> None:
    newsletter_id = builders.newsletter_row(app.db)
    readers = builders.subscriber_rows(app.db, newsletter_id, [f"r{n}@example.org" for n in range(3)])
    mailing_id = send.start(app.db, builders.approved_issue_row(app.db, newsletter_id), now=clock())
    with app.db.write() as session:
        lease = clock() + timedelta(minutes=15)
        held = ledger.claim(session, mailing_id, owner="elsewhere:1", now=clock(), lease_until=lease)
        assert held is not None
        ledger.intend(session, held, dict.fromkeys(readers[:2], DeliveryState.PENDING), now=clock())
    listen.note_came_back(
        app.db, mailing_id=mailing_id, subscriber_id=readers[0], words="5.2.2 full", is_dead=False, now=clock()
    )
    assert rows(app, mailing_id)[0].state is DeliveryState.INTENDED
    clock.advance(timedelta(minutes=16))
    while tasks.pump_mailing(app, {"mailing_id": mailing_id}):
        pass
    found = rows(app, mailing_id)
    assert [row.state for row in found] == [DeliveryState.SENT, DeliveryState.IN_DOUBT, DeliveryState.SENT]
    assert found[0].reason == "Settled by its bounce."
    assert counters(app.db, mailing_id).accepted == 2


@pytest.mark.parametrize("state", [MailingState.FINISHED, MailingState.PAUSED])
def test_housekeeping_settles_what_a_kill_left(app: App, clock: FakeClock, state: MailingState) -> None:
    line = sent(app.db, readers=1, state=state, finished_at=clock() if state.is_final else None)
    (reader,) = builders.subscriber_rows(app.db, line.newsletter_id, ["late@example.org"])
    spooled(app.spool_dir, click(line.mailing_id, 1, reader))
    ticking.take_in_clicks(app)
    deliver(app.db, line.mailing_id, (reader,), state=DeliveryState.IN_DOUBT)
    housekeeping.keep_house(app)
    assert [row.state for row in rows(app, line.mailing_id)] == [DeliveryState.SENT] * 2
