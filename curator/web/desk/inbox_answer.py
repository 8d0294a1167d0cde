"""How the inbox answers a deed: a script gets the row and the counters that changed, a form the list again."""

from collections.abc import Callable
from functools import wraps

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import store as accounts
from curator.errors import CuratorError, NotFoundError
from curator.newsletters.values import NewsletterSpec
from curator.picks.inbox import store as inbox
from curator.picks.values import InboxFilter, InboxRow, TakenError
from curator.web import here, words
from curator.web.desk import inbox_page
from curator.web.desk.inbox_asked import asked
from curator.web.forms import key


def part(page: str, *, status: int = 200) -> Response:
    """Returns a part of a page."""
    answer = make_response(page, status)
    answer.vary.add("HX-Request")
    return answer


def row(spec: NewsletterSpec, item_id: int) -> Response:
    """Returns an item's row and the counters."""
    return part(_page(spec, item_id))


def done(spec: NewsletterSpec, item_id: int, said: str, *, is_open: bool = False) -> Response:
    """Answers a deed that is done, in words; the way back is offered beside them as after every form of the desk.

    `is_open` keeps the row where it is, with everything that can be done with it.
    """
    if said:
        flash(said, "done")
    if not here.is_fragment():
        return _to_next_row(item_id, is_open=is_open)
    return part(_page(spec, item_id, is_open=is_open))


def refusing(view: Callable[[int], Response]) -> Callable[[int], Response]:
    """Has a script told on the item's own row why a deed was refused; a form is answered as everywhere."""

    @wraps(view)
    def guarded(item_id: int) -> Response:
        try:
            return view(item_id)
        except NotFoundError:
            raise
        except CuratorError as error:
            return _refused(inbox_page.newsletter(), item_id, error)

    return guarded


def _refused(spec: NewsletterSpec, item_id: int, error: CuratorError) -> Response:
    why = _taken(error) if isinstance(error, TakenError) else str(error)
    if here.is_fragment():
        status = 409 if isinstance(error, TakenError) else 422
        return part(_page(spec, item_id, refused=why), status=status)
    flash(why, "error")
    return _to_next_row(item_id, is_open=True)


def _taken(error: TakenError) -> str:
    with here.db().read() as session:
        someone = None if error.by is None else accounts.editor(session, error.by)
    if error.by == here.editor_id():
        return "You picked it already."
    who = "the draft" if error.by is None else "somebody" if someone is None else someone.name
    return f"Picked by {who} {words.moments_ago(error.at, here.now())}."


def _page(spec: NewsletterSpec, item_id: int, *, refused: str = "", is_open: bool = False) -> str:
    wanted = asked()
    with here.db().read() as session:
        given = inbox_page.context(session, spec, wanted)
        found = inbox.row(session, spec.id, item_id, mutes=given["mutes"])
        stays = found is not None and (is_open or bool(refused) or belongs(found, wanted.show))
        one = inbox_page.remembered(session, spec.id, [found])[0] if found is not None and stays else None
        if one is not None and is_open:
            given |= inbox_page.deeds(session, spec, one, given["head"])
        given |= {"one": one, "below": request.values.get("below", "")}
        given |= {"refused": refused, "is_open": is_open, "item_id": item_id}
    return render_template("desk/_inbox_answer.html", **given)


def belongs(row: InboxRow, show: InboxFilter) -> bool:
    """Tells whether an item stands under a tab of the inbox."""
    waits = row.later_until is not None and row.later_until > here.now()
    if row.pick_id is not None:
        stands = InboxFilter.PICKED
    elif row.is_skipped:
        stands = InboxFilter.SKIPPED
    elif waits:
        stands = InboxFilter.LATER
    else:
        stands = InboxFilter.NEW if row.mute is None else InboxFilter.MUTED
    return show in (stands, InboxFilter.ALL)


def _to_next_row(item_id: int, *, is_open: bool) -> Response:
    """Goes back to the list where the editor was, at the row below."""
    back = here.local_path(request.form.get("back"), url_for("desk.inbox"))
    below = item_id if is_open else key(request.form.get("below"))
    return here.go(back, anchor=f"item-{below}" if below else "rows")
