"""The security headers of every answer."""

from flask import Flask, Response, make_response, request, session

from curator.settings import Settings
from curator.web import here

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; script-src 'self'; connect-src 'self'"
)
# The mail preview: its styles stand inline, nothing runs, nothing leaves, and only the desk may frame it.
PREVIEW_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'"
)
# The mail beside the board: the board's own script reads how far it is scrolled. Nothing in it runs all the same.
LIVE_POLICY = PREVIEW_POLICY.replace("sandbox;", "sandbox allow-same-origin;")
# A year, as browsers' preload lists ask.
_HSTS = "max-age=31536000"


def install(flask: Flask) -> None:
    """Adds the headers to every answer, errors and static files included."""
    flask.after_request(_guarded)


def shared(page: str, *, for_s: int) -> Response:
    """Returns a page on which nothing is anybody's own: caches may keep it so long, and search engines may list it.

    A page that began a session, as a form with a token does, is its visitor's own after all and is not kept.
    """
    response = make_response(page)
    if session.modified:
        return response
    response.headers["Cache-Control"] = f"public, max-age={for_s}"
    response.headers["X-Robots-Tag"] = "index"
    return response


def transport_headers(settings: Settings) -> list[tuple[str, str]]:
    """Returns what keeps browsers on TLS, where this installation has it."""
    return [("Strict-Transport-Security", _HSTS)] if settings.is_https else []


def _guarded(response: Response) -> Response:
    """A header that a view has set itself stays."""
    given = response.headers
    is_static = request.endpoint == "static"
    if here.speaks_as_asked():
        response.vary.add("Accept-Language")
    given.setdefault("Content-Security-Policy", POLICY)
    given.setdefault("Referrer-Policy", "same-origin")
    given.setdefault("X-Content-Type-Options", "nosniff")
    given.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    for name, value in transport_headers(here.app().settings):
        given.setdefault(name, value)
    if is_static and "v" in request.args and response.status_code == 200:
        given["Cache-Control"] = "public, max-age=31536000, immutable"
    elif not is_static:
        given.setdefault("Cache-Control", "no-store")
        given.setdefault("X-Robots-Tag", "noindex")
    return response
