"""Decides who may approve an issue where a second person has to look at it. Pure."""

from collections.abc import Collection, Iterable, Mapping

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


# What is done about a promotion without changing what readers see.
_ASIDE = frozenset({"booking.wrote to the sponsor of"})


def last_editor(changes: Iterable[ActivityRow]) -> int | None:
    """Returns who last touched the words of an issue, its promotions among them; None when no person has.

    `changes` are the issue's and those of its promotions, newest first.
    """
    return next((each.actor for each in changes if each.actor is not None and _touches(each)), None)


def _touches(change: ActivityRow) -> bool:
    if change.subject == "issue":
        return change.verb not in WAY_VERBS
    return change.deed not in _ASIDE


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
    return (
        "You were the last to change this issue or one of its promotions, and it needs a second person: "
        f"ask {who} to approve it."
    )
