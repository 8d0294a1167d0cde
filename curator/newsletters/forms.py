"""A newsletter's form as the log keeps it, and back: whatever fields it has. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import date, time
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from curator.newsletters.values import NewsletterForm, NewsletterSpec, SectionForm


def form_of(spec: NewsletterSpec) -> NewsletterForm:
    """Returns the form that an editor would have to send for a newsletter to be as it is."""
    same = {each.name: getattr(spec, each.name) for each in fields(NewsletterForm) if each.name != "sections"}
    sections = tuple(SectionForm(each.title, each.takes, each.budget, each.id) for each in spec.sections)
    return NewsletterForm(**same, sections=sections)


def facts_of(form: NewsletterForm) -> dict[str, Any]:
    """Returns a form fit for JSON."""
    return {name: _plain(value) for name, value in asdict(form).items()}


def form_from(facts: Mapping[str, Any]) -> NewsletterForm:
    """Returns the form that `facts_of` was given; a field that was not noted has its default."""
    form: NewsletterForm = _read(NewsletterForm, facts)
    return form


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case date() | time():
            return value.isoformat()
        case StrEnum():
            return value.value
        case _:
            return value


def _read(kind: Any, value: Any) -> Any:
    """Returns a JSON value as what a field's annotation says that it is."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if value is None else _read(next(each for each in inner if each is not type(None)), value)
    if origin is tuple:
        return tuple(_read(inner[0], each) for each in value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{name: _read(hints[name], each) for name, each in value.items() if name in hints})
    if isinstance(kind, type) and issubclass(kind, date | time):
        return kind.fromisoformat(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, StrEnum) else value
