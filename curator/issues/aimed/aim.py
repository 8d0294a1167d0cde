"""Aims an issue at a segment of its newsletter, and takes segments away that no issue to come goes to."""

from datetime import datetime

from curator.activity import store as activity
from curator.audience.segments import store as segments
from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.issues.aimed import store as aimed
from curator.issues.edit import editing


def aim(db: Database, issue_id: int, segment_id: int | None, *, by: int | None, now: datetime) -> None:
    """Says whom an issue goes to: the readers in a segment, or with None all of them.

    It takes an approval back, as every change does. Raises StateError once the issue is being sent, and
    InvalidError("segment") for another newsletter's.
    """
    with editing(db, issue_id, by=by, now=now) as edit:
        issue, session = edit.issue, edit.session
        if segment_id == issue.segment_id:
            return
        wanted = None if segment_id is None else segments.segment(session, segment_id)
        if wanted is not None and wanted.newsletter_id != issue.newsletter_id:
            raise InvalidError("segment", "This segment belongs to another newsletter.")
        aimed.set_segment(session, issue_id, segment_id)
        name = "all readers" if wanted is None else f"the segment “{wanted.name}”"
        edit.done("aimed", before={"segment": issue.segment_id}, after={"segment": segment_id, "name": name})


def remove_segment(db: Database, segment_id: int, *, by: int | None, now: datetime) -> str:
    """Takes a segment away and returns its name. Raises StateError while an issue to come goes to it."""
    with db.write() as session:
        found = segments.segment(session, segment_id, lock=True)
        numbers = aimed.open_numbers(session, segment_id)
        if numbers:
            which = f"Issue {numbers[0]} goes" if len(numbers) == 1 else f"Issues {', '.join(map(str, numbers))} go"
            raise StateError(f"{which} to “{found.name}”. Aim it at other readers first, on its page about sending.")
        aimed.let_go(session, segment_id)
        facts = segments.remove(session, segment_id)
        activity.record(
            session,
            at=now,
            actor=by,
            verb="removed",
            subject="segment",
            subject_id=segment_id,
            before={"newsletter": found.newsletter_id, "name": found.name, "row": facts},
        )
    return found.name
