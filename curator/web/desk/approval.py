"""Says when an edit took an approval back: nobody may learn too late that what was scheduled is not sent."""

from curator.issues import publish, store
from curator.issues.values import IssueRow, IssueState
from curator.web import here


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
    """Takes back what approvals a change of an episode's facts undoes, and returns what was done in words."""
    numbers = publish.take_back_changed(here.db(), here.app().renderer, by=here.editor_id(), now=here.now())
    if not numbers:
        return said
    lost = f"Issue {numbers[0]} has" if len(numbers) == 1 else f"Issues {', '.join(map(str, numbers))} have"
    return f"{said} {lost} lost the approval by it: look at the preview and approve again."
