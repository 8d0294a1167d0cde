"""Where picks stand: in which issue a page ran before, and how full an open issue's sections are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from curator.db import in_parts
from curator.feeds.tables import Item
from curator.issues.tables import Block, Issue
from curator.issues.values import IssueState
from curator.picks.tables import Pick, StoryItem


@dataclass(frozen=True)
class Ran:
    """An issue in which a page stands; `is_out` once it is being sent."""

    issue_id: int
    number: int
    is_out: bool


def ran_in(session: Session, newsletter_id: int, canonical_urls: Sequence[str]) -> dict[str, list[Ran]]:
    """Returns by canonical URL a newsletter's issues in which it stands, under whichever item; the newest first."""
    found: dict[str, list[Ran]] = {}
    for urls in in_parts(canonical_urls):
        query = (
            select(Item.canonical_url, Issue.id, Issue.number, Issue.state)
            .join(Pick, Pick.item_id == Item.id)
            .join(Block, Block.pick_id == Pick.id)
            .join(Issue, Issue.id == Block.issue_id)
            .where(Item.canonical_url.in_(urls), Issue.newsletter_id == newsletter_id)
            .order_by(Issue.number.desc())
            .distinct()
        )
        for url, issue_id, number, state in session.execute(query):
            is_out = IssueState(state) in (IssueState.SENDING, IssueState.SENT)
            found.setdefault(url or "", []).append(Ran(issue_id, number, is_out))
    return found


def ran_by_story(session: Session, newsletter_id: int, item_ids: Sequence[int]) -> dict[int, list[Ran]]:
    """Returns by item a newsletter's issues in which another item of its story stands; the newest first. One query."""
    mine, theirs = aliased(StoryItem), aliased(StoryItem)
    query = (
        select(mine.item_id, Issue.id, Issue.number, Issue.state)
        .join(theirs, theirs.story_id == mine.story_id)
        .join(Pick, Pick.item_id == theirs.item_id)
        .join(Block, Block.pick_id == Pick.id)
        .join(Issue, Issue.id == Block.issue_id)
        .where(mine.item_id.in_(item_ids), theirs.item_id != mine.item_id, Issue.newsletter_id == newsletter_id)
        .order_by(Issue.number.desc())
        .distinct()
    )
    found: dict[int, list[Ran]] = {}
    for item_id, issue_id, number, state in session.execute(query):
        is_out = IssueState(state) in (IssueState.SENDING, IssueState.SENT)
        found.setdefault(item_id, []).append(Ran(issue_id, number, is_out))
    return found


def picks_by_section(session: Session, issue_id: int) -> dict[int, int]:
    """Returns how many picks stand in each section of an issue; a section without any is not named."""
    query = select(Block.section_id, func.count()).where(Block.issue_id == issue_id, Block.pick_id.is_not(None))
    counted = session.execute(query.group_by(Block.section_id))
    return {section_id: number for section_id, number in counted if section_id is not None}


def item_ids(session: Session, issue_id: int) -> list[int]:
    """Returns the items whose picks stand in an issue, in no order."""
    query = select(Pick.item_id).join(Block, Block.pick_id == Pick.id).where(Block.issue_id == issue_id)
    return list(session.scalars(query))


def block_of_item(session: Session, issue_id: int, item_id: int) -> int | None:
    """Returns the block in which an item's pick stands in an issue."""
    query = select(Block.id).join(Pick, Pick.id == Block.pick_id)
    return session.scalar(query.where(Block.issue_id == issue_id, Pick.item_id == item_id))
