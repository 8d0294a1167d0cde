"""Takes out of a block's links what others track readers by: in its link, and in the words that an editor wrote."""

import re
from datetime import datetime

from curator.db import Database
from curator.errors import InvalidError, NotFoundError
from curator.feeds.normalize import is_tracking
from curator.issues import board
from curator.issues.blocks import store as blocks
from curator.issues.blocks.store import BlockRow
from curator.issues.values import BlockKind, BoardBlock
from curator.picks import store as picks
from curator.picks.values import PickedItem

# An address in Markdown as a whole: one with a bracket in it is left alone, because where it ends is a guess.
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"]+(?=[\s<>)\]\"]|$)", re.IGNORECASE)


def without_tracking(url: str) -> str:
    """Returns a URL without the parameters that only tell its site who sent the reader; the others stay as they are."""
    head, is_hash, fragment = url.partition("#")
    path, _, query = head.partition("?")
    pairs = query.split("&")
    kept = [pair for pair in pairs if not is_tracking(pair.partition("=")[0])]
    if len(kept) == len(pairs):
        return url
    return path + ("?" + "&".join(kept) if kept else "") + is_hash + fragment


def cleaned(markdown: str) -> str:
    """Returns Markdown whose addresses track nobody."""
    return _ADDRESS.sub(lambda found: without_tracking(found.group()), markdown)


def tracks(block: BoardBlock) -> bool:
    """Tells whether a pick or a text has links that `clean` would change."""
    if block.pick is not None:
        link, words = block.pick.link or "", block.pick.blurb
    else:
        link, words = "", block.body if block.kind is BlockKind.TEXT else ""
    return (without_tracking(link), cleaned(words)) != (link, words)


def clean(db: Database, issue_id: int, block_id: int, *, by: int | None, now: datetime) -> bool:
    """Cleans the links of a pick or a text; False when there was nothing to take out.

    It is an edit of the board like any other: it voids an approval, and Undo takes it back. Raises InvalidError for a
    block whose links are not written on the board, and ConflictError when somebody else writes at the same moment.
    """
    with db.read() as session:
        block = blocks.block(session, block_id)
        pick = None if block.pick_id is None else picks.picked_items(session, [block.pick_id])[block.pick_id]
    if block.issue_id != issue_id:
        raise NotFoundError("block", block_id)
    if pick is not None:
        return _clean_pick(db, block, pick, by=by, now=now)
    if block.kind is not BlockKind.TEXT:
        raise InvalidError(
            "block", f"The links of a {block.kind} are not written on the board; mend them at its source."
        )
    body = cleaned(block.body)
    if body == block.body:
        return False
    board.edit_text(db, block_id, body=body, expected_version=block.version, by=by, now=now)
    return True


def _clean_pick(db: Database, block: BlockRow, pick: PickedItem, *, by: int | None, now: datetime) -> bool:
    link, blurb = without_tracking(pick.link or ""), cleaned(pick.blurb)
    if (link, blurb) == (pick.link or "", pick.blurb):
        return False
    board.edit_pick(
        db,
        block.id,
        title=pick.title,
        link=link,
        blurb=blurb,
        expected_version=pick.version,
        by=by,
        now=now,
        is_draft=pick.is_blurb_draft,
    )
    return True
