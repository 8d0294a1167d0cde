"""Decides who may approve an issue where a second person has to look at it. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from curator.activity.values import ActivityRow

# What is done to an issue on its way without touching a word of it.
WAY_VERBS = frozenset(
    {
        "drafted",
        "approved",
        "scheduled",
        "unscheduled",
        "took back the approval of",
        "asked for review of",
        "took back the review of",
        "handed back",
        "held",
        "skipped",
        "took back the skipping of",
    }
)


@dataclass(frozen=True)
class StandIn:
    """Somebody who may approve from one moment until another, whatever else they may do."""

    user_id: int
    begins_at: datetime
    ends_at: datetime

    def stands(self, now: datetime) -> bool:
        """Tells whether it is so at this moment."""
        return self.begins_at <= now < self.ends_at


def available(
    with_right: Iterable[int],
    *,
    away: Collection[int] = (),
    stand_ins: Iterable[StandIn] = (),
    now: datetime,
) -> frozenset[int]:
    """Returns who may approve now: whoever has the right or stands in for somebody, and is not away."""
    standing = {each.user_id for each in stand_ins if each.stands(now)}
    return frozenset((set(with_right) | standing) - set(away))


def last_editor(changes: Iterable[ActivityRow]) -> int | None:
    """Returns who last touched the words of an issue, from its changes, newest first; None when no person has."""
    return next((each.actor for each in changes if each.actor is not None and each.verb not in WAY_VERBS), None)


def may_approve(
    user_id: int, *, approvers: Collection[int], last_editor: int | None, is_asked: bool, names: Mapping[int, str]
) -> str:
    """Returns why somebody may not approve an issue, in a sentence; empty when they may.

    `is_asked` is the newsletter's setting. It is in force only while two people can approve: alone, an editor would be
    locked out of their own newsletter.
    """
    if not is_asked or user_id != last_editor or len(approvers) < 2:
        return ""
    others = [names.get(each, "somebody else") for each in approvers if each != user_id]
    who = min(others) if len(others) == 1 else "somebody else"
    return f"You edited this issue last, and it needs a second person: ask {who} to approve it."
