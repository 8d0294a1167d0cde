"""`curator init` and `curator db`: the first start, and the schema's version."""

import sys

import click

import config
from curator import schema, settings
from curator.accounts import admit
from curator.accounts import store as accounts_store
from curator.accounts.values import Role
from curator.addresses import checked_address
from curator.app import App, build
from curator.cli.output import the_app
from curator.errors import CuratorError, InvalidError


@click.command("init")
@click.option("--owner", help="Mail address of the first owner (asked for on a terminal).")
def initialise(owner: str | None) -> None:
    """Make the key, the database and the first owner; safe to run again."""
    settings.make_secret_key(config.data_dir())
    app = build(config.settings())
    schema.upgrade(app.db)
    with app.db.read() as session:
        has_users = accounts_store.has_users(session)
    if not has_users:
        _admit_owner(app, owner or (_asked_for_owner() if sys.stdin.isatty() else None))
    elif owner is not None:
        click.echo(f"There is an owner already: `curator users add {owner} --role owner` adds another.")
    click.echo(
        f"Ready: {app.db.url.render_as_string()}. `curator run` opens the desk at {app.settings.public_url}/desk"
    )


def _asked_for_owner() -> str:
    """Asks until the answer is a mail address: a slip of the fingers ends no `make run`."""
    return str(click.prompt("Mail address of the first owner", value_proc=_mail_address))


def _mail_address(text: str) -> str:
    try:
        return checked_address(text).address
    except InvalidError as error:
        raise click.BadParameter(str(error)) from error


def _admit_owner(app: App, owner: str | None) -> None:
    if owner is None:
        click.echo("There is no owner yet: `curator users add ADDRESS --role owner` makes one.")
        return
    name = owner.split("@", maxsplit=1)[0]
    user_id = admit.create_user(app.db, owner, name=name, role=Role.OWNER, now=app.clock())
    token = admit.make_link(app.db, user_id, now=app.clock())
    click.echo(f"Sign in once, within 24 hours: {app.settings.public_url}/desk/enter?t={token}")


@click.group("db")
def database() -> None:
    """The database's schema."""


@database.command("upgrade")
def upgrade() -> None:
    """Bring the database up to this version of Curator."""
    app = the_app()
    schema.upgrade(app.db)
    click.echo(f"The database stands at {schema.current(app.db)}.")


@database.command("check")
def check() -> None:
    """Tell whether the database stands where this version of Curator expects it."""
    app = the_app()
    current, newest = schema.current(app.db), schema.newest()
    if current != newest:
        raise CuratorError(f"The database stands at {current}, this version needs {newest}: run `curator db upgrade`.")
    click.echo(f"The database stands at {current}, as it should.")
