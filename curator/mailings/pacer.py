"""What a sender asks before each window: how many messages may leave now, to whom, and else how long to wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from curator.audience.values import Recipient
from curator.db import Session
from curator.mailings import pacing, postage
from curator.mailings.ledger import store as ledger
from curator.mailings.pace import store
from curator.mailings.pacing import NO_LIMITS, Limits
from curator.mailings.values import Claim, DeliveryState
from curator.newsletters.hours import SendWindow, is_open, next_opening
from curator.newsletters.values import domain_of

_TURN = "waits for its turn at "
# A sender rests this long without giving its batch back, and comes no sooner: at a slow domain's rate one message at a
# time would cost three transactions each.
_LONGEST_REST_S, _SHORTEST_REST_S = 1.0, 0.2
# An older mailing goes first; whether it is through is asked again so often.
_BEHIND = timedelta(minutes=1)


def no_rest(_seconds: float) -> None:
    """Waits for nothing."""


@dataclass(frozen=True)
class Wait:
    """Until when nothing of a mailing may leave, and why, in words that follow "It waits:"."""

    until: datetime
    why: str


@dataclass(frozen=True)
class Leave:
    """How many messages may leave now. With none: rest a moment, wait, or (`is_spent`) look for another way."""

    room: int = 0
    rest_s: float = 0.0
    wait: Wait | None = None
    free_at: datetime | None = None

    @property
    def is_spent(self) -> bool:
        """Whether this sender's turn is over."""
        return not self.room and not self.rest_s


@dataclass(frozen=True)
class Pacer:
    """The limits that hold for one mailing on one transport.

    `is_last` says that nothing but waiting is left once the day's limit is reached, `has_spare` that its newsletter
    names a second transport. `rest` waits for so many seconds.
    """

    transport: str = ""
    limits: Limits = NO_LIMITS
    hours: SendWindow | None = None
    is_last: bool = True
    has_spare: bool = False
    rest: Callable[[float], None] = no_rest

    def ask(self, session: Session, mailing_id: int, *, most: int, now: datetime) -> Leave:
        """Says how many messages may leave now, at most `most`; `take` what of it is used, in the same transaction."""
        if self.hours is not None and not is_open(self.hours, now):
            return Leave(wait=Wait(next_opening(self.hours, after=now), f"{pacing.HOURS}{self.hours}"))
        if self.limits.has_none:
            return Leave(most)
        free_at = store.hold(session, self.transport, now=now)
        left = self._left_today(session, mailing_id, now)
        if left is not None and left <= 0:
            return self._used_up(session, mailing_id, now)
        return self._slice(free_at, most if left is None else min(most, left), now)

    def has_room_today(self, session: Session, *, now: datetime) -> bool:
        """Tells whether the day's limit is not used up, by whomever; fit for a read session."""
        limit = pacing.day_limit(self.limits, _day(now))
        return limit is None or store.count(session, self.transport, _day(now)) < limit

    def may_leave(self, session: Session, *, now: datetime) -> bool:
        """Tells whether neither the hours nor the day are against it; fit for a read session."""
        return (self.hours is None or is_open(self.hours, now)) and self.has_room_today(session, now=now)

    def take(self, session: Session, leave: Leave, count: int, *, now: datetime) -> None:
        """Writes down that so many of those that may leave are about to."""
        rate = self.limits.per_second
        if rate is not None:
            store.fill(session, self.transport, {"": pacing.taken(leave.free_at, count, per_second=rate, now=now)})
        if self.limits.has_day:
            store.add(session, self.transport, _day(now), count)

    def give_back(self, session: Session, count: int, *, taken_at: datetime, is_own: bool) -> None:
        """Takes messages that certainly never left out of their day's count.

        Those of a sender that is gone may have been on the other transport, where there is one: then they stay counted,
        because too few is safe and too many is not.
        """
        if count and self.limits.has_day and (is_own or not self.has_spare):
            # The bucket's lock comes before the day's row, as everywhere, so that no two senders wait for each other.
            store.hold(session, self.transport, now=taken_at)
            store.add(session, self.transport, _day(taken_at), -count)

    def leaves_room(self, session: Session, *, is_sole: bool, now: datetime) -> float:
        """Returns how many seconds to do without a connection, because letters found the relay crowded; 0: go on.

        A second at a time, so that a pause or the end of the turn is seen in between.
        """
        asked_at = store.room_asked_at(session, self.transport)
        if asked_at is None:
            return 0.0
        left = asked_at + (postage.SOLE_FOR if is_sole else postage.CROWDED_FOR) - now
        return max(0.0, min(left.total_seconds(), _LONGEST_REST_S))

    def put_off(
        self,
        session: Session,
        held: Claim,
        recipients: Sequence[Recipient],
        waits: Mapping[int, DeliveryState],
        *,
        now: datetime,
    ) -> frozenset[int]:
        """Gives whoever's domain is over its rate a turn of their own, and returns who must not be sent to now.

        A turn is promised once: whoever comes back in time for theirs is sent to without being asked again. `waits` is
        what `ledger.waiting` gave.
        """
        limited = self._by_domain(recipients)
        if not limited:
            return frozenset()
        ids = [each.subscriber_id for group in limited.values() for each in group]
        promises = store.promised(session, held.mailing_id, ids, reason_start=_TURN)
        kept = {id_ for id_, at in promises.items() if pacing.is_kept(at, now=now)}
        buckets = store.of_domains(session, self.transport, list(limited))
        later: dict[int, datetime] = {}
        for domain, group in limited.items():
            fresh = [each.subscriber_id for each in group if each.subscriber_id not in kept]
            given = pacing.turns(buckets.get(domain), len(fresh), per_second=self.limits.domains[domain], now=now)
            buckets[domain] = given.free_at
            turns = dict(zip(fresh[given.at_once :], given.later, strict=True))
            ledger.put_off(session, held, turns, waits, reason=f"{_TURN}{domain}", now=now)
            later |= turns
        store.fill(session, self.transport, buckets)
        return frozenset(later)

    def rest_before(self, session: Session, mailing_id: int, *, now: datetime) -> float:
        """Returns how long to rest when no batch is due: a promised turn is so near that ending would miss it."""
        if not self.limits.domains:
            return 0.0
        due_at = store.next_due_at(session, mailing_id, after=now)
        seconds = _LONGEST_REST_S + 1 if due_at is None else (due_at - now).total_seconds()
        return max(seconds, _SHORTEST_REST_S) if seconds <= _LONGEST_REST_S else 0.0

    def _slice(self, free_at: datetime, most: int, now: datetime) -> Leave:
        rate = self.limits.per_second
        if rate is None:
            return Leave(most)
        room = min(most, pacing.room(free_at, per_second=rate, now=now))
        if room:
            return Leave(room, free_at=free_at)
        seconds = pacing.wait_s(free_at, per_second=rate, now=now)
        if seconds <= _LONGEST_REST_S:
            return Leave(rest_s=seconds)
        return Leave(
            wait=Wait(now + timedelta(seconds=seconds), f"its transport takes one message in {1 / rate:.3g} seconds")
        )

    def _left_today(self, session: Session, mailing_id: int, now: datetime) -> int | None:
        """Returns how many messages the day's limit leaves to a mailing, None for any number."""
        limit = pacing.day_limit(self.limits, _day(now))
        if limit is None:
            return None
        if store.is_behind(session, mailing_id, self.transport, now=now, day_ends_at=pacing.next_day(now)):
            return 0
        return limit - store.count(session, self.transport, _day(now))

    def _used_up(self, session: Session, mailing_id: int, now: datetime) -> Leave:
        if self.has_room_today(session, now=now):
            why = "an older mailing goes first, because its transport may send only so much a day"
            return Leave(wait=Wait(now + _BEHIND, why))
        if not self.is_last:
            return Leave()
        limit = pacing.day_limit(self.limits, _day(now)) or 0
        is_new, kept = pacing.is_new_sender(self.limits, limit), pacing.kept_for_letters(self.limits)
        whose = " of a new sender" if is_new else ""
        used = f"{pacing.TODAYS}1 message" if limit == 1 else f"{pacing.TODAYS}{limit:,} messages"
        verb = "is" if limit == 1 else "are"
        waiting = store.waiting(session, mailing_id)
        rest = "1 waits" if waiting == 1 else f"{waiting:,} wait"
        kept_back = f" (of {self.limits.per_day:,}, {kept:,} are kept for letters)" if kept and not is_new else ""
        why = f"{used}{whose} {verb} used up{kept_back}; {rest} {self._for_days(waiting, now)}"
        return Leave(wait=Wait(pacing.next_day(now), why))

    def _for_days(self, waiting: int, now: datetime) -> str:
        days = pacing.days_for(self.limits, waiting, after=_day(now))
        if days <= 1:
            return "for tomorrow"
        # What the spare takes off it each day is not known here.
        return "for the next days" if self.has_spare else f"and need about {days:,} days more"

    def _by_domain(self, recipients: Sequence[Recipient]) -> dict[str, list[Recipient]]:
        found: dict[str, list[Recipient]] = defaultdict(list)
        if self.limits.domains:
            for each in recipients:
                domain = domain_of(each.address)
                if domain in self.limits.domains:
                    found[domain].append(each)
        return dict(found)


FREE = Pacer()
"""No limits, at any time."""


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
