"""Whether there is a backup that can be trusted, and how old it is."""

import os
from collections.abc import Iterator
from pathlib import Path

from curator.app import App
from curator.backup.nightly import store
from curator.backup.nightly.values import OLD_AFTER
from curator.findings import Finding, Level
from curator.newsletters.slots import span

_ABOUT = "backups"


def backups(app: App) -> Iterator[Finding]:
    """Looks at nightly backups, and at the folder they go to; a demo needs none."""
    folder = app.settings.backup_dir
    if app.settings.is_demo:
        return
    if folder is None:
        todo = (
            "Set CURATOR_BACKUP_DIR to a folder on another disk, unless something else makes them and tries them out."
        )
        yield Finding(Level.LOOK, _ABOUT, "No nightly backup is set up.", todo)
        return
    yield _newest(app)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        what = f"This user cannot write to {folder}, if it is there at all."
        yield Finding(Level.WRONG, "backups' folder", what, "Mount its disk, make it, or give it to Curator's user.")
    elif _is_same_disk(folder, app):
        what = f"{folder} lies on the disk of the installation: what takes the one takes the other."
        yield Finding(Level.LOOK, "backups' folder", what, "Set CURATOR_BACKUP_DIR to a folder on another disk.")


def _newest(app: App) -> Finding:
    with app.db.read() as session:
        nights = store.nights(session)
    age = None if nights.safe_at is None else app.clock() - nights.safe_at
    if nights.why:
        todo = "Mend it: a worker tries again within an hour."
        return Finding(Level.WRONG, _ABOUT, f"The last one failed. {nights.why}", todo)
    if age is None:
        return Finding(
            Level.LOOK, _ABOUT, "None was asked for yet.", "Start a clock; it asks for the first one at once."
        )
    if age > OLD_AFTER:
        todo = "See whether a worker lives for which CURATOR_BACKUP_DIR is set, and its log."
        return Finding(Level.WRONG, _ABOUT, f"There is no good one since {span(age)}.", todo)
    if nights.good is None:
        return Finding(Level.LOOK, _ABOUT, "The first one is being made.", "Look again in a while.")
    good = nights.good
    what = f"The last is {span(age)} old and was tried out: {good.rows:,} rows, {good.files:,} files ({good.file})."
    return Finding(Level.OK, _ABOUT, what)


def _is_same_disk(folder: Path, app: App) -> bool:
    there = Path(app.db.url.database or "").parent if app.db.is_sqlite else app.settings.data_dir
    return there.is_dir() and folder.stat().st_dev == there.stat().st_dev
