"""NEWSLETTER -> PROBE: one plain mail to an address that does not exist, to see its bounce come back."""

from datetime import datetime, timedelta
from email.utils import format_datetime

from curator.activity import store as activity
from curator.addresses import ascii_domain_form, checked_address
from curator.clock import Clock
from curator.db import Database
from curator.errors import InvalidError, StateError, TransportError
from curator.mailings.hand_over import Relay
from curator.mailings.proof import store
from curator.mailings.proof.values import ProbeRow
from curator.mailings.return_path import OfProbe, ReturnPath, return_token
from curator.mailings.transports.port import Transport
from curator.mailings.values import Answer, Outgoing, Verdict
from curator.newsletters import store as newsletters
from curator.queue import store as queue

# Enough to try again after a change, and too few to be of use to anybody who wants to annoy somebody.
ONE_EVERY = timedelta(minutes=1)
REFUSED_AT_ONCE = "Refused at once by your relay:"


def ask(db: Database, newsletter_id: int, address: str, *, now: datetime, by: int | None) -> int:
    """Queues a probe to an address and returns it; raises InvalidError("address"), StateError when it is too soon."""
    checked = checked_address(address)
    if not checked.key.isascii():
        raise InvalidError("address", "Take an address without letters outside ASCII: not every relay can write those.")
    with db.write() as session:
        last = store.newest_probe(session, newsletter_id)
        if last is not None and now - last.sent_at < ONE_EVERY:
            raise StateError("A probe left less than a minute ago. Wait a little, then send another.")
        probe_id = store.add_probe(session, newsletter_id, checked.address, at=now)
        key = f"probe:{newsletter_id}"
        if not queue.enqueue(session, "send_probe", {"probe_id": probe_id}, now=now, key=key):
            raise StateError("A probe is on its way already.")
        activity.record(session, at=now, actor=by, verb="probed", subject="newsletter", subject_id=newsletter_id)
    return probe_id


def send_probe(db: Database, transport: Transport, probe_id: int, *, return_path: ReturnPath, clock: Clock) -> None:
    """Hands a probe to the relay, once; a refusal at once is its bounce, and trouble is written down.

    A kill in between may send it a second time, to the same address that nobody has. A second call changes nothing.
    """
    with db.write() as session:
        probe = store.probe(session, probe_id)
        sender = newsletters.newsletter(session, probe.newsletter_id).sender_address
        if probe.returned_at is not None or probe.words:
            return
        store.note_left(session, probe_id, at=clock())
    try:
        with Relay(transport) as relay:
            answer = relay.send(_message(probe, sender, return_path, clock()), before_dot=lambda: None)
    except (TransportError, InvalidError) as error:
        with db.write() as session:
            store.note_words(session, probe_id, f"It has not left: {error}")
        return
    _note(db, probe_id, answer, now=clock())


def _note(db: Database, probe_id: int, answer: Answer, *, now: datetime) -> None:
    said = f"{answer.code} {answer.words}" if answer.code else answer.words
    with db.write() as session:
        match answer.verdict:
            case Verdict.ACCEPTED:
                pass
            case Verdict.REFUSED if answer.code:
                store.note_returned(session, probe_id, at=now, words=f"{REFUSED_AT_ONCE} {said}")
            case Verdict.REFUSED:
                store.note_words(session, probe_id, f"It has not left: {said}")
            case Verdict.DEFERRED:
                store.note_words(session, probe_id, f"Your relay put it off, and it is not tried again: {said}")
            case Verdict.UNKNOWN:
                store.note_words(session, probe_id, f"Nobody knows whether your relay took it: {said}")


def _message(probe: ProbeRow, sender_address: str, return_path: ReturnPath, date: datetime) -> Outgoing:
    sender, to = ascii_domain_form(sender_address), ascii_domain_form(probe.address)
    if not sender.isascii():
        raise InvalidError("sender", "The newsletter's own address has letters outside ASCII before the @")
    whose = OfProbe(probe.id)
    token = return_token(return_path.keys, whose)
    lines = (
        f"From: {sender}",
        f"To: {to}",
        "Subject: A probe of the way back",
        f"Date: {format_datetime(date)}",
        f"Message-ID: <p{probe.id}.{token[-16:]}@{sender.rpartition('@')[2]}>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "This mail was sent to an address that should not exist, to see whether its",
        "bounce comes back. If you can read it, the address does exist: nothing else",
        "follows, and you need not do anything.",
        "",
    )
    content = "\r\n".join(lines).encode("ascii")
    return return_path.on(Outgoing(f"probe.{probe.id}", sender, to, content), whose)
