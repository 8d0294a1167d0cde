"""What changed in an issue since it was last approved, and since its last test mail."""

from collections.abc import Iterator
from dataclasses import dataclass

from curator.activity import store as activity
from curator.db import Session
from curator.issues.checks import store as checks
from curator.issues.checks.changes import Change, changes
from curator.issues.revisions import store as revisions
from curator.issues.values import RenderedRevision


@dataclass(frozen=True)
class Since:
    """What is other than in an earlier revision; `what` says why that one counts, `id` is the place on the page.

    `changes` is None where nobody can say, for the earlier revision is of the first release.
    """

    id: str
    what: str
    revision: int
    changes: tuple[Change, ...] | None


def since(session: Session, issue_id: int, revision: RenderedRevision | None) -> list[Since]:
    """Returns what a revision changes since the issue's last approval and since its last test, where there was one."""
    return [] if revision is None else list(_since(session, issue_id, revision))


def _since(session: Session, issue_id: int, revision: RenderedRevision) -> Iterator[Since]:
    approved = activity.newest_of(session, "issue", issue_id, verb="approved")
    number = None if approved is None else approved.became("revision")
    before = revisions.revision_numbered(session, issue_id, number) if isinstance(number, int) else None
    if before is not None and before.id != revision.id:
        what = f"revision {before.number} was approved"
        yield Since("since-approval", what, before.number, _changes(session, before.id, revision.id))
    for test in checks.sent_tests(session, issue_id, limit=1):
        what = f"the last test mail (revision {test.revision})"
        yield Since("since-test", what, test.revision, _changes(session, test.revision_id, revision.id))


def _changes(session: Session, old_id: int, new_id: int) -> tuple[Change, ...] | None:
    if old_id == new_id:
        return ()
    old, new = revisions.document_of(session, old_id), revisions.document_of(session, new_id)
    return None if old is None or new is None else changes(old, new)
