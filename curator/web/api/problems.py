"""What goes wrong in the API, as problem details for machines (RFC 9457) with words for people."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from curator.accounts.repeats import OtherRequestError, UnderWayError
from curator.accounts.values import TooManyAttempts
from curator.errors import ConflictError, CuratorError, InvalidError, NotFoundError, StorageError
from curator.issues.publish import UnfinishedError
from curator.web import here

MEDIA_TYPE = "application/problem+json"


class Kind(StrEnum):
    """What can go wrong. The value ends the problem's `type` and is its `code`: neither ever changes."""

    BAD_REQUEST = "bad-request"
    BAD_PARAMETERS = "bad-parameters"
    BAD_CURSOR = "bad-cursor"
    NO_TOKEN = "no-token"  # noqa: S105 - a word, no token
    BAD_TOKEN = "bad-token"  # noqa: S105 - likewise
    MISSING_SCOPE = "missing-scope"
    NOT_ALLOWED = "not-allowed"
    ONE_NEWSLETTER = "one-newsletter"
    NOT_FOUND = "not-found"
    NO_SUCH_METHOD = "no-such-method"
    WRONG_STATE = "wrong-state"
    UNDER_WAY = "under-way"
    CHANGED = "changed-meanwhile"
    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"
    BAD_FIELDS = "bad-fields"
    OTHER_REQUEST = "other-request"
    MATCH_NEEDED = "match-needed"
    TOO_MANY = "too-many-requests"
    BROKEN = "broken"
    AWAY = "away"

    @property
    def status(self) -> int:
        """The answer's status."""
        return _KINDS[self].status

    @property
    def happened(self) -> str:
        """What happened, in the same words each time."""
        return _KINDS[self].happened

    @property
    def todo(self) -> str:
        """What a program, or whoever wrote it, is to do."""
        return _KINDS[self].todo


@dataclass(frozen=True)
class _Told:
    status: int
    happened: str
    todo: str


_KINDS = {
    Kind.BAD_REQUEST: _Told(400, "The request cannot be read.", "Send a JSON object in UTF-8."),
    Kind.BAD_PARAMETERS: _Told(
        400, "A parameter of the address cannot be taken.", "See `errors`: it names each parameter with the reason."
    ),
    Kind.BAD_CURSOR: _Told(
        400,
        "The cursor is broken, or belongs to another list.",
        "Ask for the list without a cursor, and follow `next` from there with the same filters.",
    ),
    Kind.NO_TOKEN: _Told(401, "There is no token.", "Send `Authorization: Bearer TOKEN`."),
    Kind.BAD_TOKEN: _Told(
        401, "The token is unknown, revoked or over.", "Make another at the desk, under your name: API tokens."
    ),
    Kind.MISSING_SCOPE: _Told(
        403, "The token lacks a scope.", "`WWW-Authenticate` names the scope. Make a token that has it."
    ),
    Kind.NOT_ALLOWED: _Told(
        403,
        "Whoever made the token may not do this themselves.",
        "An owner can give them another role; a token never does more than its owner.",
    ),
    Kind.ONE_NEWSLETTER: _Told(
        403,
        "The token is for one newsletter, and this is about all of them.",
        "Use a token that is not bound to a newsletter.",
    ),
    Kind.NOT_FOUND: _Told(
        404,
        "The thing, or the address, is not there.",
        "It is gone, or never was, or belongs to a newsletter that the token has no part in: the answer is the same.",
    ),
    Kind.NO_SUCH_METHOD: _Told(405, "The address does not take this method.", "`Allow` names those that it takes."),
    Kind.WRONG_STATE: _Told(
        409,
        "The thing is not in a state that allows this.",
        "`detail` says why. Where checks keep an issue from being approved, `findings` names each.",
    ),
    Kind.UNDER_WAY: _Told(
        409, "The same request is being answered at this moment.", "Wait as `Retry-After` says, and send it again."
    ),
    Kind.CHANGED: _Told(
        412,
        "Somebody changed the thing since you read it.",
        "Read it again, look at what changed, and send with the new ETag.",
    ),
    Kind.TOO_LARGE: _Told(413, "The request is larger than 64 kB.", "Send less at once."),
    Kind.NOT_JSON: _Told(415, "The body is not declared as JSON.", "Send `Content-Type: application/json`."),
    Kind.BAD_FIELDS: _Told(
        422, "A field of the body cannot be taken.", "See `errors`: it names each field with the reason."
    ),
    Kind.OTHER_REQUEST: _Told(
        422, "The Idempotency-Key was used for another request.", "Make a new key for each thing that is to be done."
    ),
    Kind.MATCH_NEEDED: _Told(
        428, "The change does not say which version it is of.", "Read the thing, and send its ETag as `If-Match`."
    ),
    Kind.TOO_MANY: _Told(429, "Too many requests.", "Wait as `Retry-After` says."),
    Kind.BROKEN: _Told(500, "Something broke in Curator.", "It is written in the log. Tell whoever runs it."),
    Kind.AWAY: _Told(503, "The database cannot be used just now.", "Wait as `Retry-After` says, and send it again."),
}
_OF_STATUS = {
    400: Kind.BAD_REQUEST,
    404: Kind.NOT_FOUND,
    405: Kind.NO_SUCH_METHOD,
    413: Kind.TOO_LARGE,
    415: Kind.NOT_JSON,
    500: Kind.BROKEN,
}
_WORDS = {Kind.NOT_FOUND: "The API has no such address."}


_OF_ERRORS: Mapping[type[CuratorError], Kind] = {
    InvalidError: Kind.BAD_FIELDS,
    NotFoundError: Kind.NOT_FOUND,
    ConflictError: Kind.CHANGED,
    UnderWayError: Kind.UNDER_WAY,
    OtherRequestError: Kind.OTHER_REQUEST,
    TooManyAttempts: Kind.TOO_MANY,
    StorageError: Kind.AWAY,
}


class Problem(CuratorError):  # noqa: N818 - the name of RFC 9457; it is an answer to a program
    """A request is answered with a problem: its kind, its sentence, the headers that belong to it."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or kind.happened)
        self.kind = kind
        self.headers = dict(headers or {})
        self.errors = dict(errors or {})


def is_api(path: str) -> bool:
    """Tells whether a request is a program's."""
    return path == "/api" or path.startswith("/api/")


def of_http(error: HTTPException) -> Response:
    """Returns an error of the web framework as a problem."""
    status = error.code or 500
    allowed = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    kind = _OF_STATUS.get(status, Kind.BROKEN if status >= 500 else Kind.BAD_REQUEST)
    return problem(kind, _WORDS.get(kind, kind.happened), headers=headers)


def of_refusal(error: CuratorError) -> Response:
    """Returns an error of ours as a problem."""
    if isinstance(error, Problem):
        return problem(error.kind, str(error), headers=error.headers, errors=error.errors)
    kind = next((kind for known, kind in _OF_ERRORS.items() if isinstance(error, known)), Kind.WRONG_STATE)
    headers = {} if error.retry_in is None else {"Retry-After": str(max(1, math.ceil(error.retry_in.total_seconds())))}
    errors = {error.field: error.reason} if isinstance(error, InvalidError) else {}
    places = error.places if isinstance(error, UnfinishedError) else ()
    findings = [{"code": each.code, "words": each.words, "todo": each.todo} for each in places]
    return problem(kind, str(error), headers=headers, errors=errors, findings=findings)


def type_of(kind: Kind) -> str:
    """Returns the address that names a kind, and tells of it."""
    return f"{here.app().settings.public_url}/api/v1/docs#{kind}"


def problem(
    kind: Kind,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    findings: Sequence[Mapping[str, str]] = (),
) -> Response:
    """Returns a problem document; `errors` says for each field what is wrong with it."""
    document: dict[str, Any] = {"type": type_of(kind), "title": HTTPStatus(kind.status).phrase, "status": kind.status}
    document |= {"code": kind.value, "detail": detail}
    if errors:
        document["errors"] = dict(errors)
    if findings:
        document["findings"] = list(findings)
    # Escaped to ASCII: a field's name comes from the request, and half a character in it has no bytes.
    return Response(json.dumps(document), kind.status, headers=headers, mimetype=MEDIA_TYPE)
