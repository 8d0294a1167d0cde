"""The blocks' rows: what stands in an issue's sections, in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curator.db import facts_of, put_back
from curator.errors import NotFoundError
from curator.issues.tables import Block, Issue
from curator.issues.values import BlockKind, IssueState
from curator.picks import store as picks
from curator.picks.tables import Pick


@dataclass(frozen=True)
class BlockRow:
    """Where a block stands and what it holds."""

    id: int
    issue_id: int
    section_id: int | None
    kind: BlockKind
    pick_id: int | None
    body: str
    version: int
    promotion_id: int | None = None
    slot_id: int | None = None
    facts: dict[str, Any] | None = None


def block(session: Session, block_id: int) -> BlockRow:
    """Returns one block. Raises NotFoundError."""
    row = session.scalars(
        select(Block).where(Block.id == block_id).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError("block", block_id)
    return BlockRow(
        row.id,
        row.issue_id,
        row.section_id,
        BlockKind(row.kind),
        row.pick_id,
        row.body,
        row.version,
        row.promotion_id,
        row.slot_id,
        row.facts,
    )


def items_of_blocks(session: Session, block_ids: Sequence[int]) -> dict[int, int]:
    """Returns the items that stand in blocks, by block; blocks that are gone or hold no pick are left out."""
    query = select(Block.id, Pick.item_id).join(Pick, Pick.id == Block.pick_id).where(Block.id.in_(block_ids))
    return {row.id: row.item_id for row in session.execute(query)}


def block_of_pick(session: Session, issue_id: int, pick_id: int) -> int | None:
    """Returns the block in which a pick stands in an issue."""
    return session.scalar(select(Block.id).where(Block.issue_id == issue_id, Block.pick_id == pick_id))


def block_of_quote(session: Session, issue_id: int, quote_id: int) -> int | None:
    """Returns the first block in which a quote stands in an issue."""
    query = select(Block.id).where(Block.issue_id == issue_id, Block.quote_id == quote_id)
    return session.scalar(query.order_by(Block.id).limit(1))


def block_of_promotion(
    session: Session, issue_id: int, *, promotion_id: int | None = None, slot_id: int | None = None
) -> int | None:
    """Returns the first block in which a promotion or a slot stands in an issue."""
    stands = Block.promotion_id == promotion_id if slot_id is None else Block.slot_id == slot_id
    query = select(Block.id).where(Block.issue_id == issue_id, stands)
    return session.scalar(query.order_by(Block.id).limit(1))


def pick_count(session: Session, issue_id: int) -> int:
    """Returns how many picks stand in an issue."""
    query = select(func.count()).where(Block.issue_id == issue_id, Block.kind == BlockKind.PICK)
    return session.scalar(query.select_from(Block)) or 0


def waiting_picks(session: Session, newsletter_id: int) -> list[tuple[int, int]]:
    """Returns (pick id, section id) of picks that stand in no issue yet, the oldest first.

    What an editor picked or wrote for an issue that was let go waits too: no word is lost with a skipped week.
    """
    stands = select(Issue.state).join(Block, Block.issue_id == Issue.id).where(Block.pick_id == Pick.id)
    is_out = stands.where(Issue.state != IssueState.SKIPPED).exists()
    is_an_editors = or_(Pick.picked_by.is_not(None), Pick.blurb != "", ~stands.exists())
    waiting = select(Pick.id, Pick.section_id).where(Pick.newsletter_id == newsletter_id, ~is_out, is_an_editors)
    return [(row.id, row.section_id) for row in session.execute(waiting.order_by(Pick.picked_at, Pick.id))]


def is_pick_used(session: Session, pick_id: int) -> bool:
    """Tells whether a pick stands in any issue."""
    return session.scalar(select(Block.id).where(Block.pick_id == pick_id).limit(1)) is not None


def add_block(
    session: Session,
    issue_id: int,
    section_id: int | None,
    *,
    pick_id: int | None = None,
    quote_id: int | None = None,
    promotion_id: int | None = None,
    slot_id: int | None = None,
    body: str = "",
    kind: BlockKind | None = None,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Puts a pick, quote, promotion or slot, or without any a text, last in a section and returns the block's id.

    `kind` is said of a block of facts only.
    """
    if kind is None:
        kind = BlockKind.PICK if pick_id is not None else BlockKind.QUOTE if quote_id is not None else BlockKind.TEXT
    if promotion_id is not None or slot_id is not None:
        kind = BlockKind.PROMOTION
    row = Block(
        issue_id=issue_id,
        section_id=section_id,
        position=len(block_order(session, issue_id, section_id)),
        kind=kind,
        pick_id=pick_id,
        quote_id=quote_id,
        promotion_id=promotion_id,
        slot_id=slot_id,
        body=body,
        facts=None if facts is None else dict(facts),
    )
    session.add(row)
    session.flush()
    return row.id


def block_of_trend(session: Session, issue_id: int, term: str) -> int | None:
    """Returns the first block in which a rising topic stands in an issue."""
    return trend_blocks(session, issue_id).get(term)


def trend_blocks(session: Session, issue_id: int) -> dict[str, int]:
    """Returns the blocks of an issue's rising topics, by their term."""
    query = select(Block.id, Block.facts).where(Block.issue_id == issue_id, Block.kind == BlockKind.TREND)
    rows = session.execute(query.order_by(Block.id.desc()))
    return {str((facts or {}).get("term")): block_id for block_id, facts in rows}


def set_words(session: Session, block_id: int, heading: str, facts: Mapping[str, Any]) -> int:
    """Writes heading and facts of a block and returns its new version."""
    statement = update(Block).where(Block.id == block_id).returning(Block.version)
    return session.execute(statement.values(body=heading, facts=dict(facts), version=Block.version + 1)).scalar_one()


def set_body(session: Session, block_id: int, body: str) -> int:
    """Writes a text block's words and returns the block's new version."""
    statement = update(Block).where(Block.id == block_id).returning(Block.version)
    return session.execute(statement.values(body=body, version=Block.version + 1)).scalar_one()


def remove_block(session: Session, block_id: int) -> None:
    """Takes a block out; the pick that it held stays."""
    session.execute(delete(Block).where(Block.id == block_id))


def block_facts(session: Session, block_id: int) -> dict[str, Any]:
    """Returns a block's row and its pick's as the log keeps them, for `restore_block`."""
    block = session.get_one(Block, block_id, populate_existing=True)
    pick = None if block.pick_id is None else session.get_one(Pick, block.pick_id, populate_existing=True)
    return {"block": facts_of(block), "pick": None if pick is None else facts_of(pick)}


def restore_block(session: Session, rows: Mapping[str, Any], index: int) -> int | None:
    """Puts a block back that was taken out, and its pick where that is gone too; returns the block's id.

    Both keep their ids where these are free, so that what is said of them elsewhere still fits. None, and nothing is
    done, where what the block held stands in the issue again, or is not there any more.
    """
    block, pick = dict(rows["block"]), rows["pick"]
    try:
        with session.begin_nested():
            if pick is not None:
                block["pick_id"] = _restored_pick(session, pick, block["section_id"])
            block_id: int | None = put_back(session, Block, block)
    except IntegrityError:
        return None
    if block_id is not None:
        order = [other for other in block_order(session, block["issue_id"], block["section_id"]) if other != block_id]
        order.insert(index, block_id)
        set_block_order(session, block["section_id"], order)
    return block_id


def _restored_pick(session: Session, facts: Mapping[str, Any], section_id: int) -> int:
    """A pick that is there already keeps its words, which are newer."""
    known = picks.pick_of(session, facts["newsletter_id"], facts["item_id"])
    if known is None:
        return int(put_back(session, Pick, facts))
    picks.move_pick(session, known, section_id)
    return known


def block_order(session: Session, issue_id: int, section_id: int | None) -> list[int]:
    """Returns the ids of a section's blocks (of the intro's with None) in their order."""
    stands = Block.section_id.is_(None) if section_id is None else Block.section_id == section_id
    query = select(Block.id).where(Block.issue_id == issue_id, stands)
    return list(session.scalars(query.order_by(Block.position, Block.id)))


def set_block_order(session: Session, section_id: int | None, block_ids: Sequence[int]) -> None:
    """Puts blocks into a section in this order, numbered from 0 without gaps."""
    for position, block_id in enumerate(block_ids):
        place = update(Block).where(Block.id == block_id)
        session.execute(place.values(section_id=section_id, position=position))
