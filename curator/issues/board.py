"""The board of an issue: editors put blocks in, write their words, move them and take them out.

Every change takes an approval back and unschedules; what changes nothing (a form posted twice) leaves it alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.episodes.quotes import store as quotes
from curator.errors import ConflictError, InvalidError, StateError
from curator.issues import illustrate, markdown, slotted, store
from curator.issues.blocks import store as block_store
from curator.issues.edit import Edit, editing, editing_block, require_section, void_others
from curator.issues.escape import clean, one_line
from curator.issues.values import BlockKind
from curator.newsletters import store as newsletters
from curator.picks import store as picks
from curator.picks.values import PickedItem
from curator.promotions import store as promotions
from curator.promotions.due import has_ended

# The columns' widths, and for words what keeps an issue of 30 blocks under the size at which Gmail clips.
_MAX_SUBJECT = 300
_MAX_TITLE = 500
_MAX_LINK = 2000
_MAX_WORDS = 10_000
_MAX_ALT = 300


def pick_into(
    db: Database,
    issue_id: int,
    item_id: int,
    section_id: int,
    *,
    by: int | None,
    now: datetime,
    is_first: bool = False,
) -> int:
    """Picks an item into a section of an issue, last, and returns its block; twice is once.

    An item that stands in another section of the issue is moved; with `is_first`, TakenError when another was quicker.
    Raises NotFoundError for an item or section that is not there, StateError for an issue that is sending or sent.
    """
    with editing(db, issue_id, by=by, now=now) as edit:
        newsletter_id = edit.issue.newsletter_id
        waited = picks.pick_of(edit.session, newsletter_id, item_id) is not None
        pick_id = picks.add_pick(edit.session, newsletter_id, item_id, section_id, by=by, now=now, is_first=is_first)
        block_id = block_store.block_of_pick(edit.session, issue_id, pick_id)
        after = {"item": item_id, "section": section_id}
        if block_id is None:
            block_id = block_store.add_block(edit.session, issue_id, section_id, pick_id=pick_id)
            edit.done("picked into", before={"waited": waited}, after={**after, "block": block_id})
            illustrate.want_of_pick(edit.session, block_id, now=now)
        elif (block := block_store.block(edit.session, block_id)).section_id != section_id:
            before = _place_of(edit.session, block)
            _put(edit.session, block, section_id, len(block_store.block_order(edit.session, issue_id, section_id)))
            edit.done("moved a block of", before=before, after={**after, "block": block_id})
        return block_id


def add_text(db: Database, issue_id: int, section_id: int | None, body: str, *, by: int | None, now: datetime) -> int:
    """Puts Markdown words last in a section, or with None into the intro, and returns their block.

    The same words again, while they still stand last, are a form posted twice: nothing is added.
    """
    words = _words("body", body)
    with editing(db, issue_id, by=by, now=now) as edit:
        require_section(edit, section_id)
        order = block_store.block_order(edit.session, issue_id, section_id)
        last = block_store.block(edit.session, order[-1]) if order else None
        if last is not None and last.kind is BlockKind.TEXT and last.body == words:
            return last.id
        block_id = block_store.add_block(edit.session, issue_id, section_id, body=words)
        edit.done("added a text to", after={"block": block_id, "section": section_id, "body": words})
        return block_id


def add_quote(
    db: Database, issue_id: int, section_id: int | None, quote_id: int, *, by: int | None, now: datetime
) -> int:
    """Puts a quote last in a section, or with None into the intro, and returns its block.

    A quote that stands in the issue already stays where it is. Raises NotFoundError, InvalidError and StateError.
    """
    with editing(db, issue_id, by=by, now=now) as edit:
        require_section(edit, section_id)
        quotes.quote(edit.session, quote_id)
        known = block_store.block_of_quote(edit.session, issue_id, quote_id)
        if known is not None:
            return known
        block_id = block_store.add_block(edit.session, issue_id, section_id, quote_id=quote_id)
        edit.done("added a quote to", after={"block": block_id, "section": section_id, "quote": quote_id})
        return block_id


def add_promotion(
    db: Database, issue_id: int, section_id: int | None, promotion_id: int, *, by: int | None, now: datetime
) -> int:
    """Puts a promotion last in a section, or with None into the intro, and returns its block.

    One that stands there already stays where it is. Raises NotFoundError, InvalidError, and StateError for one whose
    end has passed.
    """
    with editing(db, issue_id, by=by, now=now) as edit:
        require_section(edit, section_id)
        promotion = promotions.promotion(edit.session, promotion_id)
        if promotion.newsletter_id != edit.issue.newsletter_id:
            raise InvalidError("promotion", "That promotion belongs to another newsletter.")
        if has_ended(promotion, at=now):
            raise StateError(f"“{promotion.name}” has ended, so it cannot be put into an issue any more.")
        known = block_store.block_of_promotion(edit.session, issue_id, promotion_id=promotion_id)
        if known is not None:
            return known
        block_id = block_store.add_block(edit.session, issue_id, section_id, promotion_id=promotion_id)
        after = {"block": block_id, "section": section_id, "promotion": promotion_id, "shown": promotion.name}
        edit.done("added a promotion to", after=after)
        illustrate.want(edit.session, issue_id, now=now)
        return block_id


def add_slot(db: Database, issue_id: int, slot_id: int, *, by: int | None, now: datetime) -> int:
    """Puts a slot for promotions into an issue, at its own place, and returns its block; twice is once."""
    with editing(db, issue_id, by=by, now=now) as edit:
        known = block_store.block_of_promotion(edit.session, issue_id, slot_id=slot_id)
        if known is not None:
            return known
        slot = promotions.slot(edit.session, slot_id)
        if slot.newsletter_id != edit.issue.newsletter_id:
            raise InvalidError("slot", "That slot belongs to another newsletter.")
        sections = newsletters.newsletter(edit.session, edit.issue.newsletter_id).sections
        block_id = slotted.place(edit.session, issue_id, slot, sections)
        shown = store.promotion_name(edit.session, block_id)
        edit.done("added a promotion to", after={"block": block_id, "slot": slot_id, "shown": shown})
        illustrate.want(edit.session, issue_id, now=now)
        return block_id


def forget_quote(db: Database, quote_id: int, *, by: int | None, now: datetime) -> None:
    """Forgets a quote. Raises StateError while it stands in an issue: what was sent keeps its words."""
    with db.write() as session:
        was = quotes.quote(session, quote_id)
        standing = store.issues_of_quotes(session, [quote_id]).get(quote_id)
        if standing:
            raise StateError(f"The quote stands in issue {standing[0].number}; take it out there first.")
        row = quotes.quote_facts(session, quote_id)
        quotes.remove_quote(session, quote_id)
        before = {
            "row": row,
            "item": was.item_id,
            "turns": [{"speaker": turn.speaker, "text": turn.text} for turn in was.turns],
        }
        activity.record(session, at=now, actor=by, verb="forgot", subject="quote", subject_id=quote_id, before=before)


def edit_pick(
    db: Database,
    block_id: int,
    *,
    title: str,
    link: str,
    blurb: str,
    expected_version: int,
    by: int | None,
    now: datetime,
    is_typing: bool = False,
    is_draft: bool = False,
) -> int:
    """Writes an editor's title, link and Markdown blurb over the item's and returns the pick's new version.

    An empty title or link means the item's own. `is_typing` says that the words are saved at a pause: in the log they
    are one change with those before them; `is_draft` that the blurb is a draft which nobody accepted, as an undo may
    bring one back. Raises ConflictError when somebody else wrote first (nothing is
    written: the caller still has both texts) and InvalidError for a link that is none.
    """
    title, link = _line("title", title, _MAX_TITLE), _checked_link(link)
    words = _words("blurb", blurb)
    with editing_block(db, block_id, by=by, now=now, is_typing=is_typing) as (edit, block):
        if block.pick_id is None:
            raise InvalidError("block", f"This block is a {block.kind}, not a pick.")
        was = picks.picked_items(edit.session, [block.pick_id])[block.pick_id]
        version = picks.edit_pick(
            edit.session,
            block.pick_id,
            title=title,
            link=link,
            blurb=words,
            expected_version=expected_version,
            is_draft=is_draft,
        )
        if version != was.version:
            before = {"block": block_id, **words_of(was), "is_draft": was.is_blurb_draft}
            written = picks.picked_items(edit.session, [block.pick_id])[block.pick_id]
            edit.done("edited a pick of", before=before, after=words_of(written))
            void_others(edit, block.pick_id)
        return version


def edit_text(
    db: Database,
    block_id: int,
    *,
    body: str,
    expected_version: int,
    by: int | None,
    now: datetime,
    is_typing: bool = False,
) -> int:
    """Writes the words of a text block and returns its new version; raises ConflictError like `edit_pick`."""
    words = _words("body", body)
    with editing_block(db, block_id, by=by, now=now, is_typing=is_typing) as (edit, block):
        if block.kind is not BlockKind.TEXT:
            raise InvalidError("block", f"This block is a {block.kind}, not a text.")
        if words == block.body:
            return block.version
        if block.version != expected_version:
            raise ConflictError("text", block_id, expected=expected_version, actual=block.version)
        version = block_store.set_body(edit.session, block_id, words)
        edit.done("edited a text of", before={"block": block_id, "body": block.body}, after={"body": words})
        return version


def show_picture(
    db: Database,
    block_id: int,
    *,
    is_shown: bool,
    alt: str,
    by: int | None,
    now: datetime,
    is_typing: bool = False,
) -> int:
    """Says whether a pick shows its page's own picture, with `alt` for whoever does not see it; returns its version.

    The picture is asked for at once. Raises InvalidError for a block without one, and for words that are too long.
    """
    words = _line("picture_alt", alt, _MAX_ALT)
    with editing_block(db, block_id, by=by, now=now, is_typing=is_typing) as (edit, block):
        if block.pick_id is None:
            raise InvalidError("block", f"This block is a {block.kind}; only a pick of a page has a picture to show.")
        was = picks.picked_items(edit.session, [block.pick_id])[block.pick_id]
        if is_shown and not was.item.image_url:
            raise InvalidError("picture", "The page names no picture of its own.")
        version = picks.show_picture(edit.session, block.pick_id, is_shown=is_shown, alt=words)
        if version != was.version:
            after = {"is_shown": is_shown, "alt": words}
            edit.done("chose the picture of a pick of", before={"block": block_id, **picture_of(was)}, after=after)
            void_others(edit, block.pick_id)
            illustrate.want_of_pick(edit.session, block_id, now=now)
        return version


def picture_of(pick: PickedItem) -> dict[str, Any]:
    """Returns what an editor said of a pick's picture, as the log keeps it."""
    return {"is_shown": pick.shows_picture, "alt": pick.picture_alt}


def move(
    db: Database,
    block_id: int,
    *,
    by: int | None,
    now: datetime,
    section_id: int | None,
    after_block_id: int | None,
) -> None:
    """Moves a block into a section, behind another block there or first; a pick's section moves along.

    Texts may go to the intro (section None), picks may not.
    """
    with editing_block(db, block_id, by=by, now=now) as (edit, block):
        require_section(edit, section_id)
        if section_id is None and block.pick_id is not None:
            raise InvalidError("section", "Only texts stand in the intro; choose a section for this pick.")
        order = [
            other for other in block_store.block_order(edit.session, block.issue_id, section_id) if other != block_id
        ]
        if after_block_id is not None and after_block_id not in order:
            raise InvalidError("after", "The block to stand behind is not in that section (any more).")
        index = 0 if after_block_id is None else order.index(after_block_id) + 1
        _moved(edit, block, section_id, index)


def nudge(db: Database, block_id: int, *, up: bool, by: int | None, now: datetime) -> None:
    """Moves a block one place up or down within its section; at the edge it stays."""
    with editing_block(db, block_id, by=by, now=now) as (edit, block):
        order = block_store.block_order(edit.session, block.issue_id, block.section_id)
        index = order.index(block_id) + (-1 if up else 1)
        if 0 <= index < len(order):
            _moved(edit, block, block.section_id, index)


def remove(db: Database, block_id: int, *, by: int | None, now: datetime, keeps_pick: bool = False) -> None:
    """Takes a block out of its issue. A pick that stands in no other issue goes too, so that its item is new again.

    `keeps_pick` leaves it, to wait for the next issue.
    """
    with editing_block(db, block_id, by=by, now=now) as (edit, block):
        before = _place_of(edit.session, block) | {"body": block.body, "pick": _pick_facts(edit.session, block)}
        before |= {"promotion": block.promotion_id, "slot": block.slot_id} | _shown(edit.session, block)
        before |= {"rows": block_store.block_facts(edit.session, block_id)}
        block_store.remove_block(edit.session, block_id)
        left = block_store.block_order(edit.session, block.issue_id, block.section_id)
        block_store.set_block_order(edit.session, block.section_id, left)
        if block.pick_id is not None and not keeps_pick and not block_store.is_pick_used(edit.session, block.pick_id):
            picks.remove_pick(edit.session, block.pick_id)
        edit.done("removed a block from", before=before)


def put_back(db: Database, issue_id: int, removed: Mapping[str, Any], *, by: int | None, now: datetime) -> int:
    """Puts a block back where `remove` found it, with its words, and returns it; `removed` is what that wrote down.

    Raises StateError when it stands in the issue again, or what it held is not there any more.
    """
    with editing(db, issue_id, by=by, now=now) as edit:
        section_id, index = removed["section"], removed["index"]
        require_section(edit, section_id)
        block_id = block_store.restore_block(edit.session, removed["rows"], index)
        if block_id is None:
            raise StateError("It stands in the issue again, or what it held is not there any more.")
        kept = {"shown": removed["shown"]} if removed.get("shown") else {}
        edit.done("put back into", after={"block": block_id, "section": section_id, "index": index} | kept)
        illustrate.want(edit.session, issue_id, now=now)
        return block_id


def edit_settings(
    db: Database,
    issue_id: int,
    *,
    subject: str,
    preheader: str,
    expected_version: int,
    by: int | None,
    now: datetime,
    is_typing: bool = False,
) -> int:
    """Writes subject and preheader and returns the issue's new version; raises ConflictError like `edit_pick`."""
    subject, preheader = _line("subject", subject, _MAX_SUBJECT), _line("preheader", preheader, _MAX_SUBJECT)
    with editing(db, issue_id, by=by, now=now, is_typing=is_typing) as edit:
        issue = edit.issue
        if (subject, preheader) == (issue.subject, issue.preheader):
            return issue.version
        if issue.version != expected_version:
            raise ConflictError("issue", issue_id, expected=expected_version, actual=issue.version)
        version = store.set_settings(edit.session, issue_id, subject=subject, preheader=preheader)
        before = {"subject": issue.subject, "preheader": issue.preheader}
        edit.done("changed the subject of", before=before, after={"subject": subject, "preheader": preheader})
        return version


def words_of(pick: PickedItem) -> dict[str, Any]:
    """Returns what an editor may write of a pick, as the log keeps it."""
    return {"title": pick.title, "link": pick.link, "blurb": pick.blurb}


def _moved(edit: Edit, block: block_store.BlockRow, section_id: int | None, index: int) -> None:
    before, shown = _place_of(edit.session, block), _shown(edit.session, block)
    if (before["section"], before["index"]) == (section_id, index):
        return
    if block.pick_id is not None and section_id is not None and section_id != block.section_id:
        picks.move_pick(edit.session, block.pick_id, section_id)
    _put(edit.session, block, section_id, index)
    after = {"block": block.id, "section": section_id, "index": index}
    edit.done("moved a block of", before=before, after=after | shown)


def _put(session: Session, block: block_store.BlockRow, section_id: int | None, index: int) -> None:
    order = [other for other in block_store.block_order(session, block.issue_id, section_id) if other != block.id]
    order.insert(index, block.id)
    block_store.set_block_order(session, section_id, order)
    if section_id != block.section_id:
        left = block_store.block_order(session, block.issue_id, block.section_id)
        block_store.set_block_order(session, block.section_id, left)


def _place_of(session: Session, block: block_store.BlockRow) -> dict[str, Any]:
    index = block_store.block_order(session, block.issue_id, block.section_id).index(block.id)
    return {"block": block.id, "section": block.section_id, "index": index}


def _shown(session: Session, block: block_store.BlockRow) -> dict[str, Any]:
    """What the log calls a promotion's block: what runs in a slot is another promotion later."""
    name = store.promotion_name(session, block.id)
    return {"shown": name} if name else {}


def _pick_facts(session: Session, block: block_store.BlockRow) -> dict[str, Any] | None:
    """What an undo needs to pick the item again with the editor's words."""
    if block.pick_id is None:
        return None
    pick = picks.picked_items(session, [block.pick_id])[block.pick_id]
    return {"item": pick.item.id, "title": pick.title, "link": pick.link, "blurb": pick.blurb}


def _line(field: str, text: str, characters: int) -> str:
    line = one_line(text)
    if len(line) > characters:
        raise InvalidError(field, f"The {field} has {len(line)} characters; at most {characters} fit.")
    return line


def _words(field: str, text: str) -> str:
    words = clean(text).strip()
    if len(words) > _MAX_WORDS:
        raise InvalidError(field, f"The text has {len(words):,} characters; at most {_MAX_WORDS:,} fit.")
    return words


def _checked_link(link: str) -> str:
    line = _line("link", link, _MAX_LINK)
    if line and (" " in line or not markdown.is_link(line)):
        raise InvalidError("link", "The link must begin with http:// or https:// and name a site.")
    return line
