"""Undo: offered after every form of the desk, done by one route."""

import json

from flask import flash, request, session, url_for
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.activity import store
from curator.activity.undo import Undone, standing
from curator.activity.undo import undo as take_back
from curator.activity.values import ActivityRow
from curator.errors import NotFoundError, StateError
from curator.issues import publish
from curator.mailings import begin, over
from curator.web import here
from curator.web.desk import whose
from curator.web.desk.door import blueprint, needs
from curator.web.desk.reverts import REVERTS, may_undo, right_to
from curator.web.forms import key

# What follows from a deed by itself: the deed is what is offered to be taken back.
_FOLLOWS = ("issue.voided the approval of",)
# What follows from a booking: its slot comes into the issue that lacks it.
_FOLLOWS_BOOKING = "issue.added a promotion to"
# What ends by itself: a mailing under way stops then.
_DATED = ("promotion", "promotion slot", "booking")
# What an issue says of these comes from elsewhere, so its approval may not outlive the change.
_ELSEWHERE = ("segment", "episode", "show", "platform", "item", "quote", "newsletter", *_DATED)


@blueprint.post("/activity/<key:change_id>/undo")
def undo(change_id: int) -> Response | tuple[str, int, dict[str, str]]:
    """Takes a change back; where it is too late, says why, and what stands there now."""
    with here.db().read() as reading:
        change = store.change(reading, change_id)
    if not here.may(right_to(change), whose.of_change(change)):
        raise StateError("Your role at this desk does not include this.")
    try:
        done = _taken_back(change)
    except NotFoundError as error:
        # That its thing is gone is a reason like any other: the page of the log is there.
        raise StateError(str(error)) from error
    return _told(done, url_for("desk.activity"))


@blueprint.post("/issues/<key:issue_id>/undo")
@needs(Right.WRITE)
def undo_newest(issue_id: int) -> Response | tuple[str, int, dict[str, str]]:
    """Takes back the last thing that somebody did to an issue behind the change `since`; asked again, the one before.

    What saves itself while somebody writes is offered nowhere, so its key asks for it here.
    """
    since = key(request.form.get("since")) or 0
    with here.db().read() as reading:
        made = store.made(reading, here.editor_id(), "issue", issue_id, after_id=since)
    of = here.newsletter()
    change = next((each for each in standing(made) if each.deed not in _FOLLOWS and may_undo(each, of)), None)
    if change is None:
        raise StateError("There is nothing more of yours to take back since you came to this page.")
    return _told(_taken_back(change), url_for("desk.board", issue_id=issue_id))


@blueprint.after_request
def offer(response: Response) -> Response:
    """Offers to take back what this form did: on the next page, or to the script that asked for a fragment."""
    someone = here.editor()
    is_undone = request.endpoint in ("desk.undo", "desk.undo_newest") and here.is_fragment()
    if request.method != "POST" or someone is None or response.status_code >= 400 or is_undone:
        return response
    change = _newest(someone.id)
    if change is not None:
        flash(str(change.id), _kind(change))
    if here.is_fragment() and response.status_code < 300:
        _hand_over(response)
    return response


def _taken_back(change: ActivityRow) -> Undone:
    db, by, now = here.db(), here.editor_id(), here.now()
    done = take_back(db, change.id, REVERTS, by=by, now=now)
    if change.subject in _ELSEWHERE:
        publish.take_back_changed(db, here.app().renderer, by=by, now=now)
    if change.subject in _DATED:
        over.look_again(db)
        begin.give_up_changed(db, now=now)
    return done


def _told(done: Undone, usual: str) -> Response | tuple[str, int, dict[str, str]]:
    if not here.is_fragment():
        flash(done.words, "done")
        return here.go(here.local_path(request.form.get("back"), usual))
    redo = done.redo and _address(done.redo)
    label = "Undo" if _kind(done.change) == "redo" else "Redo"
    told = {"words": done.words, "change": done.change.id, "undo": redo, "label": label}
    return "", 204, {"HX-Trigger": json.dumps({"curator:undone": told})}


def _kind(change: ActivityRow) -> str:
    """Returns what it is to take a change back: to undo a deed, or to do again what was undone."""
    with here.db().read() as reading:
        return "redo" if store.takes_back(reading, change) else "undo"


def _newest(person: int) -> ActivityRow | None:
    """Returns the last thing that a person did in this request, where it can be taken back."""
    with here.db().read() as reading:
        made = store.deeds(reading, person, at=here.now())
    is_booking = any(change.subject == "booking" for change in made)
    follows = (*_FOLLOWS, _FOLLOWS_BOOKING) if is_booking else _FOLLOWS
    last = next((change for change in made if change.deed not in follows), None)
    return last if last is not None and may_undo(last, whose.of_change(last)) else None


def _hand_over(response: Response) -> None:
    """Gives a script what the next page would have said."""
    told = session.pop("_flashes", [])
    words = " ".join(text for kind, text in told if kind not in ("undo", "redo"))
    undoing = next(((kind, text) for kind, text in reversed(told) if kind in ("undo", "redo")), None)
    if not words and undoing is None:
        return
    done: dict[str, object] = {"words": words or "Done."}
    if undoing is not None:
        done |= {"undo": _address(int(undoing[1])), "label": undoing[0].capitalize()}
    given = response.headers.get("HX-Trigger", "")
    known = (
        json.loads(given) if given.startswith("{") else {name.strip(): {} for name in given.split(",") if name.strip()}
    )
    response.headers["HX-Trigger"] = json.dumps(known | {"curator:done": done})


def _address(change_id: int) -> str:
    return url_for("desk.undo", change_id=change_id)
