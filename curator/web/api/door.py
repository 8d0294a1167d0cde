"""The API's door: a token in the Authorization header, no cookie, no form; and its one room, items."""

import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from curator.accounts import api_tokens
from curator.accounts.throttle import throttle
from curator.accounts.values import ApiScope, Bearer
from curator.feeds.add import MAX_EXCERPT, MAX_TITLE, add_item
from curator.feeds.normalize import clean
from curator.http.values import MAX_URL
from curator.web import here
from curator.web.api.problems import Problem
from curator.web.sessions import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api")
# A browser sends no Authorization header by itself, so there is nothing to forge.
csrf.exempt(blueprint)

MAX_BODY = 64_000
"""Bytes: a page's address, title and excerpt take a tenth of it."""

CALLS_A_TOKEN, CALL_WINDOW = 60, timedelta(minutes=1)
WRONG_A_NETWORK, WRONG_WINDOW = 20, timedelta(minutes=15)

_FIELDS = {"url": MAX_URL, "title": MAX_TITLE, "excerpt": MAX_EXCERPT, "image_url": MAX_URL}


@blueprint.post("/items")
def add_items_page() -> Response:
    """Saves a page as an item: 201 with the new one, 200 with the known one. The same request again is harmless."""
    bearer = _bearer(ApiScope.WRITE_ITEMS)
    given = _given()
    added = add_item(
        here.db(),
        given["url"],
        title=given.get("title", ""),
        excerpt=given.get("excerpt", ""),
        image_url=given.get("image_url", ""),
        now=here.now(),
        by=bearer.user_id,
    )
    place = url_for("desk.item", item_id=added.item_id)
    answer: Response = jsonify({"id": added.item_id, "is_new": added.is_new, "desk": place})
    answer.status_code = 201 if added.is_new else 200
    if added.is_new:
        answer.headers["Location"] = place
    return answer


def _bearer(scope: ApiScope) -> Bearer:
    """Returns whom the request's token stands for; wrong ones are counted by network, right ones by token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_asked = scheme.lower() == "bearer" and bool(token.strip())
    found = api_tokens.bearer(here.db(), token.strip(), now=here.now()) if is_asked else None
    if found is None:
        if is_asked:
            wrong = ["api", "wrong", here.network()]
            throttle(here.db(), wrong, limit=WRONG_A_NETWORK, window=WRONG_WINDOW, now=here.now())
        challenge = 'Bearer realm="Curator"' + (', error="invalid_token"' if is_asked else "")
        words = "The token is unknown or revoked." if is_asked else "Send a token: Authorization: Bearer TOKEN."
        raise Problem(401, words, headers={"WWW-Authenticate": challenge})
    calls = ["api", "calls", str(found.token_id)]
    throttle(here.db(), calls, limit=CALLS_A_TOKEN, window=CALL_WINDOW, now=here.now())
    if scope not in found.scopes:
        challenge = f'Bearer realm="Curator", error="insufficient_scope", scope="{scope}"'
        raise Problem(403, f"The token may not do this: it lacks {scope}.", headers={"WWW-Authenticate": challenge})
    return found


def _given() -> dict[str, str]:
    """Returns the fields of the request's JSON object, each a text that is not too long."""
    if request.mimetype != "application/json":
        raise Problem(415, "Send JSON (Content-Type: application/json).", headers={"Accept": "application/json"})
    given = _object()
    errors = {name: _wrong(given[name], most) for name, most in _FIELDS.items() if given.get(name) is not None}
    errors |= {name[:50]: "There is no such field." for name in list(given)[:20] if name not in _FIELDS}
    errors = {name: words for name, words in errors.items() if words}
    if not given.get("url") and "url" not in errors:
        errors["url"] = "Give the page's address."
    if errors:
        raise Problem(422, "Some fields cannot be taken.", errors=errors)
    # JSON can say half a character and NUL; no database holds them.
    return {name: clean(value) for name, value in given.items() if value is not None}


def _object() -> dict[str, Any]:
    request.max_content_length = MAX_BODY
    try:
        given = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError) as error:
        raise Problem(400, "The body is no JSON.") from error
    if not isinstance(given, dict):
        raise Problem(400, "The body must be a JSON object.")
    return given


def _wrong(value: Any, most: int) -> str:
    if not isinstance(value, str):
        return "This must be a text."
    if len(value) > most:
        return f"This is {len(value):,} characters long; at most {most:,} fit."
    return ""
