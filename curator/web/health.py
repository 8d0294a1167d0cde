"""What machines ask: does this process live, may it be sent requests, and how does the installation stand."""

import hmac
import os

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
    """Says whether this process may be sent requests: the database is this version's, and clicks can be kept."""
    try:
        why = _why_not_ready()
    except CuratorError as error:
        why = str(error)
    return _plain(f"not ready: {why}\n", 503) if why else _plain("ready\n")


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


def _why_not_ready() -> str:
    """Returns in words what keeps this process from being sent requests, "" where nothing does."""
    current, newest, spool = schema.current(here.db()), schema.newest(), here.app().spool_dir
    if current not in schema.known() and current is not None:
        return f"the database stands at {current}, which is newer than this version ({newest}): start the newer version"
    if current != newest:
        return f"the database stands at {current}, this version needs {newest}: run `curator db upgrade`"
    # It is made with the first click, so its folder has to let that happen.
    folder = next(each for each in (spool, *spool.parents) if each.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        return f"clicks cannot be kept: {folder} may not be written"
    return ""


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
