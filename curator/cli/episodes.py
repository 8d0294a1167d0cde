"""`curator episodes ...`: the episodes of own shows, what their pages still lack, and their transcripts."""

from pathlib import Path

import click

from curator.accounts.values import Right
from curator.cli.acting import acting_app, as_person, whoever
from curator.cli.output import as_json, print_json, print_rows, the_app
from curator.episodes import enrich, store
from curator.episodes.missing import missing
from curator.episodes.transcripts.values import MAX_BYTES
from curator.episodes.values import EpisodeView

_KEY = click.IntRange(1, 2**63 - 1)
"""What can be a row's number: beyond 64 bits a database gives an error instead of finding nothing."""


@click.group()
def episodes() -> None:
    """The episodes of your own shows."""


@episodes.command("list")
@click.option("--show", "feed_id", type=_KEY, help="Only this show's: the number of its feed.")
@click.option("--limit", type=click.IntRange(1, 5000), default=50, show_default=True, help="At most so many.")
@as_json
def list_episodes(feed_id: int | None, limit: int, as_json: bool) -> None:
    """List episodes, newest first.

    With what their pages still lack; retired platforms are left out.
    """
    app = the_app()
    with app.db.read() as session:
        ids = store.episode_ids(session, feed_id, limit=limit)
        views, spoken = store.views(session, ids), store.transcribed(session, ids)
    told = [(views[each], missing(views[each], has_transcript=each in spoken)) for each in ids if each in views]
    if as_json:
        print_json([{**_as_json(view), "missing": lacks} for view, lacks in told])
        return
    shown = [
        {
            "id": view.item_id,
            "show": view.told.show,
            "episode": view.title,
            "published": view.told.at,
            "missing": ", ".join(lacks) or "nothing",
        }
        for view, lacks in told
    ]
    print_rows(shown, empty="There are no episodes of an own show yet: mark a podcast's feed as your own at the desk.")


def _as_json(view: EpisodeView) -> dict[str, object]:
    """Returns an episode as pages show it; whose word each field is stays at the desk."""
    told = view.told
    return {
        "id": view.item_id,
        "show": told.show,
        "url": told.url,
        "audio_url": told.audio_url,
        "published_at": told.published_at,
        "duration_s": told.duration_s,
        "season": told.season,
        "number": told.number,
        **{name: getattr(view, name) for name in ("title", "subtitle", "summary", "guests", "crew", "topics")},
        **{name: getattr(view, name) for name in ("mentions", "chapters", "artwork")},
        "links": [{"platform": link.platform, "name": link.name, "url": link.url} for link in view.links],
    }


@episodes.command("transcript")
@click.argument("item_id", type=_KEY)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_person
def transcript(item_id: int, file: Path, for_whom: str | None) -> None:
    """Take a transcript for an episode from a file.

    WebVTT, SRT, podcast JSON, HTML or plain text with names; no poll replaces it.
    """
    app = acting_app()
    by = whoever(app, for_whom, Right.WRITE)
    with file.open("rb") as opened:
        body = opened.read(MAX_BYTES + 1)  # enough to see that it is too large
    read = enrich.upload(app.db, item_id, body, name=file.name, by=by, now=app.clock())
    who = ", ".join(read.speakers) or "nobody is named"
    click.echo(f"Read as {read.form}: {len(read.turns):,} turns, {read.words:,} words; {who}.")
    for note in read.notes:
        click.echo(note)
