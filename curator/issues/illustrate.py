"""Has the pictures fetched that issues are to show, and draws the picture that stands for an issue."""

from collections.abc import Collection
from datetime import datetime

from curator.db import Database, Session
from curator.episodes import store as episodes
from curator.errors import InvalidError
from curator.feeds.values import ItemKind
from curator.issues import pictured, store
from curator.issues.blocks import store as blocks
from curator.issues.revisions import store as revisions
from curator.issues.values import BoardBlock
from curator.picks import store as picks
from curator.pictures import fetch, share
from curator.pictures import store as pictures
from curator.pictures.values import Picture, PictureRow, PictureStore, Source
from curator.queue import store as queue

DRAW = "draw_share_image"
"""The task's name; its payload is {issue_id}."""


def want(session: Session, issue_id: int, *, now: datetime) -> None:
    """Queues asking for the pictures of an issue that nobody has asked for; in the transaction that brings them in."""
    _ask(session, pictured.sources(store.board(session, issue_id)), now=now)


def want_of_pick(session: Session, block_id: int, *, now: datetime) -> None:
    """Does what `want` does for a pick's block alone: an inbox is gone through quickly, and boards are long."""
    row = blocks.block(session, block_id)
    if row.pick_id is None:
        return
    pick = picks.picked_items(session, [row.pick_id])[row.pick_id]
    is_episode = pick.item.kind is ItemKind.EPISODE
    episode = episodes.views(session, [pick.item.id]).get(pick.item.id) if is_episode else None
    source = pictured.source_of(BoardBlock(block_id, row.kind, 0, row.version, "", pick, episode))
    if source is not None:
        _ask(session, [source], now=now)


def want_all(db: Database, kept: PictureStore, *, now: datetime, resting: Collection[str] = ()) -> None:
    """Queues asking for what is missing in any issue that can still be edited, and for what is to be tried again.

    What a booking or an episode's editor brought in comes this way, and what a restored backup lacks the file of.
    `resting` are keys of jobs that broke just now.
    """
    with db.read() as session:
        boards = [store.board(session, issue_id) for issue_id in store.editable_ids(session)]
        wanted = list(dict.fromkeys(source for board in boards for source in pictured.sources(board)))
        known = pictures.pictures(session, wanted)
        due = pictures.due_ids(session, now=now)
    lost = [row for row in known.values() if _is_lost(row, kept, now=now)]
    is_over = any(pictures.is_forgiven(row, now=now) for row in known.values())
    if due or lost or is_over or len(known) < len(wanted):
        with db.write() as session:
            again = [pictures.ask_again(session, row.source, now=now) for row in lost]
            _ask(session, wanted, now=now)
            for picture_id in (*due, *again):
                if fetch.key_of(picture_id) not in resting:
                    fetch.queue_fetch(session, picture_id, now=now)


def fetch_again(db: Database, block_id: int, *, now: datetime) -> None:
    """Has a block's picture asked for once more, whatever came of it; what is kept is shown until another is had.

    Raises NotFoundError, and InvalidError for a block without a picture.
    """
    with db.write() as session:
        board = store.board(session, blocks.block(session, block_id).issue_id)
        source = next((pictured.source_of(block) for block in board.blocks if block.id == block_id), None)
        if source is None:
            raise InvalidError("picture", "This block shows no picture.")
        fetch.queue_fetch(session, pictures.ask_again(session, source, now=now), now=now)


def queue_drawing(session: Session, issue_id: int, *, now: datetime) -> None:
    """Queues drawing the picture that stands for an issue; in the transaction that approves it."""
    queue.enqueue(session, DRAW, {"issue_id": issue_id}, now=now, key=f"share:{issue_id}")


def draw(db: Database, kept: PictureStore, issue_id: int, *, now: datetime) -> Picture | None:
    """Draws the picture that stands for what was approved, keeps it and returns it; None where nothing is approved.

    Three acts: read, draw and keep the file without a transaction, write. A crash leaves a file that nobody speaks of.
    """
    with db.read() as session:
        issue = store.issue_row(session, issue_id)
        revision = revisions.revision_of(session, issue_id, issue.approved_hash or "")
        document = None if revision is None else revisions.document_of(session, revision.id)
    if document is None:
        return None
    card = share.Card(document.newsletter_name, document.number, document.subject, document.accent)
    drawn = share.drawn(card)
    picture = Picture(kept.put(drawn.content, drawn.kind), drawn.width, drawn.height, len(drawn.content))
    with db.write() as session:
        pictures.put_share_image(session, issue_id, picture, now=now)
    return picture


def _is_lost(row: PictureRow, kept: PictureStore, *, now: datetime) -> bool:
    """Tells whether a picture's file is gone; one that could not be had anew is left alone for a while."""
    if row.picture is None or row.next_try_at is not None or kept.has(row.picture.name):
        return False
    return not row.note or row.tried_at is None or row.tried_at <= now - pictures.FORGIVEN_AFTER


def _ask(session: Session, sources: list[Source], *, now: datetime) -> None:
    for picture_id in pictures.want(session, sources, now=now):
        fetch.queue_fetch(session, picture_id, now=now)
