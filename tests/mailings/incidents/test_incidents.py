"""Incidents of other systems: nobody gets it twice, nobody is lost, and what is not known is said."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from curator.audience import subscribe
from curator.audience.values import SuppressionReason
from curator.db import Database
from curator.errors import TransportError
from curator.issues.values import IssueState
from curator.jobs import clock as ticking
from curator.jobs import pulse, tasks, worker
from curator.mailings import control, send
from curator.mailings import store as mailings
from curator.mailings.values import Answer, DeliveryState, MailingState, Outgoing, Verdict
from curator.newsletters import edit
from curator.queue import store as queue
from tests.builders import newsletter_form, subscriber_rows
from tests.conftest import create_postgres
from tests.mailings.incidents.conftest import Died, House, dying_before_commit
from tests.mailings.line import Line

ALL = [f"r{n}@example.org" for n in range(40)]
SILENT = Answer(Verdict.UNKNOWN, 0, "the relay did not answer in time")
POLICY = TransportError("The mail relay refuses the message: 554 5.7.1 too many complaints", code=554)


def _once_each(line: Line) -> None:
    assert sorted(line.sent_to()) == sorted(ALL)


# -- kills


@pytest.mark.parametrize("commit", [2, 3, 5])
def test_killed_while_building_the_audience(house: House, commit: int) -> None:
    """django-newsletter: a submission that dies is marked as being sent for ever, and nobody takes it up again.

    listmonk calls a campaign finished of which a killed process had read a thousand readers and mailed none of them.
    """
    house.readers(40)
    commits = count(1)
    with dying_before_commit(house.db, lambda: next(commits) == commit):
        house.start(chunk=10, batch=5)
    assert house.the_mailing().state is MailingState.BUILDING
    house.work()
    _once_each(house)
    assert house.the_mailing().state is MailingState.FINISHED
    assert house.states(house.the_mailing().id) == {DeliveryState.SENT: 40}


def test_killed_between_row_and_job(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """django-newsletter's "stuck for ever" again: the row says that it is sent, and no job knows of it."""
    house.readers(40)
    assert house.app is not None

    def die(*_: object, **__: object) -> bool:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(queue, "enqueue", die)
        with pytest.raises(Died):
            tasks.start_mailing(house.app, {"issue_id": house.issue_id})
    assert (house.the_mailing().state, house.sent_to()) == (MailingState.RUNNING, [])
    house.work()
    _once_each(house)


@pytest.mark.parametrize("accepted", [10, 20, 40])
def test_killed_after_accept_and_before_commit(house: House, accepted: int) -> None:
    """museletter sends one reader their mail twice, django-freeletter everybody up to the kill, Keila up to a hundred
    for each machine: the relay had said yes, and nothing of it was written.
    """
    house.readers(40)
    mailing_id = house.start()
    with dying_before_commit(house.db, lambda: len(house.relay.sent) >= accepted):
        house.pump(mailing_id, window=10)
    assert len(house.relay.sent) == accepted
    with house.db.read() as session:
        assert len(mailings.deliveries(session, mailing_id, states=[DeliveryState.INTENDED])) == 10
    house.work()
    _once_each(house)
    # The journal had every answer, so nothing is in doubt.
    assert house.states(mailing_id) == {DeliveryState.SENT: 40}


# -- answers that do not come, or are no


def test_time_out_after_accept(house: House) -> None:
    """Ghost hands a thousand at a time to its provider: a time-out after the yes repeats all of them."""
    ids = house.readers(40)
    accepted: list[str] = []
    house.relay.on_message = lambda message: accepted.append(message.recipient)
    house.relay.answers_to("r7@example.org", SILENT)
    house.work()
    mailing_id = house.the_mailing().id
    house.clock.advance(timedelta(hours=1))
    house.work()
    assert sorted(accepted) == sorted(ALL)
    assert house.states(mailing_id) == {DeliveryState.SENT: 39, DeliveryState.IN_DOUBT: 1}
    assert house.the_mailing().state is MailingState.FINISHED
    control.settle(house.db, mailing_id, ids[7], as_sent=True, now=house.clock())
    assert house.states(mailing_id) == {DeliveryState.SENT: 40}


def test_error_pause_then_resume(house: House) -> None:
    """listmonk pauses a campaign after many errors; what was under way then is lost or comes twice after the resume.

    Keila counts every error as final, so that a relay's bad hour loses its readers for good.
    """
    house.readers(40)
    for reader in ("r5@example.org", "r23@example.org"):
        house.relay.answers_to(reader, POLICY)
    for _ in range(2):
        house.work()
        assert house.the_mailing().state is MailingState.PAUSED
        assert "too many complaints" in house.the_mailing().reason
        control.resume(house.db, house.the_mailing().id, now=house.clock())
    house.work()
    _once_each(house)
    assert house.states(house.the_mailing().id) == {DeliveryState.SENT: 40}


def test_settings_saved_mid_send(house: House) -> None:
    """No system's in particular: one issue leaves under two names, and a Message-ID that is made anew from the new
    settings no longer names the message that is out already.
    """
    house.readers(40)
    mailing_id = house.start()
    house.pump(mailing_id, until=lambda: len(house.relay.sent) >= 20)
    form = newsletter_form(sender_name="Another Name", sender_address="other@another.example")
    edit.change(house.db, house.newsletter_id, form, now=house.clock())
    house.pump(mailing_id)
    _once_each(house)
    messages = [message_from_bytes(each.content) for each in house.relay.sent]
    assert {each["From"] for each in messages} == {'"The AI Podcast" <news@podcast.example>'}
    assert {each["Message-ID"].rpartition("@")[2] for each in messages} == {"podcast.example>"}
    assert {each.sender.rpartition("@")[2] for each in house.relay.sent} == {"podcast.example"}


# -- copies and crowds


@contextmanager
def _backup(db: Database, folder: Path, name: str) -> Iterator[Database]:
    """A copy of a database as it stands, to be opened later."""
    db.close()
    if db.is_sqlite:
        shutil.copy(db.url.database or "", folder / "backup.sqlite3")
        copy = Database(f"sqlite:///{folder / 'backup.sqlite3'}")
    else:
        server = Database(db.url.set(database="postgres").render_as_string(hide_password=False))
        create_postgres(server.url.render_as_string(hide_password=False), name)
        with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'drop database "{name}"'))
            connection.execute(text(f'create database "{name}" template "{db.url.database}"'))
        server.close()
        copy = Database(make_url(db.url).set(database=name).render_as_string(hide_password=False))
    try:
        yield copy
    finally:
        copy.close()


def test_restored_backup(house: House, tmp_path: Path, worker_name: str) -> None:
    """None of the senders that were looked at knows that its database is an older copy: what went out after the backup
    goes out again, and a moment that is past is made up for.
    """
    house.readers(40)
    assert house.app is not None
    mailing_id = house.start()
    house.pump(mailing_id, until=lambda: len(house.relay.sent) >= 20)
    pulse.beat(house.app)
    with _backup(house.db, tmp_path, f"backup_{worker_name}") as restored:
        house.clock.advance(timedelta(hours=1))
        house.work()
        _once_each(house)
        pulse.beat(house.app)

        again = replace(house, db=restored, app=replace(house.app, db=restored))
        again.work()
        again.clock.advance(timedelta(days=2))
        again.work()
        _once_each(house)
        view = again.the_mailing()
        assert (view.state, view.balance.by_state[DeliveryState.PENDING]) == (MailingState.PAUSED, 20)
        assert view.reason.endswith("Compare with the relay's log, then resume or cancel.")


def test_two_clocks(house: House) -> None:
    """Two senders on one museletter database mailed 346 of 2,000 people twice."""
    house.readers(40)
    assert house.app is not None
    apps = [house.app, replace(house.app)]

    def live(number: int) -> None:
        for _ in range(4):
            ticking.ask_issues(apps[number])
            ticking.ask_mailings(apps[number])
            while worker.run_one(apps[number], owner=f"runner-{number}/1", tasks=("start_mailing", "pump_mailing")):
                ticking.ask_mailings(apps[number])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(live, range(2)))
    house.work()
    _once_each(house)
    assert house.the_mailing().state is MailingState.FINISHED
    assert house.issue_state() is IssueState.SENT


# -- people


def test_unsubscribe_and_complaint_arriving_mid_send(house: House) -> None:
    """Ghost hands a thousand readers over at a time, listmonk reads as many ahead: whoever left since gets it too."""
    ids = house.readers(40)

    def leave(message: Outgoing) -> None:
        if message.recipient == "r3@example.org":
            subscribe.unsubscribe(house.db, house.newsletter_id, ids[20], now=house.clock(), how="link")
            subscribe.suppress(house.db, "r21@example.org", SuppressionReason.COMPLAINED, now=house.clock())

    house.relay.on_message = leave
    mailing_id = house.start()
    house.pump(mailing_id, window=5)
    assert sorted(house.sent_to()) == sorted(set(ALL) - {"r20@example.org", "r21@example.org"})
    assert house.view(mailing_id).balance.excluded_by_reason == {"unsubscribed": 1, "suppressed: complained": 1}


def test_a_whole_batch_excluded(house: House) -> None:
    """No system's in particular: a sender that takes an empty batch for the end loses everybody behind it."""
    house.readers(6)
    mailing_id = house.start(batch=2)
    house.suppress("r2@example.org")
    house.suppress("r3@example.org")
    assert house.pump(mailing_id, window=1).state is MailingState.FINISHED
    assert house.states(mailing_id) == {DeliveryState.SENT: 4, DeliveryState.EXCLUDED: 2}


# -- addresses


def test_an_idn_address_without_smtputf8(house: House) -> None:
    """Letters outside ASCII before the @ need SMTPUTF8 (RFC 6531); whoever finds out by an exception stops there."""
    house.relay.offers_smtputf8 = False
    subscriber_rows(house.db, house.newsletter_id, ["jörg@example.org", "ada@bücher.example", "eve@example.org"])
    house.work()
    assert house.the_mailing().state is MailingState.FINISHED
    assert house.sent_to() == ["ada@xn--bcher-kva.example", "eve@example.org"]
    with house.db.read() as session:
        (refused,) = send.store.deliveries(session, house.the_mailing().id, states=[DeliveryState.REFUSED])
    assert (refused.address, "SMTPUTF8" in refused.reason) == ("jörg@example.org", True)
