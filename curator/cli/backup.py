"""`curator db backup`: everything into one file, while Curator runs."""

from contextlib import closing
from pathlib import Path

import click

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
