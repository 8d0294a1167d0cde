"""The opposites of what an editor did in the inbox, by subject and verb of the activity log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.picks import curate, set_aside, store
from curator.picks.values import SkipReason


def _picked(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    curate.unpick(db, _after(change)["newsletter"], change.subject_id, by=by, now=now)
    return "The pick is taken back."


def _unpicked(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    was = _before(change)
    if "section" not in was:
        raise StateError("It was not written down then where the pick stood. Pick it again in the inbox.")
    curate.pick(
        db, was["newsletter"], change.subject_id, was["section"], by=by, now=now, is_first=True, words=was["words"]
    )
    return "It is picked again, with its words."


def _wrote(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    was = _before(change)
    with db.read() as session:
        pick = store.picked_items(session, [was["pick"]]).get(was["pick"])
    if pick is None or pick.blurb not in (_after(change)["blurb"], was["blurb"]):
        raise StateError("The blurb was changed since, or its pick is gone, so it stays as it is.")
    is_draft = was.get("is_draft", False)
    curate.write_blurb(db, pick.id, was["blurb"], expected_version=pick.version, by=by, now=now, is_draft=is_draft)
    return "The blurb is as it was before."


def _accepted(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _require_blurb(db, change)
    curate.accept_blurb(db, _before(change)["pick"], by=by, now=now, is_accepted=False)
    return "The blurb is a draft again, which nobody accepted."


def _accepted_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    _require_blurb(db, change)
    curate.accept_blurb(db, _before(change)["pick"], by=by, now=now)
    return "The blurb is accepted again."


def _require_blurb(db: Database, change: ActivityRow) -> None:
    was = _before(change)
    with db.read() as session:
        pick = store.picked_items(session, [was["pick"]]).get(was["pick"])
    if pick is None or pick.blurb != was["blurb"]:
        raise StateError("The blurb was changed since, or its pick is gone, so it stays as it is.")


def _passed_over(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    curate.unskip(db, _after(change)["newsletter"], change.subject_id, by=by, now=now)
    return "It is back among the new."


def _offered_again(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    was = _before(change)
    reason = SkipReason(was.get("reason", ""))
    curate.skip(db, was["newsletter"], change.subject_id, by=by, now=now, reason=reason)
    return "It is skipped again."


def _put_off(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    was = _before(change)
    if was["until"] is not None and (until := datetime.fromisoformat(was["until"])) > now:
        set_aside.put_off(db, was["newsletter"], change.subject_id, until=until, by=by, now=now)
        return "It waits until the day that was set before."
    set_aside.wake(db, was["newsletter"], change.subject_id, by=by, now=now)
    return "It is back among the new."


def _brought_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    until = datetime.fromisoformat(_before(change)["until"])
    if until <= now:
        raise StateError("The day until which it was put off has come, so it stays among the new.")
    set_aside.put_off(db, _before(change)["newsletter"], change.subject_id, until=until, by=by, now=now)
    return "It waits for its day again."


def _muted(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    try:
        set_aside.lift(db, change.subject_id, by=by, now=now)
    except NotFoundError:
        return "It is muted no longer."
    return "It is muted no longer."


def _lifted(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    was = _before(change)
    if was["words"] is None:
        set_aside.mute_feed(db, was["newsletter"], was["feed"], by=by, now=now)
    else:
        set_aside.mute_words(db, was["newsletter"], was["words"], by=by, now=now)
    return "It is muted again."


def _before(change: ActivityRow) -> Mapping[str, Any]:
    return change.before or {}


def _after(change: ActivityRow) -> Mapping[str, Any]:
    return change.after or {}


REVERTS: dict[str, Revert] = {
    "item.picked": _picked,
    "item.unpicked": _unpicked,
    "item.wrote about": _wrote,
    "item.drafted a blurb for": _wrote,
    "item.accepted the draft for": _accepted,
    "item.unaccepted the draft for": _accepted_again,
    "item.passed over": _passed_over,
    "item.offered again": _offered_again,
    "item.put off": _put_off,
    "item.brought back": _brought_back,
    "mute.muted": _muted,
    "mute.lifted": _lifted,
}
