"""Decides when a mailing stops by itself, before a provider stops the sender for good. Pure."""

from dataclasses import dataclass

# Gmail wants complaints below 0.1 % and SES ends at 10 % bounces: these stop well before. The least numbers keep one
# angry reader or a handful of dead addresses from stopping a small mailing.
_LEAST_BOUNCES, _MOST_BOUNCED = 20, 0.04
_LEAST_COMPLAINTS, _MOST_COMPLAINED = 3, 0.001


@dataclass(frozen=True)
class Tally:
    """How many messages were handed to the relay, and how many of them came to a hard bounce or a complaint."""

    tried: int = 0
    hard_bounces: int = 0
    complaints: int = 0

    def since(self, before: "Tally") -> "Tally":
        """Returns what came after another tally."""
        return Tally(
            max(self.tried - before.tried, 0),
            max(self.hard_bounces - before.hard_bounces, 0),
            max(self.complaints - before.complaints, 0),
        )


def why_stop(tally: Tally, *, forgiven: Tally) -> str | None:
    """Returns why a mailing must stop, in a sentence that says what to do; None when it may go on.

    `forgiven` is what stood when a person let it go on the last time: only what came since then counts.
    """
    fresh = tally.since(forgiven)
    since = " since it was resumed" if forgiven.tried else ""
    if _is_too_much(fresh.complaints, fresh.tried, least=_LEAST_COMPLAINTS, most=_MOST_COMPLAINED):
        return (
            f"It stopped by itself: {_share(fresh.complaints, fresh.tried)} called this mail spam{since}, and mailbox "
            "providers block a sender at about 1 in 1,000. Find out who did not expect it, and from which import they "
            "came; then resume, or cancel the rest."
        )
    if _is_too_much(fresh.hard_bounces, fresh.tried, least=_LEAST_BOUNCES, most=_MOST_BOUNCED):
        return (
            f"It stopped by itself: {_share(fresh.hard_bounces, fresh.tried)} bounced for good{since}, and more than "
            "4 in 100 look like a bought or very old list to mailbox providers. See below which addresses they are, "
            "and from which import; then resume, or cancel the rest."
        )
    return None


def _is_too_much(number: int, tried: int, *, least: int, most: float) -> bool:
    return number >= least and number > tried * most


def _share(number: int, tried: int) -> str:
    percent = 100 * number / max(tried, 1)
    return f"{number:,} of {tried:,} messages ({percent:.1f} %)"
