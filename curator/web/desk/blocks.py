"""One block of an issue: save its words, then move it or take it out, whichever button was pressed."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import ConflictError, InvalidError, NotFoundError
from curator.issues import board as boards
from curator.issues import store
from curator.issues.values import BlockKind, Board, BoardBlock
from curator.web import here
from curator.web.desk import approval, conflict
from curator.web.desk.door import blueprint
from curator.web.forms import Form, key


@blueprint.post("/issues/<key:issue_id>/blocks/<key:block_id>")
def change_block(issue_id: int, block_id: int) -> Response | tuple[str, int]:
    """Saves the words first, whatever was pressed: no button on a block ever loses what was typed in it."""
    form = Form(request.form)
    with here.db().read() as session:
        shown = store.board(session, issue_id)
    block = find(shown, block_id)
    deed = form.value("do", "save")
    try:
        if deed != "remove":
            _save(block, form)
        said = _act(shown, block, deed, form)
    except InvalidError as error:
        form.take(error)
        return render_template("desk/block.html", issue=shown.issue, block=block, form=form), 422
    except ConflictError:
        return conflict.block_page(issue_id, block_id, form)
    flash(approval.told(said, shown.issue), "done")
    anchor = "board" if deed == "remove" else f"block-{block_id}"
    return here.go(url_for("desk.board", issue_id=issue_id), anchor=anchor)


def find(shown: Board, block_id: int) -> BoardBlock:
    """Returns a block of a board. Raises NotFoundError."""
    blocks = [*shown.intro, *(block for section in shown.sections for block in section.blocks)]
    found = next((block for block in blocks if block.id == block_id), None)
    if found is None:
        raise NotFoundError("block", block_id)
    return found


def name_of(block: BoardBlock) -> str:
    """Returns what the desk calls a block."""
    if block.quote is not None:
        return f"The quote from “{block.quote.episode}”"
    if block.kind is BlockKind.PROMOTION:
        return f"“{block.promotion.name}”" if block.promotion is not None else "The slot"
    return f"“{block.pick.title}”" if block.pick is not None else "The text"


def _save(block: BoardBlock, form: Form) -> None:
    if block.quote is not None or block.kind is BlockKind.PROMOTION:
        return  # its words are trimmed beside the transcript, or written under Promotions
    by, now, version = here.editor_id(), here.now(), key(form.value("version")) or 0
    if block.pick is None:
        body = form.text("body", at_most=10_000, needed="An empty text says nothing; remove the block instead.")
        if not form.is_good:
            raise InvalidError("body", form.errors["body"])
        boards.edit_text(here.db(), block.id, body=body, expected_version=version, by=by, now=now)
        return
    boards.edit_pick(
        here.db(),
        block.id,
        title=form.value("title"),
        link=form.value("link"),
        blurb=form.value("blurb"),
        expected_version=version,
        by=by,
        now=now,
    )


def _act(shown: Board, block: BoardBlock, deed: str, form: Form) -> str:
    """Does what the button says and returns it in words."""
    by, now = here.editor_id(), here.now()
    match deed:
        case "up" | "down":
            boards.nudge(here.db(), block.id, up=deed == "up", by=by, now=now)
            return f"{name_of(block)} is moved {deed}."
        case "move":
            return _move(shown, block, form)
        case "remove":
            boards.remove(here.db(), block.id, by=by, now=now)
            return f"{name_of(block)} is taken out."
        case _:
            return f"{name_of(block)} is saved."


def _move(shown: Board, block: BoardBlock, form: Form) -> str:
    section_id = key(form.value("to"))
    section = next((one for one in shown.sections if one.spec.id == section_id), None)
    standing = shown.intro if section is None else section.blocks
    last = next((other.id for other in reversed(standing) if other.id != block.id), None)
    boards.move(here.db(), block.id, section_id=section_id, after_block_id=last, by=here.editor_id(), now=here.now())
    return f"{name_of(block)} stands last in {section.spec.title if section else 'the intro'} now."
