"""ARCHIVE -> INSTALLATION: restores a backup beside what is there, holds all sending in it, then puts it there.

A kill before the last step leaves the installation as it was; after it, all that could send anything is held already.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from curator import schema
from curator.activity import store as activity
from curator.app import App
from curator.backup import archive, check, holding, keys, places, replay, room, store
from curator.backup.postgres import store as postgres
from curator.backup.sqlite import store as sqlite
from curator.backup.values import About, Kind, Manifest
from curator.db import Database
from curator.errors import InvalidError, StateError, StorageError
from curator.leavings import log
from curator.leavings.values import Deed, Fact, last_words
from curator.settings.keys import dkim_dir, filed_keys, put_keys
from curator.tokens import Veil

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Done:
    """A restoration: what the backup said of itself, what was held and replayed, and where the database before lies."""

    about: About
    report: Mapping[str, int]
    replaced: str


def restore(
    app: App,
    file: Path,
    *,
    is_replacing: bool,
    leavings: Sequence[Path] = (),
    tell: Tell = lambda _step: None,
) -> Done:
    """Makes the installation what it was at the moment of a backup, but for who left since; nothing is sent from it.

    `leavings` are places of the log beside the installation's own. Raises DamagedError, NoRoomError, StorageError, and
    StateError for a newer version's backup, other keys, another kind of database, or an installation that is full.
    """
    about = archive.about(file)
    _require_fit(app, about, is_replacing=is_replacing)
    found = log.read([*(place for place in app.leavings.folders if place.is_dir()), *leavings])
    at = _folder(app)
    room.require(at, 2 * about.database_bytes + about.files_bytes, what="The restore")
    try:
        with room.scratch(at, "restore") as folder:
            tell("reading the backup")
            act = _restore_file if about.kind is Kind.SQLITE else _restore_rows
            return act(_Restoring(app, file, about, folder, found, is_replacing, tell))
    except OSError as error:
        raise StorageError(f"The backup cannot be restored: {error.strerror}.") from error


def _folder(app: App) -> Path:
    """Returns where to work: on the disk of SQLite's file, because the last step is to give a file its name."""
    return _file_of(app.db).parent if app.db.is_sqlite else app.settings.data_dir


def _file_of(db: Database) -> Path:
    """Returns SQLite's file, be it named by a link: that stays one."""
    return Path(db.url.database or "").resolve()


def bring_keys(data_dir: Path, file: Path, passphrase: str | None) -> bool:
    """Puts a backup's keys where an installation has none; False where it has some, or the backup has none.

    Raises InvalidError("passphrase") for a missing or a wrong one.
    """
    if filed_keys(data_dir) or not archive.about(file).has_keys:
        return False
    if passphrase is None:
        raise InvalidError("passphrase", "Set CURATOR_BACKUP_PASSPHRASE: this backup's keys are put away with it.")
    held: list[bytes] = []

    def take(name: str, content: archive.Content) -> None:
        if name == places.KEYS:
            held.append(content.read(archive.PIECE))

    archive.walk(file, take)
    bundle = keys.opened(b"".join(held), passphrase)
    folder = dkim_dir(data_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in bundle.dkim.items():
        if Path(name).name == name and not (folder / name).exists():
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as out:
                out.write(content)
    put_keys(data_dir, bundle.secrets)
    return True


@dataclass(frozen=True)
class _Restoring:
    app: App
    file: Path
    about: About
    folder: Path
    found: log.Read
    is_replacing: bool
    tell: Tell

    def take_file(self, name: str, content: archive.Content) -> None:
        """Takes a file of a folder out, beside the database, until all of it is known to be whole."""
        if places.place_of(self.app.settings, name) is not None:
            check.take_out(content, self.folder / "kept" / name)

    def put_files(self) -> None:
        """Gives files their places; one that is there stays, because none ever changes."""
        for path in sorted((self.folder / "kept").rglob("*")):
            place = places.place_of(self.app.settings, path.relative_to(self.folder / "kept").as_posix())
            if path.is_file() and place is not None and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                room.carry(path, place)

    def prepare(self, db: Database, manifest: Manifest) -> dict[str, int]:
        """Brings the new database up to this version, replays who left, and holds all sending."""
        now, about = self.app.clock(), self.about
        self.tell("bringing it up to this version")
        schema.upgrade(db)
        veil = Veil(self.app.keys)
        db.wear(veil)
        begins = store.count_on(db, manifest.numbers, given=last_words(self.found.facts, since=now).numbers)
        # Before anybody gets one of them: whatever is restored next begins behind it.
        self.app.leavings.keep([Fact(Deed.NUMBERS, now, numbers=begins)])
        self.tell("replaying who left")
        replayed = replay.replay(db, self.found, veil=veil, since=about.at, now=now)
        self.tell("holding all sending")
        report = {**replayed, **holding.hold(db, backup_at=about.at, now=now)}
        with db.write() as session:
            number = store.note(session, at=now, backup_at=about.at, report=report)
            what = {"backup_at": about.at.isoformat(), **report}
            activity.record(
                session, at=now, actor=None, verb="restored", subject="restoration", subject_id=number, after=what
            )
        return report


def _require_fit(app: App, about: About, *, is_replacing: bool) -> None:
    check.require_known(about)
    kind = Kind.SQLITE if app.db.is_sqlite else Kind.POSTGRESQL
    if about.kind is not kind:
        raise StateError(
            f"This backup is of {about.kind}, and the database is {kind}: restore it into {about.kind}, then "
            "`curator db move` carries it from SQLite to PostgreSQL."
        )
    if not keys.fit(about.keys, keys.fingerprints(places.secrets(app.settings))):
        raise StateError(
            "This backup is of an installation with other keys, so no link in its mail would work. Put that "
            f"installation's key file into {app.settings.data_dir}, or remove the one there and set "
            "CURATOR_BACKUP_PASSPHRASE if the backup has its keys."
        )
    held = store.holdings(app.db)
    if held and not is_replacing:
        lost = ", ".join(f"{number:,} {table}{'' if number == 1 else 's'}" for table, number in held.items())
        raise StateError(
            f"{app.db.shown} is not empty: it holds {lost}, which the backup of {holding.said(about.at)} would "
            "replace. --replace does so, and puts what is there aside. Nothing was changed."
        )


def _restore_file(what: _Restoring) -> Done:
    new, at = what.folder / "database", _file_of(what.app.db)

    def take(name: str, content: archive.Content) -> None:
        if name == places.DATABASE:
            check.take_out(content, new)
        else:
            what.take_file(name, content)

    about, manifest = archive.walk(what.file, take)
    check.compare_file(new, about, manifest)
    db = Database(f"sqlite:///{new}")
    try:
        report = what.prepare(db, manifest)
    finally:
        db.close()
    what.put_files()
    what.app.db.close()
    aside = _free_name(at.with_name(f"{at.name}.replaced-{what.app.clock():%Y%m%dT%H%M%SZ}"))
    sqlite.put(new, at=at, aside=aside)
    if not what.is_replacing:  # it held nothing
        aside.unlink(missing_ok=True)
    return Done(about, report, str(aside) if aside.exists() else "")


def _restore_rows(what: _Restoring) -> Done:
    aside = postgres.Aside(what.app.db, postgres.ASIDE)
    try:
        manifest = check.fill(what.file, what.about, aside, take=what.take_file)
        report = what.prepare(aside.database, manifest)
        what.put_files()
        aside.close()
        aside.put(is_replacing=what.is_replacing)
    except BaseException:
        aside.remove()
        raise
    finally:
        aside.close()
    return Done(what.about, report, f"the schema {postgres.REPLACED}" if what.is_replacing else "")


def _free_name(wished: Path) -> Path:
    """Returns the name, or one with a number behind it where something bears it."""
    names = (wished.with_name(f"{wished.name}-{number}") for number in count(2))
    return next(each for each in chain([wished], names) if not each.exists())
