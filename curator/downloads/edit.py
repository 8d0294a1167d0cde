"""Editors say who may get which transcript, and offer files."""

from datetime import datetime
from typing import Any

from curator.activity import store as activity
from curator.db import Database, Session
from curator.downloads import kinds, store
from curator.downloads.values import (
    MAX_ABOUT,
    MAX_CREDIT,
    MAX_FILE_BYTES,
    MAX_TITLE,
    Access,
    FileForm,
    FileOffer,
    FileStore,
    ShowForm,
    StoredFile,
)
from curator.episodes import store as episodes
from curator.errors import ConflictError, InvalidError
from curator.names import one_line

FILE = "file"
"""What the audit log calls one."""


def set_show(db: Database, feed_id: int, form: ShowForm, *, by: int | None, now: datetime) -> None:
    """Writes what holds for all transcripts of a show; twice is once. Raises NotFoundError, InvalidError."""
    if len(form.credit) > MAX_CREDIT:
        raise InvalidError("credit", f"The line has {len(form.credit)} characters; at most {MAX_CREDIT} fit.")
    with db.write() as session:
        episodes.show_row(session, feed_id, lock=True)
        was = store.show(session, feed_id)
        if was == form:
            return
        store.set_show(session, feed_id, form)
        _record(
            session,
            "set the transcripts of",
            "show",
            feed_id,
            by=by,
            now=now,
            before=_of_show(was),
            after=_of_show(form),
        )


def set_transcript(
    db: Database, item_id: int, *, access: Access | None, is_in_work: bool, by: int | None, now: datetime
) -> None:
    """Writes who gets an episode's transcript (None: as its show says); twice is once. Raises NotFoundError."""
    with db.write() as session:
        was = store.lock_transcript(session, item_id)
        before = {"access": was.chosen, "is_in_work": was.is_in_work}
        after = {"access": access, "is_in_work": is_in_work}
        if before == after:
            return
        store.set_transcript(session, item_id, access=access, is_in_work=is_in_work)
        verb = "set the transcript of"
        _record(session, verb, "episode", item_id, by=by, now=now, before=before, after=after)


def offer_file(
    db: Database,
    kept: FileStore,
    form: FileForm,
    content: bytes,
    *,
    name: str,
    item_id: int | None = None,
    newsletter_id: int | None = None,
    by: int | None,
    now: datetime,
) -> int:
    """Keeps a file of an episode or of a newsletter and returns its number. Raises InvalidError, StorageError.

    The bytes are kept before the row is written: a crash between leaves a file that nobody speaks of.
    """
    checked = _checked(form)
    if len(content) > MAX_FILE_BYTES:
        raise InvalidError("file", f"The file has more than {MAX_FILE_BYTES // 1_000_000} MB.")
    kind = kinds.kind_of(content)
    if item_id is not None:
        with db.read() as session:
            episodes.view(session, item_id)
    stored = StoredFile(kept.put(content), kinds.saved_as(name, kind), kind.ending, len(content))
    with db.write() as session:
        file_id = store.add_file(session, checked, stored, item_id=item_id, newsletter_id=newsletter_id, now=now)
        _record(session, "offered", FILE, file_id, by=by, now=now, after=_of_file(store.file(session, file_id)))
        return file_id


def change_file(
    db: Database, file_id: int, form: FileForm, *, expected_version: int, by: int | None, now: datetime
) -> None:
    """Writes what is said of a file. Raises InvalidError, ConflictError when it was changed since, NotFoundError."""
    checked = _checked(form)
    with db.write() as session:
        was = store.file(session, file_id, lock=True)
        if was.form == checked:
            return
        if was.version != expected_version:
            raise ConflictError(FILE, file_id, expected=expected_version, actual=was.version)
        store.set_file(session, file_id, title=checked.title, about=checked.about, access=checked.access)
        after = _of_file(store.file(session, file_id))
        _record(session, "changed", FILE, file_id, by=by, now=now, before=_of_file(was), after=after)


def remove_file(db: Database, file_id: int, *, by: int | None, now: datetime) -> None:
    """Takes a file off its page; links in letters give it no more. Twice is once. Raises NotFoundError."""
    _set_removed(db, file_id, "removed", is_removed=True, by=by, now=now)


def bring_file_back(db: Database, file_id: int, *, by: int | None, now: datetime) -> None:
    """Offers a removed file again. Twice is once. Raises NotFoundError."""
    _set_removed(db, file_id, "offered again", is_removed=False, by=by, now=now)


def _set_removed(db: Database, file_id: int, verb: str, *, is_removed: bool, by: int | None, now: datetime) -> None:
    with db.write() as session:
        was = store.file(session, file_id, lock=True)
        if was.is_removed is not is_removed:
            store.set_file(session, file_id, is_removed=is_removed)
            _record(session, verb, FILE, file_id, by=by, now=now, after=_of_file(was))


def _checked(form: FileForm) -> FileForm:
    title = one_line(form.title, max_characters=MAX_TITLE + 1)
    if not title:
        raise InvalidError("title", "Say what the file is.")
    if len(title) > MAX_TITLE:
        raise InvalidError("title", f"The title is too long: at most {MAX_TITLE} characters fit.")
    if len(form.about) > MAX_ABOUT:
        raise InvalidError("about", f"This is {len(form.about):,} characters long; at most {MAX_ABOUT:,} fit.")
    return FileForm(title, form.about.strip(), form.access)


def _of_show(form: ShowForm) -> dict[str, Any]:
    return {"access": form.access, "credit": form.credit}


def _of_file(offer: FileOffer) -> dict[str, Any]:
    return {
        "title": offer.form.title,
        "about": offer.form.about,
        "access": offer.form.access,
        "item_id": offer.item_id,
        "newsletter": offer.newsletter_id,
    }


def _record(
    session: Session,
    verb: str,
    subject: str,
    subject_id: int,
    *,
    by: int | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    activity.record(
        session, at=now, actor=by, verb=verb, subject=subject, subject_id=subject_id, before=before, after=after
    )
