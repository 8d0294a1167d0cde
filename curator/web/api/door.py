"""The API's door: a token in the Authorization header, no cookie, no form; each operation of the table is a route."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from curator.accounts import api_tokens, repeats
from curator.accounts import store as accounts
from curator.accounts.places import store as places
from curator.accounts.throttle import counted, throttle
from curator.accounts.values import Bearer, Editor, TooManyAttempts
from curator.activity.store import by_token
from curator.errors import TokenError
from curator.web import here
from curator.web.api import cursors, shapes
from curator.web.api.operations import Call, Operation, Page, Reply
from curator.web.api.problems import Kind, Problem
from curator.web.api.table import ADD_ITEM, OPERATIONS
from curator.web.sessions import csrf

blueprint = Blueprint("api", __name__, url_prefix="/api")
# A browser sends no Authorization header by itself, so there is nothing to forge.
csrf.exempt(blueprint)

MAX_BODY = 64_000
"""Bytes: a long blurb takes a sixth of it."""

CALLS_A_TOKEN, CALL_WINDOW = 120, timedelta(minutes=1)
WRONG_A_NETWORK, WRONG_WINDOW = 20, timedelta(minutes=15)

_VERSION = re.compile(r'"(\d{1,9})"')


def answer(operation: Operation, **path: int) -> Response:
    """Answers one request."""
    request.max_content_length = MAX_BODY
    token, bearer = _bearer()
    call = _call(operation, bearer, path)
    key = request.headers.get("Idempotency-Key", "").strip() if operation.may_repeat else ""
    if not key:
        return _done(operation, call)
    if len(key) > repeats.LONGEST_KEY:
        raise Problem(Kind.BAD_REQUEST, f"An Idempotency-Key has at most {repeats.LONGEST_KEY} characters.")
    asked = b"\0".join((operation.name.encode(), request.path.encode(), request.query_string, request.get_data()))
    this = repeats.repeat(bearer.token_id, key, token=token, request=asked)
    return _once(operation, call, this)


def _once(operation: Operation, call: Call, this: repeats.Repeat) -> Response:
    known = repeats.begin(here.db(), this, now=here.now())
    if known is not None:
        headers = {**known.headers, "Idempotency-Replayed": "true"}
        return Response(known.body, known.status, headers=headers, mimetype="application/json")
    status, kept, body = 500, dict[str, str](), ""
    try:
        given = _done(operation, call)
        status, body = given.status_code, given.get_data(as_text=True)
        kept = {name: given.headers[name] for name in ("Location", "ETag") if name in given.headers}
        return given
    finally:
        # Whatever went wrong: what was refused may be sent again.
        repeats.end(here.db(), this, status=status, headers=kept, body=body)


def _done(operation: Operation, call: Call) -> Response:
    with by_token(call.bearer.name):
        found = operation.run(call)
    if isinstance(found, Page):
        return _page(operation, call, found)
    reply = found if isinstance(found, Reply) else Reply(found)
    body = "" if reply.value is None else json.dumps(shapes.as_json(reply.value))
    return Response(body, reply.status, headers=dict(reply.headers), mimetype="application/json")


def _page(operation: Operation, call: Call, page: Page) -> Response:
    following = None
    if page.last is not None:
        following = cursors.cursor(here.app().keys, page.last, of=_asked(operation, call.query))
    body = {"items": shapes.as_json(page.items), "next": following}
    headers = {}
    if following is not None:
        kept = {name: each for name, each in request.args.items() if name != "cursor"} | {"cursor": following}
        there = here.app().settings.public_url + request.path
        headers["Link"] = f'<{there}?{urlencode(kept)}>; rel="next"'
    return Response(json.dumps(body), headers=headers, mimetype="application/json")


def _bearer() -> tuple[str, Bearer]:
    """Returns the request's token and whom it stands for; wrong ones are counted by network, right ones by token."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = given.strip()
    is_asked = scheme.lower() == "bearer" and bool(token)
    found = api_tokens.bearer(here.db(), token, now=here.now()) if is_asked else None
    if found is None:
        if is_asked:
            wrong = ["api", "wrong", here.network()]
            throttle(here.db(), wrong, limit=WRONG_A_NETWORK, window=WRONG_WINDOW, now=here.now())
        challenge = 'Bearer realm="Curator"' + (', error="invalid_token"' if is_asked else "")
        words = "The token is unknown, revoked or over." if is_asked else "Send a token: Authorization: Bearer TOKEN."
        raise Problem(Kind.BAD_TOKEN if is_asked else Kind.NO_TOKEN, words, headers={"WWW-Authenticate": challenge})
    tries, left = counted(here.db(), ["api", "calls", str(found.token_id)], window=CALL_WINDOW, now=here.now())
    g.rate = (max(0, CALLS_A_TOKEN - tries), max(1, round(left.total_seconds())))
    if tries > CALLS_A_TOKEN:
        raise TooManyAttempts(left)
    return token, found


def _call(operation: Operation, bearer: Bearer, path: Mapping[str, int]) -> Call:
    scope = operation.scope
    if scope not in bearer.scopes:
        challenge = f'Bearer realm="Curator", error="insufficient_scope", scope="{scope}"'
        words = f"The token may not do this: it lacks {scope}."
        raise Problem(Kind.MISSING_SCOPE, words, headers={"WWW-Authenticate": challenge})
    editor = _editor(bearer)
    if operation.is_desk_wide and bearer.newsletter_id is not None:
        raise Problem(Kind.ONE_NEWSLETTER)
    if not editor.may(scope.right, bearer.newsletter_id):
        raise Problem(Kind.NOT_ALLOWED, f"{editor.name}'s role does not include this, so no token of theirs does.")
    query = _read_query(operation)
    body, given = _read_body(operation)
    return Call(
        bearer,
        editor,
        scope,
        path=path,
        query=query,
        body=body,
        given=given,
        place=_place(operation, query),
        version=_version() if operation.needs_match else 0,
    )


def _editor(bearer: Bearer) -> Editor:
    with here.db().read() as session:
        found = accounts.editor(session, bearer.user_id)
        if found is None:
            # Put out since the token was looked up.
            raise Problem(Kind.BAD_TOKEN, headers={"WWW-Authenticate": 'Bearer realm="Curator", error="invalid_token"'})
        return places.with_places(session, found, at=here.now())


def _read_query(operation: Operation) -> Any:
    read, errors = shapes.read_query(operation.query or _NoQuery, request.args.to_dict(flat=False))
    if errors:
        raise Problem(Kind.BAD_PARAMETERS, errors=errors)
    return read


@dataclass(frozen=True)
class _NoQuery:
    """An address without parameters."""


def _place(operation: Operation, query: Any) -> list[Any] | None:
    if not operation.is_paged or query.cursor is None:
        return None
    try:
        return cursors.place(here.app().keys, query.cursor, of=_asked(operation, query))
    except TokenError as error:
        raise Problem(Kind.BAD_CURSOR) from error


def _asked(operation: Operation, query: Any) -> dict[str, Any]:
    """Returns which list is asked for, whatever part of it."""
    filters = {name: each for name, each in vars(query).items() if name not in ("cursor", "limit")}
    return {"list": operation.name, **filters}


def _read_body(operation: Operation) -> tuple[Any, frozenset[str]]:
    if operation.body is None:
        return None, frozenset()
    if request.mimetype != "application/json":
        raise Problem(
            Kind.NOT_JSON,
            "Send JSON (Content-Type: application/json).",
            headers={"Accept": "application/json"},
        )
    given = _object()
    read, errors = shapes.read(operation.body, given)
    if errors:
        raise Problem(Kind.BAD_FIELDS, "Some fields cannot be taken.", errors=errors)
    return read, frozenset(given)


def _object() -> dict[str, Any]:
    try:
        given = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Problem(Kind.BAD_REQUEST, "The body is no JSON.") from error
    if not isinstance(given, dict):
        raise Problem(Kind.BAD_REQUEST, "The body must be a JSON object.")
    return given


def _version() -> int:
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise Problem(Kind.MATCH_NEEDED)
    found = _VERSION.fullmatch(given)
    if found is None:
        raise Problem(Kind.CHANGED, "If-Match names no version of this thing: send the ETag that you read.")
    return int(found.group(1))


@blueprint.after_request
def _tell_rate(response: Response) -> Response:
    """Tells how many calls are left (draft-ietf-httpapi-ratelimit-headers-10)."""
    if "rate" in g:
        left, resets_in_s = g.rate
        window_s = round(CALL_WINDOW.total_seconds())
        response.headers["RateLimit-Policy"] = f'"token";q={CALLS_A_TOKEN};w={window_s}'
        response.headers["RateLimit"] = f'"token";r={left};t={resets_in_s}'
    return response


def _old_items(**path: int) -> Response:
    """Answers where items were added before there was a version; the new address is named."""
    given = answer(ADD_ITEM, **path)
    given.headers.add("Link", '</api/v1/items>; rel="successor-version"')
    return given


def _routes() -> None:
    for each in OPERATIONS:
        rule = "/v1" + re.sub(r"\{(\w+)\}", r"<key:\1>", each.path)
        blueprint.add_url_rule(
            rule,
            each.name,
            partial(answer, each),
            methods=[each.method],
            provide_automatic_options=False,
        )
    blueprint.add_url_rule("/items", "add_items_page", _old_items, methods=["POST"], provide_automatic_options=False)


_routes()
