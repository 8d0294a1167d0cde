"""What the API tells of itself: its OpenAPI document, and the page for people. Both are open: they hold no secret."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from curator.accounts.values import ApiScope
from curator.web import here
from curator.web.api import openapi, shapes
from curator.web.api.door import CALLS_A_TOKEN
from curator.web.api.operations import Operation, Tag
from curator.web.api.problems import Kind
from curator.web.api.table import OPERATIONS

blueprint = Blueprint("api_pages", __name__, url_prefix="/api/v1")

EXAMPLE_KEY = 1


@dataclass(frozen=True)
class Line:
    """One field or parameter, as the page tells of it."""

    name: str
    kind: str
    is_needed: bool
    about: str


@dataclass(frozen=True)
class Shown:
    """An operation as the page shows it."""

    operation: Operation
    query: tuple[Line, ...]
    body: tuple[Line, ...]
    answers: Mapping[int, str]
    problems: tuple[Kind, ...]
    curl: str


@blueprint.get("/openapi.json")
def document() -> Response:
    """Gives the OpenAPI document."""
    return Response(openapi.as_text(here.app().settings.public_url), mimetype="application/json")


@blueprint.get("/docs")
def docs() -> str:
    """Shows the API to people."""
    return render_template(
        "desk/api.html",
        rooms=[(tag, [shown(each) for each in OPERATIONS if each.tag is tag]) for tag in Tag],
        shapes=[(shape.__name__, _lines(shape), " ".join((shape.__doc__ or "").split())) for shape in _answers()],
        kinds=list(Kind),
        scopes=list(ApiScope),
        calls_a_minute=CALLS_A_TOKEN,
        base=f"{here.app().settings.public_url}/api/v1",
    )


def shown(each: Operation) -> Shown:
    """Returns an operation as the page shows it."""
    answers = {
        status: openapi.list_name(each) if each.item is not None else "" if shape is None else shape.__name__
        for status, shape in each.answers.items()
    }
    query = _lines(each.query) if each.query is not None else ()
    body = _lines(each.body) if each.body is not None else ()
    return Shown(each, query, body, answers, tuple(each.problems()), curl(each))


def curl(each: Operation) -> str:
    """Returns a command that does it, for a shell in which TOKEN and BASE are set."""
    path = each.path
    for name in each.path_names:
        path = path.replace(f"{{{name}}}", str(EXAMPLE_KEY))
    question = f"?{each.example_query}" if each.example_query else ""
    pieces = ["curl"] if each.method == "GET" else ["curl", "-X", each.method]
    lines = [" ".join([*pieces, f'"$BASE{path}{question}"', '-H "Authorization: Bearer $TOKEN"'])]
    if each.needs_match:
        lines.append(f"""-H 'If-Match: "{each.example_version}"'""")
    if each.example is not None:
        lines.append('-H "Content-Type: application/json"')
        lines.append(f"-d {shlex.quote(json.dumps(each.example))}")
    return " \\\n  ".join(lines)


def _answers() -> list[type]:
    return [shape for shape, is_answer in openapi.shown_shapes() if is_answer]


def _lines(shape: type) -> tuple[Line, ...]:
    return tuple(Line(each.name, _kind(each), each.is_needed, each.about) for each in shapes.parts(shape))


def _kind(part: shapes.Part) -> str:
    schema: dict[str, Any] = shapes.part_schema(part)
    inner = schema.get("items", schema)
    if "$ref" in inner:
        name = str(inner["$ref"]).rpartition("/")[2]
    elif "oneOf" in inner:
        name = str(inner["oneOf"][0]["$ref"]).rpartition("/")[2]
    elif "enum" in inner:
        name = ", ".join(each or "“”" for each in inner["enum"] if each is not None)
    else:
        told = inner["type"]
        name = "moment" if inner.get("format") == "date-time" else str(told if isinstance(told, str) else told[0])
    bounds = _bounds(inner)
    return ("list of " if part.is_list else "") + name + bounds + (" or null" if part.may_be_null else "")


def _bounds(schema: Mapping[str, Any]) -> str:
    if "maxLength" in schema:
        return f", at most {schema['maxLength']:,} characters"
    if "maximum" in schema and schema["maximum"] < shapes.HIGHEST_KEY:
        return f" from {schema['minimum']:,} to {schema['maximum']:,}"
    return ""
