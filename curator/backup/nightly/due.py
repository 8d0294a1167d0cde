"""Decides whether a backup is due, and which files are too old. Pure."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from curator.backup.nightly.values import Night, Nights, NightState

_DAY = timedelta(days=1)
# A full disk or a folder that is not there is mended by a person, within hours; a killed process needs less.
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=1)
_NAMED = re.compile(r"curator-nightly-\d{8}T\d{6}Z\.backup")


def slot_at(now: datetime, *, hour: int) -> datetime:
    """Returns the newest moment, not after now, at which a night's backup is due: each day at an hour of UTC."""
    today = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now else today - _DAY


def is_due(nights: Nights, slot: datetime, *, now: datetime) -> bool:
    """Tells whether somebody is to be asked for the backup of a slot.

    However many nights were missed, it is one that makes up for them. One that failed is tried again after a pause,
    which doubles up to an hour.
    """
    if nights.good is not None and nights.good.backup_at is not None and nights.good.backup_at >= slot:
        return False
    newest = nights.newest
    if newest is None or newest.slot_at < slot:
        return True
    if newest.state is not NightState.FAILED or newest.ended_at is None:
        return not newest.is_over
    # Where the machine's clock was set back, the moment lies ahead.
    return abs(now - newest.ended_at) >= pause(newest)


def pause(night: Night) -> timedelta:
    """Returns how long after its last try one that failed is tried again."""
    return min(_FIRST_PAUSE * (1 << min(max(night.tries - 1, 0), 10)), _LONGEST_PAUSE)


def name_at(at: datetime) -> str:
    """Returns what a night's backup is called: by its name it is known as one that may be put out again."""
    return f"curator-nightly-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup"


def too_old(names: Iterable[str], *, keep: int) -> list[str]:
    """Returns which of a folder's files are nightly backups beyond the newest `keep`; no other file is ever named."""
    return sorted(name for name in names if _NAMED.fullmatch(name))[:-keep]
