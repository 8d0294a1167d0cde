"""When a picture that was not had is asked for again. Pure."""

from datetime import datetime, timedelta

# A server that is down comes back within minutes or hours; what is not there after two days will not be for this issue.
_WAITS = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=36))


def next_try(
    tries: int, *, now: datetime, is_hopeless: bool = False, at_least: timedelta | None = None
) -> datetime | None:
    """Returns when to ask again after so many tries in vain (from 1); None: not until somebody wants it.

    `is_hopeless`: what came is no picture, and the same address will not give another. `at_least` is what the server
    wishes.
    """
    if is_hopeless or tries > len(_WAITS):
        return None
    return now + max(_WAITS[max(tries, 1) - 1], at_least or timedelta())
