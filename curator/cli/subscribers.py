"""`curator subscribers ...`: add, import, list and suppress."""

from pathlib import Path

import click

from curator.audience import store as audience_store
from curator.audience import subscribe
from curator.audience.values import SuppressionReason
from curator.cli.output import as_json, newsletter_option, print_json, print_rows, the_app, the_newsletter


@click.group()
def subscribers() -> None:
    """Who asked for the newsletter."""


@subscribers.command("add")
@click.argument("address")
@click.option("--name", default="", help="The subscriber's name.")
@newsletter_option
def add(address: str, name: str, slug: str | None) -> None:
    """Add one subscriber who has asked for it."""
    app = the_app()
    newsletter = the_newsletter(app, slug)
    subscriber_id = subscribe.add(app.db, newsletter.id, address, name=name, now=app.clock())
    click.echo(f"Subscriber {subscriber_id} gets {newsletter.name}.")


@subscribers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@newsletter_option
@as_json
def import_file(file: Path, slug: str | None, as_json: bool) -> None:
    """Import subscribers from a CSV file.

    Importing it twice changes nothing.
    """
    app = the_app()
    newsletter = the_newsletter(app, slug)
    report = subscribe.import_csv(app.db, newsletter.id, file.read_bytes(), now=app.clock())
    if as_json:
        print_json(report)
        return
    click.echo(
        f"{report.added} added, {report.already_there} already there, {report.ended_before} had left before, "
        f"{report.suppressed} suppressed, {len(report.refused)} refused."
    )
    for row in report.refused[:50]:
        where = f"line {row.line}, {row.column}" if row.column else f"line {row.line}"
        click.echo(f"  {where}: {row.reason}")


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
def suppress(address: str, note: str) -> None:
    """Never mail an address again, subscribed or not."""
    app = the_app()
    subscribe.suppress(app.db, address, SuppressionReason.BY_HAND, now=app.clock(), note=note)
    click.echo("Suppressed.")
