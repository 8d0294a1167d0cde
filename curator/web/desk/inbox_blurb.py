"""Writing a pick's blurb in the inbox: while skimming, without going to the board."""

from collections.abc import Callable

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.db import Session
from curator.errors import ConflictError, InvalidError, NotFoundError
from curator.issues import board, drafted
from curator.issues import store as issues
from curator.issues.blocks import store as blocks
from curator.issues.standing import store as standing
from curator.issues.values import IssueRow
from curator.newsletters.values import NewsletterSpec
from curator.picks import curate
from curator.picks import store as picks
from curator.picks.values import PickedItem
from curator.web import here, words
from curator.web.desk import inbox_page
from curator.web.desk.door import blueprint
from curator.web.desk.inbox_answer import done, part, refusing
from curator.web.forms import key

_MAX_BLURB = 10_000


def place(spec: NewsletterSpec, item_id: int, section_id: int, *, is_first: bool) -> IssueRow | None:
    """Picks an item into the issue that is being filled, or for the next draft, and returns the open issue."""
    with here.db().read() as session:
        issue = issues.current_issue(session, spec.id)
    by, now = here.editor_id(), here.now()
    if issue is not None and issue.state.is_filling:
        board.pick_into(here.db(), issue.id, item_id, section_id, by=by, now=now, is_first=is_first)
    else:
        curate.pick(here.db(), spec.id, item_id, section_id, by=by, now=now, is_first=is_first)
    return issue


@blueprint.post("/inbox/<key:item_id>/write")
@refusing
def write_item(item_id: int) -> Response:
    """Opens the blurb of an item; one that is not picked is picked into the first section that it fits."""
    spec = inbox_page.newsletter()
    with here.db().read() as session:
        known = picks.pick_of(session, spec.id, item_id)
        shown = inbox_page.shown_item(session, spec.id, item_id, ())
        if shown is None:
            raise NotFoundError("item", item_id)
        head = inbox_page.counters(session, spec.id, ())
        fits = inbox_page.deeds(session, spec, shown, head)["fits"]
    said = ""
    if known is None and fits is not None:
        place(spec, item_id, fits.id, is_first=True)
        said = f"Picked into {fits.title}: {words.excerpt(shown.row.item.title, 90)}"
    if here.is_fragment():
        return done(spec, item_id, said, is_open=True)
    if said:
        flash(said, "done")
    back = request.form.get("back", "")
    return here.go(
        url_for("desk.inbox_item", item_id=item_id, newsletter=spec.id, back=back), anchor=f"blurb-{item_id}"
    )


@blueprint.post("/inbox/<key:item_id>/blurb")
def save_blurb(item_id: int) -> Response:
    """Saves a pick's blurb. When somebody else saved first, both texts are shown and nothing is written."""
    spec, blurb = inbox_page.newsletter(), _blurb()
    with here.db().read() as session:
        pick, block_id = _writable(session, spec, item_id)
    try:
        version = _write(pick, block_id, blurb)
    except ConflictError:
        return _both(spec, item_id, blurb)
    at = words.clock(here.now(), spec.cadence.zone, here.now())
    if here.is_fragment():
        is_draft = pick.is_blurb_draft and version == pick.version  # the same words again are nobody's own
        saved = {"item_id": item_id, "version": version, "at": at, "is_draft": is_draft}
        return part(render_template("desk/_inbox_saved.html", **saved))
    flash("The blurb is saved.", "done")
    back = request.form.get("back", "")
    return here.go(here.local_path(back, url_for("desk.inbox_item", item_id=item_id, newsletter=spec.id)))


@blueprint.post("/inbox/<key:item_id>/draft")
@refusing
def draft_blurb(item_id: int) -> Response:
    """Drafts the blurb of a picked item from the article's own sentences."""
    spec = _dealt_with(item_id, waiting=curate.draft_blurb, standing=drafted.draft_blurb)
    return _shown_again(spec, item_id, "A blurb is drafted from the article’s own sentences. Edit it, or accept it.")


@blueprint.post("/inbox/<key:item_id>/accept")
@refusing
def accept_blurb(item_id: int) -> Response:
    """Takes a drafted blurb as it is."""
    spec = _dealt_with(item_id, waiting=curate.accept_blurb, standing=drafted.accept_blurb)
    return _shown_again(spec, item_id, "The blurb is accepted.")


def _dealt_with(item_id: int, *, waiting: Callable[..., object], standing: Callable[..., object]) -> NewsletterSpec:
    """Does the deed to the blurb of a pick that waits for its issue, or to its block where it stands in one."""
    spec = inbox_page.newsletter()
    with here.db().read() as session:
        pick, block_id = _writable(session, spec, item_id)
    act, place = (waiting, pick.id) if block_id is None else (standing, block_id)
    act(here.db(), place, by=here.editor_id(), now=here.now())
    return spec


def _shown_again(spec: NewsletterSpec, item_id: int, said: str) -> Response:
    """Shows the item's words: to a script its row, else its page."""
    if here.is_fragment():
        return done(spec, item_id, said, is_open=True)
    flash(said, "done")
    back = request.form.get("back", "")
    return here.go(
        url_for("desk.inbox_item", item_id=item_id, newsletter=spec.id, back=back), anchor=f"blurb-{item_id}"
    )


def _writable(session: "Session", spec: NewsletterSpec, item_id: int) -> tuple[PickedItem, int | None]:
    """Returns an item's pick and its block in the open issue: None while it waits for one."""
    pick_id = picks.pick_of(session, spec.id, item_id)
    issue = issues.current_issue(session, spec.id)
    block_id = None if issue is None else standing.block_of_item(session, issue.id, item_id)
    if pick_id is None or (block_id is None and pick_id not in dict(blocks.waiting_picks(session, spec.id))):
        raise InvalidError("blurb", "The item is in no open issue (any more), so it has no blurb to write.")
    return picks.picked_items(session, [pick_id])[pick_id], block_id


def _write(pick: PickedItem, block_id: int | None, blurb: str) -> int:
    expected = key(request.form.get("version")) or 0
    by, now = here.editor_id(), here.now()
    if block_id is None:
        return curate.write_blurb(here.db(), pick.id, blurb, expected_version=expected, by=by, now=now)
    return board.edit_pick(
        here.db(),
        block_id,
        title=pick.title,
        link=pick.link or "",
        blurb=blurb,
        expected_version=expected,
        by=by,
        now=now,
    )


def _both(spec: NewsletterSpec, item_id: int, mine: str) -> Response:
    with here.db().read() as session:
        given = inbox_page.item_context(session, spec, item_id)
    given |= {"said_first": given["pick"].blurb, "mine": mine}
    if here.is_fragment():
        return part(render_template("desk/_inbox_conflict.html", is_answer=True, **given), status=409)
    return part(render_template("desk/inbox_item.html", **(given | {"is_page": True})), status=409)


def _blurb() -> str:
    blurb = request.form.get("blurb", "").replace("\0", "").replace("\r\n", "\n").strip()
    if len(blurb) > _MAX_BLURB:
        raise InvalidError("blurb", f"The blurb has {len(blurb):,} characters; at most {_MAX_BLURB:,} fit.")
    return blurb
