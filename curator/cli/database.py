"""`curator db`: the schema's version, backups, and the move to PostgreSQL."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from curator import schema
from curator.app import App
from curator.cli.backup import backup, let_go, restore
from curator.cli.output import as_json, print_json, the_app
from curator.errors import AlreadyRunningError, CuratorError, InvalidError, StateError
from curator.mailings import store as mailings
from curator.mailings.values import MailingState
from curator.move.values import Compared


@click.group("db")
def database() -> None:
    """The database: its schema, backups, and moving it to PostgreSQL."""


for command in (backup, restore, let_go):
    database.add_command(command)


@database.command("upgrade")
@click.option("--no-copy", is_flag=True, help="Keep no copy of an SQLite database as it was.")
def upgrade(no_copy: bool) -> None:
    """Bring the database up to this version of Curator.

    Of an SQLite database a copy is kept beside it first; of PostgreSQL keep one yourself (pg_dump).
    """
    with closing(the_app().db) as db:
        was, is_behind = schema.current(db), schema.is_behind(db)
        if is_behind and not no_copy and (kept := schema.copied(db)) is not None:
            click.echo(f"As it was, it is kept as {kept}.")
        schema.upgrade(db)
        click.echo(f"The database stands at {schema.current(db)}.")
        if is_behind:
            click.echo(f"To go back: stop Curator, `curator db downgrade {was}`, then run the version before.")


@database.command("downgrade")
@click.argument("revision")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
def downgrade(revision: str, is_sure: bool) -> None:
    """Take the database back to the schema of an earlier version.

    REVISION is what `curator db upgrade` named, such as 0027. Stop Curator first, and run this by the newer version:
    the older one does not know the way. What only newer versions keep goes; readers, issues, consents and deliveries
    stay.
    """
    with closing(the_app().db) as db:
        was = schema.current(db)
        if revision not in schema.known():
            raise InvalidError("revision", f"This version knows no schema {revision!r}; the database stands at {was}.")
        if was not in schema.known():
            raise StateError(f"The database stands at {was}, which this version does not know. Use the newer one.")
        if not is_sure:
            click.confirm(f"What came with schemas after {revision} goes for good. Go on?", abort=True)
        schema.downgrade(db, revision)
        click.echo(f"The database stands at {schema.current(db)}.")


@database.command("check")
def check() -> None:
    """Tell whether the database fits this version.

    Exit code 1 when it does not; nothing is changed.
    """
    with closing(the_app().db) as db:
        current, newest = schema.current(db), schema.newest()
    if current != newest:
        raise CuratorError(f"The database stands at {current}, this version needs {newest}: run `curator db upgrade`.")
    click.echo(f"The database stands at {current}, as it should.")


@database.command("move")
@click.argument("url")
@click.option("--again", is_flag=True, help="Remove what an unfinished move left there, and begin anew.")
@click.option("--running", "is_running", is_flag=True, help="Move although Curator runs, if no mailing is under way.")
@as_json
def move(url: str, again: bool, is_running: bool, as_json: bool) -> None:
    """Copy everything to PostgreSQL and compare it.

    URL names an empty database, such as postgresql://USER:PASSWORD@HOST/NAME; stop Curator first. The
    present database is never written and stays as it is. Killed on the way, the copy is unfinished and nothing starts
    on it: --again begins anew. Every table is compared; exit code 1 when anything differs.
    """
    from curator.move.carry import carry, require_newest

    app = the_app()
    with closing(app.db):
        require_newest(app.db)
        with _quiet(app, is_running=is_running):
            tell = (lambda _: None) if as_json else _tell
            compared = carry(app.db, url, again=again, tell=tell, passed=_passed)
    is_equal = all(each.is_equal for each in compared)
    if as_json:
        print_json({"is_equal": is_equal, "tables": [_plain(each) for each in compared]})
    elif is_equal:
        _say_what_is_next(app, compared)
    if not is_equal:
        click.echo("curator: the copies differ, so the new one stays unfinished: move again with --again.", err=True)
        sys.exit(1)


@contextmanager
def _quiet(app: App, *, is_running: bool) -> Iterator[None]:
    """Holds the installation still for the block; refuses while it works."""
    from curator.jobs import alive, clock, supervise

    with app.db.read() as session:
        live = mailings.mailings(session, is_live=True)
    under_way = [view.id for view in live if view.state is not MailingState.PAUSED]
    if is_running and not under_way:
        yield
        return
    try:
        with supervise.only_one(app.settings):
            if names := alive.living_names(clock.workers_dir(app)):
                raise StateError(f"Curator runs here ({', '.join(names)}). {_stop(under_way)}")
            yield
    except AlreadyRunningError as error:
        raise StateError(f"Curator runs here. {_stop(under_way)}") from error


@contextmanager
def stopped(app: App) -> Iterator[None]:
    """Keeps Curator from starting here for the block; refuses while it runs."""
    from curator.jobs import alive, clock, supervise

    words = "Stop every process first, on every machine: what they write would be lost."
    try:
        with supervise.only_one(app.settings):
            if names := alive.living_names(clock.workers_dir(app)):
                raise StateError(f"Curator runs here ({', '.join(names)}). {words}")
            yield
    except AlreadyRunningError as error:
        raise StateError(f"Curator runs here. {words}") from error


def _stop(under_way: list[int]) -> str:
    if under_way:
        ids = ", ".join(map(str, under_way))
        return f"Stop it first: mailing {ids} is under way (the move takes it along, and it goes on there)."
    return "Stop it first, so that nothing is written to the old database any more (or say --running)."


def _passed(table: str, rows: int) -> None:
    """Shows on a terminal how far a long table is; its own line then stands over it."""
    if sys.stderr.isatty():
        click.echo(f"{table:<16} {rows:>12,} rows so far\r", err=True, nl=False)


def _tell(compared: Compared) -> None:
    if compared.is_equal:
        click.echo(f"{compared.table:<16} {compared.here.rows:>12,} rows, equal")
        return
    differ = "but not the same" if compared.here.rows == compared.there.rows else f"but {compared.there.rows:,} there"
    click.echo(f"{compared.table:<16} {compared.here.rows:>12,} rows, {differ}")


def _plain(compared: Compared) -> dict[str, object]:
    return {
        "table": compared.table,
        "is_equal": compared.is_equal,
        "rows": compared.here.rows,
        "rows_there": compared.there.rows,
        "sha256": compared.here.digest,
        "sha256_there": compared.there.digest,
    }


def _say_what_is_next(app: App, compared: list[Compared]) -> None:
    rows = sum(each.here.rows for each in compared)
    click.echo(f"Everything is there: {rows:,} rows in {len(compared)} tables, each compared.")
    click.echo("Next: set CURATOR_DATABASE_URL to the URL that you gave, and start Curator.")
    click.echo(f"The data folder {app.settings.data_dir} goes on as it is: its key signed every link in mail.")
    click.echo(f"{app.db.shown} was not changed. What is written there from now on is lost.")
