"""Blurbs that nobody wrote, on the board: sentences of the article, a draft until somebody edits or accepts them."""

from datetime import datetime

from curator.db import Database
from curator.errors import InvalidError, StateError
from curator.issues import board
from curator.issues.blocks.store import BlockRow
from curator.issues.edit import editing_block, void_others
from curator.picks import store as picks
from curator.picks.blurbs.drafting import drafted

ACCEPTED, TAKEN_BACK = "accepted a draft in", "unaccepted a draft in"


def draft_blurb(db: Database, block_id: int, *, by: int | None, now: datetime) -> None:
    """Writes the article's best sentences as the blurb of a pick that has none; again writes the same.

    Raises StateError where it has words of somebody's, or no sentence is known, and InvalidError for what is no pick.
    """
    with editing_block(db, block_id, by=by, now=now) as (edit, block):
        was = picks.picked_items(edit.session, [pick_id := _pick_of(block)])[pick_id]
        blurb = drafted(edit.session, was)
        if blurb == was.blurb:
            return
        picks.edit_pick(
            edit.session,
            pick_id,
            title=was.title,
            link=was.link or "",
            blurb=blurb,
            expected_version=was.version,
            is_draft=True,
        )
        before = {"block": block_id, **board.words_of(was), "is_draft": was.is_blurb_draft}
        written = picks.picked_items(edit.session, [pick_id])[pick_id]
        edit.done("drafted a blurb of", before=before, after=board.words_of(written))
        void_others(edit, pick_id)


def accept_blurb(db: Database, block_id: int, *, by: int | None, now: datetime, is_accepted: bool = True) -> None:
    """Says that a drafted blurb may go out as it is (or, without `is_accepted`, that it may not); twice is once.

    Raises StateError where there is no draft to accept any more.
    """
    with editing_block(db, block_id, by=by, now=now) as (edit, block):
        pick_id = _pick_of(block)
        pick = picks.picked_items(edit.session, [pick_id])[pick_id]
        if not pick.blurb.strip():
            raise StateError("There is no blurb any more that could be accepted.")
        if pick.is_blurb_draft is not is_accepted:
            return
        picks.mark_blurb(edit.session, pick_id, is_draft=not is_accepted)
        verb = ACCEPTED if is_accepted else TAKEN_BACK
        edit.done(verb, before={"block": block_id}, after={"item": pick.item.id, "accepted": pick.blurb})
        void_others(edit, pick_id)


def _pick_of(block: BlockRow) -> int:
    if block.pick_id is None:
        raise InvalidError("block", f"This block is a {block.kind}, not a pick.")
    return block.pick_id
