"""How a feed stands, in words, and what an editor can do about it."""

from datetime import datetime

from curator.feeds.health.values import FeedPage, Standing
from curator.feeds.polling import DYING_AFTER, PAUSED_AFTER
from curator.feeds.polls.values import Hold
from curator.feeds.values import FeedState

_BY_ITSELF = "Nothing: it is asked again by itself."
_WHAT_TO_DO = {
    200: "Open the address in a browser: it may have become a web page. If that names another feed, add it.",
    401: "The feed asks for a password, which Curator does not send. Ask its publisher for a public address.",
    403: "Open the address in a browser. If it works there, its server shuts programs out: ask its publisher.",
    404: "Look on its site for the new address and add that one. The items stay.",
    None: "If it lasts, check the address in a browser. A server may well be away for a day.",
}


def standing(feed: FeedPage, hold: Hold | None, *, now: datetime) -> Standing:
    """Returns how a feed stands at a moment; `hold` is its host's, if there is one."""
    match feed.state:
        case FeedState.GONE:
            todo = "Look on its site for a new address and add that one, or leave it as it is: the items stay."
            return Standing("gone", "bad", "Its server says that it is gone for good (410).", todo)
        case FeedState.PAUSED:
            return _paused(feed, now=now)
    if hold is not None and hold.until > now:
        return Standing("held", "warn", f"Its host wants to be left alone ({hold.why}).", _BY_ITSELF)
    if feed.last_polled_at is None:
        return Standing("new", "live", "It has not been asked yet.")
    if not feed.is_ok:
        return _troubled(feed, now=now)
    return _well(feed)


def _paused(feed: FeedPage, *, now: datetime) -> Standing:
    if feed.failing_since is not None and now - feed.failing_since >= PAUSED_AFTER:
        what = "Nothing good came for 60 days, so it is not asked any more."
        return Standing("paused", "warn", what, "Look for its new address and add that one, or resume it.")
    return Standing("paused", "warn", "Somebody paused it, so it is not asked.", "Resume it whenever you like.")


def _troubled(feed: FeedPage, *, now: datetime) -> Standing:
    todo = _WHAT_TO_DO.get(feed.last_status, _BY_ITSELF)
    failing_for = now - (feed.failing_since or now)
    if failing_for >= DYING_AFTER:
        what = f"Nothing good has come for {failing_for.days} days. It is asked once a week, and paused after 60 days."
        return Standing("dying", "bad", what, todo)
    times = "The last poll failed." if feed.failures <= 1 else f"The last {feed.failures} polls failed."
    return Standing("in trouble", "bad", times, todo)


def _well(feed: FeedPage) -> Standing:
    if feed.moved_to is None:
        return Standing("well", "good", "It answers as it should.")
    if feed.moved_since is None:
        what = f"Its address leads to {feed.moved_to} for good, and what lies there looks like another feed."
        return Standing("moved?", "warn", what, "If it is the right one, add that address and pause this feed.")
    what = f"Its address leads to {feed.moved_to} for good. After three polls over a day Curator takes that one."
    return Standing("moving", "live", what)
