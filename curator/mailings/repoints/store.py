"""The rows of repointed links: each change is a row of its own, and the newest of a target counts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from curator.issues.tables import Link, Revision
from curator.mailings.repoints.values import Repoint, Target
from curator.mailings.tables import Mailing, RepointRow
from curator.mailings.values import MailingState


def now_at(session: Session, issue_id: int) -> dict[str, str]:
    """Returns where the targets of an issue lead that were changed, by what the mail was made with; one query."""
    return now_at_of(session, [issue_id]).get(issue_id, {})


def now_at_of(session: Session, issue_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Returns what `now_at` does for many issues, those without a change left out; one query."""
    columns = RepointRow.issue_id, RepointRow.was, RepointRow.url
    found: dict[int, dict[str, str]] = {}
    query = select(*columns).where(RepointRow.issue_id.in_(issue_ids)).order_by(RepointRow.id)
    for issue_id, was, url in session.execute(query):
        found.setdefault(issue_id, {})[was] = url
    return found


def changes(session: Session, issue_id: int, *, limit: int = 200) -> list[Repoint]:
    """Returns at most `limit` changes of an issue's targets, newest first."""
    query = select(RepointRow).where(RepointRow.issue_id == issue_id).order_by(RepointRow.id.desc()).limit(limit)
    return [Repoint(row.was, row.url, row.by, row.at) for row in session.scalars(query)]


def mark(session: Session) -> tuple[int, int]:
    """Returns what changes with every change: the highest id and the number of rows.

    The id alone would not do: of two that are written at once, the lower may be committed later.
    """
    highest, number = session.execute(select(func.max(RepointRow.id), func.count(RepointRow.id))).one()
    return highest or 0, number


def add(session: Session, issue_id: int, *, was: str, url: str, by: int | None, now: datetime) -> None:
    """Writes down that a target leads elsewhere from now on."""
    session.add(RepointRow(issue_id=issue_id, was=was, url=url, by=by, at=now))


def targets(session: Session, issue_id: int) -> list[Target]:
    """Returns the addresses that mail of an issue leads to, in the order in which they stand in it; three queries.

    Of revisions that left, to readers or to the desk; nothing of one of which nothing has left.
    """
    left = select(Mailing.revision_id).where(
        Mailing.issue_id == issue_id, (Mailing.state != MailingState.CANCELLED) | (Mailing.candidates > 0)
    )
    rows = session.execute(
        select(Link.url, Link.label, Link.section)
        .join(Revision, Revision.id == Link.revision_id)
        .where(Revision.issue_id == issue_id, Revision.id.in_(left))
        .order_by(Revision.number.desc(), Link.number)
    )
    labels: dict[str, str] = {}
    places: dict[str, int] = {}
    for url, label, section in rows:
        labels.setdefault(url, label or section)
        places[url] = places.get(url, 0) + 1
    by_now = now_at(session, issue_id)
    return [Target(url, by_now.get(url, url), label, places[url]) for url, label in labels.items()]
