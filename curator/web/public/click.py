"""Tracked links and pictures: a reader is answered at once, in front of everything else that the web does.

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
from curator.languages import msgid
from curator.web import headers, here
from curator.web.public.door import damaged

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

blueprint = Blueprint("click", __name__)

_EXTENSION = "curator-clicks"
_PATH, _OPENED = "/l/", "/o/"
# A transparent GIF of one pixel: the smallest picture that every mail program knows.
_PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")
# The target does not learn the token, and nothing keeps the answer.
_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
    ("Content-Length", "0"),
)
_PIXEL_HEADERS = (
    ("Content-Type", "image/gif"),
    ("Content-Length", str(len(_PIXEL))),
    ("Cache-Control", "no-store"),
    ("X-Robots-Tag", "noindex"),
    # The mail is shown on another site, which is to be allowed to show the picture.
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
)
_MOST_TARGETS = 4096
_DAMAGED = msgid("Open the mail again and press the link itself, or look the issue up on the newsletter's own page.")


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
        transport = headers.transport_headers(self._app.settings)
        self._headers = [*_HEADERS, *transport]
        self._opened = clicks.opened
        self._pixel_headers = [*_PIXEL_HEADERS, *transport]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return self._inner(environ, start_response)
        if path.startswith(_OPENED):
            return self._picture(path.removeprefix(_OPENED), environ, start_response)
        if not path.startswith(_PATH):
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

    def _picture(self, token: str, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers with the picture; a token that is not ours goes on to the route, which says that it is none."""
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        try:
            self._opened(
                token,
                program=environ.get("HTTP_USER_AGENT", ""),
                network=here.network_of(environ.get("REMOTE_ADDR", "")),
                is_head=is_head,
                now=self._app.clock(),
            )
        except TokenError:
            return self._inner(environ, start_response)
        start_response("200 OK", self._pixel_headers)
        return () if is_head else (_PIXEL,)


@blueprint.get("/o/<token>")
def opened(token: str) -> Response:  # noqa: ARG001 - the address has it
    """Answers a picture's address that nobody has signed; the door has answered all others."""
    response = make_response(*damaged(_DAMAGED))
    response.headers.update(_HEADERS[:2])
    return response


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
