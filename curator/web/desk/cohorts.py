"""Who stayed: of those who joined in a month, or in one way, how many are there still after so many months."""

from flask import Response, render_template, request

from curator.accounts.values import Right
from curator.audience.cohorts import months, store
from curator.audience.cohorts.months import OTHERS, Count
from curator.audience.cohorts.values import MARKS, Cohort
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs
from curator.web.export import csv_file

_MONTHS, _SOURCES = 24, 8
_EVER = 10 * 12
# From half of them to nearly all: newsletters differ most between these.
STEPS = (0.5, 0.65, 0.8, 0.9)


@blueprint.get("/cohorts")
@needs(Right.READERS)
def cohorts() -> str:
    """Shows the shares by month and by source, from numbers that were written down when each month was over."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Who stayed")
    rows = _rows(newsletter, most_months=_MONTHS)
    by_month, by_source = months.by_month(rows), _known(rows)
    return render_template(
        "desk/cohorts.html",
        all_newsletters=all_newsletters,
        newsletter=newsletter,
        marks=MARKS,
        by_month=by_month,
        whole=months.whole(by_month),
        by_source=by_source[:_SOURCES],
        sources=len(by_source),
        level=level,
        steps=STEPS,
    )


@blueprint.get("/cohorts.csv")
@needs(Right.READERS)
def cohorts_file() -> Response:
    """Gives the same numbers as a file, of ten years: one row a month, or a source with `by=source`."""
    newsletter = required()
    rows = _rows(newsletter, most_months=_EVER)
    is_by_source = request.args.get("by") == "source"
    found = months.by_source(rows) if is_by_source else months.by_month(rows)[::-1]
    columns = [f"{what}, month {mark}" for what in ("stayed", "out of", "share") for mark in MARKS]
    lines = (
        (
            each.source if is_by_source else each.joined_on,
            each.joined,
            *(each.stayed.get(mark) for mark in MARKS),
            *(each.of.get(mark) for mark in MARKS),
            *(each.share(mark) for mark in MARKS),
        )
        for each in found
    )
    first = "source" if is_by_source else "month"
    return csv_file(f"who-stayed-{newsletter.slug}-by-{first}", (first, "joined", *columns), lines)


def level(share: float) -> int:
    """Returns how strong a share's ground is: from 0, fewer than half, to 4."""
    return sum(share >= step for step in STEPS)


def _rows(newsletter: NewsletterSpec, *, most_months: int) -> list[Count]:
    since = months.of(here.now().date()) - most_months
    with here.db().read() as session:
        return store.counts(session, newsletter.id, since=since)


def _known(rows: list[Count]) -> list[Cohort]:
    return [each for each in months.by_source(rows) if each.source not in ("", OTHERS)]
