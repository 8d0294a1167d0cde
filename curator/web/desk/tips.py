"""Readers' tips at the desk: the links that wait, with what their senders say, and what an editor does with each."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import store as accounts
from curator.accounts.values import Right
from curator.db import Session
from curator.errors import CuratorError, NotFoundError
from curator.newsletters import store as newsletter_store
from curator.newsletters.values import NewsletterSpec
from curator.picks.tips import decide, store
from curator.picks.tips.values import Tip, TipState
from curator.web import here, words
from curator.web.desk.choice import chosen, newsletters
from curator.web.desk.door import blueprint, needs
from curator.web.desk.inbox_answer import part
from curator.web.forms import key

_LABELS = {
    TipState.WAITING: "Waiting",
    TipState.ACCEPTED: "Let in",
    TipState.REFUSED: "Refused",
    TipState.SPAM: "Spam",
}
_MOST_OF_A_LINK = 90


@blueprint.get("/tips")
def tips() -> str:
    """Shows the tips of one newsletter that stand under a tab, the last sent first."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Tips")
    show, before = _show(), key(request.args.get("before"))
    with here.db().read() as session:
        found = store.tips(session, newsletter.id, show, before=before, limit=store.PAGE + 1)
        given = _context(session, newsletter, show) | {"rows": found[: store.PAGE], "before": before}
    given["older"] = found[store.PAGE - 1].id if len(found) > store.PAGE else None
    return render_template("desk/tips.html", all_newsletters=all_newsletters, **given)


@blueprint.get("/tips/<key:tip_id>/row")
def tip_row(tip_id: int) -> Response:
    """Gives a script a tip's row as it stands now: nothing where it has left the list."""
    return part(_answer(tip_id))


def _deed(view: Callable[[Tip], str]) -> Callable[[int], Response]:
    """Answers a deed that says in words what was done; why one was refused, a script is told on the tip's own row."""

    @wraps(view)
    def done(tip_id: int) -> Response:
        with here.db().read() as session:
            tip = store.tip(session, tip_id)
        try:
            said, kind, status = view(tip), "done", 200
        except NotFoundError:
            raise
        except CuratorError as error:
            said, kind, status = str(error), "error", 409
        if here.is_fragment() and status == 409:
            return part(_answer(tip_id, refused=said), status=409)
        flash(said, kind)
        if here.is_fragment():
            return part(_answer(tip_id))
        usual = url_for("desk.tips", newsletter=tip.newsletter_id)
        below = key(request.form.get("below"))
        anchor = f"item-{below}" if below else "rows"
        return here.go(here.local_path(request.form.get("back"), usual), anchor=anchor)

    return done


@blueprint.post("/tips/<key:tip_id>/accept")
@_deed
def accept_tip(tip: Tip) -> str:
    """Lets a tip in: its page is read, and it stands in the inbox."""
    decide.accept(here.db(), tip.id, by=here.editor_id(), now=here.now())
    return f"Let in: {_link(tip)}. It is in the inbox."


@blueprint.post("/tips/<key:tip_id>/refuse")
@_deed
def refuse_tip(tip: Tip) -> str:
    """Refuses a tip; its sender hears nothing of it."""
    decide.refuse(here.db(), tip.id, by=here.editor_id(), now=here.now())
    return f"Refused: {_link(tip)}"


@blueprint.post("/tips/<key:tip_id>/spam")
@_deed
def mark_tip_as_spam(tip: Tip) -> str:
    """Marks a tip as spam, with what else waits from there."""
    app = here.app()
    number = decide.mark_as_spam(app.db, app.keys, tip.id, by=here.editor_id(), now=here.now())
    others = f" with {words.count(number - 1, 'other tip')} from there" if number > 1 else ""
    return f"Spam{others}: {_link(tip)}. Nothing is taken from there for a month."


@blueprint.post("/tips/<key:tip_id>/reopen")
@_deed
def reopen_tip(tip: Tip) -> str:
    """Lets a tip wait again."""
    decide.reopen(here.db(), tip.id, [tip.id], tip.state, by=here.editor_id(), now=here.now())
    return f"Waits again: {_link(tip)}"


@blueprint.post("/newsletters/<key:newsletter_id>/tips")
@needs(Right.MANAGE)
def switch_tips(newsletter_id: int) -> Response:
    """Opens or closes the form by which readers send links."""
    is_open = request.form.get("open") == "yes"
    with here.db().read() as session:
        newsletter = newsletter_store.newsletter(session, newsletter_id)
    decide.set_open(here.db(), newsletter_id, is_open=is_open, by=here.editor_id(), now=here.now())
    flash(
        f"Readers of {newsletter.name} can send you links."
        if is_open
        else f"{newsletter.name} takes no more links. What waits stays.",
        "done",
    )
    return here.go(url_for("desk.tips", newsletter=newsletter_id))


@blueprint.app_template_global("waiting_tips")
def waiting_tips(newsletter_id: int) -> int | None:
    """Returns how many tips wait in a newsletter; None where it takes none and none wait."""
    with here.db().read() as session:
        waiting = store.waiting(session, newsletter_id)
        return waiting if waiting or store.is_open(session, newsletter_id) else None


def _show() -> TipState:
    given = request.values.get("show", "")
    return TipState(given) if given in list(TipState) else TipState.WAITING


def _context(session: Session, newsletter: NewsletterSpec, show: TipState) -> dict[str, Any]:
    return {
        "newsletter": newsletter,
        "show": show,
        "labels": _LABELS,
        "waiting": store.waiting(session, newsletter.id),
        "is_open": store.is_open(session, newsletter.id),
        "address": url_for("desk.tips", newsletter=newsletter.id, show=show),
        "people": {each.id: each.name for each in accounts.editors(session)},
        "refused": "",
        "below": "",
        "oob": False,
    }


def _answer(tip_id: int, *, refused: str = "") -> str:
    """Returns a tip's row, unless it has left the tab that it was on, and the tabs."""
    show = _show()
    with here.db().read() as session:
        tip = store.tip(session, tip_id)
        newsletter = newsletter_store.newsletter(session, tip.newsletter_id)
        given = _context(session, newsletter, show) | {"refused": refused, "below": request.values.get("below", "")}
    stays = bool(refused) or tip.state is show
    return render_template("desk/_tip_answer.html", tip=tip if stays else None, **(given | {"oob": True}))


def _link(tip: Tip) -> str:
    return words.excerpt(tip.url.partition("://")[2], _MOST_OF_A_LINK)
