"""An installation with readers, files and keys, on both kinds of database."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from curator.app import App
from curator.db import Database
from curator.settings import Settings
from tests.builders import newsletter_row, subscriber_rows
from tests.conftest import create_postgres
from tests.jobs.conftest import app, make_app, sqlite_app

__all__ = ["app", "make_app", "sqlite_app"]

PASSPHRASE = "correct horse battery staple"


def with_settings(app: App, **changes: object) -> App:
    """The same application with other settings."""
    settings: Settings = replace(app.settings, **changes)  # type: ignore[arg-type]  # mypy cannot follow the names
    return replace(app, settings=settings)


def rows_of(db: Database, table: str) -> int:
    with db.engine.connect() as connection:
        return int(connection.exec_driver_sql(f'select count(*) from "{table}"').scalar() or 0)  # noqa: S608 - a test's own words


def changed(archive: bytes, place: int) -> bytes:
    """The archive with one bit of its content changed, at a place or a little before it.

    Some bits change nothing: of a row of zeros it does not matter from which of them the next is copied.
    """
    content = gzip.decompress(archive)
    for at in range(place, 0, -1):
        harmed = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
        try:
            if gzip.decompress(harmed) == content:
                continue
        except (OSError, EOFError, zlib.error):
            pass
        return harmed
    raise AssertionError("nothing of it matters")


@pytest.fixture
def full(app: App, tmp_path: Path) -> App:
    """Three readers, a picture, a file and a DKIM key; its keys are put away behind a passphrase."""
    return _filled(app, tmp_path)


@pytest.fixture
def sqlite_full(sqlite_app: App, tmp_path: Path) -> App:
    """The same on SQLite, where the database makes a difference."""
    return _filled(sqlite_app, tmp_path)


def _filled(app: App, tmp_path: Path) -> App:
    newsletter_id = newsletter_row(app.db)
    subscriber_rows(app.db, newsletter_id, ["ada@example.org", "bob@example.org", "eve@example.org"])
    for name in ("pictures/ab/abcd.png", "files/report.pdf", "imports/7"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode() * 100)
    (tmp_path / "dkim").mkdir()
    (tmp_path / "dkim" / "s._domainkey.podcast.example.pem").write_text("a private key")
    return with_settings(app, backup_passphrase=PASSPHRASE)


@pytest.fixture
def elsewhere(full: App, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[App]:
    """Another machine with the same keys, and a database of the same kind that holds nothing yet."""
    data_dir = tmp_path / "elsewhere"
    data_dir.mkdir()
    url = f"sqlite:///{data_dir / 'curator.sqlite3'}"
    if not full.db.is_sqlite:
        server, name = request.getfixturevalue("postgres_server"), f"restored_{request.getfixturevalue('worker_name')}"
        create_postgres(server, name)
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
    db = Database(url)
    settings = replace(full.settings, data_dir=data_dir, database_url=url)
    yield replace(full, settings=settings, db=db)
    db.close()
