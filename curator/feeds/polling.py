"""When a feed is asked again, with which headers, and what is noted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from statistics import median

from curator.feeds.values import FeedState, NextPoll, PollState

SHORTEST = timedelta(hours=1)
"""With validators at most once an hour (rachelbythebay.com's feed-reader score)."""

LONGEST = timedelta(hours=24)
"""Nothing that goes well waits longer than a day."""

UNKNOWN_RHYTHM = timedelta(hours=6)
"""For a feed with fewer than two dated items: four looks a day."""

LONGEST_STATED_HOLD = timedelta(days=31)
OWN_HOLD = timedelta(hours=4)
DYING_AFTER = timedelta(days=14)
PAUSED_AFTER = timedelta(days=60)
MAX_NOTE = 500
_MAX_VALIDATOR = 1000


def request_headers(state: PollState) -> dict[str, str]:
    """Returns the conditional headers: what the server sent, byte for byte, and nothing invented."""
    headers = {"Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.8"}
    if state.etag:
        headers["If-None-Match"] = state.etag
    if state.last_modified:
        headers["If-Modified-Since"] = state.last_modified
    return headers


def validator(value: str | None) -> str | None:
    """Returns an ETag or Last-Modified fit to be stored and sent back, None for one that is not.

    Kept byte for byte otherwise, with its quotes and its `W/`.
    """
    if not value or len(value) > _MAX_VALIDATOR or any(c < " " or "\x7f" <= c <= "\x9f" for c in value):
        return None
    return value


def after_success(
    *,
    headers: Mapping[str, str],
    has_validators: bool,
    ttl_minutes: int | None,
    published: Sequence[datetime],
    spread: float,
    now: datetime,
) -> NextPoll:
    """Returns when to ask again after an answer that is fine: the longest of what the feed and its server wish.

    `published` are the moments of the newest items, `spread` is drawn from 0.95 to 1.10. Never more than a day.
    """
    wishes = [_rhythm(published)]
    if ttl_minutes:
        wishes.append((timedelta(minutes=ttl_minutes), f"ttl {ttl_minutes} min"))
    stated = freshness(headers, now=now)
    if stated:
        wishes.append(stated)
    if not has_validators:
        wishes.append((LONGEST, "the server gives no validators"))
    wait, because = max(wishes, key=lambda wish: wish[0])
    return NextPoll(now + min(wait * spread, LONGEST), because)


def after_failure(
    state: PollState, *, status: int | None, headers: Mapping[str, str], spread: float, now: datetime
) -> NextPoll:
    """Returns when to ask again after trouble; `status` is None when there was no answer at all.

    410 ends it. 429 and 503 wait as long as the server says, else 4 hours, doubling; 403 waits 4 hours. The rest waits
    1, 2, 4 .. 24 hours; after 14 days without success a week, and after 60 days the feed is paused.
    """
    if status == 410:
        return NextPoll(now + LONGEST, "", FeedState.GONE)
    if status in (429, 503):
        return _held(state.failures, retry_after(headers, now=now), now=now)
    failing_for = now - (state.last_ok_at or state.created_at)
    if failing_for >= PAUSED_AFTER:
        return NextPoll(now + timedelta(days=7), "", FeedState.PAUSED)
    if failing_for >= DYING_AFTER:
        return NextPoll(now + timedelta(days=7), f"nothing good has come for {failing_for.days} days")
    if status == 403:
        return NextPoll(now + OWN_HOLD, "the server does not let us in")
    return _backed_off(state.failures + 1, spread=spread, now=now)


def _held(failures: int, stated: timedelta | None, *, now: datetime) -> NextPoll:
    if stated:
        return NextPoll(now + min(stated, LONGEST_STATED_HOLD), "the server says when to come back (Retry-After)")
    return NextPoll(now + min(OWN_HOLD * 2 ** min(failures, 5), LONGEST), "the server wants fewer requests")


def _backed_off(failures: int, *, spread: float, now: datetime) -> NextPoll:
    wait = min(timedelta(hours=2 ** min(failures - 1, 5)) * spread, LONGEST)
    return NextPoll(now + wait, "it failed once" if failures == 1 else f"it failed {failures} times in a row")


def note(what: str, plan: NextPoll, *, now: datetime) -> str:
    """Returns the line that an editor reads: what came, when the feed is asked next and why then."""
    match plan.state:
        case FeedState.GONE:
            after = "the feed is gone for good; find its new address, or remove it"
        case FeedState.PAUSED:
            after = "paused after 60 days without success; look for its new address, or resume it"
        case _:
            at = plan.at.astimezone(UTC)
            when = f"{at:%H:%M}" if plan.at - now <= LONGEST else f"{at.day} {at:%b %H:%M}"
            after = f"next {when} UTC because {plan.because}"
    room = MAX_NOTE - len(after) - 2
    return f"{what if len(what) <= room else what[: room - 1] + '…'}; {after}"


def freshness(headers: Mapping[str, str], *, now: datetime) -> tuple[timedelta, str] | None:
    """Returns how long the answer stays fresh by Cache-Control or Expires, with the words for it; None when unsaid."""
    directives = _directives(headers.get("cache-control", ""))
    if "no-cache" in directives or "no-store" in directives:
        return None
    if "max-age" in directives:
        seconds = _seconds(directives["max-age"])
        return (timedelta(seconds=seconds), f"max-age {seconds}") if seconds else None
    expires, date = _http_date(headers.get("expires")), _http_date(headers.get("date")) or now
    if expires and expires > date:
        return expires - date, "the server says until when it is fresh (Expires)"
    return None


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Returns how long Retry-After (seconds or a date) wants us to wait; None when it does not say."""
    value = headers.get("retry-after", "").strip()
    seconds = _seconds(value)
    if seconds:
        return timedelta(seconds=seconds)
    until = _http_date(value)
    return until - now if until and until > now else None


def _rhythm(published: Sequence[datetime]) -> tuple[timedelta, str]:
    moments = sorted(published)[-10:]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    if not gaps:
        return UNKNOWN_RHYTHM, "its rhythm is not known yet"
    gap = timedelta(seconds=median(gaps))
    return min(max(gap / 2, SHORTEST), LONGEST), f"it publishes every {_roughly(gap)}"


def _roughly(gap: timedelta) -> str:
    hours = round(gap / timedelta(hours=1))
    if hours <= 1:
        return "hour or faster"
    return f"{hours} hours" if hours < 48 else f"{round(hours / 24)} days"


def _directives(cache_control: str) -> dict[str, str]:
    parts = (part.partition("=") for part in cache_control[:2000].lower().split(","))
    return {name.strip(): value.strip(' "') for name, _, value in parts}


def _seconds(text: str) -> int | None:
    # A year is more than any wait here; longer numbers would only overflow.
    return min(int(text), 366 * 86400) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text[:100]) if text else None
        return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
