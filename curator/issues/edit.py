"""One change to an issue: what holds it, what it takes back, and how the log has it.

Every change takes an approval back and unschedules.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import InvalidError, StateError
from curator.issues import store
from curator.issues.blocks import store as blocks
from curator.issues.draft import short_note
from curator.issues.values import IssueRow, IssueState
from curator.newsletters import store as newsletters

CHANGED_IN_REVIEW = "It was changed since its review was asked for."
"""What an issue in review says after an edit."""

# Words are saved at every pause: what one person types into one block in this time is one change in the log.
_ONE_SITTING = timedelta(minutes=10)


@dataclass(frozen=True)
class Edit:
    """One change to an issue within its transaction."""

    session: Session
    issue: IssueRow
    by: int | None
    now: datetime
    is_typing: bool = False

    def done(
        self, verb: str, *, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
    ) -> None:
        """Voids the approval and writes the change down."""
        state, note = self._state()
        store.set_draft(self.session, self.issue.id, state=state, note=note)
        was = self._begun(verb, before) or {**(before or {}), "state": self.issue.state.value}
        activity.record(
            self.session,
            at=self.now,
            actor=self.by,
            verb=verb,
            subject="issue",
            subject_id=self.issue.id,
            before=was,
            after=after,
        )

    def _begun(self, verb: str, before: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """Words that are saved while somebody types are one change: what stood there before the first of them."""
        if not self.is_typing or self.by is None:
            return None
        return activity.take_begun(
            self.session,
            actor=self.by,
            verb=verb,
            subject="issue",
            subject_id=self.issue.id,
            part=("block", (before or {}).get("block")),
            since=self.now - _ONE_SITTING,
        )

    def _state(self) -> tuple[IssueState, str]:
        """A held issue stays held until it has as many picks as its newsletter wants, one in review stays there."""
        if self.issue.state is IssueState.REVIEW:
            return IssueState.REVIEW, CHANGED_IN_REVIEW
        minimum = newsletters.newsletter(self.session, self.issue.newsletter_id).minimum_picks
        found = blocks.pick_count(self.session, self.issue.id)
        if self.issue.state is IssueState.HELD and found < minimum:
            return IssueState.HELD, f"{short_note(found, minimum)} Pick more in the inbox, or approve it as it is."
        return IssueState.DRAFT, ""


@contextmanager
def editing(db: Database, issue_id: int, *, by: int | None, now: datetime, is_typing: bool = False) -> Iterator[Edit]:
    """Holds an issue that may be edited until the transaction ends."""
    with db.write() as session:
        issue = store.issue_row(session, issue_id, lock=True)
        if not issue.state.is_editable:
            raise StateError(f"Issue {issue.number} is {issue.state}, so nothing in it can change any more.")
        yield Edit(session, issue, by, now, is_typing)


@contextmanager
def editing_block(
    db: Database, block_id: int, *, by: int | None, now: datetime, is_typing: bool = False
) -> Iterator[tuple[Edit, blocks.BlockRow]]:
    """Holds the issue of a block, as `editing` does, and yields the block with it."""
    with db.read() as session:
        issue_id = blocks.block(session, block_id).issue_id
    with editing(db, issue_id, by=by, now=now, is_typing=is_typing) as edit:
        yield edit, blocks.block(edit.session, block_id)


def void_others(edit: Edit, pick_id: int) -> None:
    """A pick may stand in a second open issue: its words changed there too."""
    for issue in store.open_issues_of_pick(edit.session, pick_id):
        if issue.id != edit.issue.id and issue.approved_hash is not None:
            Edit(edit.session, issue, edit.by, edit.now).done(
                "voided the approval of", after={"in issue": edit.issue.number}
            )


def require_section(edit: Edit, section_id: int | None) -> None:
    """Raises InvalidError for a section that the issue's newsletter does not have; None is the intro."""
    sections = newsletters.newsletter(edit.session, edit.issue.newsletter_id).sections
    if section_id is not None and section_id not in {section.id for section in sections}:
        raise InvalidError("section", "This newsletter has no such section.")
