"""The issues' rows: an issue from state to state, the blocks of its board, its revisions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from curator.db import changed, facts_of, put_back, upsert
from curator.episodes import store as episodes
from curator.episodes.quotes import store as quotes
from curator.errors import NotFoundError
from curator.feeds.values import ItemKind
from curator.issues import compose
from curator.issues.tables import Block, Issue, Revision
from curator.issues.tables import Link as LinkRow
from curator.issues.values import (
    BlockKind,
    Board,
    BoardBlock,
    BoardSection,
    Document,
    IssueRow,
    IssueState,
    Link,
    Placement,
    Rendered,
    RenderedRevision,
)
from curator.newsletters import store as newsletters
from curator.newsletters.tables import Newsletter
from curator.picks import store as picks
from curator.picks.tables import Pick
from curator.promotions import store as promotions
from curator.promotions.values import Promotion, Slot

_EDITABLE = tuple(state for state in IssueState if state.is_editable)
_OPEN = tuple(state for state in IssueState if state.is_open)


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


# -- issues


def issue_row(session: Session, issue_id: int, *, lock: bool = False) -> IssueRow:
    """Returns an issue; `lock` holds it against other writers until the transaction ends. Raises NotFoundError."""
    query = select(Issue).where(Issue.id == issue_id).execution_options(populate_existing=True)
    issue = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if issue is None:
        raise NotFoundError("issue", issue_id)
    return _row(issue)


def newsletter_of(session: Session, issue_id: int) -> int | None:
    """Returns the newsletter of an issue, None for an issue that is not there."""
    return session.scalar(select(Issue.newsletter_id).where(Issue.id == issue_id))


def issue_rows(session: Session, *, newsletter_id: int | None = None, limit: int = 50) -> list[IssueRow]:
    """Returns at most `limit` issues, newest first."""
    query = select(Issue).order_by(Issue.created_at.desc(), Issue.id.desc()).limit(limit)
    if newsletter_id is not None:
        query = query.where(Issue.newsletter_id == newsletter_id)
    return [_row(issue) for issue in session.scalars(query)]


def issues_by_id(session: Session, ids: Sequence[int]) -> dict[int, IssueRow]:
    """Returns the issues that are there, by id; one query."""
    return {issue.id: _row(issue) for issue in session.scalars(select(Issue).where(Issue.id.in_(ids)))}


def issue_ids(session: Session, newsletter_id: int, *, limit: int = 1000) -> list[int]:
    """Returns the ids of at most `limit` issues of a newsletter, newest first."""
    query = select(Issue.id).where(Issue.newsletter_id == newsletter_id).order_by(Issue.id.desc())
    return list(session.scalars(query.limit(limit)))


def current_issue(session: Session, newsletter_id: int) -> IssueRow | None:
    """Returns the newest issue that can still be edited, or None."""
    query = select(Issue).where(Issue.newsletter_id == newsletter_id, Issue.state.in_(_EDITABLE))
    issue = session.scalars(query.order_by(Issue.number.desc()).limit(1)).one_or_none()
    return None if issue is None else _row(issue)


def lock_newsletter(session: Session, newsletter_id: int) -> None:
    """Lets one draft of a newsletter happen at a time. Raises NotFoundError."""
    query = select(Newsletter.id).where(Newsletter.id == newsletter_id).with_for_update(key_share=True)
    if session.scalar(query) is None:
        raise NotFoundError("newsletter", newsletter_id)


def issue_of_slot(session: Session, newsletter_id: int, slot: str) -> int | None:
    """Returns the issue that was drafted for a slot."""
    return session.scalar(select(Issue.id).where(Issue.newsletter_id == newsletter_id, Issue.slot == slot))


def last_number(session: Session, newsletter_id: int) -> int:
    """Returns the highest number that an issue of the newsletter has, 0 before the first."""
    return session.scalar(select(func.max(Issue.number)).where(Issue.newsletter_id == newsletter_id)) or 0


def last_drafted_at(session: Session, newsletter_id: int) -> datetime | None:
    """Returns when the newest issue that was not skipped was drafted."""
    drafted = Issue.newsletter_id == newsletter_id, Issue.state != IssueState.SKIPPED
    return session.scalar(select(Issue.created_at).where(*drafted).order_by(Issue.created_at.desc()).limit(1))


def add_issue(
    session: Session,
    newsletter_id: int,
    *,
    number: int,
    slot: str | None,
    state: IssueState,
    due_at: datetime | None,
    note: str,
    now: datetime,
) -> int:
    """Writes a new, empty issue and returns its id."""
    issue = Issue(
        newsletter_id=newsletter_id, number=number, slot=slot, state=state, due_at=due_at, note=note, created_at=now
    )
    session.add(issue)
    session.flush()
    return issue.id


def set_settings(session: Session, issue_id: int, *, subject: str, preheader: str) -> int:
    """Writes subject and preheader and returns the issue's new version."""
    statement = update(Issue).where(Issue.id == issue_id).returning(Issue.version)
    values = {"subject": subject, "preheader": preheader, "version": Issue.version + 1}
    return session.execute(statement.values(**values)).scalar_one()


def set_draft(session: Session, issue_id: int, *, state: IssueState, note: str) -> None:
    """Takes an issue back to `state` (draft, review or held) without approval or moment of sending."""
    nothing: dict[str, Any] = {"approved_hash": None, "approved_by": None, "approved_at": None, "send_at": None}
    if state is not IssueState.REVIEW:
        nothing |= {"review_by": None, "review_at": None}
    _set(session, issue_id, state=state, note=note, **nothing)


def set_review(session: Session, issue_id: int, *, by: int | None, now: datetime) -> None:
    """Says that somebody asked for the issue's review."""
    _set(session, issue_id, state=IssueState.REVIEW, note="", review_by=by, review_at=now)


def set_deadline_told(session: Session, issue_id: int, *, now: datetime) -> None:
    """Notes that the desk was told of the deadline."""
    _set(session, issue_id, deadline_told_at=now)


def set_deadline_settled(session: Session, issue_id: int, *, now: datetime) -> None:
    """Notes that the end of the deadline was seen to."""
    _set(session, issue_id, deadline_settled_at=now)


def with_deadline(session: Session) -> list[IssueRow]:
    """Returns the issues that wait for an approval and have a moment of their own, the most urgent first."""
    waiting = Issue.state.in_(_OPEN), Issue.due_at.is_not(None), Issue.deadline_settled_at.is_(None)
    return [_row(issue) for issue in session.scalars(select(Issue).where(*waiting).order_by(Issue.due_at, Issue.id))]


def set_approved(
    session: Session, issue_id: int, *, content_hash: str, by: int | None, now: datetime, note: str = ""
) -> None:
    """Approves a content; a moment of sending that was there before goes."""
    approval = {"approved_hash": content_hash, "approved_by": by, "approved_at": now}
    _set(session, issue_id, state=IssueState.APPROVED, note=note, send_at=None, **approval)


def set_send_at(
    session: Session, issue_id: int, send_at: datetime | None, *, is_test: bool | None = None, note: str = ""
) -> None:
    """Schedules an approved issue, or with None unschedules it; `is_test` is who was told that they get it."""
    state = IssueState.APPROVED if send_at is None else IssueState.SCHEDULED
    _set(session, issue_id, state=state, send_at=send_at, is_test_schedule=is_test, note=note)


def scheduled_tests(session: Session, newsletter_id: int) -> list[int]:
    """Returns a newsletter's issues that were scheduled as tests, by id."""
    query = select(Issue.id).where(Issue.newsletter_id == newsletter_id, Issue.state == IssueState.SCHEDULED)
    return list(session.scalars(query.where(Issue.is_test_schedule.is_(True)).order_by(Issue.id)))


def due_issue_ids(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Returns the scheduled issues whose moment has come, the longest due first."""
    due = Issue.state == IssueState.SCHEDULED, Issue.send_at <= now
    return list(session.scalars(select(Issue.id).where(*due).order_by(Issue.send_at, Issue.id).limit(limit)))


def oldest_due_at(session: Session, *, now: datetime) -> datetime | None:
    """Returns the moment of the scheduled issue that is due longest; None when none is due."""
    due = Issue.state == IssueState.SCHEDULED, Issue.send_at <= now
    return session.scalar(select(func.min(Issue.send_at)).where(*due))


def mark_sending(session: Session, issue_id: int) -> bool:
    """Claims a scheduled issue for its mailing; False when it is not scheduled (any more)."""
    claim = update(Issue).where(Issue.id == issue_id, Issue.state == IssueState.SCHEDULED)
    return changed(session, claim.values(state=IssueState.SENDING, note="")) == 1


def mark_sent(session: Session, issue_id: int, *, now: datetime) -> None:
    """Says that the issue's mailing is over; a second call changes nothing."""
    over = update(Issue).where(Issue.id == issue_id, Issue.state != IssueState.SENT)
    session.execute(over.values(state=IssueState.SENT, sent_at=now))


def give_back(session: Session, issue_id: int, note: str) -> None:
    """Gives an issue back whose mailing reached no reader: approved as it was, to be sent at no moment yet."""
    given = update(Issue).where(Issue.id == issue_id, Issue.state == IssueState.SENDING)
    session.execute(given.values(state=IssueState.APPROVED, send_at=None, is_test_schedule=None, note=note[:500]))


def mark_held(session: Session, issue_id: int, note: str) -> None:
    """Holds an issue that has not begun to be sent until an editor approves and schedules it anew."""
    held = update(Issue).where(Issue.id == issue_id, Issue.state.in_(_EDITABLE))
    session.execute(held.values(state=IssueState.HELD, note=note[:500], send_at=None))


# -- blocks


def board(session: Session, issue_id: int) -> Board:
    """Returns an issue with its blocks in order; a fixed number of queries. Raises NotFoundError."""
    issue = issue_row(session, issue_id)
    rows = session.scalars(select(Block).where(Block.issue_id == issue_id).order_by(Block.position, Block.id)).all()
    picked = picks.picked_items(session, [row.pick_id for row in rows if row.pick_id is not None])
    known = episodes.views(session, [pick.item.id for pick in picked.values() if pick.item.kind is ItemKind.EPISODE])
    quoted = quotes.quotes_by_id(session, [row.quote_id for row in rows if row.quote_id is not None])
    newsletter = newsletters.newsletter(session, issue.newsletter_id)
    running = _running(session, issue, rows, zone=newsletter.cadence.zone)
    standing: dict[int | None, list[BoardBlock]] = {}
    for row in rows:
        pick = None if row.pick_id is None else picked[row.pick_id]
        version = row.version if pick is None else pick.version
        episode = None if pick is None else known.get(pick.item.id)
        quote = None if row.quote_id is None else quoted[row.quote_id]
        promotion, slot = running.get(row.id, (None, None))
        shown = BoardBlock(
            row.id, BlockKind(row.kind), row.position, version, row.body, pick, episode, quote, promotion, slot
        )
        standing.setdefault(row.section_id, []).append(shown)
    sections = tuple(BoardSection(spec, tuple(standing.get(spec.id, ()))) for spec in newsletter.sections)
    return Board(issue=issue, intro=tuple(standing.get(None, ())), sections=sections)


def leaves_on(issue: IssueRow, zone: str) -> tuple[datetime, date]:
    """Returns when an issue is meant to leave, and on which date by a zone's clock: what its bookings go by.

    The schedule does not count, or content would change with it and an approval lapse.
    """
    at = issue.due_at or issue.created_at
    return at, at.astimezone(ZoneInfo(zone)).date()


def _running(
    session: Session, issue: IssueRow, rows: Sequence[Block], *, zone: str
) -> dict[int, tuple[Promotion | None, Slot | None]]:
    """Returns what runs in each promotion's block, and its slot if it has one."""
    at, issue_on = leaves_on(issue, zone)
    in_slots = promotions.running(
        session, [row.slot_id for row in rows if row.slot_id is not None], issue_on=issue_on, at=at
    )
    by_hand = promotions.promotions_by_id(session, [row.promotion_id for row in rows if row.promotion_id is not None])
    found: dict[int, tuple[Promotion | None, Slot | None]] = {}
    for row in rows:
        if row.slot_id is not None:
            found[row.id] = in_slots[row.slot_id].promotion, in_slots[row.slot_id].slot
        elif row.promotion_id is not None:
            found[row.id] = by_hand[row.promotion_id], None
    return found


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


def issues_of_quotes(session: Session, quote_ids: Sequence[int]) -> dict[int, list[IssueRow]]:
    """Returns the issues in which quotes stand, by quote, the newest first."""
    query = select(Block.quote_id, Issue).join(Issue, Issue.id == Block.issue_id).where(Block.quote_id.in_(quote_ids))
    found: dict[int, list[IssueRow]] = {}
    for quote_id, issue in session.execute(query.order_by(Issue.created_at.desc(), Issue.id.desc())):
        if quote_id is not None:
            found.setdefault(quote_id, []).append(_row(issue))
    return found


def pick_count(session: Session, issue_id: int) -> int:
    """Returns how many picks stand in an issue."""
    query = select(func.count()).where(Block.issue_id == issue_id, Block.kind == BlockKind.PICK)
    return session.scalar(query.select_from(Block)) or 0


def waiting_picks(session: Session, newsletter_id: int) -> list[tuple[int, int]]:
    """Returns (pick id, section id) of picks that stand in no issue yet, the oldest first."""
    query = select(Pick.id, Pick.section_id).outerjoin(Block, Block.pick_id == Pick.id)
    waiting = query.where(Pick.newsletter_id == newsletter_id, Block.id.is_(None))
    return [(row.id, row.section_id) for row in session.execute(waiting.order_by(Pick.picked_at, Pick.id))]


def is_pick_used(session: Session, pick_id: int) -> bool:
    """Tells whether a pick stands in any issue."""
    return session.scalar(select(Block.id).where(Block.pick_id == pick_id).limit(1)) is not None


def open_issues_of_pick(session: Session, pick_id: int) -> list[IssueRow]:
    """Returns the issues that can still be edited and hold a pick, by id."""
    query = select(Issue).join(Block, Block.issue_id == Issue.id).where(Block.pick_id == pick_id)
    return [_row(issue) for issue in session.scalars(query.where(Issue.state.in_(_EDITABLE)).order_by(Issue.id))]


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
) -> int:
    """Puts a pick, quote, promotion or slot, or without any a text, last in a section and returns the block's id."""
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
    )
    session.add(row)
    session.flush()
    return row.id


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


# -- revisions


def latest_revision(session: Session, issue_id: int) -> RenderedRevision | None:
    """Returns the approved revision while an approval stands, else the newest; None before the first.

    They differ when an editor took words back: the content that is approved then bears an older number.
    """
    is_approved = Revision.content_hash == func.coalesce(Issue.approved_hash, "")
    query = select(Revision).join(Issue, Issue.id == Revision.issue_id).where(Issue.id == issue_id)
    found = session.scalars(query.order_by(is_approved.desc(), Revision.number.desc()).limit(1)).one_or_none()
    return None if found is None else _revision(found)


def approved_issue_ids(session: Session) -> list[int]:
    """Returns the issues whose approval stands and whose mailing has not begun, by id."""
    waiting = Issue.state.in_([IssueState.APPROVED, IssueState.SCHEDULED]), Issue.approved_hash.is_not(None)
    return list(session.scalars(select(Issue.id).where(*waiting).order_by(Issue.id)))


def last_rendered_at(session: Session) -> datetime | None:
    """Returns when any issue was rendered last, None before the first time."""
    return session.scalar(select(func.max(Revision.created_at)))


def revision(session: Session, revision_id: int) -> RenderedRevision:
    """Returns one revision. Raises NotFoundError."""
    found = session.get(Revision, revision_id)
    if found is None:
        raise NotFoundError("revision", revision_id)
    return _revision(found)


def revision_of(session: Session, issue_id: int, content_hash: str) -> RenderedRevision | None:
    """Returns the revision that shows this content, or None when it was not rendered."""
    query = select(Revision).where(Revision.issue_id == issue_id, Revision.content_hash == content_hash)
    found = session.scalars(query).one_or_none()
    return None if found is None else _revision(found)


def links(session: Session, revision_id: int) -> list[Link]:
    """Returns the links of a revision's HTML in the order of the page; none for revisions of the first release."""
    rows = session.scalars(select(LinkRow).where(LinkRow.revision_id == revision_id).order_by(LinkRow.number))
    return [Link(row.number, row.url, Placement(row.placement), row.block_id, row.section, row.label) for row in rows]


def document_of(session: Session, revision_id: int) -> Document | None:
    """Returns what a revision was made from; None for one of the first release, which did not keep it."""
    kept = session.scalar(select(Revision.document).where(Revision.id == revision_id))
    return None if kept is None else compose.document_from(kept)


def add_revision(
    session: Session, issue_id: int, rendered: Rendered, document: Document, *, content_hash: str, now: datetime
) -> RenderedRevision:
    """Keeps a rendered content under the next number and returns it; the same content again gives the known one.

    The issue must be locked: the number is counted here.
    """
    number = session.scalar(select(func.max(Revision.number)).where(Revision.issue_id == issue_id)) or 0
    row = {
        "issue_id": issue_id,
        "number": number + 1,
        "content_hash": content_hash,
        "subject": document.subject,
        "html": rendered.html,
        "text": rendered.text,
        "document": asdict(document),
        "created_at": now,
    }
    is_new = upsert(session, Revision, [row], keys=["issue_id", "content_hash"]) == 1
    kept = revision_of(session, issue_id, content_hash)
    assert kept is not None
    if is_new:
        session.add_all(LinkRow(revision_id=kept.id, **asdict(link)) for link in rendered.links)
        session.flush()
    return kept


def _set(session: Session, issue_id: int, **values: Any) -> None:
    session.execute(update(Issue).where(Issue.id == issue_id).values(**values))


def _row(issue: Issue) -> IssueRow:
    return IssueRow(
        id=issue.id,
        newsletter_id=issue.newsletter_id,
        number=issue.number,
        slot=issue.slot,
        state=IssueState(issue.state),
        subject=issue.subject,
        preheader=issue.preheader,
        version=issue.version,
        due_at=issue.due_at,
        send_at=issue.send_at,
        approved_hash=issue.approved_hash,
        approved_by=issue.approved_by,
        approved_at=issue.approved_at,
        sent_at=issue.sent_at,
        note=issue.note,
        created_at=issue.created_at,
        is_test_schedule=issue.is_test_schedule,
        review_by=issue.review_by,
        review_at=issue.review_at,
        deadline_told_at=issue.deadline_told_at,
        deadline_settled_at=issue.deadline_settled_at,
    )


def _revision(found: Revision) -> RenderedRevision:
    return RenderedRevision(
        id=found.id,
        issue_id=found.issue_id,
        number=found.number,
        content_hash=found.content_hash,
        subject=found.subject,
        html=found.html,
        text=found.text,
        created_at=found.created_at,
    )
