"""The command line: `curator ...`. Each command calls one arrow or one query and says what came of it."""

import os
import sys

import click

from curator import __version__
from curator.cli.database import database
from curator.cli.dkim import dkim
from curator.cli.doctor import doctor
from curator.cli.episodes import episodes
from curator.cli.feeds import feeds
from curator.cli.install import initialise
from curator.cli.issues import issues
from curator.cli.mailings import mailings
from curator.cli.picks import picks
from curator.cli.privacy import privacy
from curator.cli.serve import SERVING
from curator.cli.subscribers import subscribers
from curator.cli.users import users
from curator.errors import CuratorError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="curator")
def curator() -> None:
    """Run a newsletter, from feeds to readers' mail. Settings are CURATOR_* variables; the README lists them."""


for _command in (
    initialise,
    doctor,
    database,
    dkim,
    feeds,
    episodes,
    issues,
    picks,
    mailings,
    subscribers,
    privacy,
    users,
    *SERVING,
):
    curator.add_command(_command)


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
