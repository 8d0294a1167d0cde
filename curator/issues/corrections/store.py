"""The corrections' rows, and whose words the archive's search has to read anew."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from curator.db import facts_of, put_back, upsert
from curator.issues.corrections.values import Correction
from curator.issues.tables import Correction as CorrectionRow
from curator.issues.tables import Issue, IssueWords


def corrections(session: Session, issue_ids: Sequence[int]) -> dict[int, list[Correction]]:
    """Returns the corrections of issues by issue, oldest first; issues without any are left out. One query."""
    rows = select(CorrectionRow).where(CorrectionRow.issue_id.in_(issue_ids))
    found: dict[int, list[Correction]] = {}
    for row in session.scalars(rows.order_by(CorrectionRow.id)):
        found.setdefault(row.issue_id, []).append(_correction(row))
    return found


def of_issue(session: Session, issue_id: int) -> list[Correction]:
    """Returns the corrections of an issue, oldest first."""
    return corrections(session, [issue_id]).get(issue_id, [])


def newsletter_of(session: Session, correction_id: int) -> int | None:
    """Returns the newsletter of a correction, None for one that is not there."""
    query = select(Issue.newsletter_id).join(CorrectionRow, CorrectionRow.issue_id == Issue.id)
    return session.scalar(query.where(CorrectionRow.id == correction_id))


def count(session: Session, issue_id: int) -> int:
    """Returns how many corrections an issue has."""
    mine = select(func.count()).select_from(CorrectionRow).where(CorrectionRow.issue_id == issue_id)
    return session.scalar(mine) or 0


def add(
    session: Session,
    issue_id: int,
    block_id: int | None,
    *,
    note: str,
    words: Mapping[str, str],
    by: int | None,
    now: datetime,
) -> int:
    """Writes a correction and returns its id."""
    row = CorrectionRow(issue_id=issue_id, block_id=block_id, note=note, words=dict(words), made_by=by, made_at=now)
    session.add(row)
    session.flush()
    forget_words(session, issue_id)
    return row.id


def remove(session: Session, correction_id: int) -> dict[str, Any] | None:
    """Takes a correction out and returns what `restore` needs; None where there is none."""
    row = session.get(CorrectionRow, correction_id)
    if row is None:
        return None
    facts, issue_id = facts_of(row), row.issue_id
    session.execute(delete(CorrectionRow).where(CorrectionRow.id == correction_id))
    forget_words(session, issue_id)
    return facts


def restore(session: Session, facts: Mapping[str, Any]) -> int | None:
    """Puts a correction back, with its own date, and returns its id; None where another stands in its place."""
    forget_words(session, facts["issue_id"])
    made: int | None = put_back(session, CorrectionRow, facts)
    return made


def forget_words(session: Session, issue_id: int) -> None:
    """Has the archive's search read an issue anew: until the clock did, it does not find it."""
    session.execute(delete(IssueWords).where(IssueWords.issue_id == issue_id))


def lock_issue(session: Session, issue_id: int) -> None:
    """Holds an issue against corrections until the transaction ends."""
    session.execute(select(Issue.id).where(Issue.id == issue_id).with_for_update())


def put_words(session: Session, issue_id: int, revision_id: int | None, words: str, *, now: datetime) -> None:
    """Keeps all words of an issue for the search, in place of those that were there."""
    row = {"issue_id": issue_id, "revision_id": revision_id, "words": words, "made_at": now}
    upsert(session, IssueWords, [row], keys=["issue_id"], update=["revision_id", "words", "made_at"])


def _correction(row: CorrectionRow) -> Correction:
    return Correction(row.id, row.issue_id, row.block_id, row.note, row.words, row.made_by, row.made_at)
