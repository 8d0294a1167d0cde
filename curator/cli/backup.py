"""`curator db backup`, `restore` and `let-go`: everything into one file while Curator runs, and back."""

from contextlib import closing
from pathlib import Path

import click

import config
from curator.cli.output import as_json, print_json, the_app


@click.command("backup")
@click.argument("to", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@as_json
def backup(to: Path, as_json: bool) -> None:
    """Write database, files and keys into one file.

    Curator may run meanwhile: the copy is of one moment. In a FOLDER the file is named for that moment. The keys go
    along where CURATOR_BACKUP_PASSPHRASE is set, and nobody reads them without it; else they are left out. The file
    is there whole or not at all, and only its owner may read it: all addresses are in it.
    """
    from curator.backup.make import back_up, name_at
    from curator.backup.room import megabytes

    app = the_app()
    with closing(app.db):
        file = to / name_at(app.clock()) if to.is_dir() else to
        made = back_up(app, file, tell=lambda step: None if as_json else click.echo(f"{step} ...", err=True))
    rows, files = sum(made.manifest.rows.values()), made.manifest.files
    if as_json:
        told = {"file": made.path, "bytes": made.bytes, "rows": rows, "files": files, "schema": made.about.schema}
        print_json(told | {"has_keys": made.about.has_keys, "sha256": made.sha256})
        return
    click.echo(f"{made.path}: {rows:,} rows, {files:,} files, {megabytes(made.bytes)}, SHA-256 {made.sha256}")
    if not made.about.has_keys:
        click.echo(
            "The keys are not in it, because CURATOR_BACKUP_PASSPHRASE is not set. Without the key file "
            f"{app.settings.data_dir / 'secret.key'} no link in mail that has left works: keep a copy apart.",
            err=True,
        )


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Try the backup out, and change nothing.")
@click.option("--replace", is_flag=True, help="Replace an installation that is not empty; what is there is put aside.")
@click.option("--leavings", multiple=True, type=click.Path(exists=True, path_type=Path), help="More of the log apart.")
@as_json
def restore(file: Path, only_check: bool, replace: bool, leavings: tuple[Path, ...], as_json: bool) -> None:
    """Make the installation what it was when a backup was made.

    Stop every process first, on every machine. Whoever left, was suppressed or erased since is so again, from the log
    kept apart. Nothing is sent from it: all stands held until an owner lets it go, at the desk or by `curator db
    let-go`. Sign-ins and one-time links end. Keys come out of the backup where the data folder has none.
    """
    from curator.backup import check, holding
    from curator.backup.restore import bring_keys
    from curator.backup.restore import restore as run
    from curator.cli.database import stopped

    environ = config.environ()
    if not only_check and not environ.get("CURATOR_SECRET_KEY"):
        bring_keys(config.data_dir(), file, environ.get("CURATOR_BACKUP_PASSPHRASE"))
    app = the_app()

    def tell(step: str) -> None:
        if not as_json:
            click.echo(f"{step} ...", err=True)

    with closing(app.db):
        if only_check:
            about, manifest = check.try_out(file, scratch=app.settings.data_dir, db=app.db)
            rows = sum(manifest.rows.values())
            if as_json:
                print_json({"is_good": True, "at": about.at, "rows": rows, "files": manifest.files})
            else:
                click.echo(
                    f"It is good: the backup of {holding.said(about.at)}, {rows:,} rows, {manifest.files} files."
                )
            return
        with stopped(app):
            done = run(app, file, is_replacing=replace, leavings=leavings, tell=tell)
    if as_json:
        print_json({"backup_at": done.about.at, "replaced": done.replaced, **done.report})
        return
    click.echo(f"Restored from the backup of {holding.said(done.about.at)}. All sending is held.")
    click.echo(", ".join(f"{name.replace('_', ' ')}: {number:,}" for name, number in done.report.items()))
    if done.replaced:
        click.echo(f"What was there before lies in {done.replaced}.")
    click.echo("Next: start Curator, look at the desk's first page, and let go there (or by `curator db let-go`).")


@click.command("let-go")
def let_go() -> None:
    """Let mail leave again after a restore.

    Paused mailings wait for somebody to resume each.
    """
    from curator.backup import holding

    app = the_app()
    with closing(app.db):
        was_held = holding.let_go(app.db, by=None, now=app.clock())
    click.echo("Mail may leave again. Look at what is paused or held." if was_held else "Nothing was held.")
