"""`curator users ...`: let people in to the desk."""

import click

from curator.accounts import admit, second_factor
from curator.accounts import store as accounts_store
from curator.accounts.values import Right, Role
from curator.addresses import address_key
from curator.cli.acting import acting_app, as_person, whoever
from curator.cli.output import as_json, print_json, print_rows, the_app
from curator.errors import NotFoundError


@click.group()
def users() -> None:
    """The people at the desk."""


@users.command("add")
@click.argument("address")
@click.option("--name", default="", help="How the desk calls them.")
@click.option("--role", type=click.Choice([str(role) for role in Role]), default=str(Role.EDITOR), show_default=True)
@click.option("--invite", "is_invited", is_flag=True, help="Send the link by mail instead; again to whoever has one.")
@as_person
def add(address: str, name: str, role: str, is_invited: bool, for_whom: str | None) -> None:
    """Add a person and print their one-time sign-in link."""
    app = acting_app()
    by = whoever(app, for_whom, Right.MANAGE)
    if is_invited:
        admit.invite(app.db, address, name=name, role=Role(role), keys=app.keys, now=app.clock(), by=by)
        when = "leaves as soon as Curator runs" if app.transport else "waits until CURATOR_SMTP_URL names a mail relay"
        click.echo(f"An invitation to {address.strip()} is written; it {when}.")
        return
    shown_name = name or address.split("@", maxsplit=1)[0]
    user_id = admit.create_user(app.db, address, name=shown_name, role=Role(role), now=app.clock(), by=by)
    _print_link(user_id)


@users.command("reset")
@click.argument("address")
@click.option("--second-factor", "is_factor_off", is_flag=True, help="Take their second factor off as well.")
@as_person
def reset(address: str, is_factor_off: bool, for_whom: str | None) -> None:
    """Print a new one-time sign-in link for a person who is locked out."""
    app = acting_app()
    by = whoever(app, for_whom, Right.MANAGE)
    with app.db.read() as session:
        user_id = accounts_store.user_id(session, address_key(address))
    if user_id is None:
        raise NotFoundError("person with the address", address)
    if is_factor_off:
        is_off = second_factor.take_off(app.db, user_id, now=app.clock(), by=by)
        click.echo("The second factor is off." if is_off else "There was no second factor.")
    _print_link(user_id)


@users.command("list")
@as_json
def list_users(as_json: bool) -> None:
    """List the people at the desk."""
    app = the_app()
    with app.db.read() as session:
        rows = accounts_store.editors(session)
    if as_json:
        print_json(rows)
        return
    shown = [{"id": row.id, "name": row.name, "address": row.address, "role": row.role} for row in rows]
    print_rows(shown, empty="Nobody yet: `curator users add ADDRESS --role owner` adds the first owner.")


def _print_link(user_id: int) -> None:
    app = the_app()
    token = admit.make_link(app.db, user_id, now=app.clock())
    click.echo(f"Sign in once, within 24 hours: {app.settings.public_url}/desk/enter?t={token}")
