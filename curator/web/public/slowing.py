"""Slows down whoever sends too many public forms: counted by network and by the range around it, in the database."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil

from curator.accounts.throttle import Bound, throttle_all
from curator.web import here

Limits = Mapping[timedelta, int]


def slow_down(what: str, *, from_a_network: Limits, from_a_range: Limits) -> None:
    """Counts one form of a kind; raises TooManyAttempts where too many came.

    It looks before it counts: the refused write nothing, and one address alone does not use up its neighbours' tries.
    The range comes first, for whoever has a /48 has 65,536 networks.
    """
    bounds = [
        Bound((what, kind, network), window, limit)
        for kind, network, limits in (
            ("range", here.network_range(), from_a_range),
            ("network", here.network(), from_a_network),
        )
        for window, limit in limits.items()
    ]
    throttle_all(here.db(), bounds, now=here.now())


def later(wait: timedelta) -> str:
    """Returns what to tell whoever has to wait, beside what there was too much of."""
    told = here.speech().counted(
        "Wait %(num)s minute and try again.", "Wait %(num)s minutes and try again.", minutes(wait)
    )
    kept = here.say("What you typed is still here.")
    return f"{told} {kept}"


def minutes(wait: timedelta) -> int:
    """Returns how many minutes to wait, at least one."""
    return max(1, ceil(wait / timedelta(minutes=1)))
