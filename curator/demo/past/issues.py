"""Writes a back issue as its editors left it: picks with their words, approved for its slot."""

from datetime import timedelta

from curator.db import Database, Session
from curator.demo.past.items import Archive, ItemIds, store_items
from curator.demo.past.plan import Back
from curator.issues import publish
from curator.issues import store as issues
from curator.issues.blocks import store as blocks
from curator.issues.render import Renderer
from curator.issues.values import IssueState
from curator.newsletters import store as newsletters
from curator.picks import store as picks

_DRAFTED_BEFORE = timedelta(hours=40)
_APPROVED_BEFORE = timedelta(hours=15)


def write_issue(db: Database, newsletter_id: int, of: Archive, back: Back, *, by: int) -> int:
    """Writes the issue with its items and picks in one transaction; one that is there stays."""
    with db.write() as session:
        known = issues.issue_of_slot(session, newsletter_id, back.slot.key)
        if known is not None:
            return known
        issue_id = issues.add_issue(
            session,
            newsletter_id,
            number=back.number,
            slot=back.slot.key,
            state=IssueState.DRAFT,
            due_at=back.slot.at,
            note="",
            now=back.slot.at - _DRAFTED_BEFORE,
        )
        issues.set_settings(session, issue_id, subject=back.issue.subject, preheader=back.issue.preheader)
        blocks.add_block(session, issue_id, None, body=back.issue.intro)
        _pick(session, newsletter_id, issue_id, back, store_items(session, of, back), by=by)
        return issue_id


def approve(db: Database, renderer: Renderer, issue_id: int, back: Back, *, by: int) -> None:
    """Approves and schedules the issue, unless it is beyond that already."""
    with db.read() as session:
        is_editable = issues.issue_row(session, issue_id).state.is_editable
    if is_editable:
        now = back.slot.at - _APPROVED_BEFORE
        publish.approve(db, renderer, issue_id, by=by, now=now)
        publish.schedule(db, issue_id, at=back.slot.at, by=by, now=now)


def _pick(session: Session, newsletter_id: int, issue_id: int, back: Back, items: ItemIds, *, by: int) -> None:
    now = back.slot.at - _DRAFTED_BEFORE
    specs = newsletters.newsletter(session, newsletter_id).sections
    for spec, section in zip(specs, back.issue.sections, strict=True):
        for pick in section:
            pick_id = picks.add_pick(session, newsletter_id, items[pick.feed, pick.slug], spec.id, by=by, now=now)
            picks.edit_pick(session, pick_id, title="", link="", blurb=pick.blurb, expected_version=1)
            blocks.add_block(session, issue_id, spec.id, pick_id=pick_id)
