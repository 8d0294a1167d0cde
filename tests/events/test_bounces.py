"""What the relay refused while it was sent: counted once, and a dead address is never mailed again."""

import pytest
from sqlalchemy import delete, select

from curator.audience import subscribe
from curator.audience.suppressed import store as suppressed
from curator.audience.tables import Subscriber, Subscription, Suppression
from curator.audience.values import SuppressionReason
from curator.db import Database
from curator.events import listen
from curator.events.values import EventKind
from curator.mailings.values import DeliveryState
from tests import builders
from tests.events.scene import NOW, Sent, counters, deliver, events, sent


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database, readers=2)


def _refused(line: Sent, name: str, code: int | None, words: str | None) -> int:
    (reader,) = builders.subscriber_rows(line.db, line.newsletter_id, [f"{name}@example.org"])
    deliver(line.db, line.mailing_id, (reader,), state=DeliveryState.REFUSED, code=code, reason=words)
    return reader


def _suppressed(db: Database) -> dict[str, str]:
    with db.read() as session:
        return {row.address_key: row.reason for row in session.scalars(select(Suppression))}


def test_a_refusal_is_a_bounce_once_and_only_a_dead_address_is_suppressed(line: Sent) -> None:
    dead = _refused(line, "gone", 550, "5.1.1 (address): no such user")
    _refused(line, "full", 552, "5.2.2 mailbox full")
    assert listen.note_bounces(line.db, line.mailing_id, now=NOW) == 2
    assert listen.note_bounces(line.db, line.mailing_id, now=NOW) == 0
    assert counters(line.db, line.mailing_id).bounced == 2
    assert _suppressed(line.db) == {"gone@example.org": "bounced"}
    found = events(line.db, EventKind.BOUNCED)
    assert [row.detail for row in found] == ["550 5.1.1 (address): no such user", "552 5.2.2 mailbox full"]
    assert found[0].subscriber_id == dead


def test_a_message_that_could_not_be_written_is_no_bounce(line: Sent) -> None:
    _refused(line, "odd", 0, "this address cannot be written in a message")
    _refused(line, "lost", None, None)
    assert listen.note_bounces(line.db, line.mailing_id, now=NOW) == 0
    assert events(line.db) == []


def test_an_answer_that_only_the_journal_kept_is_a_bounce_without_words(line: Sent) -> None:
    _refused(line, "gone", 550, None)
    assert listen.note_bounces(line.db, line.mailing_id, now=NOW) == 1
    assert events(line.db)[0].detail == "550"
    assert _suppressed(line.db) == {}


def test_whoever_complained_stays_suppressed_for_that(line: Sent) -> None:
    _refused(line, "gone", 550, "5.1.1 no such user")
    subscribe.suppress(line.db, "gone@example.org", SuppressionReason.COMPLAINED, now=NOW)
    listen.note_bounces(line.db, line.mailing_id, now=NOW)
    assert _suppressed(line.db) == {"gone@example.org": "complained"}


def test_a_reader_who_was_erased_bounces_without_an_address(line: Sent) -> None:
    reader = _refused(line, "gone", 550, "5.1.1 no such user")
    with line.db.write() as session:
        session.execute(delete(Subscription).where(Subscription.subscriber_id == reader))
        session.execute(delete(Subscriber).where(Subscriber.id == reader))
    assert listen.note_bounces(line.db, line.mailing_id, now=NOW) == 1
    assert _suppressed(line.db) == {}


def test_many_refusals_are_noted_in_pieces(line: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [f"gone{n}@example.org" for n in range(7)]
    readers = builders.subscriber_rows(line.db, line.newsletter_id, addresses)
    deliver(line.db, line.mailing_id, tuple(readers), state=DeliveryState.REFUSED, code=550, reason="no such user")
    real = listen.store.unnoted_refusals
    monkeypatch.setattr(listen.store, "unnoted_refusals", lambda *given, **kw: real(*given, **kw, limit=3))
    assert listen.note_bounces(line.db, line.mailing_id, now=NOW) == 7
    assert len(_suppressed(line.db)) == 7


def test_a_kill_between_suppressing_and_noting_leaves_both_to_the_next_call(
    line: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> int:
        raise Killed

    _refused(line, "gone", 550, "5.1.1 no such user")
    with monkeypatch.context() as kill:
        kill.setattr(listen, "_note", killed)
        with pytest.raises(Killed):
            listen.note_bounces(line.db, line.mailing_id, now=NOW)
    assert listen.note_bounces(line.db, line.mailing_id, now=NOW) == 1
    with line.db.read() as session:
        assert suppressed.why(session, "gone@example.org") is SuppressionReason.BOUNCED
