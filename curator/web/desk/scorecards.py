"""Each feed's card over a period: what it brought, what was picked of it, what readers did with that."""

from datetime import timedelta

from flask import Response, render_template, request

from curator.newsletters.values import NewsletterSpec
from curator.picks.scorecards import store
from curator.picks.scorecards.values import Card, Order, ordered
from curator.web import here
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint
from curator.web.export import csv_file

PERIODS = {30: "30 days", 90: "90 days", 365: "a year"}
# More than anybody reads; the file has all.
_MOST_SHOWN = 200
_HEADS = {
    Order.TITLE: "Feed",
    Order.ITEMS: "Items",
    Order.PICKED: "Picked",
    Order.SHARE: "Share picked",
    Order.CLICKS: "Clicks a pick",
    Order.AGAINST: "Against its places",
    Order.LAST: "Last item",
    Order.ERRORS: "Errors in a row",
}


@blueprint.get("/feeds/scorecards")
def scorecards() -> str:
    """Shows the cards in the order that the address names, the most picked first."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Feeds")
    found = _cards(newsletter)
    return render_template(
        "desk/scorecards.html",
        all_newsletters=all_newsletters,
        newsletter=newsletter,
        cards=found[:_MOST_SHOWN],
        total=len(found),
        order=_order(),
        heads=_HEADS,
        days=_days(),
        periods=PERIODS,
        zone=newsletter.cadence.zone,
    )


@blueprint.get("/feeds/scorecards.csv")
def scorecards_file() -> Response:
    """Gives all of them as a file, in the same order."""
    newsletter = required()
    rows = (
        (
            *(each.title, each.items, each.picked, each.picked_share, each.clicked_picks, each.clicks),
            *(each.clicks_a_pick, each.against, each.last_item_at, each.failures),
        )
        for each in _cards(newsletter)
    )
    columns = ("feed", "items", "picked", "share picked", "picks sent", "clicks", "clicks a pick", "against its places")
    return csv_file(f"feeds-{newsletter.slug}-{_days()}-days", (*columns, "last item", "errors in a row"), rows)


def _cards(newsletter: NewsletterSpec) -> list[Card]:
    with here.db().read() as session:
        found = store.cards(session, newsletter.id, since=here.now() - timedelta(days=_days()))
    return ordered(found, _order())


def _order() -> Order:
    wanted = request.args.get("by", "")
    return next((each for each in Order if each.value == wanted), Order.PICKED)


def _days() -> int:
    wanted = request.args.get("days", "")
    return next((days for days in PERIODS if str(days) == wanted), 90)
