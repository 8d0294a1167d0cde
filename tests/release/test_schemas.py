"""From every schema that was ever released to the newest, and back: what readers and editors gave stays."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from curator import schema
from curator.app import build
from curator.cli import curator
from curator.db import Database
from curator.settings import load
from tests import builders
from tests.cli.conftest import install
from tests.conftest import create_postgres
from tests.events.scene import sent

for _path in Path(schema.__file__).parent.glob("*/tables.py"):
    importlib.import_module(f"curator.{_path.parent.name}.tables")

__all__ = ["install"]

# Every schema counts as released: whoever follows the main branch may stand at any of them.
REVISIONS = [each.revision for each in ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()]
KEPT = (
    "newsletter",
    "section",
    "feed",
    "item",
    "subscriber",
    "subscription",
    "issue",
    "revision",
    "mailing",
    "delivery",
)
"""What the first release had already: none of it may be lost on any way."""


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A filled database at the newest schema."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'filled.sqlite3'}")
    else:
        server, name = request.getfixturevalue("postgres_server"), f"released_{request.getfixturevalue('worker_name')}"
        create_postgres(server, name)
        database = Database(make_url(server).set(database=name).render_as_string(hide_password=False))
    schema.upgrade(database)
    _fill(database)
    yield database
    database.close()


def _fill(database: Database) -> None:
    for number, slug in enumerate(("ai-weekly", "data-monthly"), 1):
        newsletter = builders.newsletter_row(database, slug=slug)
        builders.section_rows(database, newsletter)
        sent(database, number=number, newsletter_id=newsletter, readers=40)
        feed = builders.feed_row(database, f"Feed {slug}")
        for title in ("One", "Two", "Three"):
            builders.item_row(database, feed, title, at=builders._LONG_AGO)


def _counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        counted = {name: session.scalar(text(f"select count(*) from {name}")) for name in KEPT}  # noqa: S608 - our own tables
    assert all(counted.values()), counted
    return counted


def _rows(database: Database, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    with database.read() as session:
        return {
            name: sorted(map(tuple, session.execute(text(f"select {', '.join(of)} from {name}"))), key=repr)  # noqa: S608 - as above
            for name, of in columns.items()
        }


def test_every_way_back_and_forth_keeps_what_is_there(installation: Database) -> None:
    before = _counts(installation)
    newest, *older = REVISIONS
    assert schema.current(installation) == newest
    for revision in older:
        schema.downgrade(installation, revision)
        assert schema.current(installation) == revision
        assert _counts(installation) == before, f"on the way back to {revision}"
    looking = inspect(installation.engine)
    columns = {name: [f'"{each["name"]}"' for each in looking.get_columns(name)] for name in KEPT}
    oldest = _rows(installation, columns)
    for revision in reversed(REVISIONS[:-1]):
        schema.upgrade(installation, revision)
        assert _counts(installation) == before, f"on the way to {revision}"
    assert schema.current(installation) == newest
    assert _rows(installation, {"subscriber": columns["subscriber"]})["subscriber"] == oldest["subscriber"]
    again = _rows(installation, {"delivery": columns["delivery"], "subscription": columns["subscription"]})
    assert again == {name: oldest[name] for name in again}


@pytest.fixture
def environ(tmp_path: Path, install: Any) -> dict[str, str]:
    install(tmp_path / "var")
    return {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_LOG_FORMAT": "json"}


def test_the_commands_go_back_and_forth_with_a_copy_of_before(environ: dict[str, str], tmp_path: Path) -> None:
    app, earlier = build(load(environ)), REVISIONS[3]
    builders.subscriber_rows(app.db, builders.newsletter_row(app.db), ["ada@readers.example"])

    def call(*arguments: str) -> str:
        done = CliRunner().invoke(curator, ["db", *arguments], env=environ)
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    assert f"stands at {earlier}" in call("downgrade", earlier, "--yes")
    said = call("upgrade")
    kept = tmp_path / "var" / f"curator.sqlite3.before-upgrade-from-{earlier}"
    assert str(kept) in said
    assert f"curator db downgrade {earlier}" in said
    copy = Database(f"sqlite:///{kept}")
    assert schema.current(copy) == earlier
    with copy.read() as session:
        assert session.scalar(text("select count(*) from subscriber")) == 1
    copy.close()
    assert "before-upgrade" not in call("upgrade"), "nothing to do, so no copy"
    app.db.close()


@pytest.mark.parametrize(("revision", "words"), [("9999", "knows no schema '9999'"), ("base", "knows no schema")])
def test_no_way_leads_to_a_schema_that_nobody_knows(environ: dict[str, str], revision: str, words: str) -> None:
    done = CliRunner().invoke(curator, ["db", "downgrade", revision, "--yes"], env=environ)
    assert done.exit_code == 1
    assert words in str(done.exception)
