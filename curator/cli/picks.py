"""`curator picks ...`: how well the order of candidates would have met the editors' picks."""

import random
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curator.app import App
from curator.cli.output import as_json, newsletter_option, print_json, print_rows, the_app, the_newsletter
from curator.cli.trends import trends
from curator.jobs.apart import run as apart
from curator.jobs.apart.values import ApartError, Asked
from curator.newsletters import store as newsletters_store
from curator.newsletters.values import NewsletterSpec
from curator.picks.ranking import store as ranking
from curator.picks.scoreboard import store as scoreboard
from curator.picks.scoreboard.values import Score

if TYPE_CHECKING:
    from curator.picks.taste.replay import Backtest


# Somebody waits, and a walk over a large archive takes its time.
_LONGEST = timedelta(minutes=30)


@click.group()
def picks() -> None:
    """What editors pick, how well that is foreseen, what rises."""


picks.add_command(trends)

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@picks.command("backtest")
@click.option("--pool", "pool_file", type=_file, help="Items of elsewhere, JSON a line, in the order of their days.")
@click.option("--picks", "picks_file", type=_file, help="What newsletters of elsewhere ran, JSON a line.")
@click.option("--newsletter", help="Which newsletter's picks; without files: one of your own, by its short name.")
@click.option(
    "--horizon-days",
    default=14,
    show_default=True,
    type=click.IntRange(1, 365),
    help="An item counts as picked when it ran within so many days after it was first seen.",
)
@click.option("--feed", help="Only the pool's items of this feed.")
@click.option("--with-points/--without-points", default=False, help="Whether the model sees points and comments.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same figures.")
def backtest(
    *,
    pool_file: Path | None,
    picks_file: Path | None,
    newsletter: str | None,
    horizon_days: int,
    feed: str | None,
    with_points: bool,
    seed: int,
) -> None:
    """Walk through the past week by week.

    Each week's items are ranked by a model that has seen only what ran before that week's Monday, and by chance, by
    newness and by points. Prints JSON: recall@20, nDCG@20 and P@10 of each. Without files it walks through the last
    quarter of this installation's own archive, and keeps what it found for the desk.
    """
    if pool_file is None and picks_file is None:
        print_json(own_backtest(newsletter))
        return
    if pool_file is None or picks_file is None or newsletter is None:
        raise click.UsageError("--pool, --picks and --newsletter belong together")
    from curator.picks.taste import foreign, replay

    rules = replay.Rules(horizon=timedelta(days=horizon_days), uses_points=with_points, seed=seed)
    found = replay.replay(
        foreign.pool(pool_file, feed=feed),
        foreign.printed(picks_file, newsletter),
        rules=rules,
        dice=random.Random(seed),  # noqa: S311 - it orders a baseline, and a seed has to repeat it
    )
    print_json({"newsletter": newsletter, "horizon_days": horizon_days, "with_points": with_points, **_told(found)})


@picks.command("refit")
@newsletter_option
@as_json
def refit(*, slug: str | None, as_json: bool) -> None:
    """Learn anew from all picks, and rank what is on offer.

    For all newsletters unless one is named. The desk and the clock do the same; a refit also comes by itself, once a
    day and after ten decisions.
    """
    app = the_app()
    chosen = _newsletters(app, slug)
    for newsletter in chosen:
        _apart(app, "taste", newsletter.id)
    with app.db.read() as session:
        standings = {each.slug: ranking.standing(session, each.id) for each in chosen}
    if as_json:
        print_json(standings)
        return
    rows = [
        {
            "newsletter": name,
            "version": standing.version,
            "picks": standing.positives,
            "items": standing.examples,
            "lag in days": None if standing.lag_days is None else round(standing.lag_days, 1),
            "note": standing.note or "learned",
        }
        for name, standing in standings.items()
        if standing is not None
    ]
    print_rows(rows, empty="There is no newsletter yet: make one at the desk, under Newsletter.")


def own_backtest(slug: str | None) -> dict[str, object]:
    """Measures this installation's own archive, in the child process, and returns what each newsletter came to."""
    app = the_app()
    told: dict[str, object] = {}
    for newsletter in _newsletters(app, slug):
        _apart(app, "scoreboard", newsletter.id)
        with app.db.read() as session:
            scores = scoreboard.scores(session, newsletter.id, limit=1)
        told[newsletter.slug] = _scored(scores[0]) if scores else None
    return {"newsletters": told}


def _newsletters(app: App, slug: str | None) -> list[NewsletterSpec]:
    if slug is not None:
        return [the_newsletter(app, slug)]
    with app.db.read() as session:
        return newsletters_store.newsletters(session)


def _apart(app: App, work: str, newsletter_id: int) -> None:
    asked = Asked(app.settings.database_url, app.clock(), only=work, newsletter_id=newsletter_id, is_asked=True)
    report = apart.run(asked, longest=_LONGEST)
    if report.failed:
        raise ApartError(report.failed)


def _scored(score: Score) -> dict[str, object]:
    names = {"recall": "recall@20", "ndcg": "nDCG@20", "precision": "P@10"}
    figures = {order: {names[name]: figure for name, figure in each.items()} for order, each in score.figures.items()}
    return {
        "measured": score.is_measured,
        "note": score.note,
        "engine": score.engine,
        "from": score.from_at,
        "until": score.until_at,
        "weeks": score.weeks,
        "weeks_without_model": score.untaught,
        "items_a_week": score.items_a_week,
        "picks": score.picks,
        "figures": figures,
        "weeks_won": score.won,
        "weeks_lost": score.lost,
    }


def _told(found: "Backtest") -> dict[str, object]:
    figures = {
        name: {"recall@20": each.recall_at_20, "nDCG@20": each.ndcg_at_20, "P@10": each.p_at_10}
        for name, each in found.figures.items()
    }
    return {
        "weeks": found.weeks,
        "weeks_without_model": found.untaught,
        "items_a_week": found.items_a_week,
        "picks_a_week": found.picks_a_week,
        "figures": figures,
        "weeks_won": found.won,
        "weeks_lost": found.lost,
    }
