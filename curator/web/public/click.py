"""Tracked links: a reader is sent on at once, without session, cookie or database write."""

from typing import cast

from flask import Blueprint, Flask, current_app, make_response, request
from werkzeug.wrappers import Response

from curator.errors import NotFoundError, TokenError
from curator.events.clicks import Clicks
from curator.web import failures, here

blueprint = Blueprint("click", __name__)

_EXTENSION = "curator-clicks"


def install(flask: Flask) -> None:
    """Gives the application its memory of targets and its spool, and the route that uses them."""
    app = here.app_of(flask)
    flask.extensions[_EXTENSION] = Clicks(app.db, app.keys, public_url=app.settings.public_url, spool_dir=app.spool_dir)
    flask.register_blueprint(blueprint)


@blueprint.get("/l/<token>")
def follow(token: str) -> Response:
    """Leads on to where a link of a mail points. The target does not learn the token, and nothing keeps the answer."""
    clicks = cast("Clicks", current_app.extensions[_EXTENSION])
    try:
        target = clicks.follow(
            token,
            program=request.user_agent.string,
            network=here.network(),
            is_head=request.method == "HEAD",
            now=here.now(),
        )
    except (TokenError, NotFoundError):
        return _unshared(make_response(*_damaged()))
    return _unshared(Response(status=302, headers={"Location": target}))


def _unshared(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _damaged() -> tuple[str, int]:
    return failures.letter_page(
        404,
        "This link does not work",
        "It is damaged or was cut short. Open the mail again and press the link itself, or look the issue up on the "
        "newsletter's own page.",
    )
