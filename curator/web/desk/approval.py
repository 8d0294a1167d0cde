"""Says when an edit took an approval back: nobody may learn too late that what was scheduled is not sent."""

from collections.abc import Sequence

from curator.issues import publish, store
from curator.issues.values import IssueRow, IssueState
from curator.mailings import begin
from curator.web import here

_AGAIN = "look at the preview and approve again."


def told(deed: str, before: IssueRow) -> str:
    """Returns what was done in words, and whether it ended the approval that the issue had before it."""
    if before.approved_hash is None:
        return deed
    with here.db().read() as session:
        if store.issue_row(session, before.id).approved_hash is not None:
            return deed
    lost = "its approval and is not scheduled any more" if before.state is IssueState.SCHEDULED else "its approval"
    return f"{deed.rstrip('.')}. Issue {before.number} has lost {lost}: look at the preview and approve it again."


def after_facts(said: str) -> str:
    """Takes back what a change of an episode's facts or a promotion undoes, and returns what was done in words."""
    return after(said, publish.take_back_changed(here.db(), here.app().renderer, by=here.editor_id(), now=here.now()))


def after(said: str, lost: Sequence[int]) -> str:
    """Returns what was done in words, with the issues that lost their approval by it and those that do not leave now.

    An issue whose mailing is in its holding is stopped in this moment: its promotions are others than those approved.
    """
    stopped = begin.give_up_changed(here.db(), now=here.now())
    if lost:
        said += f" {_numbers(lost)} lost the approval by it: {_AGAIN}"
    if stopped:
        said += f" {_numbers(stopped)} been stopped in the holding, and nothing has left: {_AGAIN}"
    return said


def _numbers(numbers: Sequence[int]) -> str:
    return f"Issue {numbers[0]} has" if len(numbers) == 1 else f"Issues {', '.join(map(str, numbers))} have"
