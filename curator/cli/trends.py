"""`curator picks trends`: the rising terms of the own feeds, or of a pool of items, for machines."""

from datetime import datetime
from pathlib import Path

import click

from curator.cli.output import as_json, print_json, the_app
from curator.picks.trends.foreign import pool_trends
from curator.picks.trends.refresh import WINDOWS
from curator.picks.trends.told import own_trends


@click.command()
@click.option(
    "--pool",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Items, one JSON object a line: day, title, srcs, url. May be packed (.gz). Without it: the own feeds.",
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The window's last day; with --pool only.")
@click.option(
    "--days", type=click.IntRange(1, 366), default=2, show_default=True, help="The window's length; own: 2, 7 or 28."
)
@click.option("--past-days", type=click.IntRange(7, 3660), help="The past's length; 28 or three windows unless given.")
@click.option("--limit", type=click.IntRange(1, 400), default=20, show_default=True, help="At most so many terms.")
@click.option("--block", "blocked", multiple=True, help="Words that are no trend; may be given several times.")
@as_json
def trends(
    *,
    pool: Path | None,
    on: datetime | None,
    days: int,
    past_days: int | None,
    limit: int,
    blocked: tuple[str, ...],
    as_json: bool,
) -> None:
    """Tell which terms rise, as JSON with rank and evidence.

    Of the own feeds as they were last counted, which the runner does every quarter of an hour; or of a pool.
    """
    del as_json  # The answer is for machines either way.
    if pool is None:
        if on is not None or past_days is not None or blocked:
            raise click.UsageError("--on, --past-days and --block belong to --pool")
        print_json(_own(days, limit))
        return
    if on is None:
        raise click.UsageError("--pool needs --on")
    print_json(pool_trends(pool, on=on.date(), days=days, past_days=past_days, limit=limit, blocked=blocked))


def _own(days: int, limit: int) -> dict[str, object]:
    if days not in WINDOWS:
        raise click.UsageError(f"the own trends have windows of {', '.join(map(str, WINDOWS))} days")
    with the_app().db.read() as session:
        return own_trends(session, days=days, limit=limit)
