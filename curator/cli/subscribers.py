"""`curator subscribers ...`: add, list, suppress and erase; `moving` imports and exports."""

import click

from curator.accounts.values import Right
from curator.addresses import checked_address
from curator.audience import store as audience_store
from curator.audience import subscribe
from curator.audience.values import SuppressionReason
from curator.cli.acting import acting_app, as_person, whoever
from curator.cli.moving import export_readers, import_readers
from curator.cli.output import as_json, newsletter_option, print_json, print_rows, the_app, the_newsletter
from curator.privacy import copy, erase, retention


@click.group()
def subscribers() -> None:
    """Who asked for the newsletter."""


subscribers.add_command(import_readers)
subscribers.add_command(export_readers)


@subscribers.command("add")
@click.argument("address")
@click.option("--name", default="", help="The subscriber's name.")
@newsletter_option
@as_person
def add(address: str, name: str, slug: str | None, for_whom: str | None) -> None:
    """Add one subscriber who has asked for it."""
    app = acting_app()
    newsletter = the_newsletter(app, slug)
    by = whoever(app, for_whom, Right.READERS, newsletter.id)
    subscriber_id = subscribe.add(app.db, newsletter.id, address, name=name, now=app.clock(), by=by)
    click.echo(f"Subscriber {subscriber_id} gets {newsletter.name}.")


@subscribers.command("list")
@newsletter_option
@click.option("--search", default="", help="Part of the address or name.")
@as_json
def list_subscribers(slug: str | None, search: str, as_json: bool) -> None:
    """List the first 50 subscribers that fit."""
    app = the_app()
    newsletter = the_newsletter(app, slug)
    with app.db.read() as session:
        rows = audience_store.subscriber_rows(session, newsletter.id, search=search)
        counts = audience_store.counts(session, newsletter.id)
    if as_json:
        print_json({"counts": counts, "subscribers": rows})
        return
    print_rows([{"id": row.id, "address": row.address, "state": row.state} for row in rows], empty="Nobody fits.")
    click.echo(
        f"{counts.active} active, {counts.pending} pending, {counts.ended} ended, {counts.suppressed} suppressed."
    )


@subscribers.command("suppress")
@click.argument("address")
@click.option("--note", default="", help="Why, for those who ask later.")
@as_person
def suppress(address: str, note: str, for_whom: str | None) -> None:
    """Never mail an address again, subscribed or not."""
    app = acting_app()
    by = whoever(app, for_whom, Right.READERS)
    subscribe.suppress(app.db, address, SuppressionReason.BY_HAND, now=app.clock(), note=note, by=by)
    click.echo("Suppressed.")


@subscribers.command("erase")
@click.argument("address")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@as_person
@as_json
def erase_address(address: str, is_sure: bool, for_whom: str | None, as_json: bool) -> None:
    """Erase whoever has an address, everywhere and for good.

    It says what went. A keyed hash of the address stays, so that no import takes it in again.
    """
    app = acting_app()
    by = whoever(app, for_whom, Right.MANAGE)
    if not is_sure:
        click.confirm("Everything that is kept of this address goes. This cannot be taken back. Go on?", abort=True)
    found = erase.erase_address(app.db, address, by=by, now=app.clock())
    if as_json:
        print_json({"erased": found})
        return
    print_rows([{"rows": each.rows, "table": each.table, "what": each.what} for each in found], empty=_NOTHING)


@subscribers.command("data")
@click.argument("address")
def data(address: str) -> None:
    """Print everything that is kept of a subscriber, as JSON."""
    app = the_app()
    key = checked_address(address).key
    with app.db.read() as session:
        subscriber_id = audience_store.subscriber_id(session, key)
    found = (
        None
        if subscriber_id is None
        else copy.copy(app.db, subscriber_id, retention.keeping(app.settings), now=app.clock())
    )
    print_json({} if found is None else found.as_facts())


_NOTHING = "Nothing is kept of this address."
