"""The issues' rows: an issue from state to state, and its board as a whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, select, update
from sqlalchemy.orm import Session

from curator.db import changed
from curator.episodes import store as episodes
from curator.episodes.quotes import store as quotes
from curator.errors import NotFoundError
from curator.feeds.values import ItemKind
from curator.issues import pictured
from curator.issues.tables import Block, Issue, PlannedIssue
from curator.issues.values import BlockKind, Board, BoardBlock, BoardSection, IssueRow, IssueState
from curator.newsletters import store as newsletters
from curator.newsletters.tables import Newsletter
from curator.picks import store as picks
from curator.pictures import store as pictures
from curator.promotions import store as promotions
from curator.promotions.values import Promotion, Slot

_EDITABLE = tuple(state for state in IssueState if state.is_editable)
_OPEN = tuple(state for state in IssueState if state.is_open)


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
    """Returns the newest issue that can still be edited, or None.

    One that was planned outside of the cadence, perhaps weeks ahead, stands back while another is to be approved.
    """
    query = select(Issue).where(Issue.newsletter_id == newsletter_id, Issue.state.in_(_EDITABLE))
    is_between = select(PlannedIssue.id).where(PlannedIssue.issue_id == Issue.id).exists()
    order = case((and_(Issue.state.in_(_OPEN), ~is_between), 0), (is_between, 2), else_=1)
    issue = session.scalars(query.order_by(order, Issue.number.desc()).limit(1)).one_or_none()
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


def set_compact(session: Session, issue_id: int, *, is_compact: bool) -> None:
    """Says whether an issue is laid out compactly."""
    _set(session, issue_id, is_compact=is_compact)


def set_review(session: Session, issue_id: int, *, by: int | None, now: datetime) -> None:
    """Says that somebody asked for the issue's review."""
    _set(session, issue_id, state=IssueState.REVIEW, note="", review_by=by, review_at=now)


def set_deadline_told(session: Session, issue_id: int, *, now: datetime) -> None:
    """Notes that the desk was told of the deadline."""
    _set(session, issue_id, deadline_told_at=now)


def set_unscheduled_told(session: Session, issue_id: int, *, now: datetime) -> None:
    """Notes that the desk was told that this approval has no schedule."""
    _set(session, issue_id, unscheduled_told_at=now)


def set_deadline_settled(session: Session, issue_id: int, *, now: datetime) -> None:
    """Notes that the end of the deadline was seen to."""
    _set(session, issue_id, deadline_settled_at=now)


def with_deadline(session: Session) -> list[IssueRow]:
    """Returns the issues that wait for an approval and have a moment of their own, the most urgent first."""
    waiting = Issue.state.in_(_OPEN), Issue.due_at.is_not(None), Issue.deadline_settled_at.is_(None)
    return [_row(issue) for issue in session.scalars(select(Issue).where(*waiting).order_by(Issue.due_at, Issue.id))]


def not_scheduled(session: Session) -> list[IssueRow]:
    """Returns the approved issues without a schedule of which the desk was not told yet, by id."""
    waiting = Issue.state == IssueState.APPROVED, Issue.unscheduled_told_at.is_(None)
    return [_row(issue) for issue in session.scalars(select(Issue).where(*waiting).order_by(Issue.id))]


def set_approved(
    session: Session, issue_id: int, *, content_hash: str, by: int | None, now: datetime, note: str = ""
) -> None:
    """Approves a content; a moment of sending that was there before goes."""
    approval = {"approved_hash": content_hash, "approved_by": by, "approved_at": now, "unscheduled_told_at": None}
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


def editable_ids(session: Session, *, limit: int = 200) -> list[int]:
    """Returns the issues that can still be edited, the newest first."""
    query = select(Issue.id).where(Issue.state.in_(_EDITABLE)).order_by(Issue.id.desc()).limit(limit)
    return list(session.scalars(query))


def due_issue_ids(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Returns the scheduled issues whose moment has come, the longest due first."""
    due = Issue.state == IssueState.SCHEDULED, Issue.send_at <= now
    return list(session.scalars(select(Issue.id).where(*due).order_by(Issue.send_at, Issue.id).limit(limit)))


def scheduled_ids(session: Session) -> list[int]:
    """Returns every scheduled issue, the first to leave first."""
    query = select(Issue.id).where(Issue.state == IssueState.SCHEDULED)
    return list(session.scalars(query.order_by(Issue.send_at, Issue.id)))


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


# -- the board


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
            row.id,
            BlockKind(row.kind),
            row.position,
            version,
            row.body,
            pick,
            episode,
            quote,
            promotion,
            slot,
            row.facts,
        )
        standing.setdefault(row.section_id, []).append(shown)
    sections = tuple(BoardSection(spec, tuple(standing.get(spec.id, ()))) for spec in newsletter.sections)
    found = Board(issue=issue, intro=tuple(standing.get(None, ())), sections=sections)
    logo = pictures.logo(session, found.issue.newsletter_id)
    return replace(found, pictures=pictures.pictures(session, pictured.sources(found)), logo=logo)


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


def promotion_name(session: Session, block_id: int) -> str:
    """Returns what a promotion's block shows at this moment: the promotion, else its slot; empty for other blocks."""
    row = session.get_one(Block, block_id)
    if row.promotion_id is None and row.slot_id is None:
        return ""
    issue = issue_row(session, row.issue_id)
    zone = newsletters.newsletter(session, issue.newsletter_id).cadence.zone
    promotion, slot = _running(session, issue, [row], zone=zone)[block_id]
    return promotion.name if promotion else slot.name if slot else ""


def issues_of_quotes(session: Session, quote_ids: Sequence[int]) -> dict[int, list[IssueRow]]:
    """Returns the issues in which quotes stand, by quote, the newest first."""
    query = select(Block.quote_id, Issue).join(Issue, Issue.id == Block.issue_id).where(Block.quote_id.in_(quote_ids))
    found: dict[int, list[IssueRow]] = {}
    for quote_id, issue in session.execute(query.order_by(Issue.created_at.desc(), Issue.id.desc())):
        if quote_id is not None:
            found.setdefault(quote_id, []).append(_row(issue))
    return found


def open_issues_of_pick(session: Session, pick_id: int) -> list[IssueRow]:
    """Returns the issues that can still be edited and hold a pick, by id."""
    query = select(Issue).join(Block, Block.issue_id == Issue.id).where(Block.pick_id == pick_id)
    return [_row(issue) for issue in session.scalars(query.where(Issue.state.in_(_EDITABLE)).order_by(Issue.id))]


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
        unscheduled_told_at=issue.unscheduled_told_at,
        imported_at=issue.imported_at,
        is_compact=issue.is_compact,
        segment_id=issue.segment_id,
        segment_name=issue.segment_name,
        segment_words=issue.segment_words,
    )
