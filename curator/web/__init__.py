"""The web door: `create_app` joins the desk, the public pages and the guards around them."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, request
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from curator.app import TEMPLATES, App
from curator.settings import Settings
from curator.web import access, failures, headers, health, here, public, sessions, squeezed, templating, uploads
from curator.web.api.door import blueprint as api
from curator.web.api.pages import blueprint as api_pages
from curator.web.converters import KeyConverter
from curator.web.desk import blueprint as desk
from curator.web.hooks import door as hooks
from curator.web.public import click

# No other form than that of a file of readers (uploads.py) comes near it. More is refused before it is read.
MAX_UPLOAD_BYTES = 10_000_000
# One field of a form, and a whole form without a file (Werkzeug's own default is 500 kB): no pasted text comes near it.
# Ten megabytes of such a form can be five million fields, which take ten seconds to read.
MAX_FIELD_BYTES = 1_000_000


class _Web(Flask):
    """Flask, whose log of a bug names the route: the address of an unsubscribe link is a key."""

    request_class = uploads.LargeRequest

    def log_exception(self, exc_info: Any) -> None:
        """Logs a bug without what its address says."""
        self.logger.error("Exception on %s [%s]", request.url_rule, request.method, exc_info=exc_info)


def create_app(app: App, *, extra_blueprints: Sequence[Blueprint] = ()) -> Flask:
    """Returns the WSGI application over the wired ports; it opens no connection until it is asked something."""
    flask = _Web("curator.web", template_folder=str(TEMPLATES), static_folder=str(Path(__file__).parent / "static"))
    flask.config.from_mapping(_config(app.settings))
    flask.extensions[here.EXTENSION] = app
    flask.url_map.converters["key"] = KeyConverter
    flask.jinja_env.undefined = StrictUndefined
    flask.jinja_env.trim_blocks = flask.jinja_env.lstrip_blocks = True
    access.install(flask)
    flask.before_request(_limit_form)
    for install in (squeezed.install, headers.install, sessions.install, templating.install, failures.install):
        install(flask)
    click.install(flask)
    hooks.install(flask)
    for blueprint in (desk, public.blueprint, api, api_pages, health.blueprint, *extra_blueprints):
        flask.register_blueprint(blueprint)
    if app.settings.trusted_proxies:
        hops = app.settings.trusted_proxies
        flask.wsgi_app = ProxyFix(flask.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # - Flask's documented way to wrap it
    return flask


def _limit_form() -> tuple[str, int] | None:
    if request.mimetype != "multipart/form-data":
        request.max_content_length = MAX_FIELD_BYTES
        return None
    if uploads.has_room():
        return None
    words = "The disk of this installation is too full for the file. Ask an operator to make room."
    return failures.letter_page(507, "There is no room for this file", words)


def _config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": _session_key(settings.secret_key),
        "SESSION_COOKIE_NAME": "curator_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        # A cookie on every answer would ride on static files too, and shared caches keep those.
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        # A token lives as long as its session: an hour's limit would refuse a form left open over lunch.
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": MAX_UPLOAD_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_FIELD_BYTES,
    }


def _session_key(secret: str) -> bytes:
    """Returns a key of the sessions' own, so that a cookie never carries a signature made for a link."""
    return hmac.digest(secret.encode(), b"web session", hashlib.sha256)
