"""Providers' doors, in front of everything else that the web does: a call needs no session, no form and no page.

Of a large mailing a provider calls thousands of times a second. What is refused is refused before its body is read,
where its head says enough.
"""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask

from curator.errors import CuratorError
from curator.events.inbox.take import Intake
from curator.events.providers.judge import MAX_BYTES, Call, Why
from curator.events.providers.values import Provider
from curator.web import headers, here

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/hooks/"
_PROVIDERS = {str(each): each for each in Provider}
_SENDGRID = "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK"
_LONGEST_SECRET = 200
_WORDS = {
    Why.FORGED: "The signature does not fit.",
    Why.REPLAYED: "This was sent before.",
    Why.STALE: "The signature is too old, or a clock is wrong.",
    Why.WRONG_DOOR: "The address, or the name and password, are wrong.",
    Why.WRONG_TOPIC: "The settings do not name this topic.",
    Why.BROKEN: "The body is not the JSON that was expected.",
    Why.WRONG_TYPE: "Send JSON.",
    Why.TOO_LARGE: f"At most {MAX_BYTES:,} bytes are taken.",
    Why.FULL: "Too many calls wait for a certificate. Try again.",
}


def install(flask: Flask) -> None:
    """Puts the doors in front of the application."""
    flask.wsgi_app = _Doors(flask)  # type: ignore[method-assign]  # - Flask's documented way to wrap it


class _Doors:
    """Takes what providers send to /hooks/...; everything else goes on. A door that is not set up is not there."""

    def __init__(self, flask: Flask) -> None:
        self._inner: WSGIApplication = flask.wsgi_app
        self._app = here.app_of(flask)
        self._intake = Intake(self._app.db, self._app.doors)
        self._headers = [
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *headers.transport_headers(self._app.settings),
        ]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._inner(environ, start_response)
        name, _, secret = path.removeprefix(PREFIX).partition("/")
        provider = _PROVIDERS.get(name)
        if provider is None or not self._intake.has(provider) or (secret and provider is not Provider.POSTMARK):
            return self._inner(environ, start_response)
        if environ["REQUEST_METHOD"] != "POST":
            return self._answer(start_response, 405, "Only POST is taken here.", [("Allow", "POST")])
        try:
            why = self._taken(provider, secret, environ)
        except CuratorError:
            return self._answer(start_response, 503, "It cannot be kept just now. Try again.", [("Retry-After", "15")])
        # A body that was not read would be taken for the next request of its connection.
        more = [("Connection", "close")] if why is Why.TOO_LARGE else []
        more += [("WWW-Authenticate", 'Basic realm="Curator"')] if why is Why.WRONG_DOOR else []
        return self._answer(start_response, why.status, _WORDS.get(why, ""), more)

    def _taken(self, provider: Provider, secret: str, environ: "WSGIEnvironment") -> Why:
        now = self._app.clock()
        body = _body(environ)
        if body is None:
            return self._intake.refuse(provider, Why.TOO_LARGE, now=now)
        call = Call(
            provider,
            body,
            mimetype=environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower(),
            secret=secret[:_LONGEST_SECRET],
            authorization=environ.get("HTTP_AUTHORIZATION", "")[:1000],
            timestamp=environ.get(f"{_SENDGRID}_TIMESTAMP", "")[:40],
            signature=environ.get(f"{_SENDGRID}_SIGNATURE", "")[:400],
        )
        return self._intake.take(call, now=now)

    def _answer(
        self, start_response: "StartResponse", status: int, words: str, more: list[tuple[str, str]]
    ) -> Iterable[bytes]:
        body = json.dumps({"detail": words} if words else {}).encode()
        length = ("Content-Length", str(len(body)))
        start_response(f"{status} {HTTPStatus(status).phrase}", [*self._headers, length, *more])
        return (body,)


def _body(environ: "WSGIEnvironment") -> bytes | None:
    """Returns a body that is not too large; of one that says its size, nothing is read when it is."""
    given = environ.get("CONTENT_LENGTH") or ""
    # Of more than 4,300 digits Python makes no number.
    if given and not (given.isascii() and given.isdigit() and len(given) < 12 and int(given) <= MAX_BYTES):
        return None
    limit = int(given) if given else MAX_BYTES + 1
    pieces, size = [], 0
    while size < limit:
        piece = environ["wsgi.input"].read(limit - size)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces) if size <= MAX_BYTES else None
