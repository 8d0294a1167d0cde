"""How the preview is looked at: width, colours, pictures, part, and as which reader; each view is an address."""

from dataclasses import dataclass, fields, replace

from flask import request

from curator.accounts.values import Right
from curator.audience import store as audience
from curator.audience.values import SubscriberRow, SubscriptionState
from curator.db import Session
from curator.web import here
from curator.web.forms import key

WIDTHS = ("600", "375")
SCHEMES = ("light", "dark")
IMAGES = ("on", "off")
PARTS = ("html", "text")

# More than anybody looks through; whoever seeks one reader types a part of the address.
_OFFERED = 8


@dataclass(frozen=True)
class View:
    """One way to look at a mail; `reader` is a subscriber's id, empty for an example."""

    width: str = WIDTHS[0]
    scheme: str = SCHEMES[0]
    images: str = IMAGES[0]
    part: str = PARTS[0]
    reader: str = ""

    def but(self, **changes: str) -> dict[str, str]:
        """Returns the fields of an address that looks at it in another way; what is usual is left out."""
        other = replace(self, **changes)
        return {field.name: value for field in fields(other) if (value := getattr(other, field.name)) != field.default}


@dataclass(frozen=True)
class Readers:
    """As whom somebody may look: who was found for `search`, and who is looked as (None: an example reader)."""

    search: str = ""
    found: tuple[SubscriberRow, ...] = ()
    chosen: SubscriberRow | None = None


def asked() -> View:
    """Returns the view that the address names; what it cannot be is the usual one."""
    reader = key(request.args.get("reader")) if here.may(Right.READERS) else None
    return View(
        width=_one_of("width", WIDTHS),
        scheme=_one_of("scheme", SCHEMES),
        images=_one_of("images", IMAGES),
        part=_one_of("part", PARTS),
        reader="" if reader is None else str(reader),
    )


def readers(session: Session, newsletter_id: int, view: View) -> Readers:
    """Returns the confirmed readers that somebody may look as; nobody without the right to see addresses."""
    if not here.may(Right.READERS):
        return Readers()
    search = request.args.get("as", "").replace("\0", "").strip()[:200]
    rows = audience.subscriber_rows(session, newsletter_id, search=search, limit=50)
    found = [row for row in rows if is_reader(row)][:_OFFERED]
    return Readers(search, tuple(found), reader(session, newsletter_id, view))


def reader(session: Session, newsletter_id: int, view: View) -> SubscriberRow | None:
    """Returns the confirmed reader whom the view names, None for an example."""
    row = audience.subscriber_row(session, newsletter_id, int(view.reader)) if view.reader else None
    return row if row is not None and is_reader(row) else None


def is_reader(row: SubscriberRow) -> bool:
    """Tells whether a subscriber would get the mail."""
    return row.state is SubscriptionState.ACTIVE and row.suppression is None


def _one_of(name: str, choices: tuple[str, ...]) -> str:
    wanted = request.args.get(name, choices[0])
    return wanted if wanted in choices else choices[0]
