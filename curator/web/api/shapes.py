"""Shapes of JSON: a dataclass tells what a body or an answer holds, and from it come its JSON Schema and its reading.

So what the document says of a field and what is checked of it cannot differ. Only what the API needs is known: texts,
whole numbers, shares, yes and no, moments, closed sets, lists, and shapes within shapes.
"""

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from curator.feeds.normalize import clean

HIGHEST_KEY = 2**63 - 1
MOST_SHOWN = 20
"""Fields of a wrong body that are told; nobody mends more at once."""

_MOMENTS = (1990, 2200)


class Wrong(ValueError):  # noqa: N818 - it is a word about a value
    """A value cannot be taken; the words say why."""


@dataclasses.dataclass(frozen=True)
class Told:
    """What is said of a field, and checked of it: characters of a text, or bounds of a number."""

    about: str = ""
    most: int | None = None
    least: int | None = None
    example: Any = None


def told(about: str = "", *, most: int | None = None, least: int | None = None, example: Any = None) -> Told:
    """Returns what stands beside a field's type: `Annotated[str, told("Its address.", most=2000)]`."""
    return Told(about, most, least, example)


def key_told(about: str = "") -> Told:
    """Returns what stands beside the type of a field that holds a thing's id."""
    return Told(about, least=1, most=HIGHEST_KEY)


@dataclasses.dataclass(frozen=True)
class Part:
    """One field of a shape: what it is, whether it may be null or missing, and what is checked of it."""

    name: str
    kind: Any
    is_list: bool
    may_be_null: bool
    is_needed: bool
    default: Any
    about: str
    most: int | None
    least: int | None
    example: Any


@lru_cache(maxsize=256)
def parts(shape: type) -> tuple[Part, ...]:
    """Returns the fields of a shape, in its order."""
    hints = get_type_hints(shape, include_extras=True)
    return tuple(_part(each, hints[each.name]) for each in dataclasses.fields(shape))


def _part(field: "dataclasses.Field[Any]", hint: Any) -> Part:
    said = Told()
    if get_origin(hint) is Annotated:
        hint, said = get_args(hint)
    kind, may_be_null = _without_none(hint)
    is_list = get_origin(kind) is tuple
    if is_list:
        kind = get_args(kind)[0]
    is_needed = field.default is dataclasses.MISSING
    default = None if is_needed else field.default
    return Part(field.name, kind, is_list, may_be_null, is_needed, default, **vars(said))


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        (kind,) = (each for each in get_args(hint) if each is not type(None))
        return kind, True
    return hint, False


# --- JSON Schema


def schema(shape: type, *, is_answer: bool) -> dict[str, Any]:
    """Returns the JSON Schema (2020-12) of a shape; shapes within it are named where they are components.

    An answer has every field, and may get more in a later version; a body has no others.
    """
    known = parts(shape)
    needed = [each.name for each in known if is_answer or each.is_needed]
    found: dict[str, Any] = {"type": "object", "description": " ".join((shape.__doc__ or "").split())}
    found["properties"] = {each.name: part_schema(each) for each in known}
    if needed:
        found["required"] = needed
    if not is_answer:
        found["additionalProperties"] = False
    return found


def part_schema(part: Part) -> dict[str, Any]:
    """Returns the JSON Schema of one field."""
    found = _kind_schema(part)
    if part.is_list:
        found = {"type": "array", "items": found}
    if part.may_be_null and "type" in found:
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    elif part.may_be_null:
        found = {"oneOf": [found, {"type": "null"}]}
    if part.about:
        found["description"] = part.about
    if part.example is not None:
        found["examples"] = [part.example]
    if not part.is_needed and part.default is not None:
        found["default"] = as_json(part.default)
    return found


def _is_shape(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind)


def _kind_schema(part: Part) -> dict[str, Any]:
    kind = part.kind
    if _is_shape(kind):
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [each.value for each in kind]}
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    bounds = {"minimum": part.least, "maximum": part.most}
    if kind is str:
        bounds = {"minLength": part.least, "maxLength": part.most}
    return {"type": _NAMES[kind]} | {name: value for name, value in bounds.items() if value is not None}


_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def within(shape: type) -> list[type]:
    """Returns a shape and all shapes in it, each once."""
    found: list[type] = []
    waiting = [shape]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.append(one)
            waiting += [each.kind for each in parts(one) if _is_shape(each.kind)]
    return found


# --- out


def as_json(value: Any) -> Any:
    """Returns a value of a shape as JSON takes it; moments are in UTC."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: as_json(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [as_json(each) for each in value]
    return value


def of(shape: type, source: Any, **more: Any) -> Any:
    """Returns a shape filled from an object's attributes of the same names, and from `more`."""
    names = [each.name for each in dataclasses.fields(shape)]
    return shape(**{name: more[name] if name in more else getattr(source, name) for name in names})


# --- in


def read(shape: type, given: Mapping[str, Any]) -> tuple[Any, dict[str, str]]:
    """Returns a body as its shape and no errors, or None and what is wrong with each field."""
    known = {each.name: each for each in parts(shape)}
    errors = {name[:50]: "There is no such field." for name in list(given)[:MOST_SHOWN] if name not in known}
    values: dict[str, Any] = {}
    for name, part in known.items():
        try:
            values[name] = _taken(part, given, _json_value)
        except Wrong as wrong:
            errors[name] = str(wrong)
    return (None, errors) if errors else (shape(**values), {})


def read_query(shape: type, given: Mapping[str, Sequence[str]]) -> tuple[Any, dict[str, str]]:
    """Returns the parameters of an address as their shape and no errors, or None and what is wrong with each."""
    known = {each.name: each for each in parts(shape)}
    errors = {name[:50]: "There is no such parameter." for name in list(given)[:MOST_SHOWN] if name not in known}
    values: dict[str, Any] = {}
    for name, part in known.items():
        if len(given.get(name, ())) > 1:
            errors[name] = "Give this once."
            continue
        try:
            values[name] = _taken(part, {key: each[0] for key, each in given.items()}, _text_value)
        except Wrong as wrong:
            errors[name] = str(wrong)
    return (None, errors) if errors else (shape(**values), {})


def _taken(part: Part, given: Mapping[str, Any], value_of: Any) -> Any:
    if part.name not in given:
        if part.is_needed:
            raise Wrong("Give this.")
        return part.default
    value = given[part.name]
    if value is None:
        if part.may_be_null:
            return None
        raise Wrong("This must not be null.")
    if not part.is_list:
        return value_of(part, value)
    if not isinstance(value, list):
        raise Wrong("This must be a list.")
    return tuple(value_of(part, each) for each in value)


def _text_value(part: Part, value: str) -> Any:
    """Reads what stands in an address: a text, whatever it is to become."""
    if part.kind is bool:
        if value not in ("true", "false"):
            raise Wrong("Say true or false.")
        return value == "true"
    if part.kind is int:
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
            raise Wrong("This must be a whole number.")
        return _json_value(part, int(value))
    return _json_value(part, value)


def _json_value(part: Part, value: Any) -> Any:
    kind = part.kind
    if kind is bool:
        if not isinstance(value, bool):
            raise Wrong("This must be true or false.")
        return value
    if kind is int:
        return _number(part, value)
    if not isinstance(value, str):
        raise Wrong("This must be a text.")
    if kind is str:
        return _text(part, value)
    if kind is datetime:
        return _moment(value)
    if value not in [each.value for each in kind]:
        raise Wrong(f"Choose one of {', '.join(each.value or '“”' for each in kind)}.")
    return kind(value)


def _number(part: Part, value: Any) -> int:
    # JSON has one kind of number: 3.0 is a whole one (JSON Schema 2020-12, 4.2.3).
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong("This must be a whole number.")
    least, most = part.least, part.most
    if (least is not None and value < least) or (most is not None and value > most):
        raise Wrong(f"Give a whole number from {least:,} to {most:,}.")
    return value


def _text(part: Part, value: str) -> str:
    if part.most is not None and len(value) > part.most:
        raise Wrong(f"This is {len(value):,} characters long; at most {part.most:,} fit.")
    if part.least is not None and len(value) < part.least:
        raise Wrong("This must not be empty.")
    # JSON can say half a character and NUL; no database holds them.
    return clean(value)


def _moment(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise Wrong("Give a moment such as 2026-12-01T07:00:00Z.") from None
    if found.tzinfo is None or not _MOMENTS[0] < found.year < _MOMENTS[1]:
        raise Wrong("Give a moment with its zone, such as 2026-12-01T07:00:00Z.")
    return found.astimezone(UTC)
