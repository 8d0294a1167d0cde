"""One block of an issue: save its words, then move it or take it out, whichever button was pressed."""

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.errors import ConflictError, InvalidError, NotFoundError, StateError
from curator.issues import board as boards
from curator.issues import drafted, illustrate, made, store
from curator.issues.checks import clean
from curator.issues.values import BlockKind, Board, BoardBlock
from curator.web import here
from curator.web.desk import approval, arrangement, conflict
from curator.web.desk.door import blueprint
from curator.web.forms import Form, key

_WRITTEN_HERE = {BlockKind.PICK, BlockKind.TEXT, BlockKind.LIST, BlockKind.TREND}
_PICTURES = {"show_picture", "hide_picture", "fetch_picture"}
_WORDS = {"title", "link", "blurb", "picture_alt", "body", "heading", "words"}


@blueprint.post("/issues/<key:issue_id>/blocks/<key:block_id>")
def change_block(issue_id: int, block_id: int) -> Response | tuple[str, int]:
    """Saves the words first, whatever was pressed: no button on a block ever loses what was typed in it.

    A script saves them by themselves; what it moves or takes out comes without words.
    """
    form = Form(request.form)
    with here.db().read() as session:
        shown = store.board(session, issue_id)
    block = find(shown, block_id)
    deed = form.value("do", "save")
    try:
        version = block.version if deed == "remove" else _save(block, form)
        done = _illustrated(block, deed, form) if deed in _PICTURES else _act(shown, block, deed, form)
        version = _version(shown.issue.id, block) if deed in {"draft", "clean", *_PICTURES} else version
        said = approval.told(done, shown.issue)
    except (InvalidError, StateError) as error:
        return _refused(shown, block, form, error)
    except ConflictError:
        return conflict.block_page(issue_id, block_id, form)
    if here.is_fragment():
        is_quiet = deed == "save" and said == done and not form.value("asked")
        return arrangement.changed(issue_id, said="" if is_quiet else said, version=version, is_whole=deed != "save")
    flash(said, "done")
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
    if block.facts is not None:
        return f"The {block.kind}"
    return f"“{block.pick.title}”" if block.pick is not None else "The text"


def _refused(
    shown: Board, block: BoardBlock, form: Form, error: InvalidError | StateError
) -> Response | tuple[str, int]:
    field = error.field if isinstance(error, InvalidError) else "block"
    if not here.is_fragment():
        if isinstance(error, StateError):
            raise error
        form.take(error)
        return render_template("desk/block.html", issue=shown.issue, block=block, form=form), 422
    if field == "after":
        # Somebody moved things meanwhile: what stands there now, and nothing of theirs undone.
        said = f"{name_of(block)} was not moved: somebody changed the order first. This is how it stands now."
        return arrangement.changed(shown.issue.id, said=said, status=409)
    return arrangement.refused(field, str(error))


def _save(block: BoardBlock, form: Form) -> int:
    """Saves the words that came, if any, and returns the version that stands now."""
    # A quote's words are trimmed beside the transcript, a promotion's are written under Promotions.
    if block.kind not in _WRITTEN_HERE or not _WORDS & form.values.keys():
        return block.version
    by, now, version = here.editor_id(), here.now(), key(form.value("version")) or 0
    is_typing = here.is_fragment() and not form.value("asked")
    if block.kind is BlockKind.TREND:
        return made.edit_trend(
            here.db(),
            block.id,
            heading=form.value("heading"),
            words=form.value("words"),
            expected_version=version,
            by=by,
            now=now,
            is_typing=is_typing,
        )
    if block.facts is not None:
        return made.edit_heading(
            here.db(),
            block.id,
            heading=form.value("heading"),
            expected_version=version,
            by=by,
            now=now,
            is_typing=is_typing,
        )
    if block.pick is None:
        body = form.text("body", at_most=10_000, needed="An empty text says nothing; remove the block instead.")
        if not form.is_good:
            raise InvalidError("body", form.errors["body"])
        return boards.edit_text(
            here.db(), block.id, body=body, expected_version=version, by=by, now=now, is_typing=is_typing
        )
    version = boards.edit_pick(
        here.db(),
        block.id,
        title=form.value("title"),
        link=form.value("link"),
        blurb=form.value("blurb"),
        expected_version=version,
        by=by,
        now=now,
        is_typing=is_typing,
    )
    if "picture_alt" not in form.values:
        return version
    return _choose_picture(block, form, is_shown=block.pick.shows_picture, is_typing=is_typing)


def _choose_picture(block: BoardBlock, form: Form, *, is_shown: bool, is_typing: bool = False) -> int:
    """Writes down whether a pick's picture is shown, and what it shows; without such a field its words stay."""
    known = "" if block.pick is None else block.pick.picture_alt
    return boards.show_picture(
        here.db(),
        block.id,
        is_shown=is_shown,
        alt=form.value("picture_alt", known),
        by=here.editor_id(),
        now=here.now(),
        is_typing=is_typing,
    )


def _act(shown: Board, block: BoardBlock, deed: str, form: Form) -> str:
    """Does what the button says and returns it in words."""
    by, now = here.editor_id(), here.now()
    match deed:
        case "up" | "down":
            boards.nudge(here.db(), block.id, up=deed == "up", by=by, now=now)
            return f"{name_of(block)} is moved {deed}: {_place(shown.issue.id, block.id)}."
        case "move":
            _move(shown, block, form)
            return f"{name_of(block)} is moved: {_place(shown.issue.id, block.id)}."
        case "draft" | "accept" | "clean":
            return _reword(shown, block, deed)
        case "remove":
            boards.remove(here.db(), block.id, by=by, now=now)
            return f"{name_of(block)} is taken out."
        case _:
            return f"{name_of(block)} is saved."


def _reword(shown: Board, block: BoardBlock, deed: str) -> str:
    """Does what changes a block's words and returns it in words."""
    by, now = here.editor_id(), here.now()
    if deed == "clean":
        clean.clean(here.db(), shown.issue.id, block.id, by=by, now=now)
        return f"{name_of(block)} is clean: its links track nobody any more."
    if deed == "accept":
        drafted.accept_blurb(here.db(), block.id, by=by, now=now)
        return f"The blurb of {name_of(block)} is accepted."
    drafted.draft_blurb(here.db(), block.id, by=by, now=now)
    return f"A blurb of {name_of(block)} is drafted from its own sentences. Edit it, or accept it."


def _illustrated(block: BoardBlock, deed: str, form: Form) -> str:
    """Shows a block's picture, or none, or has it asked for again, and returns it in words."""
    if deed == "fetch_picture":
        illustrate.fetch_again(here.db(), block.id, now=here.now())
        return f"The picture of {name_of(block)} is asked for again."
    is_shown = deed == "show_picture"
    _choose_picture(block, form, is_shown=is_shown)
    return f"{name_of(block)} shows {'its picture, once that is fetched' if is_shown else 'no picture'}."


def _version(issue_id: int, block: BoardBlock) -> int:
    with here.db().read() as session:
        return find(store.board(session, issue_id), block.id).version


def _move(shown: Board, block: BoardBlock, form: Form) -> None:
    """Moves a block behind the one that the form names (none named: first); without such a field, last."""
    section_id = key(form.value("to"))
    if "after" in form.values:
        after = key(form.value("after"))
    else:
        standing = next((one.blocks for one in shown.sections if one.spec.id == section_id), shown.intro)
        after = next((other.id for other in reversed(standing) if other.id != block.id), None)
    boards.move(here.db(), block.id, section_id=section_id, after_block_id=after, by=here.editor_id(), now=here.now())


def _place(issue_id: int, block_id: int) -> str:
    """Returns where a block stands: "Trends, position 2 of 5"."""
    with here.db().read() as session:
        shown = store.board(session, issue_id)
    for title, blocks in [("Intro", shown.intro), *((one.spec.title, one.blocks) for one in shown.sections)]:
        ids = [block.id for block in blocks]
        if block_id in ids:
            return f"{title}, position {ids.index(block_id) + 1} of {len(ids)}"
    raise NotFoundError("block", block_id)
