"""The opposites of what people do to logos, for the log's Undo."""

from collections.abc import Mapping
from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import StateError
from curator.pictures import logos, store


def _logo_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.write() as session:
        if store.logo_facts(store.logo(session, change.subject_id)) != change.became("logo"):
            raise StateError("The logo was changed again since.")
        logos.put(session, change.subject_id, change.was("logo"), by=by, now=now)
    return "The logo of before is back." if change.was("logo") else "The logo is taken away again."


REVERTS: Mapping[str, Revert] = {"newsletter.changed the logo of": _logo_as_before}
"""By subject and verb."""
