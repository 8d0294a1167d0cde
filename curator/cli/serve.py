"""The commands that stay: `run`, `web`, `clock`, `worker`, and `demo`."""

import os
import sys
from contextlib import closing
from pathlib import Path

import click

import config
from curator import schema
from curator.app import App
from curator.cli.output import the_app


@click.command()
def run() -> None:
    """Run everything on this machine.

    A web and a runner process, under one supervisor that starts them again when they die.
    """
    from curator.jobs import supervise

    settings = config.settings()
    commands = {
        "web": supervise.web_command(settings, target="wsgi:application"),
        "runner": [sys.executable, "-m", "curator.cli", "runner"],
    }
    sys.exit(supervise.run(settings, commands=commands, environ=config.environ()))


@click.command()
def web() -> None:
    """Serve the desk and the public pages only."""
    from curator.jobs import supervise

    command = supervise.web_command(_whole(the_app()).settings, target="wsgi:application")
    os.execv(command[0], command)  # noqa: S606 - the command line is our own, without a shell


@click.command()
def runner() -> None:
    """Run the clock and the workers in this process."""
    from curator.jobs import runner as runner_process

    sys.exit(runner_process.main(_whole(the_app())))


@click.command()
def clock() -> None:
    """Run the clock only: it queues what is due."""
    from curator.jobs import runner as runner_process

    sys.exit(runner_process.main(_whole(the_app()), has_workers=False))


@click.command()
def worker() -> None:
    """Run workers only: they do what is queued.

    With CURATOR_QUEUE_URL each is a process of its own and hears over RabbitMQ when there is work; without it they are
    threads that look for it.
    """
    from curator.jobs import kicked
    from curator.jobs import runner as runner_process

    app = _whole(the_app())
    if app.settings.queue_url is not None:
        sys.exit(kicked.main(app, build=the_app))
    sys.exit(runner_process.main(app, has_clock=False))


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1.")
@click.option("--reset", is_flag=True, help="Start from nothing: forget what the demo kept.")
@click.option(
    "--feeds", "feeds_dir", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Serve these."
)
@click.option("--once", is_flag=True, help="Run the whole line once, print what came of it as JSON, and leave.")
@click.option(
    "--replay",
    "archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --once: play the days of an archive of feeds (a tar), with faults and a clock that is set.",
)
@click.option("--seed", default=1, hidden=True, help="With --replay: decides faults and orders.")
def demo(*, port: int, reset: bool, feeds_dir: Path | None, once: bool, archive: Path | None, seed: int) -> None:
    """Try the whole line offline, on sample data.

    Feeds, readers and a mail sink of its own come along, and no mail leaves this machine.
    """
    if archive is not None:
        _require_replay(once=once, feeds_dir=feeds_dir)
        from curator.demo.replay import replay

        sys.exit(replay.run(path=archive, seed=seed))
    if once:
        from curator.demo import once as demo_once

        sys.exit(demo_once.run(feeds_dir=feeds_dir))
    from curator.demo import run as demo_run

    sys.exit(demo_run.run(port=port, reset=reset, feeds_dir=feeds_dir, data_dir=config.data_dir() / "demo"))


def _require_replay(*, once: bool, feeds_dir: Path | None) -> None:
    if not once:
        raise click.UsageError("--replay plays an archive without a screen and leaves; say --once with it.")
    if feeds_dir is not None:
        raise click.UsageError("--replay brings its own feeds; leave out --feeds.")


def _whole(app: App) -> App:
    """Returns the application; one on an empty or half-copied database ends here with a line that says so."""
    with closing(app.db):
        schema.require_whole(app.db)
    return app
