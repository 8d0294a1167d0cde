"""LETTER -> DELIVERY: sends what is due in the outbox, one letter after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from curator.clock import Clock
from curator.db import Database, Session
from curator.errors import InvalidError, NotFoundError, RenderError, StorageError, TransportError
from curator.issues.render import Renderer
from curator.letters import store
from curator.letters.values import EVERY_LETTER, ClaimedLetter, Lane, LetterState, LetterText
from curator.mailings import mime
from curator.mailings.hand_over import LeaseOverError, Relay, wait_after
from curator.mailings.letter import Reading
from curator.mailings.pace import store as pace
from curator.mailings.postage import NO_POSTAGE, Postage
from curator.mailings.ready import Kept, Ready
from curator.mailings.return_path import OfLetter, ReturnPath
from curator.mailings.transports.port import Transport
from curator.mailings.values import Answer, Outgoing, PostReport, Verdict
from curator.newsletters import store as newsletters
from curator.tokens import Keys

# The slowest conversation with a relay that is not broken takes five minutes, and once more on a new connection.
_LEASE = timedelta(minutes=10)
# With the waits of `wait_after` about three days: RFC 5321 4.5.4.1 asks for four to five, but nobody waits that long
# for a confirmation.
_MOST_TRIES = 22
# The relay is away, or a person must mend it.
_RELAY_REST, _LONG_RELAY_REST = timedelta(minutes=1), timedelta(minutes=10)
# The relay has no connection left: mailings are asked for one of theirs, which is free within a window. A letter that
# found none for so long waits as for any other trouble: it is not our mailings then.
_CROWDED_REST, _CROWDED_WITHIN = timedelta(seconds=1), timedelta(minutes=1)
# A relay that breaks off over one letter may take the next; one that does so three times in a row is in trouble itself.
_MOST_TROUBLES = 3
# That a letter left is worth waiting for a database that is locked: unwritten, it would leave a second time.
_MOST_WRITES = 3


def post(
    db: Database,
    transport: Transport,
    *,
    keys: Keys,
    public_url: str,
    renderer: Renderer,
    clock: Clock,
    until: Callable[[], bool],
    lane: Lane = EVERY_LETTER,
    return_path: ReturnPath | None = None,
    postage: Postage = NO_POSTAGE,
) -> PostReport:
    """Sends the letters of a lane until none is due, `until()` is true, or the relay fails; says what became of them.

    Each is claimed alone, so that a kill keeps nobody else's letter waiting for its lease; what it says is read and
    rendered at that moment, and handed over with no transaction open. A kill leaves it claimed: after the lease it is
    sent (again; see `letters.store`). A relay that fails loses no letter: they are put off and say why. A bug puts its
    letter off and is raised. `postage` is what a letter takes of what the transport may send; it waits for none of it.
    """
    with Relay(transport) as relay:
        office = _Office(db, relay, keys, public_url, renderer, clock, lane, return_path, postage)
        letter = office.turn(None, None)
        while letter is not None:
            fate = office.fate(letter)
            letter = office.turn(letter, fate, is_last=until())
    return PostReport(dict(office.settled), office.trouble)


def lanes(session: Session) -> dict[str, Lane]:
    """Returns the lane of each transport that newsletters name: their letters leave over it, all others over "".

    Each lane is posted apart, so that a relay that fails holds up its own letters only.
    """
    named = {name: ids for name, ids in newsletters.by_transport(session).items() if name}
    rest = Lane(frozenset().union(*named.values()))
    return {"": rest} | {name: Lane(ids, is_rest=False) for name, ids in named.items()}


def put_off(db: Database, lane: Lane, *, reason: str, now: datetime) -> None:
    """Lets the due letters of a lane wait, because a person must mend something first."""
    with db.write() as session:
        store.put_off_due(session, now=now, until=now + _LONG_RELAY_REST, reason=reason, lane=lane)


@dataclass(frozen=True)
class _Ended:
    """A letter that was sent, refused, dropped or held."""

    state: LetterState
    reason: str = ""


@dataclass(frozen=True)
class _PutOff:
    """A letter that is tried again after a while. `stops`: nothing else is tried now either.

    `is_crowded`: the relay answered, and let us in no more: mailings are asked for one of their connections.
    """

    wait: timedelta
    reason: str
    is_tried: bool = True
    stops: bool = False
    is_crowded: bool = False


_Fate = _Ended | _PutOff


@dataclass
class _Office:
    """Takes letters from the outbox to the relay, and writes down what became of each."""

    db: Database
    relay: Relay
    keys: Keys
    public_url: str
    renderer: Renderer
    clock: Clock
    lane: Lane
    return_path: ReturnPath | None = None
    postage: Postage = NO_POSTAGE
    settled: Counter[LetterState] = field(default_factory=Counter)
    trouble: str = ""
    troubles: int = 0

    def turn(self, last: ClaimedLetter | None, fate: _Fate | None, *, is_last: bool = False) -> ClaimedLetter | None:
        """Writes down what became of the last letter and claims the next one; None: stop."""
        next_letter = self._turned(last, fate, is_last=is_last)
        if isinstance(fate, _Ended):
            self.settled[fate.state] += 1
        return next_letter

    def _turned(
        self, last: ClaimedLetter | None, fate: _Fate | None, *, is_last: bool, tries: int = _MOST_WRITES
    ) -> ClaimedLetter | None:
        now = self.clock()
        try:
            with self.db.write() as session:
                if last is not None and fate is not None:
                    self._write(session, last, fate)
                if is_last or self.trouble:
                    return None
                return next(iter(store.claim(session, now=now, lease_until=now + _LEASE, lane=self.lane)), None)
        except StorageError:
            if last is None or tries == 1:
                raise
        return self._turned(last, fate, is_last=is_last, tries=tries - 1)

    def fate(self, letter: ClaimedLetter) -> _Fate:
        """Does everything that can be done for a letter now, and returns what came of it."""
        try:
            message = self._composed(letter)
            if isinstance(message, Kept):
                return _Ended(message.state, message.reason)
            self._take_postage()
            answer = self.relay.send(message, before_dot=lambda: self._dot(letter))
        except NotFoundError as error:
            return _Ended(LetterState.DROPPED, str(error))
        except InvalidError as error:
            return _Ended(LetterState.REFUSED, error.reason)
        except TransportError as error:
            return self._after_trouble(letter, error)
        except (RenderError, LeaseOverError) as error:
            return _put_off(letter, str(error))
        except Exception:
            self._put_back(letter)
            raise
        self.troubles = 0
        return _answered(letter, answer)

    def _take_postage(self) -> None:
        if not self.postage.is_free:
            with self.db.write() as session:
                self.postage.take(session, now=self.clock())

    def _composed(self, letter: ClaimedLetter) -> Outgoing | Kept:
        if letter.attempt > 2 * _MOST_TRIES:
            # Not what a relay said ends it then: whoever took it was killed, again and again.
            return Kept(LetterState.REFUSED, f"Given up after {letter.attempt} tries.")
        with self.db.read() as session:
            ready = Reading(session, self.keys, self.public_url, self.clock())(letter)
        if isinstance(ready, Kept):
            return ready
        return self._message(letter, ready)

    def _message(self, letter: ClaimedLetter, ready: Ready) -> Outgoing:
        body = self.renderer.letter(ready.body) if isinstance(ready.body, LetterText) else ready.body
        message = mime.letter_message(
            body,
            letter_id=letter.id,
            subject=ready.subject,
            sender=ready.sender,
            to=(ready.to_name, letter.address),
            date=self.clock(),
            keys=self.keys,
            more=ready.headers,
        )
        return message if self.return_path is None else self.return_path.on(message, OfLetter(letter.id))

    def _dot(self, letter: ClaimedLetter) -> None:
        """The last gate: once the lease is over, another sender may have the letter."""
        if self.clock() >= letter.lease_until:
            raise LeaseOverError("The mail relay is so slow that the sender's lease on the letter ran out.")

    def _after_trouble(self, letter: ClaimedLetter, error: TransportError) -> _Fate:
        if not self.relay.is_connected:
            if error.code is not None and error.retry_in is not None and self._is_fresh(letter):
                return _PutOff(_CROWDED_REST, error.reason, is_tried=False, stops=True, is_crowded=True)
            wait = _LONG_RELAY_REST if error.retry_in is None else _RELAY_REST
            return _PutOff(wait, error.reason, is_tried=False, stops=True)
        if error.is_of_message:
            return _put_off(letter, error.reason)
        self.troubles += 1
        return _PutOff(wait_after(letter.attempt + 1), error.reason, stops=self.troubles >= _MOST_TROUBLES)

    def _is_fresh(self, letter: ClaimedLetter) -> bool:
        return self.clock() - letter.created_at < _CROWDED_WITHIN

    def _put_back(self, letter: ClaimedLetter) -> None:
        with self.db.write() as session:
            self._write(session, letter, _put_off(letter, "An error in Curator, which the log tells."))

    def _write(self, session: Session, letter: ClaimedLetter, fate: _Fate) -> None:
        now = self.clock()
        if isinstance(fate, _PutOff):
            due_at = now + fate.wait
            store.put_off(session, letter, due_at=due_at, reason=fate.reason, is_tried=fate.is_tried)
            if fate.is_crowded:
                pace.ask_for_room(session, self.postage.transport, now=now)
            if fate.stops:
                self.trouble = fate.reason
                rest = now + (fate.wait if not fate.is_tried else _RELAY_REST)
                store.put_off_due(session, now=now, until=rest, reason=fate.reason, lane=self.lane)
            return
        if fate.state is LetterState.HELD:
            self._hold(session, letter, fate.reason, now)
        else:
            store.finish(session, letter, fate.state, now=now, reason=fate.reason)

    def _hold(self, session: Session, letter: ClaimedLetter, reason: str, now: datetime) -> None:
        """Holds a letter, unless its newsletter went live after it was read: nobody would release it any more.

        Going live waits for this transaction, so it finds every letter that was held before.
        """
        newsletter_id = letter.newsletter_id or 0
        is_live = newsletters.is_live(session, newsletter_id, lock=True)
        store.hold(session, letter, reason=reason)
        if is_live:
            store.release_held(session, newsletter_id, now=now)


def _answered(letter: ClaimedLetter, answer: Answer) -> _Fate:
    said = f"{answer.code} {answer.words}" if answer.code else answer.words
    match answer.verdict:
        case Verdict.ACCEPTED:
            return _Ended(LetterState.SENT)
        case Verdict.REFUSED:
            return _Ended(LetterState.REFUSED, said)
        case Verdict.DEFERRED | Verdict.UNKNOWN:
            # No answer after the dot: it may have arrived, and a second copy is better than none.
            return _put_off(letter, said)
        case _:
            assert_never(answer.verdict)


def _put_off(letter: ClaimedLetter, reason: str) -> _Fate:
    """A letter that was put off for three days is given up, and says why."""
    tries = letter.attempt + 1
    if tries > _MOST_TRIES:
        return _Ended(LetterState.REFUSED, f"Given up after {tries} tries: {reason}")
    return _PutOff(wait_after(tries), reason)
