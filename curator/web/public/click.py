"""Tracked links: a reader is sent on at once, in front of everything else that the web does.

A click needs no session, no form token, no user and no page, and there are more of them than of all other requests
together: the door below answers it in a tenth of the time. What it cannot answer goes on to the route, which says why.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Flask, current_app, make_response, request
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response

from curator.errors import CuratorError, NotFoundError, TokenError
from curator.events.clicks import Clicks
from curator.web import headers, here
from curator.web.public.door import damaged

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

blueprint = Blueprint("click", __name__)

_EXTENSION = "curator-clicks"
_PATH = "/l/"
# The target does not learn the token, and nothing keeps the answer.
_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
    ("Content-Length", "0"),
)
_MOST_TARGETS = 4096
_DAMAGED = "Open the mail again and press the link itself, or look the issue up on the newsletter's own page."


def install(flask: Flask) -> None:
    """Gives the application its memory of targets, its spool, the door and the route behind it."""
    app = here.app_of(flask)
    clicks = Clicks(app.db, app.keys, public_url=app.settings.public_url, spool_dir=app.spool_dir)
    flask.extensions[_EXTENSION] = clicks
    flask.wsgi_app = _Door(flask, clicks)  # type: ignore[method-assign]  # - Flask's documented way to wrap it
    flask.register_blueprint(blueprint)


class _Door:
    """Answers a click that is one; everything else goes on."""

    def __init__(self, flask: Flask, clicks: Clicks) -> None:
        self._inner: WSGIApplication = flask.wsgi_app
        self._app = here.app_of(flask)
        self._follow = clicks.follow
        self._location = lru_cache(_MOST_TARGETS)(iri_to_uri)
        self._headers = [*_HEADERS, *headers.transport_headers(self._app.settings)]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if not path.startswith(_PATH) or method not in ("GET", "HEAD"):
            return self._inner(environ, start_response)
        try:
            target = self._follow(
                path.removeprefix(_PATH),
                program=environ.get("HTTP_USER_AGENT", ""),
                network=here.network_of(environ.get("REMOTE_ADDR", "")),
                is_head=method == "HEAD",
                now=self._app.clock(),
            )
        except CuratorError:
            return self._inner(environ, start_response)
        start_response("302 Found", [("Location", self._location(target)), *self._headers])
        return ()


@blueprint.get("/l/<token>")
def follow(token: str) -> Response:
    """Says why a link does not work; one that the door could not follow a moment ago is followed here."""
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
        response = make_response(*damaged(_DAMAGED))
        response.headers.update(_HEADERS[:2])
        return response
    return Response(status=302, headers=[("Location", target), *_HEADERS])
