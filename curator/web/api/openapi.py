"""The OpenAPI 3.1 document, made from the table of operations."""

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from curator.web.api import shapes
from curator.web.api.operations import Operation, Tag
from curator.web.api.problems import MEDIA_TYPE, Kind
from curator.web.api.table import OPERATIONS

_KEY = {"type": "integer", "format": "int64", "minimum": 1, "maximum": shapes.HIGHEST_KEY}
_PROBLEM = "Problem"


@lru_cache(maxsize=4)
def document(public_url: str) -> dict[str, Any]:
    """Returns the whole document; nobody may change it."""
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Curator",
            "version": "1",
            "summary": "Feeds, picks, issues, mailings and readers of a newsletter.",
            "description": f"For people this is told at {public_url}/api/v1/docs.",
        },
        "servers": [{"url": f"{public_url}/api/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": tag.value} for tag in Tag if any(each.tag is tag for each in OPERATIONS)],
        "paths": paths,
        "components": {"securitySchemes": _schemes(), "schemas": _schemas(), "headers": _headers()},
    }


def as_text(public_url: str) -> str:
    """Returns the document as JSON."""
    return json.dumps(document(public_url), indent=1)


def _schemes() -> dict[str, Any]:
    told = "A token of the desk (under one's name: API tokens). What it may do is in its scopes."
    return {"token": {"type": "http", "scheme": "bearer", "description": told}}


def _operation(each: Operation) -> dict[str, Any]:
    about = f"{each.about} " if each.about else ""
    found: dict[str, Any] = {
        "operationId": each.name,
        "tags": [each.tag.value],
        "summary": each.summary,
        "description": f"{about}Needs the scope `{each.scope}`.",
        "security": [{"token": [each.scope.value]}],
        "parameters": [*_path(each), *_query(each), *_heads(each)],
        "responses": _responses(each),
    }
    if each.body is not None:
        content: dict[str, Any] = {"schema": _ref(each.body.__name__)}
        if each.example is not None:
            content["examples"] = {"one": {"value": each.example}}
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    return found


def _path(each: Operation) -> Iterable[dict[str, Any]]:
    for name in each.path_names:
        yield {"name": name, "in": "path", "required": True, "schema": _KEY}


def _query(each: Operation) -> Iterable[dict[str, Any]]:
    for part in shapes.parts(each.query) if each.query is not None else ():
        # In an address nothing is null: what is missing is missing.
        schema = shapes.part_schema(replace(part, may_be_null=False, about=""))
        told = {"name": part.name, "in": "query", "required": part.is_needed, "schema": schema}
        yield told | ({"description": part.about} if part.about else {})


def _heads(each: Operation) -> Iterable[dict[str, Any]]:
    if each.may_repeat:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "Sent again with the same key within a day, the request is answered as before and not done.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }
    if each.needs_match:
        yield {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": "The ETag of what was read: a change that somebody made since is not overwritten.",
            "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
        }


def _responses(each: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, shape in each.answers.items():
        found[str(status)] = _good(each, shape, status=status)
    by_status: dict[int, list[Kind]] = {}
    for kind in each.problems():
        by_status.setdefault(kind.status, []).append(kind)
    for status, kinds in sorted(by_status.items()):
        words = " ".join(f"`{kind}`: {kind.happened}" for kind in kinds)
        found[str(status)] = {"description": words, "content": {MEDIA_TYPE: {"schema": _ref(_PROBLEM)}}}
        if status in (409, 429, 503):
            found[str(status)]["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return found


def _good(each: Operation, shape: type | None, *, status: int) -> dict[str, Any]:
    headers: dict[str, Any] = {"RateLimit": {"$ref": "#/components/headers/RateLimit"}}
    if each.is_paged:
        headers["Link"] = {"$ref": "#/components/headers/Link"}
    found: dict[str, Any] = {"description": each.summary + ".", "headers": headers}
    name = list_name(each) if each.item is not None else None if shape is None else shape.__name__
    if name is not None and status != 204:
        found["content"] = {"application/json": {"schema": _ref(name)}}
    return found


def list_name(each: Operation) -> str:
    """Returns what the shape of a list is called."""
    return f"{each.item.__name__}Page" if each.item is not None else ""


def shown_shapes() -> list[tuple[type, bool]]:
    """Returns every shape, each once, and whether it is of an answer."""
    found: dict[type, bool] = {}
    for each in OPERATIONS:
        for shape in (*each.answers.values(), each.item):
            found |= dict.fromkeys(shapes.within(shape), True) if shape is not None else {}
        if each.body is not None:
            found |= dict.fromkeys(shapes.within(each.body), False)
    return list(found.items())


def _schemas() -> dict[str, Any]:
    found = {shape.__name__: shapes.schema(shape, is_answer=is_answer) for shape, is_answer in shown_shapes()}
    for each in OPERATIONS:
        if each.item is not None:
            found[list_name(each)] = _list(each.item)
    return found | {_PROBLEM: _problem()}


def _list(item: type) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "A part of a list.",
        "properties": {
            "items": {"type": "array", "items": _ref(item.__name__)},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page; null on the last."},
        },
        "required": ["items", "next"],
    }


def _problem() -> dict[str, Any]:
    properties = {
        "type": {"type": "string", "format": "uri", "description": "Names the kind, and leads to what is told of it."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": [kind.value for kind in Kind], "description": "The kind in one word."},
        "detail": {"type": "string", "description": "What happened, in a sentence for people."},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "What is wrong with each field or parameter.",
        },
        "findings": {
            "type": "array",
            "items": {"type": "object"},
            "description": "What keeps an issue from being approved: `code`, `words`, `todo`.",
        },
    }
    told = "What went wrong (RFC 9457)."
    needed = ["type", "title", "status", "code", "detail"]
    return {"type": "object", "description": told, "properties": properties, "required": needed}


def _headers() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "RateLimit": {
            "description": 'What is left: "token";r=CALLS;t=SECONDS until it is whole again.',
            "schema": text,
        },
        "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
        "Link": {"description": 'The next page: <URL>; rel="next". Missing on the last.', "schema": text},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
