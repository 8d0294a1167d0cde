"""`--as ADDRESS`: for whom a command acts. The log of the desk shows them, and that it was done by a command."""

import click

from curator.accounts import store as accounts
from curator.accounts.places.store import with_places
from curator.accounts.values import Right, Role
from curator.addresses import address_key
from curator.app import App
from curator.cli.output import the_app
from curator.errors import NotFoundError, StateError

as_person = click.option(
    "--as", "for_whom", metavar="ADDRESS", help="Act for this person: the log says that they did it, by a command."
)


def acting_app() -> App:
    """Returns the application for a command that changes something: what the log keeps of it says so."""
    app = the_app()
    app.db.act_by_command()
    return app


def whoever(app: App, address: str | None, right: Right, newsletter_id: int | None = None) -> int | None:
    """Returns the id of the person a command acts for; None without an address: the operator at the command line.

    Raises NotFoundError for nobody at the desk, and StateError for somebody who might not do it there either.
    """
    if address is None:
        return None
    with app.db.read() as session:
        user_id = accounts.user_id(session, address_key(address))
        editor = None if user_id is None else accounts.editor(session, user_id)
        if editor is not None and editor.role is not Role.OWNER:  # an owner may everything everywhere
            editor = with_places(session, editor, at=app.clock())
    if user_id is None:
        raise NotFoundError("person at the desk with the address", f"{address}: `curator users list` shows them")
    if editor is None:
        raise StateError(f"{address} is not at the desk any more. Name somebody who is, or leave --as out.")
    if not editor.may(right, newsletter_id):
        raise StateError(f"{editor.name} may not do this at the desk. Name somebody who may, or leave --as out.")
    return user_id
