"""One line in the log for each request, and the id by which all of its lines are found. No line says who asked.

Clicks and providers' calls are answered in front of this and have no line: they are rows of the database.
"""

import re
import time

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, unbind_contextvars

from curator.web import here

_log = structlog.get_logger()

HEADER = "X-Request-ID"
# What proxies make. Anything else could forge a line, or carry what no log may hold.
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked for every few seconds by machines, or many at once by browsers.
_QUIET = frozenset({"static", "health.healthz", "health.readyz", "health.metrics"})


def install(flask: Flask) -> None:
    """Begins and ends every request; called before all others, so that it begins first and ends last."""
    flask.before_request(_begin)
    flask.after_request(_end)
    flask.teardown_request(_forget)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _SANE.fullmatch(given) else f"{here.app().random.getrandbits(96):024x}"
    g.began_s = time.monotonic()
    bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    # The rule and not the path: what stands in its place may be a token.
    route = str(request.url_rule) if request.url_rule is not None else "(none)"
    took_ms = round((time.monotonic() - g.began_s) * 1000, 1)
    is_quiet = request.endpoint in _QUIET or here.app().settings.is_demo
    write = _log.debug if is_quiet and response.status_code < 500 else _log.info
    write("request", method=request.method, route=route, status=response.status_code, took_ms=took_ms)
    return response


def _forget(_error: BaseException | None) -> None:
    unbind_contextvars("request_id")
