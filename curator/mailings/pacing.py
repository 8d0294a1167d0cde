"""How fast mail may leave: token buckets kept as one moment each, and what a warm-up allows on a day."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
# A sender that looks again is never on the dot; what it is late by it may make up for, as long as it is less than this.
# Without it a limit of 1,000 a second in windows of 20 lost a tenth.
_CATCH_UP_S = 0.1

PROMISE = timedelta(seconds=1)
"""How late a promised turn is still good for; were it longer, all that waited during a pause would leave at once."""

HOURS, TODAYS = "its mail leaves from ", "today's "
"""How the reasons of a wait for the newsletter's hours, and for the next day, begin."""

WARM_UP = (50, 100, 500, 1_000, 5_000, 10_000, 20_000, 40_000, 70_000, 100_000)
"""What a new sender may send on its first days; from then on each day twice as much.

Mailbox providers measure a sender that they do not know by its first days, and refuse most of a sudden flood. The
steps are those that large relays publish for a new address (SendGrid's schedule begins like this).
"""

# One in fifty of a relay's daily quota is kept for letters, which somebody waits for: a list that sends so much has no
# day on which more people sign up. Not of a warm-up: that one is ours, and no relay refuses for it.
_KEPT_FOR_LETTERS, _MOST_KEPT = 50, 500

# 100,000 doubled ten times: a hundred million a day holds nobody back.
_WARM_AFTER_DAYS = len(WARM_UP) + 10


@dataclass(frozen=True)
class Limits:
    """What a transport may send: a second in all, a day, from which day on a warm-up, a second to some domains."""

    per_second: float | None = None
    per_day: int | None = None
    warm_up_on: date | None = None
    domains: Mapping[str, float] = field(default_factory=dict)

    @property
    def has_none(self) -> bool:
        """Whether nothing is limited, so that nothing need be asked."""
        return self.per_second is None and not self.has_day and not self.domains

    @property
    def has_day(self) -> bool:
        """Whether a day has a limit."""
        return self.per_day is not None or self.warm_up_on is not None


NO_LIMITS = Limits()


# --- the bucket of a transport


def room(free_at: datetime | None, *, per_second: float, now: datetime) -> int:
    """Returns how many messages may leave now: a slice of about one second's worth, or none.

    `free_at` is the bucket (None: it was never used). A slice is given only when the one before it is used up, so a
    bucket that rested gives no more than any other: over t seconds at most `per_second` * t + `burst(per_second)`
    messages leave, in whatever order senders come and whenever they are started anew.
    """
    return _slice(per_second) if _beat(free_at, per_second=per_second, now=now) <= now else 0


def taken(free_at: datetime | None, count: int, *, per_second: float, now: datetime) -> datetime:
    """Returns the bucket after `count` messages, which `room` allowed, were taken from it."""
    return _beat(free_at, per_second=per_second, now=now) + _span(count, per_second)


def wait_s(free_at: datetime | None, *, per_second: float, now: datetime) -> float:
    """Returns how many seconds it is until `room` gives something again."""
    return max(0.0, (_beat(free_at, per_second=per_second, now=now) - now).total_seconds())


def burst(per_second: float) -> int:
    """Returns how many messages more than the rate may leave in any span: a slice, and what is made up for."""
    return _slice(per_second) + int(per_second * _CATCH_UP_S)


# --- the bucket of a domain: whoever finds it empty is given a turn


@dataclass(frozen=True)
class Turns:
    """So many messages may leave at once; each of the others at its own moment. `free_at` is the bucket afterwards."""

    at_once: int
    later: tuple[datetime, ...]
    free_at: datetime


def turns(free_at: datetime | None, count: int, *, per_second: float, now: datetime) -> Turns:
    """Returns the turns of the next `count` messages to a domain, one behind the other at its rate.

    About one second's worth leaves ahead of its moment, so that a domain that is not over its rate delays nobody.
    """
    first = now if free_at is None or free_at < now else free_at
    moments = [first + _span(number, per_second) for number in range(count)]
    ahead = now + _span(_slice(per_second) - 1, per_second)
    at_once = sum(moment <= ahead for moment in moments)
    return Turns(at_once, tuple(moments[at_once:]), first + _span(count, per_second))


def is_kept(promised_at: datetime, *, now: datetime) -> bool:
    """Tells whether a promised turn still counts; who missed it is given another."""
    return now - promised_at <= PROMISE


# --- the day


def day_limit(limits: Limits, on: date) -> int | None:
    """Returns how many messages may have left on a day (UTC) before mailings wait, None for any number.

    Letters count too and never wait: the last of a transport's daily messages are theirs (`kept_for_letters`). Before
    its warm-up begins a sender is as new as on the first day.
    """
    highest = _for_mailings(limits)
    if limits.warm_up_on is None:
        return highest
    days = max(0, (on - limits.warm_up_on).days)
    if days >= _WARM_AFTER_DAYS:
        return highest
    step = WARM_UP[days] if days < len(WARM_UP) else WARM_UP[-1] << (days - len(WARM_UP) + 1)
    return step if highest is None else min(step, highest)


def kept_for_letters(limits: Limits) -> int:
    """Returns how many of a transport's daily messages no mailing takes."""
    return min((limits.per_day or 0) // _KEPT_FOR_LETTERS, _MOST_KEPT)


def is_new_sender(limits: Limits, limit: int) -> bool:
    """Tells whether it is the warm-up that allows so many on a day."""
    return limit != _for_mailings(limits)


def _for_mailings(limits: Limits) -> int | None:
    return None if limits.per_day is None else limits.per_day - kept_for_letters(limits)


def days_for(limits: Limits, count: int, *, after: date) -> int:
    """Returns how many of the days after this one it takes until so many messages have left, if no others leave."""
    days = 0
    while count > 0:
        days += 1
        limit = day_limit(limits, after + timedelta(days=days))
        if limit is None:
            break
        if limit == _for_mailings(limits):
            # It grows no more: the rest need not be walked through, nor does a calendar end before it does.
            return days + -(-max(count - limit, 0) // limit)
        count -= limit
    return days


def next_day(now: datetime) -> datetime:
    """Returns the beginning of the next day (UTC)."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), tzinfo=UTC)


def _slice(per_second: float) -> int:
    return max(1, int(per_second))


def _span(count: int, per_second: float) -> timedelta:
    """Returns how long `count` messages take at a rate, never less: a rounded-off microsecond would be too fast."""
    return math.ceil(count / per_second * 1_000_000) * _MICROSECOND


def _beat(free_at: datetime | None, *, per_second: float, now: datetime) -> datetime:
    """Returns the moment from which the next message counts."""
    late = _span(int(per_second * _CATCH_UP_S), per_second)
    if free_at is None or free_at < now - late:
        return now
    # A bucket is never fuller than by one slice: further ahead it lies only when the limit or the clock was changed.
    return min(free_at, now + _span(_slice(per_second), per_second))
