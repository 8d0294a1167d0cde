"""The command line: `curator ...`. Each command calls one arrow or one query and says what came of it."""

import os
import sys
from typing import ClassVar

import click

from curator import __version__
from curator.cli.late import Late, LateGroup
from curator.errors import CuratorError


class Curator(LateGroup):
    """All commands, by name."""

    late: ClassVar[dict[str, Late]] = {
        "clock": Late("curator.cli.serve", "clock", "Run the clock only: it queues what is due."),
        "db": Late(
            "curator.cli.database", "database", "The database: its schema, backups, and moving it to PostgreSQL."
        ),
        "demo": Late("curator.cli.serve", "demo", "Try the whole line offline, on sample data."),
        "dkim": Late("curator.cli.dkim", "dkim", "Keys that sign mail (DKIM)."),
        "doctor": Late("curator.cli.doctor", "doctor", "Say what is wrong here, and what to do."),
        "episodes": Late("curator.cli.episodes", "episodes", "The episodes of your own shows."),
        "events": Late("curator.cli.events", "events", "What became of mail that left."),
        "feeds": Late("curator.cli.feeds", "feeds", "The feeds that are polled."),
        "init": Late("curator.cli.install", "initialise", "Make the key, the database and the first owner."),
        "issues": Late("curator.cli.issues", "issues", "The numbers of a newsletter."),
        "keys": Late("curator.cli.keys", "keys", "The secret key, which signs links and sessions."),
        "mailings": Late("curator.cli.mailings", "mailings", "Runs of sending."),
        "picks": Late("curator.cli.picks", "picks", "What editors pick, how well that is foreseen, what rises."),
        "privacy": Late("curator.cli.privacy", "privacy", "For how long what names readers is kept (CURATOR_KEEP_*)."),
        "run": Late("curator.cli.serve", "run", "Run everything on this machine."),
        "runner": Late("curator.cli.serve", "runner", "Run the clock and the workers in this process."),
        "subscribers": Late("curator.cli.subscribers", "subscribers", "Who asked for the newsletter."),
        "users": Late("curator.cli.users", "users", "The people at the desk."),
        "web": Late("curator.cli.serve", "web", "Serve the desk and the public pages only."),
        "worker": Late("curator.cli.serve", "worker", "Run workers only: they do what is queued."),
    }


@click.group(cls=Curator, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="curator")
def curator() -> None:
    """Run a newsletter, from feeds to readers' mail. Settings are CURATOR_* variables; the README lists them."""


def main() -> None:
    """Runs the command line; a CuratorError is one line on standard error and exit code 1, never a traceback."""
    # Whatever a command writes (database, key, journals) holds readers' addresses or secrets: its owner's only.
    os.umask(0o077)
    try:
        curator.main(standalone_mode=False)
    except CuratorError as error:
        click.echo(f"curator: {error}", err=True)
        sys.exit(1)
    except click.exceptions.Exit as left:
        sys.exit(left.exit_code)
    except click.Abort:
        click.echo("curator: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
