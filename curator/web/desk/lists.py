"""Makes a list for an issue with one click: what is related to its picks, what readers clicked most."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from curator.db import Session
from curator.errors import InvalidError
from curator.events import best
from curator.events.best import Clicked
from curator.feeds import store as feeds
from curator.issues import made, store
from curator.issues.listed import LinkList, ListLink, ListOf
from curator.issues.values import Board
from curator.mailings.archive import store as archive
from curator.mailings.values import PublicIssue
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.desk import approval
from curator.web.desk.door import blueprint
from curator.web.forms import Form, key
from curator.web.public import related

_MOST_OF_ONE = 5
_MOST_OF_MANY = 10
# A month of a daily newsletter, a year of a weekly one: months and years are offered as far as these reach.
_LOOKED_BACK = 60
# A year of a daily newsletter.
_MOST_ISSUES = 400
_MONTHS_OFFERED, _YEARS_OFFERED = 2, 2
_PERIOD = re.compile(r"(?:month-([0-9]{4})-(0[1-9]|1[0-2])|year-([0-9]{4}))", re.ASCII)


@dataclass(frozen=True)
class Offer:
    """A list that can be made: what the form sends for it, and what its button says."""

    code: str
    label: str


def offers(session: Session, newsletter: NewsletterSpec) -> list[Offer]:
    """Returns the lists that the board offers; one query."""
    found = [Offer("related", "Related to its picks")]
    sent = archive.issues(session, newsletter.id, limit=_LOOKED_BACK)
    if sent:
        found.append(Offer(f"clicked-{sent[0].number}", f"Most clicked of issue {sent[0].number}"))
    days = [_day(issue, newsletter) for issue in sent]
    found += [Offer(f"month-{on:%Y-%m}", f"Best of {on:%B %Y}") for on in _months(days)[:_MONTHS_OFFERED]]
    years = list(dict.fromkeys(on.year for on in days))[:_YEARS_OFFERED]
    return found + [Offer(f"year-{year}", f"Best of {year}") for year in years]


@blueprint.post("/issues/<key:issue_id>/lists")
def add_list(issue_id: int) -> Response:
    """Makes a list and puts it last into a section, or into the intro."""
    form = Form(request.form)
    with here.db().read() as session:
        board = store.board(session, issue_id)
        newsletter = newsletters.newsletter(session, board.issue.newsletter_id)
        wanted = _made(session, form.value("make"), board, newsletter)
    if isinstance(wanted, str):
        return _nothing(issue_id, wanted)
    section_id = key(form.value("section"))
    try:
        block_id = made.add_list(here.db(), issue_id, section_id, wanted, by=here.editor_id(), now=here.now())
    except InvalidError as error:
        return _nothing(issue_id, str(error))
    flash(approval.told(f"“{wanted.heading}” is added, as it is now.", board.issue), "done")
    return here.go(url_for("desk.board", issue_id=issue_id), anchor=f"block-{block_id}")


def _nothing(issue_id: int, why: str) -> Response:
    flash(why, "error")
    return here.go(url_for("desk.board", issue_id=issue_id), anchor="make-list")


def _made(session: Session, code: str, board: Board, newsletter: NewsletterSpec) -> LinkList | str:
    """Returns the list that was asked for, or why there is none."""
    if code == "related":
        return _related(session, board)
    number = key(code.removeprefix("clicked-")) if code.startswith("clicked-") else None
    if number is not None:
        issue = archive.issue(session, newsletter.id, number)
        return _most_clicked(session, issue) if issue is not None else f"Issue {number} was not sent."
    period = _PERIOD.fullmatch(code)
    if period is None:
        return "Choose one of the lists."
    month, year = period[2], int(period[1] or period[3])
    return _best(session, newsletter, year=year, month=int(month) if month else None)


def _related(session: Session, board: Board) -> LinkList | str:
    blocks = [block for section in board.sections for block in section.blocks if block.pick is not None]
    found = related.of_items(session, [block.pick.item.id for block in blocks if block.pick is not None])
    links = tuple(
        ListLink(each.title, related.whole_url(each), related.said_of(each)) for each in found if each.url is not None
    )
    none = "No own episode and nothing that was printed is about the same as the picks of this issue."
    return LinkList(ListOf.RELATED, "More on this from us", links) if links else none


def _most_clicked(session: Session, issue: PublicIssue) -> LinkList | str:
    clicked = best.most_clicked(session, [issue.id], limit=_MOST_OF_ONE)
    sources = _sources(session, clicked)
    links = tuple(ListLink(each.title, each.url, sources.get(each.item_id, "")) for each in clicked)
    if not links:
        return f"Nobody has clicked on a pick of issue {issue.number}, or its clicks are not counted."
    return LinkList(ListOf.MOST_CLICKED, f"Most read of issue {issue.number}", links)


def _best(session: Session, newsletter: NewsletterSpec, *, year: int, month: int | None) -> LinkList | str:
    named = str(year) if month is None else f"{date(max(year, 1), month, 1):%B %Y}"
    sent = [
        issue.id
        for issue in archive.issues(session, newsletter.id, limit=_MOST_ISSUES)
        if (on := _day(issue, newsletter)).year == year and month in (None, on.month)
    ]
    clicked = best.most_clicked(session, sent, limit=_MOST_OF_MANY)
    links = tuple(ListLink(each.title, each.url, f"Issue {each.issue_number}") for each in clicked)
    if not links:
        return f"No pick that was sent in {named} has a click that was counted."
    return LinkList(ListOf.BEST, f"The best of {named}", links)


def _sources(session: Session, clicked: Sequence[Clicked]) -> dict[int, str]:
    """Returns the feeds of items by their names."""
    found = feeds.items_by_id(session, [each.item_id for each in clicked])
    return {item_id: item.feed_title for item_id, item in found.items()}


def _months(days: Iterable[date]) -> list[date]:
    return list(dict.fromkeys(on.replace(day=1) for on in days))


def _day(issue: PublicIssue, newsletter: NewsletterSpec) -> date:
    """Returns the day on which an issue left, by the newsletter's clock."""
    return issue.at.astimezone(ZoneInfo(newsletter.cadence.zone)).date()
