"""Growth: how many readers came and left, by day, week or month, with the reasons that they gave."""

import csv
import io
from dataclasses import dataclass
from datetime import timedelta

from flask import Response as Flask_Response
from flask import render_template, request

from curator.accounts.values import Right
from curator.audience import store as audience
from curator.audience.growth import store
from curator.audience.growth.spans import Unit, frame, spans
from curator.audience.growth.values import CAME, LEFT, REASONS, Change, Span
from curator.db import Session
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint, needs

_WIDTH, _HEIGHT, _FOOT = 720, 220, 20


@dataclass(frozen=True)
class Bar:
    """One span in the chart, in the chart's own units: who came stands on the line, who left hangs under it."""

    x: float
    width: float
    up: float
    down: float
    label: str


@dataclass(frozen=True)
class Chart:
    """The chart's measures: where its line of zero is, and what its highest and lowest bars stand for."""

    width: int
    height: int
    zero: float
    bars: list[Bar]
    most_came: int
    most_left: int


@blueprint.get("/growth")
@needs(Right.READERS)
def growth() -> str:
    """Shows who came and left as a chart and as a table, from sums that are kept up."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Growth")
    unit = _unit()
    with here.db().read() as session:
        found = _spans(session, newsletter, unit)
        return render_template(
            "desk/growth.html",
            all_newsletters=all_newsletters,
            newsletter=newsletter,
            unit=unit,
            units=list(Unit),
            spans=found,
            chart=chart(found, unit),
            label=lambda span: label(span, unit),
            came=_of(found, CAME),
            left=_of(found, LEFT),
            reasons=_of(found, REASONS),
            never_confirmed=sum(span.of(Change.NEVER_CONFIRMED) for span in found),
            counts=audience.counts(session, newsletter.id),
        )


@blueprint.get("/growth.csv")
@needs(Right.READERS)
def growth_file() -> Flask_Response:
    """Gives the same numbers as a file, one row a span and one column for each way."""
    newsletter, unit = required(), _unit()
    with here.db().read() as session:
        found = _spans(session, newsletter, unit)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["first day", "last day", "came", "left", "net", *(each.value for each in Change)])
    for span in found:
        numbers = (span.of(each) for each in Change)
        writer.writerow([span.first, span.last, span.came, span.left, span.net, *numbers])
    name = f"growth-{newsletter.slug}-by-{unit}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Flask_Response(text.getvalue(), mimetype="text/csv", headers=headers)


def chart(found: list[Span], unit: Unit) -> Chart:
    """Returns the bars, as high as the height allows."""
    most_came, most_left = (max((value for value in values), default=0) for values in _heights(found))
    scale = (_HEIGHT - _FOOT) / max(most_came + most_left, 1)
    zero = _FOOT / 2 + most_came * scale
    step = _WIDTH / max(len(found), 1)
    bars = [
        Bar(
            round(number * step + step * 0.1, 2),
            round(step * 0.8, 2),
            round(span.came * scale, 2),
            round(span.left * scale, 2),
            label(span, unit),
        )
        for number, span in enumerate(found)
    ]
    return Chart(_WIDTH, _HEIGHT, round(zero, 2), bars, most_came, most_left)


def label(span: Span, unit: Unit) -> str:
    """Returns the name of a span: "12 May 2026", "week of 11 May 2026", "May 2026"."""
    if unit is Unit.MONTH:
        return f"{span.first:%B %Y}"
    day = f"{span.first.day} {span.first:%b %Y}"
    return day if unit is Unit.DAY else f"week of {day}"


def _heights(found: list[Span]) -> tuple[list[int], list[int]]:
    return [span.came for span in found], [span.left for span in found]


def _spans(session: Session, newsletter: NewsletterSpec, unit: Unit) -> list[Span]:
    """Returns the spans up to today, without those before anything was counted; at least four are shown."""
    today = here.now().date()
    framed = frame(today, unit, number=unit.shown)
    first = store.first_day(session, newsletter.id)
    since = max(framed[0][0], min(first or today, today - timedelta(days=1)))
    kept = [each for each in framed if each[1] >= since]
    framed = framed[-max(len(kept), 4) :]
    days = store.days(session, newsletter.id, first=framed[0][0], last=framed[-1][1])
    return spans(days, framed)


def _of(found: list[Span], ways: tuple[Change, ...]) -> list[tuple[str, int]]:
    """Returns each way that anybody took with how many did, most first."""
    sums = [(each.value.split(": ", 1)[1], sum(span.of(each) for span in found)) for each in ways]
    return sorted(((name, number) for name, number in sums if number), key=lambda one: -one[1])


def _unit() -> Unit:
    wanted = request.args.get("by", "")
    return next((each for each in Unit if each.value == wanted), Unit.WEEK)
