"""`curator privacy ...`: what is too old to name readers, and deleting it."""

import click

from curator.cli.output import as_json, print_json, the_app
from curator.privacy import retention
from curator.privacy.age import store


@click.group()
def privacy() -> None:
    """For how long what names readers is kept (CURATOR_KEEP_*)."""


@privacy.command("prune")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@as_json
def prune(dry_run: bool, as_json: bool) -> None:
    """Delete at once what is too old.

    Counters, results and sums stay. A call that is ended goes on where it was.
    """
    app = the_app()
    keeping = retention.keeping(app.settings)
    if dry_run:
        found = retention.plan(app.db, keeping, now=app.clock())
    else:
        found, _ = retention.prune(app.db, keeping, now=app.clock())
    if as_json:
        print_json({"is_dry_run": dry_run, "rows": found})
        return
    for kind, number in found.items():
        click.echo(f"{number:,} {kind} {'would go' if dry_run else 'went'}.")
    if not found:
        click.echo("Everything is kept for good: each of CURATOR_KEEP_* is 0.")


@privacy.command("status")
@as_json
def status(as_json: bool) -> None:
    """Say when a round was made last, and what it deleted."""
    app = the_app()
    with app.db.read() as session:
        last, begins = store.last_run(session), retention.begins_at(session)
    if as_json:
        print_json({"last": last, "begins_at": begins, "keeping": retention.keeping(app.settings)})
    elif last is None:
        click.echo("No round was made yet: a clock makes the first.")
    elif last.removed is None:
        click.echo(f"Looked through on {last.at:%Y-%m-%d}. From {begins:%Y-%m-%d} on what is too old is deleted.")
    else:
        gone = ", ".join(f"{number:,} {kind}" for kind, number in last.removed.items())
        click.echo(f"Last round on {last.at:%Y-%m-%d}: {gone or 'nothing is ever too old'}.")
