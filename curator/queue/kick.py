"""Kicks: hints that somebody look at the job table now. The table is what counts; a lost hint costs seconds."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import structlog

from curator.clock import Clock
from curator.errors import CuratorError

_log = structlog.get_logger()

# While the broker is away every try may cost the clock seconds, and workers look by themselves meanwhile.
_REST = timedelta(seconds=5)
_SAY_EVERY = timedelta(minutes=1)


class Lane(StrEnum):
    """Kinds of work that may not wait for each other: slow feeds, long mailings, letters, learning, files of readers,
    what providers tell, others' servers that we call, backups, and the rest.
    """

    POLLING = "polling"
    SENDING = "sending"
    LETTERS = "letters"
    LEARNING = "learning"
    MOVING = "moving"
    HEARING = "hearing"
    CALLING = "calling"
    BACKUP = "backup"
    REST = "rest"


class KickError(CuratorError):
    """The hint did not reach the broker."""

    retry_in = _REST


class Kicker(Protocol):
    """Tells workers, on whatever machine, that a lane has work. A hint may be lost, come twice or come late."""

    def kick(self, lane: Lane, times: int = 1) -> None:
        """Asks as many workers to look at the lane now; call it after the commit. Raises KickError."""

    def check(self) -> None:
        """Raises KickError when the broker cannot be reached."""


class PatientKicker:
    """Kicks through a broker that may be away: whoever kicks is never failed by it.

    The broker is dialled at the first kick, so that a process that never kicks (the web) never knows it. After a
    failure hints are dropped for five seconds; the log says so once a minute.
    """

    def __init__(self, connect: Callable[[], Kicker], clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._kicker: Kicker | None = None
        self._failed_at: datetime | None = None
        self._said_at: datetime | None = None

    def kick(self, lane: Lane, times: int = 1) -> None:
        """Asks as many workers to look at the lane, or drops the hint."""
        now = self._clock()
        if self._failed_at is not None and abs(now - self._failed_at) < _REST:
            return
        try:
            self._dialled().kick(lane, times)
        except KickError as error:
            self._note_failure(error, now)
        else:
            self._failed_at = None

    def check(self) -> None:
        """Raises KickError when the broker cannot be reached."""
        self._dialled().check()

    def _dialled(self) -> Kicker:
        self._kicker = self._kicker or self._connect()
        return self._kicker

    def _note_failure(self, error: KickError, now: datetime) -> None:
        self._failed_at = now
        if self._said_at is None or abs(now - self._said_at) >= _SAY_EVERY:
            self._said_at = now
            # The cause's words may quote the broker's address, password and all.
            _log.warning("broker is away, workers look by themselves", error=type(error.__cause__ or error).__name__)
