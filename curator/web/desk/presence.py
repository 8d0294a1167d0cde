"""Who is at a board: a script says so every 30 s, and learns who else is there and whether something changed."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from curator.accounts import store as accounts
from curator.accounts.values import Right
from curator.activity import store as activity
from curator.db import Session
from curator.issues.presence import attend
from curator.web import here
from curator.web.desk import arrangement
from curator.web.desk.door import blueprint, needs
from curator.web.forms import key


@blueprint.post("/issues/<key:issue_id>/presence")
@needs(Right.LOOK)
def note_presence(issue_id: int) -> Response | tuple[str, int] | dict[str, Any]:
    """Notes that somebody is there, or with `leaving` that they have gone."""
    if request.form.get("leaving"):
        attend.leave(here.db(), issue_id, here.editor_id())
        return "", 204
    attend.stay(here.db(), issue_id, here.editor_id(), block_id=key(request.form.get("block")), now=here.now())
    with here.db().read() as session:
        people = arrangement.others(session, issue_id)
        return {
            "people": arrangement.told(people),
            "blocks": {one.block_id: f"{one.name} is here" for one in people if one.block_id is not None},
            "news": _news(session, issue_id, seen=key(request.form.get("seen")) or 0),
        }


def _news(session: Session, issue_id: int, *, seen: int) -> str:
    """Returns in words that somebody else changed the board since; empty when nobody did."""
    change = activity.newest_by_others(session, "issue", issue_id, after_id=seen, but=here.editor_id())
    if change is None:
        return ""
    someone = None if change.actor is None else accounts.editor(session, change.actor)
    return f"{someone.name if someone else 'Somebody else'} has saved a new version."
