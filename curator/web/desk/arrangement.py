"""The board as it is shown: what its templates need, and the parts of it that change while somebody works on it."""

from collections.abc import Sequence
from typing import Any

from flask import make_response, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from curator.accounts.values import Right
from curator.activity import store as activity
from curator.db import Session
from curator.issues import live, markdown, pictured, store
from curator.issues.presence import store as presence
from curator.issues.presence.values import FRESH_FOR, Present
from curator.issues.render import MAX_HTML_BYTES
from curator.issues.values import BoardBlock, IssueState
from curator.newsletters import store as newsletters
from curator.picks.inbox import store as inbox
from curator.web import here
from curator.web.desk.home import issue_standing

# Gmail clips a mail whose HTML is longer than 102 kB; the unsubscribe link at its end would be lost.
CLIPPED_AT_BYTES = 100_000

# What comes after the board, by where the issue stands: one way on, and everything else looked at first.
_NEXT = {
    IssueState.APPROVED: ("desk.send", "Say when it leaves"),
    IssueState.SCHEDULED: ("desk.send", "See the schedule"),
    IssueState.SENDING: ("desk.send", "See it leave"),
    IssueState.SENT: ("desk.results", "See the results"),
}
_LOOK_FIRST = ("desk.preview", "To the preview")


def shown(session: Session, issue_id: int) -> dict[str, Any]:
    """Returns what the board's templates need; a fixed number of queries. Raises NotFoundError."""
    board = store.board(session, issue_id)
    newsletter = newsletters.newsletter(session, board.issue.newsletter_id)
    unlooked = inbox.unlooked(session, newsletter.id, now=here.now())
    standing = issue_standing(session, newsletter, board, unlooked)
    # Of a back issue there are no results to see.
    next_step = _LOOK_FIRST if board.issue.imported_at is not None else _NEXT.get(board.issue.state, _LOOK_FIRST)
    endpoint, label = next_step
    return {
        "board": board,
        "issue": board.issue,
        "newsletter": newsletter,
        "zone": newsletter.cadence.zone,
        "standing": standing,
        "unlooked": unlooked,
        "next": (url_for(endpoint, issue_id=issue_id), label),
        "live": live.as_it_stands(session, here.app().renderer, board, newsletter),
        "clipped_at": CLIPPED_AT_BYTES,
        "most_bytes": MAX_HTML_BYTES,
        "people": told(others(session, issue_id)),
        "change": activity.newest_id(session, "issue", issue_id),
        "can_edit": board.issue.state.is_editable and here.may(Right.WRITE),
        "as_read": as_read,
        "pictures": pictured.standings(board),
        "picture_of": pictured.offered,
    }


def changed(
    issue_id: int, *, said: str = "", version: int | None = None, is_whole: bool = True, status: int = 200
) -> Response:
    """Returns what a script puts in place of what it shows: sizes and state, with `is_whole` the blocks as well.

    `said` is what happened in words, `version` that of the words which were just saved.
    """
    with here.db().read() as session:
        parts = shown(session, issue_id)
        page = render_template("desk/_changed.html", said=said, version=version, is_whole=is_whole, **parts)
    return varied(page, status)


def refused(field: str, reason: str) -> Response:
    """Returns why words were not taken, for the script that sent them."""
    return varied(render_template("desk/_refused.html", field=field, reason=reason), 422)


def varied(page: str, status: int) -> Response:
    """Returns a page, or a part of it: the same address gives either, to a script what it asks for."""
    response = make_response(page, status)
    response.headers["Vary"] = "HX-Request"
    return response


def as_read(block: BoardBlock) -> Markup:
    """Returns an editor's words as readers see them."""
    words = block.body if block.pick is None else block.pick.blurb
    return Markup(markdown.on_the_web(markdown.html(words)))  # noqa: S704 - nh3 made it of p, strong, em, a, code, br


def others(session: Session, issue_id: int) -> list[Present]:
    """Returns who else has this board open."""
    return presence.others(session, issue_id, but=here.editor_id(), since=here.now() - FRESH_FOR)


def told(people: Sequence[Present]) -> str:
    """Returns who is there in words: "Mina is on Trends, Theo is here"."""
    return ", ".join(f"{one.name} is {f'on {one.section}' if one.section else 'here'}" for one in people)
