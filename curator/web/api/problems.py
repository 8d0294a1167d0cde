"""What goes wrong in the API, as problem details for machines (RFC 9457) with words for people."""

import json
import math
from collections.abc import Mapping
from http import HTTPStatus

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from curator.accounts.values import TooManyAttempts
from curator.errors import CuratorError, InvalidError, NotFoundError, StorageError

_WORDS = {
    400: "The request cannot be read.",
    404: "The API has no such address.",
    405: "This address does not take this method.",
    413: "The request is larger than 64 kB.",
    500: "Something broke in Curator; it is written in the log.",
}


class Problem(CuratorError):  # noqa: N818 - the name of RFC 9457; it is an answer to a program
    """A request is answered with a problem: its status, its sentence, the headers that belong to it."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
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
    return problem(status, _WORDS.get(status, error.description or ""), headers=headers)


def of_refusal(error: CuratorError) -> Response:
    """Returns an error of ours as a problem."""
    match error:
        case Problem():
            return problem(error.status, str(error), headers=error.headers, errors=error.errors)
        case InvalidError():
            return problem(422, str(error), errors={error.field: error.reason})
        case NotFoundError():
            return problem(404, str(error))
        case TooManyAttempts():
            wait = 1 if error.retry_in is None else max(1, math.ceil(error.retry_in.total_seconds()))
            return problem(429, str(error), headers={"Retry-After": str(wait)})
        case StorageError():
            return problem(503, str(error), headers={"Retry-After": "15"})
        case _:
            return problem(422, str(error))


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    """Returns a problem document; `errors` says for each field what is wrong with it."""
    document: dict[str, object] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    document["detail"] = detail
    if errors:
        document["errors"] = dict(errors)
    # Escaped to ASCII: a field's name comes from the request, and half a character in it has no bytes.
    return Response(json.dumps(document), status, headers=headers, mimetype="application/problem+json")
