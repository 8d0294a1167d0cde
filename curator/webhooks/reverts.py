"""The opposites of what owners do with endpoints."""

from collections.abc import Mapping
from datetime import datetime

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import StateError
from curator.webhooks import edit
from curator.webhooks.values import EndpointForm, Kind


def remove(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Removes a new endpoint, or one that was put back."""
    edit.remove(db, change.subject_id, is_removed=True, by=by, now=now)
    return "The endpoint is removed."


def put_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Puts an endpoint back with the secret that it had."""
    edit.remove(db, change.subject_id, is_removed=False, by=by, now=now)
    return "The endpoint is back."


def restore(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Gives an endpoint the address and choices that it had before."""
    if change.before is None:
        raise StateError("It was not written down how this was before.")
    was = dict(change.before)
    form = EndpointForm(**{**was, "kinds": tuple(Kind(each) for each in was["kinds"])})
    # It stood there once, so it was allowed to.
    edit.change(db, change.subject_id, form, expected_version=None, by=by, now=now, allow_private=True)
    return "The endpoint is as it was before."


def switch_off(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Switches an endpoint off again."""
    edit.switch(db, change.subject_id, is_on=False, by=by, now=now)
    return "The endpoint is off again."


def switch_on(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    """Switches an endpoint on again."""
    edit.switch(db, change.subject_id, is_on=True, by=by, now=now)
    return "The endpoint is on again."


REVERTS: Mapping[str, Revert] = {
    f"{edit.SUBJECT}.made": remove,
    f"{edit.SUBJECT}.removed": put_back,
    f"{edit.SUBJECT}.put back": remove,
    f"{edit.SUBJECT}.changed": restore,
    f"{edit.SUBJECT}.switched on": switch_off,
    f"{edit.SUBJECT}.switched off": switch_on,
}
"""By subject and verb."""

_LEFT = "What was told cannot be untold."

FINAL: Mapping[str, str] = {
    f"{edit.SUBJECT}.renewed the secret of": "The secret before it signs beside it for a day. Make another one.",
    f"{edit.SUBJECT}.tested": _LEFT,
    f"{edit.SUBJECT}.called again": _LEFT,
}
"""Why these cannot be taken back."""
