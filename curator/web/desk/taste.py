"""What a newsletter's taste has learned, when, from what; how well it foresees the picks; and a refit on demand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from werkzeug.wrappers import Response

from curator.newsletters.values import NewsletterSpec, SectionSpec
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import STALE_AFTER, Standing
from curator.picks.scoreboard import store as scoreboard
from curator.picks.scoreboard.values import CHANCE, MODEL, NEWEST, POPULAR, Score
from curator.queue import store as queue
from curator.web import here
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint

# The orders as the page shows them: the taste first, then what it has to beat.
_ORDERS = {MODEL: "Your taste", NEWEST: "Newest first", POPULAR: "Told by most feeds first", CHANCE: "By chance"}


@dataclass(frozen=True)
class ShownOrder:
    """A row of the scoreboard; `won` and `lost` are weeks of the taste against it, None for the taste itself."""

    name: str
    recall: float
    ndcg: float
    precision: float
    won: int | None
    lost: int | None


@blueprint.get("/newsletter/taste")
def taste() -> str:
    """Shows how the last refit went and how the last quarter would have been ranked; it reads rows only."""
    newsletter = chosen(newsletters())
    if newsletter is None:
        return render_template("desk/none.html", title="Taste")
    return _page(newsletter)


@blueprint.post("/newsletter/taste/refit")
def refit() -> Response:
    """Queues a refit: no page waits for a model."""
    newsletter = required()
    with here.db().write() as session:
        payload = {"newsletter_id": newsletter.id}
        queue.enqueue(session, "recommend", payload, now=here.now(), key=_key(newsletter))
    return here.go(url_for("desk.taste", newsletter=newsletter.id))


def _page(newsletter: NewsletterSpec) -> str:
    with here.db().read() as session:
        standings = ranking.standings(session, newsletter.id)
        scored_at = ranking.scored_at(session, newsletter.id)
        scores = scoreboard.scores(session, newsletter.id)
        waiting_since = queue.waiting_since(session, _key(newsletter))
        is_moving = queue.is_unfinished(session, _key(newsletter))
    latest = scores[0] if scores else None
    return render_template(
        "desk/taste.html",
        all_newsletters=newsletters(),
        newsletter=newsletter,
        whole=next((each for each in standings if each.section_id is None), None),
        sections=_sections(newsletter.sections, standings),
        scored_at=scored_at,
        is_stale=scored_at is not None and here.now() - scored_at > STALE_AFTER,
        is_moving=is_moving,
        waiting_since=waiting_since,
        score=latest,
        orders=_orders(latest) if latest is not None else [],
        earlier=[(each, each.figures.get(MODEL, {}).get("recall")) for each in scores[1:] if each.is_measured],
        address=url_for("desk.taste", newsletter=newsletter.id),
    )


def _sections(sections: Sequence[SectionSpec], standings: Sequence[Standing]) -> list[tuple[str, Standing]]:
    known = {each.section_id: each for each in standings}
    return [(section.title, known[section.id]) for section in sections if section.id in known]


def _orders(score: Score) -> list[ShownOrder]:
    return [
        _order(name, order, score, score.figures[order]) for order, name in _ORDERS.items() if order in score.figures
    ]


def _order(name: str, order: str, score: Score, figures: Mapping[str, Any]) -> ShownOrder:
    return ShownOrder(
        name,
        figures.get("recall", 0.0),
        figures.get("ndcg", 0.0),
        figures.get("precision", 0.0),
        score.won.get(order),
        score.lost.get(order),
    )


def _key(newsletter: NewsletterSpec) -> str:
    return f"recommend:{newsletter.id}"
