"""`curator keys rotate`: a new secret key, under which links that have left go on working."""

from contextlib import closing

import click

import config
from curator import schema
from curator.cli.output import the_app
from curator.errors import StateError
from curator.settings.keys import filed_keys, key_file, new_key, put_keys
from curator.tokens import MOST_KEYS


@click.group()
def keys() -> None:
    """The secret key, which signs links and sessions."""


@keys.command("rotate")
def rotate() -> None:
    """Make a new secret key; the ones before stay, behind it.

    Links in mail that has left go on working for good, and what is encrypted is read with the key that encrypted it.
    Sign-ins end. Stop every process first, and start it again afterwards: one with the old keys takes new links for
    damaged. Copy the key file to every machine.
    """
    from curator.backup import store as restored
    from curator.cli.database import stopped

    if config.environ().get("CURATOR_SECRET_KEY"):
        raise StateError(
            "The key is in CURATOR_SECRET_KEY, which a command cannot change: put what is there at the end of "
            "CURATOR_OLD_SECRET_KEYS, a new one into CURATOR_SECRET_KEY, and start every process anew."
        )
    app, folder = the_app(), config.data_dir()
    filed = filed_keys(folder)
    if len(app.keys.secrets) + len(app.keys.veils) >= MOST_KEYS:
        raise StateError(f"There are {MOST_KEYS} keys, and no more can be told apart.")
    with closing(app.db), stopped(app):
        put_keys(folder, [*filed, new_key()])
        if schema.current(app.db) is not None:
            with app.db.write() as session:
                restored.end_sign_ins(session)
    click.echo(f"{key_file(folder)} has {len(filed) + 1} keys now; the last one signs. Keep a copy apart.")
    click.echo("Start Curator again. Everybody signs in anew; links in mail that has left go on working.")
