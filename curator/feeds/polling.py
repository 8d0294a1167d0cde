"""When a feed is asked again, with which headers, and what is noted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from statistics import median
from urllib.parse import urlsplit

from curator.feeds.release import every_quarter, expected
from curator.feeds.skips import after_skips, skipped
from curator.feeds.values import FeedState, NextPoll, ParsedFeed, PollState

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
_A_WEEK = timedelta(days=7)
MAX_NOTE = 500
_MAX_VALIDATOR = 1000
# More than any wait here; what is longer would only overflow.
_A_YEAR = timedelta(days=366)


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
    state: PollState,
    *,
    headers: Mapping[str, str],
    has_validators: bool,
    published: Sequence[datetime],
    spread: float,
    now: datetime,
) -> NextPoll:
    """Returns when to ask again after an answer that is fine: the longest of what the feed and its server wish.

    `published` are the moments of the newest items, `spread` is drawn from 0.95 to 1.10. Never more than a day, but
    for the days that the feed names. The editor's own wish goes before all of these.
    """
    if state.poll_minutes:
        wait = timedelta(minutes=state.poll_minutes)
        return NextPoll(now + wait * spread, f"you want it every {_in_words(wait)}")
    wishes = [_rhythm(published), *_told(state, headers, now=now)]
    if not has_validators:
        wishes.append((LONGEST, "the server gives no validators"))
    wait, because = max(wishes, key=lambda wish: wish[0])
    plan = NextPoll(now + min(wait * spread, LONGEST), because)
    if state.is_own_show and has_validators:
        stated = freshness(headers, now=now)
        plan = _for_release(plan, published, rest=stated[0] if stated else timedelta(), spread=spread, now=now)
    return _but_skips(state, plan)


def as_told(state: PollState, feed: ParsedFeed) -> PollState:
    """Returns what is known of a feed with the pace that its newest document asks for."""
    return replace(
        state,
        ttl_minutes=feed.ttl_minutes,
        update_minutes=feed.update_minutes,
        skip_hours=feed.skip_hours,
        skip_days=feed.skip_days,
    )


def after_failure(
    state: PollState,
    *,
    status: int | None,
    headers: Mapping[str, str],
    spread: float,
    now: datetime,
    strikes: int = 0,
) -> NextPoll:
    """Returns when to ask again after trouble; `status` is None when there was no answer at all.

    410 ends it. 429 and 503 wait as long as the server says, else 4 hours, doubling with the `strikes` of its host; 403
    waits 4 hours. The rest waits 1, 2, 4 .. 24 hours; after 14 days of failing a week, and after 60 days the feed is
    paused.
    """
    if status == 410:
        return NextPoll(now + LONGEST, "", FeedState.GONE)
    if wants_peace(status):
        return _held(strikes, retry_after(headers, now=now), now=now)
    if dying := after_long_failure(state, now=now):
        return dying
    if status == 403:
        return NextPoll(now + OWN_HOLD, "the server does not let us in")
    return _backed_off(state.failures + 1, spread=spread, now=now)


def after_long_failure(state: PollState, *, now: datetime) -> NextPoll | None:
    """Returns when a feed is asked again that has failed for weeks, None for one that has not."""
    failing_for = now - (state.failing_since or now)
    if failing_for >= PAUSED_AFTER:
        return NextPoll(now + _A_WEEK, "", FeedState.PAUSED)
    if failing_for >= DYING_AFTER:
        return NextPoll(now + _A_WEEK, f"nothing good has come for {failing_for.days} days")
    return None


def wants_peace(status: int | None) -> bool:
    """Tells whether an answer speaks for the whole host: nothing else of it is asked either for a while.

    Not 403: a feed that is closed to us says nothing about its neighbours at a large publisher's.
    """
    return status in (429, 503)


def host_of(url: str) -> str:
    """Returns the host that a feed's address names, whatever its port: one machine, asked once at a time."""
    try:
        return (urlsplit(url).hostname or "")[:255]
    except ValueError:
        return ""


def held_note(until: datetime, *, now: datetime) -> str:
    """Returns why a feed was not asked."""
    return f"Not asked: its host wants to be left alone until {_moment(until, now=now)}"


def _told(state: PollState, headers: Mapping[str, str], *, now: datetime) -> list[tuple[timedelta, str]]:
    """Returns what the feed and its server say about how often to come."""
    told = []
    if state.ttl_minutes:
        told.append((timedelta(minutes=state.ttl_minutes), f"ttl {state.ttl_minutes} min"))
    if state.update_minutes:
        told.append((timedelta(minutes=state.update_minutes), "the feed says how often it changes"))
    stated = freshness(headers, now=now)
    return [*told, stated] if stated else told


def _for_release(
    plan: NextPoll, published: Sequence[datetime], *, rest: timedelta, spread: float, now: datetime
) -> NextPoll:
    """Returns the plan for a show of one's own: by the quarter of an hour around the hour that it usually comes out.

    `rest` is how long its server says that the answer stays fresh.
    """
    window = expected(published, now=now)
    if window is None or plan.at < window[0]:
        return plan
    at = max(every_quarter(window, spread=spread, now=now), now + rest)
    return plan if at >= plan.at else NextPoll(at, "its next episode is expected about now")


def _but_skips(state: PollState, plan: NextPoll) -> NextPoll:
    at = after_skips(plan.at, hours=state.skip_hours, days=state.skip_days)
    if at == plan.at:
        return plan
    return NextPoll(at, f"the feed asks for quiet {skipped(plan.at, days=state.skip_days)}")


def _held(strikes: int, stated: timedelta | None, *, now: datetime) -> NextPoll:
    if stated:
        return NextPoll(now + min(stated, LONGEST_STATED_HOLD), "the server says when to come back (Retry-After)")
    return NextPoll(now + min(OWN_HOLD * 2 ** min(strikes, 5), LONGEST), "the server wants fewer requests")


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
            after = f"next {_moment(plan.at, now=now)} because {plan.because}"
    room = MAX_NOTE - len(after) - 2
    return f"{what if len(what) <= room else what[: room - 1] + '…'}; {after}"


def _moment(at: datetime, *, now: datetime) -> str:
    utc = at.astimezone(UTC)
    return f"{utc:%H:%M} UTC" if at - now <= LONGEST else f"{utc.day} {utc:%b %H:%M} UTC"


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
        return min(expires - date, _A_YEAR), "the server says until when it is fresh (Expires)"
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


def _in_words(wait: timedelta) -> str:
    minutes = round(wait.total_seconds() / 60)
    if minutes % 60:
        return f"{minutes} min"
    return "hour" if minutes == 60 else f"{minutes // 60} hours"


def _directives(cache_control: str) -> dict[str, str]:
    parts = (part.partition("=") for part in cache_control[:2000].lower().split(","))
    return {name.strip(): value.strip(' "') for name, _, value in parts}


def _seconds(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), round(_A_YEAR.total_seconds())) if is_number else None


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text[:100]) if text else None
        return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
