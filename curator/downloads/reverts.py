"""The opposites of what people do to transcripts' access and to files, for the log's Undo."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from curator.activity.values import ActivityRow, Revert
from curator.db import Database
from curator.downloads import edit, store
from curator.downloads.values import Access, FileForm, ShowForm
from curator.errors import StateError


def _show_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        stands = store.show(session, change.subject_id)
    if stands != _show_form(change.after or {}):
        raise StateError("What holds for the transcripts of this show was changed again since.")
    edit.set_show(db, change.subject_id, _show_form(change.before or {}), by=by, now=now)
    return "The transcripts of the show are as they were."


def _transcript_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        stands = store.transcript(session, change.subject_id)
    if (stands.chosen, stands.is_in_work) != _of_transcript(change.after or {}):
        raise StateError("Who gets this transcript was changed again since.")
    access, is_in_work = _of_transcript(change.before or {})
    edit.set_transcript(db, change.subject_id, access=access, is_in_work=is_in_work, by=by, now=now)
    return "Readers get the transcript as before."


def _file_as_before(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    with db.read() as session:
        offer = store.file(session, change.subject_id)
    if offer.form != _file_form(change.after or {}):
        raise StateError(f"“{offer.form.title}” was changed again since.")
    before = _file_form(change.before or {})
    edit.change_file(db, offer.id, before, expected_version=offer.version, by=by, now=now)
    return f"“{before.title}” is as it was."


def _file_removed(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    edit.remove_file(db, change.subject_id, by=by, now=now)
    return f"“{change.became('title')}” is not offered any more."


def _file_back(db: Database, change: ActivityRow, /, *, by: int | None, now: datetime) -> str:
    edit.bring_file_back(db, change.subject_id, by=by, now=now)
    return f"“{change.became('title')}” is offered again."


def _show_form(told: Mapping[str, Any]) -> ShowForm:
    return ShowForm(Access(told["access"]), told["credit"])


def _of_transcript(told: Mapping[str, Any]) -> tuple[Access | None, bool]:
    access = told.get("access")
    return (Access(access) if isinstance(access, str) else None), bool(told.get("is_in_work"))


def _file_form(told: Mapping[str, Any]) -> FileForm:
    return FileForm(told["title"], told["about"], Access(told["access"]))


REVERTS: dict[str, Revert] = {
    "show.set the transcripts of": _show_as_before,
    "episode.set the transcript of": _transcript_as_before,
    "file.offered": _file_removed,
    "file.offered again": _file_removed,
    "file.removed": _file_back,
    "file.changed": _file_as_before,
}
