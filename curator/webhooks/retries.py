"""When a call that failed is made again, when it is given up, and when an endpoint is left alone. Pure."""

from datetime import timedelta

# Standard Webhooks recommends about these; together three days and some hours.
_WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MOST_ATTEMPTS = len(_WAITS) + 1

GIVEN_UP_AFTER = timedelta(days=4)
"""However few attempts there were: an endpoint that takes long for each keeps its other calls waiting."""

OFF_AFTER = timedelta(days=3)
"""For how long an endpoint may fail without one success between."""

_LONGEST_REST = timedelta(hours=1)
# A server that does not answer costs a caller fifteen seconds: its other calls come one a minute then.
_REST_OF_SILENCE, _REST_OF_TROUBLE = timedelta(minutes=1), timedelta(seconds=15)


def wait_after(attempts: int, *, chance: float) -> timedelta | None:
    """Returns how long to wait after so many attempts, None when that was the last.

    `chance`, from 0 to 1, moves it by a fifth either way, so that not everybody comes back at once.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    return _WAITS[max(0, attempts - 1)] * (0.8 + 0.4 * chance)


def rest_after(status: int | None, retry_after: str) -> timedelta:
    """Returns how long an endpoint is left alone after a failure; what it asks for is kept, up to an hour."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 8:
        return min(timedelta(seconds=int(retry_after)), _LONGEST_REST)
    if status is None:
        return _REST_OF_SILENCE
    return _REST_OF_TROUBLE if status >= 500 or status == 429 else timedelta(0)
