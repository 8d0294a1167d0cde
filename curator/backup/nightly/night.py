"""INSTALLATION -> BACKUP THAT WAS TRIED OUT: a night's backup from the first row to the last file put out.

A crash on the way leaves the row as being made, and no file or a whole one: the next try goes on from the file.
"""

import traceback
from pathlib import Path

import structlog

from curator.app import App
from curator.backup.check import try_out
from curator.backup.make import back_up
from curator.backup.nightly import due, store
from curator.backup.nightly.values import Night
from curator.backup.values import DamagedError
from curator.errors import CuratorError, StorageError

_log = structlog.get_logger()


def make_night(app: App, folder: Path, *, keep: int) -> bool:
    """Makes the backup of the newest night into a folder, tries it out, and puts out what is older than the newest.

    `keep` is how many stay. Whatever it fails of stands in the row. False when there is nothing to make, or it failed.
    """
    with app.db.write() as session:
        night = store.begin(session, now=app.clock())
    if night is None:
        return False
    try:
        _make_and_try(app, folder, night)
    except CuratorError as error:
        return _fail(app, night, str(error))
    except Exception as error:
        # The traceback goes to the log; the words stay out of it: they may quote a row.
        traceback.print_tb(error.__traceback__)
        return _fail(app, night, f"It broke ({type(error).__name__}); the log has where.")
    _put_out(folder, keep=keep)
    return True


def _make_and_try(app: App, folder: Path, night: Night) -> None:
    if not folder.is_dir():
        raise StorageError(f"There is no folder {folder}. It is not made, so that a disk that is not there is noticed.")
    was_made = night.file != "" and (folder / night.file).is_file()
    file = folder / night.file if was_made else _make(app, folder, night)
    try:
        # In the same folder: a copy of the database must not fill the disk on which the installation works.
        try_out(file, scratch=folder, db=app.db)
    except DamagedError:
        # Whoever finds it must not take it for a backup.
        file.unlink(missing_ok=True)
        raise
    except StorageError:
        # Once the database may have been away. Twice may be the file.
        if was_made:
            with app.db.write() as session:
                store.forget_file(session, night)
        raise
    with app.db.write() as session:
        store.note_good(session, night, now=app.clock())


def _make(app: App, folder: Path, night: Night) -> Path:
    made = back_up(app, folder / due.name_at(app.clock()))
    file = Path(made.path)
    counts = made.bytes, sum(made.manifest.rows.values()), made.manifest.files
    with app.db.write() as session:
        store.note_made(session, night, file=file.name, backup_at=made.about.at, counts=counts)
    return file


def _fail(app: App, night: Night, why: str) -> bool:
    with app.db.write() as session:
        store.note_failed(session, night, why=why, now=app.clock())
    return False


def _put_out(folder: Path, *, keep: int) -> None:
    for name in due.too_old((each.name for each in folder.iterdir()), keep=keep):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            _log.error("an old backup cannot be put out", file=name, reason=error.strerror)
