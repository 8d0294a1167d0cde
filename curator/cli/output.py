"""How commands speak: a table for people, JSON for machines."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import click

import config
from curator.app import App, build
from curator.errors import NotFoundError
from curator.newsletters import store as newsletters_store
from curator.newsletters.values import NewsletterSpec

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
newsletter_option = click.option(
    "--newsletter", "slug", help="The newsletter's short name; needed when there are several."
)


def the_app() -> App:
    """Returns the application of this process's settings; a wrong setting raises SettingError."""
    return build(config.settings())


def the_newsletter(app: App, slug: str | None) -> NewsletterSpec:
    """Returns the newsletter with this short name, or the only one there is."""
    with app.db.read() as session:
        known = newsletters_store.newsletters(session)
    fitting = [spec for spec in known if slug in (None, spec.slug)]
    if not known:
        raise NotFoundError("newsletter", "yet: make one at the desk, under Newsletter")
    if len(fitting) != 1:
        names = ", ".join(spec.slug for spec in known)
        raise click.UsageError(f"name one newsletter with --newsletter; there are: {names}")
    return fitting[0]


def print_json(value: object) -> None:
    """Prints any value of ours as one JSON document."""
    click.echo(json.dumps(_plain(value), ensure_ascii=False, indent=2))


def print_rows(rows: Sequence[Mapping[str, object]], *, empty: str) -> None:
    """Prints rows as an aligned table; `empty` says in words why there are none."""
    if not rows:
        click.echo(empty)
        return
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    for line in cells:
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    return str(value)


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat()
    is_plain = value is None or (isinstance(value, str | int | float | bool) and not isinstance(value, StrEnum))
    return value if is_plain else str(value)
