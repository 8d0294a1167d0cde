"""The sign of life: a healthy clock and sender ask a URL again and again, and whoever watches it misses them."""

import structlog

from curator.app import App
from curator.errors import FetchError
from curator.watch.values import AlertKind, Standing, WatchLimits

_log = structlog.get_logger()


def why_silent(stands: Standing, limits: WatchLimits) -> AlertKind | None:
    """Returns what keeps the sign back, None when clock and sender are healthy. Whoever looks is a clock that ticks.

    That nothing waits proves no sender: one has to have been seen.
    """
    if stands.sender_seen_at is None or stands.waited(stands.sender_seen_at) > limits.sender_silent:
        return AlertKind.SENDER
    if stands.waited_for_work(stands.oldest_job_at) > limits.work_late:
        return AlertKind.WORK
    if stands.waited_for_work(stands.oldest_letter_at) > limits.work_late:
        return AlertKind.LETTERS
    return None


def ping(app: App, stands: Standing, limits: WatchLimits) -> bool:
    """Gives the sign where a URL is set and nothing keeps it back; tells whether it was heard."""
    url = app.settings.heartbeat_url
    if url is None or (why := why_silent(stands, limits)) is not None:
        if url is not None:
            _log.warning("no sign of life is given", because=str(why))
        return False
    try:
        answer = app.pager.get(url)
    except FetchError as error:
        # Not its URL: whoever knows it could give the sign in our place.
        _log.warning("the heartbeat's address cannot be reached", reason=error.reason)
        return False
    return 200 <= answer.status < 300
