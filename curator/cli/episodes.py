"""`curator episodes ...`: their transcripts."""

from pathlib import Path

import click

from curator.cli.output import the_app
from curator.episodes import enrich


@click.group()
def episodes() -> None:
    """The episodes of podcasts."""


@episodes.command("transcript")
@click.argument("item_id", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def transcript(item_id: int, file: Path) -> None:
    """Take a transcript for an episode from a file.

    WebVTT, SRT, podcast JSON, HTML or plain text with names; no poll replaces it.
    """
    app = the_app()
    read = enrich.upload(app.db, item_id, file.read_bytes(), name=file.name, by=None, now=app.clock())
    who = ", ".join(read.speakers) or "nobody is named"
    click.echo(f"Read as {read.form}: {len(read.turns):,} turns, {read.words:,} words; {who}.")
    for note in read.notes:
        click.echo(note)
