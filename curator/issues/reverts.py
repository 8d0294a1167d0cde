"""The opposites of what people do to issues and quotes, for the log's Undo."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.activity.values import ActivityRow, Revert
from curator.db import Database, Session
from curator.episodes.quotes import store as quotes
from curator.errors import NotFoundError, StateError
from curator.issues import board, compose, drafted, layout, made, publish, store
from curator.issues.blocks import store as blocks
from curator.issues.revisions import store as revisions
from curator.issues.values import IssueState
from curator.newsletters import store as newsletters
from curator.picks import store as picks
from curator.picks.values import PickedItem


def _unpicked(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    block_id, waited = change.became("block"), bool(change.was("waited"))
    with db.read() as session:
        pick = _pick_of(session, _standing(session, block_id))
        item = pick.item
        told = {"title": item.title, "link": item.url or item.audio_url, "blurb": ""}
        if not waited and board.words_of(pick) != told:
            raise StateError(f"Its words were changed since: “{pick.title}”. Take it out on the board instead.")
    board.remove(db, block_id, by=by, now=now, keeps_pick=waited)
    return f"“{pick.title}” is not in the issue any more."


def _moved_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    block_id, section_id, index = change.was("block"), change.was("section"), change.was("index")
    with db.read() as session:
        block = _standing(session, block_id)
        _require_unmoved(session, change, block)
        name = _name(session, block)
        order = [other for other in blocks.block_order(session, block.issue_id, section_id) if other != block_id]
    behind = order[min(index, len(order)) - 1] if index and order else None
    board.move(db, block_id, section_id=section_id, after_block_id=behind, by=by, now=now)
    return f"{name} stands where it stood before."


def _text_taken_out(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        block = _standing(session, change.became("block"))
        if change.became("body") is not None and block.body != change.became("body"):
            raise StateError(f"Its words were changed since; they are now: {_quoted(block.body)}")
        # A trend begins without words: whoever has written some would lose them.
        if change.verb == "added a trend to" and (words := (block.facts or {}).get("words")):
            raise StateError(f"Somebody has written on it since: {_quoted(words)} Take it out on the board instead.")
    board.remove(db, block.id, by=by, now=now)
    return "It is taken out again."


def _put_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    if change.was("rows") is None:
        raise StateError("It was taken out before its words were written down with it; pick it again in the inbox.")
    board.put_back(db, change.subject_id, change.before or {}, by=by, now=now)
    pick = change.was("pick")
    return f"“{pick['title']}” is back in the issue." if pick else "It is back in the issue."


def _pick_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    block_id = change.was("block")
    with db.read() as session:
        pick = _pick_of(session, _standing(session, block_id))
    was, became, stands = _three(change, board.words_of(pick))
    if stands != became:
        field = next(name for name in stands if stands[name] != became[name])
        of = f"The {field} of “{pick.title}”"
        raise StateError(f"{of} was changed since; it is now: {_quoted(str(stands[field] or ''))}")
    board.edit_pick(
        db,
        block_id,
        title=was["title"],
        link=was["link"] or "",
        blurb=was["blurb"],
        expected_version=pick.version,
        by=by,
        now=now,
        is_draft=bool(change.was("is_draft")),
    )
    return f"“{was['title']}” has its words of before."


def _picture_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    block_id = change.was("block")
    with db.read() as session:
        pick = _pick_of(session, _standing(session, block_id))
    was, became, stands = _three(change, board.picture_of(pick))
    if stands != became:
        raise StateError(f"The picture of “{pick.title}” was chosen again since.")
    board.show_picture(db, block_id, is_shown=was["is_shown"], alt=was["alt"], by=by, now=now)
    return f"“{pick.title}” shows {'its picture' if was['is_shown'] else 'no picture'}, as before."


def _acceptance_taken_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _require_accepted(db, change)
    drafted.accept_blurb(db, change.was("block"), by=by, now=now, is_accepted=False)
    return "The blurb is a draft again, which nobody accepted."


def _accepted_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _require_accepted(db, change)
    drafted.accept_blurb(db, change.was("block"), by=by, now=now)
    return "The blurb is accepted again."


def _require_accepted(db: Database, change: ActivityRow) -> None:
    with db.read() as session:
        pick = _pick_of(session, _standing(session, change.was("block")))
    if pick.blurb != change.became("accepted"):
        raise StateError(f"The blurb was changed since; it is now: {_quoted(pick.blurb)}")


def _text_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        block = _standing(session, change.was("block"))
    if block.body != change.became("body"):
        raise StateError(f"The text was changed since; it is now: {_quoted(block.body)}")
    board.edit_text(db, block.id, body=change.was("body"), expected_version=block.version, by=by, now=now)
    return "The text has its words of before."


def _heading_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        block = _standing(session, change.was("block"))
    if block.body != change.became("body"):
        raise StateError(f"The heading was changed since; it is now: {_quoted(block.body)}")
    made.edit_heading(db, block.id, heading=change.was("body"), expected_version=block.version, by=by, now=now)
    return f"The heading is as before: {_quoted(change.was('body'))}"


def _trend_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        block = _standing(session, change.was("block"))
    stands = {"body": block.body, "words": (block.facts or {}).get("words")}
    was, became, stands = _three(change, stands)
    if stands != became:
        raise StateError(f"The trend was written on since; its heading is now: {_quoted(block.body)}")
    made.edit_trend(
        db, block.id, heading=was["body"], words=was["words"], expected_version=block.version, by=by, now=now
    )
    return "The trend has its words of before."


def _settings_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        issue = store.issue_row(session, change.subject_id)
    was, became, stands = _three(change, {"subject": issue.subject, "preheader": issue.preheader})
    if stands != became:
        raise StateError(f"They were changed since; the subject is now: {_quoted(issue.subject)}")
    board.edit_settings(db, issue.id, **was, expected_version=issue.version, by=by, now=now)
    return "Subject and preheader are as before."


def _approval_taken_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        issue = store.issue_row(session, change.subject_id)
    if issue.approved_hash is None:
        raise StateError(f"Issue {issue.number} is not approved any more; it is {issue.state}.")
    publish.unapprove(db, issue.id, by=by, now=now)
    return f"Issue {issue.number} is not approved any more."


def _approved_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """The approval is that of whoever gave it, and only for what they saw."""
    wanted, at = change.was("approved_hash"), change.was("approved_at")
    with db.write() as session:
        issue = store.issue_row(session, change.subject_id, lock=True)
        if not issue.state.is_filling or not wanted or not at:
            raise StateError(f"Issue {issue.number} is {issue.state} by now. Look at it and approve it anew.")
        revision = revisions.revision_of(session, issue.id, wanted)
        newsletter = newsletters.newsletter(session, issue.newsletter_id)
        document = compose.document(store.board(session, issue.id), newsletter)
        if revision is None or revisions.document_of(session, revision.id) != document:
            raise StateError(f"Issue {issue.number} was changed since. Look at it and approve it anew.")
        giver, given_at = change.was("approved_by"), datetime.fromisoformat(at)
        store.set_approved(session, issue.id, content_hash=wanted, by=giver, now=given_at)
        _record_state(session, change.subject_id, issue.state, "approved", by=by, now=now, revision=revision.number)
    again = " It has no moment of sending; say when again." if change.was("send_at") else ""
    return f"Issue {issue.number} is approved as it was.{again}"


def _schedule_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        issue = store.issue_row(session, change.subject_id)
    if issue.send_at is None or issue.send_at.isoformat() != change.became("send_at"):
        raise StateError(f"Issue {issue.number} was scheduled anew or taken off its schedule since.")
    earlier = _moment(change.was("send_at"))
    if change.was("state") == IssueState.SCHEDULED and earlier is not None and earlier > now:
        publish.schedule(db, issue.id, at=earlier, by=by, now=now)
        return f"Issue {issue.number} leaves at the moment that it had before."
    publish.unschedule(db, issue.id, by=by, now=now)
    return f"Issue {issue.number} has no moment of sending any more; its approval stays."


def _scheduled_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    earlier = _moment(change.was("send_at"))
    with db.read() as session:
        issue = store.issue_row(session, change.subject_id)
    if earlier is None or earlier <= now:
        raise StateError(f"The moment at which issue {issue.number} was to leave is over; choose another.")
    if issue.state is not IssueState.APPROVED or issue.approved_hash != change.was("approved_hash"):
        raise StateError(f"Issue {issue.number} is {issue.state} by now, or was approved anew; say when again.")
    publish.schedule(db, issue.id, at=earlier, by=by, now=now)
    return f"Issue {issue.number} leaves at the moment that it had before."


def _layout_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    is_compact = change.verb == layout.FULL
    layout.lay_out(db, change.subject_id, is_compact=is_compact, by=by, now=now)
    return f"It is laid out {'compactly' if is_compact else 'in full'} again."


def _quote_forgotten(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    board.forget_quote(db, change.subject_id, by=by, now=now)
    return "The quote is forgotten."


def _quote_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    row = change.was("row")
    with db.write() as session:
        quote_id = quotes.restore_quote(session, row) if row else None
        if quote_id is None:
            raise StateError("Its words were not written down; take the passage from the transcript again.")
        after = {"item": change.was("item")}
        activity.record(session, at=now, actor=by, verb="took", subject="quote", subject_id=quote_id, after=after)
    return "The quote is there again."


def _record_state(
    session: Session, issue_id: int, state: IssueState, verb: str, *, by: int | None, now: datetime, revision: int
) -> None:
    before, after = {"state": state.value}, {"revision": revision}
    activity.record(
        session, at=now, actor=by, verb=verb, subject="issue", subject_id=issue_id, before=before, after=after
    )


def _standing(session: Session, block_id: int) -> blocks.BlockRow:
    try:
        return blocks.block(session, block_id)
    except NotFoundError as error:
        raise StateError("It is not in the issue any more.") from error


def _pick_of(session: Session, block: blocks.BlockRow) -> PickedItem:
    if block.pick_id is None:
        raise StateError("Another block stands there by now.")
    return picks.picked_items(session, [block.pick_id])[block.pick_id]


def _name(session: Session, block: blocks.BlockRow) -> str:
    return f"“{_pick_of(session, block).title}”" if block.pick_id is not None else "The block"


def _require_unmoved(session: Session, change: ActivityRow, block: blocks.BlockRow) -> None:
    """Others may have come before it; but whoever moved it since meant it to stand there."""
    order = blocks.block_order(session, block.issue_id, block.section_id)
    to, index = change.became("section"), change.became("index")
    if block.section_id == to and index in (None, order.index(block.id)):
        return
    since = (later for later in activity.later(session, change) if later.verb == change.verb)
    if block.section_id != to or any(later.became("block") == block.id for later in since):
        raise StateError(f"It was moved again since, and is number {order.index(block.id) + 1} of its section now.")


def _three(change: ActivityRow, stands: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Returns what it was, what the change made of it, and what stands there now."""
    return {name: change.was(name) for name in stands}, {name: change.became(name) for name in stands}, dict(stands)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _quoted(text: str) -> str:
    flat = " ".join(text.split())
    return f"“{flat if len(flat) <= 200 else flat[:199] + '…'}”"


REVERTS: dict[str, Revert] = {
    "issue.picked into": _unpicked,
    "issue.moved a block of": _moved_back,
    "issue.added a text to": _text_taken_out,
    "issue.added a quote to": _text_taken_out,
    "issue.added a promotion to": _text_taken_out,
    "issue.added a list to": _text_taken_out,
    "issue.added a trend to": _text_taken_out,
    "issue.put back into": _text_taken_out,
    "issue.removed a block from": _put_back,
    "issue.edited a pick of": _pick_as_before,
    "issue.chose the picture of a pick of": _picture_as_before,
    "issue.drafted a blurb of": _pick_as_before,
    f"issue.{drafted.ACCEPTED}": _acceptance_taken_back,
    f"issue.{drafted.TAKEN_BACK}": _accepted_again,
    "issue.edited a text of": _text_as_before,
    "issue.edited the heading of a block of": _heading_as_before,
    "issue.edited a trend of": _trend_as_before,
    "issue.changed the subject of": _settings_as_before,
    f"issue.{layout.COMPACT}": _layout_as_before,
    f"issue.{layout.FULL}": _layout_as_before,
    "issue.approved": _approval_taken_back,
    "issue.took back the approval of": _approved_again,
    "issue.scheduled": _schedule_as_before,
    "issue.unscheduled": _scheduled_again,
    "quote.took": _quote_forgotten,
    "quote.forgot": _quote_back,
}

FINAL: dict[str, str] = {
    "issue.drafted": "An issue that was begun keeps its number. Take out what you do not want.",
    "issue.held": "It waits for somebody to look at it. Its note says why.",
    "issue.voided the approval of": "Its words were changed elsewhere. Look at it and approve it again.",
}
