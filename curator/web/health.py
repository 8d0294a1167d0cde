"""What machines ask: does this process live, may it be sent requests, and how does the installation stand."""

import hmac

from flask import Blueprint, Response, make_response, request

from curator import schema
from curator.errors import CuratorError
from curator.web import here
from curator.web.sessions import csrf

blueprint = Blueprint("health", __name__)
csrf.exempt(blueprint)
_LOOPBACK = ("127.0.0.1", "::1")


@blueprint.get("/healthz")
def healthz() -> Response:
    """Says that this process answers; nothing else is asked for it."""
    return _plain("ok\n")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Says whether this process may be sent requests: the database answers, and is at this version's schema."""
    try:
        current, newest = schema.current(here.db()), schema.newest()
    except CuratorError as error:
        return _plain(f"not ready: {error}\n", 503)
    if current != newest:
        return _plain(f"not ready: the database stands at {current}, this version needs {newest}\n", 503)
    return _plain("ready\n")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Gives a Prometheus server the figures; with the token of CURATOR_METRICS_TOKEN, without one to this machine."""
    if not _may_read():
        answer = _plain("Bring the token of CURATOR_METRICS_TOKEN as a Bearer token.\n", 401)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    # The library is loaded by the first who asks.
    from curator.watch import metrics as told
    from curator.watch.look import look

    answer = make_response(told.text(look(here.app())))
    answer.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _may_read() -> bool:
    token = here.app().settings.metrics_token
    if token is None:
        # Behind a proxy everybody comes from this machine.
        return request.remote_addr in _LOOPBACK and "X-Forwarded-For" not in request.headers
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())


def _plain(words: str, status: int = 200) -> Response:
    answer = make_response(words, status)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Cache-Control"] = "no-store"
    return answer
