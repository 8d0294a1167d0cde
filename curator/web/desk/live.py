"""The mail as it stands, for the frame beside the board."""

from flask import make_response
from werkzeug.wrappers import Response

from curator.issues import live, store
from curator.newsletters import store as newsletters
from curator.web import headers, here
from curator.web.desk import pictures
from curator.web.desk.door import blueprint
from curator.web.desk.preview import framed

_NOTHING = "<!doctype html><title>No mail yet</title>"


@blueprint.get("/issues/<key:issue_id>/live.html")
def live_mail(issue_id: int) -> Response:
    """Returns the mail's HTML, or the last good one, under a policy of its own."""
    with here.db().read() as session:
        board = store.board(session, issue_id)
        newsletter = newsletters.newsletter(session, board.issue.newsletter_id)
        mail = live.as_it_stands(session, here.app().renderer, board, newsletter)
    html = pictures.ours(mail.html, here.app().renderer.public_url)
    response = make_response(framed(html, mail.links, scheme="light") if html else _NOTHING)
    response.headers["Content-Security-Policy"] = headers.LIVE_POLICY
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response
