"""The opposites of what was done to people at the desk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from curator.accounts import admit, roles
from curator.accounts.values import Role, StandIn
from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import StateError


def _reactivate(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    admit.reactivate(db, change.subject_id, now=now, by=by)
    return "The place is theirs again."


def _deactivate(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    admit.deactivate(db, change.subject_id, now=now, by=by)
    return "The place is taken away again."


def _withdraw(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    admit.withdraw(db, change.subject_id, now=now, by=by)
    return "The invitation is withdrawn."


def _role(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    before = _before(change)
    differing = {int(key): Role(each) if each else None for key, each in before["places"].items()}
    roles.change_role(db, change.subject_id, Role(before["role"]), differing=differing, now=now, by=by)
    return f"The role is {before['role']} again."


def _name(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    roles.rename(db, change.subject_id, _before(change)["name"], now=now, by=by)
    return f"The name is {_before(change)['name']} again."


def _shortcuts(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    roles.switch_shortcuts(db, change.subject_id, is_on=_before(change)["is_on"], now=now, by=by)
    return "The shortcuts are as they were."


def _away(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    until = _before(change)["until"]
    roles.set_away(db, change.subject_id, until and datetime.fromisoformat(until), now=now, by=by)
    return "The absence is as it was."


def _end_stead(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    roles.end_stand_in(db, (change.after or {})["id"], now=now, by=by)
    return "Nobody stands in there any more."


def _give_stead(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    before = _before(change)
    begins_at, ends_at = (datetime.fromisoformat(before[each]) for each in ("begins_at", "ends_at"))
    dates = StandIn(0, before["user"], before["for"], before["newsletter"], begins_at, ends_at)
    roles.add_stand_in(db, dates, now=now, by=by)
    return "They stand in again."


def _before(change: ActivityRow) -> Mapping[str, Any]:
    if change.before is None:
        raise StateError("What it was before is not known.")
    return change.before


REVERTS: Mapping[str, Revert] = {
    "user.deactivated": _reactivate,
    "user.reactivated": _deactivate,
    "user.invited": _withdraw,
    "user.withdrew the invitation of": _reactivate,
    "user.changed the role of": _role,
    "user.renamed": _name,
    "user.switched the shortcuts of": _shortcuts,
    "user.noted the absence of": _away,
    "user.gave a stead to": _end_stead,
    "user.ended the stead of": _give_stead,
}
"""By subject and verb. Who revokes them needs the right that the deed took: all but a person's own take MANAGE."""
