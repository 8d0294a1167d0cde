"""Blocks that are made of facts and frozen: put into an issue with one click, their heading written anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from curator.db import Database
from curator.errors import ConflictError, InvalidError
from curator.issues import trended
from curator.issues.blocks import store as blocks
from curator.issues.edit import editing, editing_block, require_section
from curator.issues.escape import clean, one_line
from curator.issues.listed import LinkList, facts_of
from curator.issues.trended import TrendFacts
from curator.issues.values import BlockKind

MAX_HEADING = 200
"""Two lines of a phone in the size of a heading."""

_ADDED = {BlockKind.LIST: "added a list to", BlockKind.TREND: "added a trend to"}


@dataclass(frozen=True)
class Made:
    """A block before it stands anywhere: its kind, its heading, and what it is made of (fit for JSON)."""

    kind: BlockKind
    heading: str
    facts: Mapping[str, Any]


def add_list(
    db: Database, issue_id: int, section_id: int | None, made: LinkList, *, by: int | None, now: datetime
) -> int:
    """Puts a list last in a section, or with None into the intro, and returns its block; the same again adds nothing.

    Raises InvalidError for a list without links.
    """
    if not made.links:
        raise InvalidError("list", "There is nothing to list.")
    block = Made(BlockKind.LIST, made.heading, facts_of(made))
    return add(db, issue_id, section_id, block, by=by, now=now)


def add_trend(
    db: Database, issue_id: int, section_id: int | None, trend: TrendFacts, *, by: int | None, now: datetime
) -> int:
    """Puts a rising topic last in a section and returns its block; one that stands in the issue already stays there."""
    block = Made(BlockKind.TREND, trended.heading_of(trend.term), trended.facts_of(trend))
    return add(db, issue_id, section_id, block, by=by, now=now)


def add(db: Database, issue_id: int, section_id: int | None, made: Made, *, by: int | None, now: datetime) -> int:
    """Puts a block of facts last in a section and returns it; while the same stands there last, nothing is added.

    Nor is a topic that stands in the issue already, wherever that is.
    """
    heading = _heading(made.heading)
    with editing(db, issue_id, by=by, now=now) as edit:
        require_section(edit, section_id)
        known = made.kind is BlockKind.TREND and blocks.block_of_trend(edit.session, issue_id, made.facts["term"])
        if known:
            return known
        order = blocks.block_order(edit.session, issue_id, section_id)
        last = blocks.block(edit.session, order[-1]) if order else None
        if last is not None and (last.kind, last.facts) == (made.kind, dict(made.facts)):
            return last.id
        block_id = blocks.add_block(edit.session, issue_id, section_id, body=heading, kind=made.kind, facts=made.facts)
        edit.done(_ADDED[made.kind], after={"block": block_id, "section": section_id, "body": heading})
        return block_id


def edit_heading(
    db: Database,
    block_id: int,
    *,
    heading: str,
    expected_version: int,
    by: int | None,
    now: datetime,
    is_typing: bool = False,
) -> int:
    """Writes the heading of a block of facts and returns its new version; raises ConflictError as `edit_text` does."""
    words = _heading(heading)
    with editing_block(db, block_id, by=by, now=now, is_typing=is_typing) as (edit, block):
        if block.facts is None:
            raise InvalidError("block", f"This block is a {block.kind}, which has no heading.")
        if words == block.body:
            return block.version
        if block.version != expected_version:
            raise ConflictError("heading", block_id, expected=expected_version, actual=block.version)
        version = blocks.set_body(edit.session, block_id, words)
        before = {"block": block_id, "body": block.body}
        edit.done("edited the heading of a block of", before=before, after={"body": words})
        return version


def edit_trend(
    db: Database,
    block_id: int,
    *,
    heading: str,
    words: str,
    expected_version: int,
    by: int | None,
    now: datetime,
    is_typing: bool = False,
) -> int:
    """Writes heading and words of a rising topic, returns its new version; raises ConflictError as `edit_text` does."""
    heading, words = _heading(heading), _trend_words(words)
    with editing_block(db, block_id, by=by, now=now, is_typing=is_typing) as (edit, block):
        if block.kind is not BlockKind.TREND or block.facts is None:
            raise InvalidError("block", f"This block is a {block.kind}, not a trend.")
        before = {"body": block.body, "words": block.facts["words"]}
        after = {"body": heading, "words": words}
        if after == before:
            return block.version
        if block.version != expected_version:
            raise ConflictError("trend", block_id, expected=expected_version, actual=block.version)
        version = blocks.set_words(edit.session, block_id, heading, block.facts | {"words": words})
        edit.done("edited a trend of", before={"block": block_id} | before, after=after)
        return version


def _trend_words(text: str) -> str:
    words = clean(text).strip()
    if len(words) > trended.MAX_WORDS:
        raise InvalidError("words", f"The text has {len(words):,} characters; at most {trended.MAX_WORDS:,} fit.")
    return words


def _heading(text: str) -> str:
    heading = one_line(text)
    if not heading:
        raise InvalidError("heading", "Readers need a heading to know what this is.")
    if len(heading) > MAX_HEADING:
        raise InvalidError("heading", f"The heading has {len(heading)} characters; at most {MAX_HEADING} fit.")
    return heading
