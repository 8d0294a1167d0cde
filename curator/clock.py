"""The clock as a value: whoever needs the time is handed a function that tells it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, aware and in UTC."""


def in_utc(moment: datetime) -> datetime:
    """Returns the same moment in UTC; a naive one is refused, because its zone can only be guessed."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC)
