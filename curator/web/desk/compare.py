"""The last issues beside each other, two of them side by side, and the same as a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Response, render_template, request

from curator.events import compared
from curator.events.compared import Line
from curator.web import here
from curator.web.desk.choice import chosen, newsletters, required
from curator.web.desk.door import blueprint
from curator.web.export import csv_file
from curator.web.forms import key

# Half a year of a weekly newsletter: a chart that can be read at 390 pixels.
_MOST_ISSUES = 26
_WIDTH, _HEIGHT = 520, 120

Figure = Callable[[Line], float | None]


def _of_accepted(number: Callable[[Line], int]) -> Figure:
    return lambda line: number(line) / line.accepted if line.accepted else None


# What a chart shows of each issue, its name and whether it is a part of the accepted mails.
_CHARTS: tuple[tuple[str, Figure, bool], ...] = (
    ("Accepted mails", lambda line: line.accepted, False),
    ("Readers who clicked", lambda line: line.click_rate, True),
    ("Unsubscribed", _of_accepted(lambda line: line.unsubscribed), True),
    ("Bounced", _of_accepted(lambda line: line.bounced), True),
)


@dataclass(frozen=True)
class Bar:
    """One issue in a chart, in the chart's units; without height where nothing is known."""

    x: float
    width: float
    height: float
    label: str


@dataclass(frozen=True)
class Chart:
    """One figure of all issues, oldest first; `most` is what the highest bar stands for, in words."""

    name: str
    most: str
    bars: tuple[Bar, ...]
    width: int = _WIDTH
    height: int = _HEIGHT


@blueprint.get("/issues/results")
def compare() -> str:
    """Shows the last issues as charts and as a table, and two of them side by side."""
    all_newsletters = newsletters()
    newsletter = chosen(all_newsletters)
    if newsletter is None:
        return render_template("desk/none.html", title="Results")
    with here.db().read() as session:
        lines = compared.lines(session, newsletter.id, limit=_MOST_ISSUES)
    pair = _pair(lines)
    return render_template(
        "desk/compare.html",
        all_newsletters=all_newsletters,
        newsletter=newsletter,
        zone=newsletter.cadence.zone,
        lines=lines,
        charts=[chart(*each, lines) for each in _CHARTS],
        pair=pair,
        rows=_side_by_side(*pair) if pair else [],
        percent=percent,
    )


@blueprint.get("/issues/results.csv")
def compare_file() -> Response:
    """Gives the same numbers as a file, one row an issue."""
    newsletter = required()
    with here.db().read() as session:
        lines = compared.lines(session, newsletter.id, limit=_MOST_ISSUES)
    columns = ("issue", "subject", "sent", "accepted", "clicks", "click rate", "unsubscribed", "complaints", "bounced")
    rows = (
        (
            *(each.number, each.subject, each.sent_at, each.accepted, each.clicks, each.click_rate),
            *(each.unsubscribed, each.complained, each.bounced, each.signed_up, each.robot_hits),
        )
        for each in lines
    )
    return csv_file(f"results-{newsletter.slug}", (*columns, "signed up on its page", "scanner hits"), rows)


def chart(name: str, figure: Figure, is_part: bool, lines: Sequence[Line]) -> Chart:
    """Returns one figure of all issues, the highest as high as the chart."""
    values = [(line, figure(line)) for line in reversed(lines)]
    most = max((value or 0 for _, value in values), default=0)
    step = _WIDTH / max(len(values), 1)
    told = percent if is_part else "{:,.0f}".format
    bars = tuple(
        Bar(
            round(place * step + step * 0.1, 2),
            round(step * 0.8, 2),
            round((value or 0) / most * (_HEIGHT - 2), 2) if most else 0,
            f"Issue {line.number}: {'not known' if value is None else told(value)}",
        )
        for place, (line, value) in enumerate(values)
    )
    return Chart(name, told(most), bars)


def percent(part: float | None) -> str:
    """Returns a part in words: with two places where it is small, as unsubscribing is."""
    if part is None:
        return "not known"
    return f"{part:.2%}" if part < 0.1 else f"{part:.1%}"


def _pair(lines: Sequence[Line]) -> tuple[Line, Line] | None:
    """Returns the two issues that the address names, else the newest two; None where there is only one."""
    by_number = {line.number: line for line in lines}
    named = [by_number.get(key(request.args.get(name)) or 0) for name in ("one", "other")]
    one, other = ((found or usual) for found, usual in zip(named, [*lines[:2], None, None], strict=False))
    return (one, other) if one and other else None


def _side_by_side(one: Line, other: Line) -> list[tuple[str, str, str]]:
    return [
        ("Accepted", f"{one.accepted:,}", f"{other.accepted:,}"),
        ("Readers who clicked", percent(one.click_rate), percent(other.click_rate)),
        ("Clicks", f"{one.clicks:,}", f"{other.clicks:,}"),
        ("Unsubscribed", _with_part(one, one.unsubscribed), _with_part(other, other.unsubscribed)),
        ("Complaints", _with_part(one, one.complained), _with_part(other, other.complained)),
        ("Bounced", _with_part(one, one.bounced), _with_part(other, other.bounced)),
        ("Signed up on its page", f"{one.signed_up:,}", f"{other.signed_up:,}"),
    ]


def _with_part(line: Line, number: int) -> str:
    return f"{number:,} ({percent(number / line.accepted)})" if line.accepted else f"{number:,}"
