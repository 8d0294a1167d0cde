"""`curator feeds ...`: add, list, poll and look into feeds."""

from dataclasses import asdict
from pathlib import Path

import click

from curator.accounts.values import Right
from curator.app import App
from curator.cli.acting import acting_app, as_person, whoever
from curator.cli.output import as_json, print_json, print_rows, the_app
from curator.errors import CuratorError
from curator.feeds import exchange, ingest, rounds
from curator.feeds import store as feeds_store
from curator.feeds.parse import parsed_feed
from curator.feeds.values import PollOutcome

# Refused outlines as they are listed: who has more looks at the file.
_LISTED = 50
_MOST = 100_000
"""Feeds of one call: all that anybody has."""


@click.group()
def feeds() -> None:
    """The feeds that are polled."""


@feeds.command("add")
@click.argument("url")
@click.option("--own-show", is_flag=True, help="This is the publisher's own podcast.")
@as_person
def add(url: str, own_show: bool, for_whom: str | None) -> None:
    """Add a feed by its URL; it is polled within a minute."""
    app = acting_app()
    by = whoever(app, for_whom, Right.WRITE)
    feed_id = ingest.add_feed(app.db, url, now=app.clock(), is_own_show=own_show, by=by)
    click.echo(f"Feed {feed_id} is added.")


@feeds.command("list")
@as_json
def list_feeds(as_json: bool) -> None:
    """List every feed with how its last poll went."""
    app = the_app()
    with app.db.read() as session:
        rows = feeds_store.feed_rows(session, limit=_MOST)
    if as_json:
        print_json(rows)
        return
    shown = [
        {"id": row.id, "feed": row.title or row.url, "state": row.state, "items": row.items, "last poll": row.note}
        for row in rows
    ]
    print_rows(shown, empty="There are no feeds yet: `curator feeds add URL` adds one.")


@feeds.command("poll")
@click.argument("feed_id", type=int, required=False)
@click.option("--due", is_flag=True, help="Poll the feeds that are due (the default).")
@click.option("--all", "every", is_flag=True, help="Poll every active feed, due or not.")
@as_json
def poll(feed_id: int | None, due: bool, every: bool, as_json: bool) -> None:  # noqa: ARG001 - click hands flags over by name; --due is the default said aloud
    """Poll feeds now, in this process.

    Hosts that want to be left alone are, and none is asked twice at a time, whoever else polls.
    """
    app = the_app()
    outcomes = rounds.poll_these(
        app.pollers(f"by hand {app.random.getrandbits(40):010x}"),
        _ids_to_poll(app, feed_id, every=every),
        at_once=app.settings.polls,
    )
    if as_json:
        print_json(outcomes)
    else:
        print_rows([asdict(outcome) for outcome in outcomes], empty="No feed is due.")
    _fail_when_all_failed(outcomes)


def _ids_to_poll(app: App, feed_id: int | None, *, every: bool) -> list[int]:
    with app.db.read() as session:
        if feed_id is not None:
            return [feeds_store.feed_row(session, feed_id).id]
        if every:
            return feeds_store.active_feed_ids(session)
        return feeds_store.due_feed_ids(session, now=app.clock(), limit=_MOST)


def _fail_when_all_failed(outcomes: list[PollOutcome]) -> None:
    if outcomes and not any(outcome.is_ok for outcome in outcomes):
        raise CuratorError("No feed could be polled.")


@feeds.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be added, and add nothing.")
@as_json
def import_file(file: Path, dry_run: bool, as_json: bool) -> None:
    """Import feeds from an OPML file.

    Nothing is fetched yet, and importing it twice changes nothing.
    """
    app, content = the_app(), file.read_bytes()
    if dry_run:
        report = exchange.planned_import(app.db, content)
    else:
        report = exchange.import_opml(app.db, content, now=app.clock())
    if as_json:
        print_json(report)
        return
    for feed in report.added:
        click.echo(f"  + {' > '.join((*feed.folder, feed.title or feed.url))}")
    for feed in report.known:
        click.echo(f"  = {feed.title or feed.url}")
    for outline in report.refused[:_LISTED]:
        click.echo(f"  line {outline.line}, {outline.title or 'without a name'}: {outline.reason}")
    left_out = len(report.refused) + report.refused_beyond
    click.echo(
        f"{len(report.added)} {'would be added' if dry_run else 'added'}, {len(report.known)} known already, "
        f"{report.repeated} repeated, {left_out} refused."
    )


@feeds.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export_file(file: Path | None) -> None:
    """Export every feed with its folders.

    OPML, to FILE or to standard output.
    """
    written = exchange.export_opml(the_app().db)
    if file is None:
        click.echo(written, nl=False)
    else:
        file.write_bytes(written)
        click.echo(f"The feeds are in {file}.")


@feeds.command("parse")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def parse(files: tuple[Path, ...]) -> None:
    """Print feed files as Curator reads them.

    JSON, one document a file.
    """
    failed = False
    for path in files:
        try:
            print_json({"file": path, "feed": parsed_feed(path.read_bytes(), url=path.resolve().as_uri(), headers={})})
        except CuratorError as error:
            failed = True
            print_json({"file": path, "error": str(error)})
    if failed:
        raise CuratorError("Not every file is a feed.")
