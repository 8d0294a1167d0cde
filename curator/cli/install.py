"""`curator init`: the first start."""

import sys
from collections.abc import Sequence

import click

import config
from curator import schema
from curator.accounts import admit
from curator.accounts import store as accounts_store
from curator.accounts.values import EditorRow, Role
from curator.addresses import checked_address
from curator.app import App, build
from curator.errors import InvalidError
from curator.settings.keys import make_secret_key


@click.command("init")
@click.option("--owner", help="Mail address of the first owner (asked for on a terminal).")
def initialise(owner: str | None) -> None:
    """Make the key, the database and the first owner.

    Safe to run again. A new newsletter is in test mode: its mail reaches people at the desk only, until an owner
    goes live.
    """
    make_secret_key(config.data_dir())
    app = build(config.settings())
    schema.upgrade(app.db)
    with app.db.read() as session:
        people = accounts_store.editors(session)
    if not people and owner is None and sys.stdin.isatty():
        owner = _asked_for_owner()
    # The link comes last: below it stands nothing but what `curator run` says.
    way_in = _way_in(app, people, owner)
    _say_what_is_next(app)
    click.echo(way_in)


def _say_what_is_next(app: App) -> None:
    url = app.settings.public_url
    click.echo(f"Ready: {app.db.shown}. `curator run` opens the desk at {url}/desk")
    click.echo("Test mode: a newsletter's mail reaches people at the desk only, until its checklist is ticked.")
    click.echo("Next: sign in and follow the first steps; `curator doctor` says what is missing.")


def _way_in(app: App, people: Sequence[EditorRow], owner: str | None) -> str:
    """Returns the line that says how the first owner comes in; without people `owner` is made."""
    if not people:
        return _admitted(app, owner)
    owners = [person.address for person in people if person.role is Role.OWNER and person.is_active]
    if owner is not None:
        return f"There is an owner already: `curator users add {owner} --role owner` adds another."
    if owners and all(person.signed_in_at is None for person in people):
        return f"Nobody has signed in yet: `curator users reset {owners[0]}` prints a new link."
    return f"Sign in at {app.settings.public_url}/desk"


def _asked_for_owner() -> str:
    """Asks until the answer is a mail address: a slip of the fingers ends no `make run`."""
    return str(click.prompt("Mail address of the first owner", value_proc=_mail_address))


def _mail_address(text: str) -> str:
    try:
        return checked_address(text).address
    except InvalidError as error:
        raise click.BadParameter(str(error)) from error


def _admitted(app: App, owner: str | None) -> str:
    if owner is None:
        return "There is no owner yet: `curator users add ADDRESS --role owner` makes one."
    name = owner.split("@", maxsplit=1)[0]
    user_id = admit.create_user(app.db, owner, name=name, role=Role.OWNER, now=app.clock())
    token = admit.make_link(app.db, user_id, now=app.clock())
    return f"Sign in once, within 24 hours: {app.settings.public_url}/desk/enter?t={token}"
