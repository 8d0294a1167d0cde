"""The archive: the issues that were sent, newest first, year by year, or those in which something stands."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template, request, url_for
from markupsafe import Markup

from curator.audience import links
from curator.issues import markdown
from curator.languages import msgid
from curator.mailings.archive import store
from curator.mailings.values import Found, PublicIssue
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.web import forms, headers, here
from curator.web.public.door import blueprint, find_newsletter

PAGE_SIZE = 100
ISSUE_KEPT_S = 300
# An issue that was just sent should be in the lists within a minute; a minute is enough to carry a rush of readers.
LIST_KEPT_S = 60
MOST_FOUND = 50
_LONGEST_SEARCH = 200

_YEAR = re.compile(r"[1-9][0-9]{3}")


@dataclass(frozen=True)
class Line:
    """A sent issue in a list, with the day on which it left, by the newsletter's clock."""

    issue: PublicIssue
    at: datetime


@dataclass(frozen=True)
class Year:
    """The issues of one year, newest first."""

    number: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Hit:
    """A sent issue in which what was searched for stands, with the passage around it."""

    line: Line
    found: Found


@blueprint.get("/n/<slug>/issues", strict_slashes=False)
def archive(slug: str) -> Response:
    """Lists a newsletter's sent issues, newest first; before the first one it says that it is on its way.

    With `q` only those in which these words stand.
    """
    with here.db().read() as session:
        newsletter = find_newsletter(session, slug)
        if newsletter is None:
            return no_newsletter()
        moments = store.moments(session, newsletter.id)
        asked = request.args.get("q", "")[:_LONGEST_SEARCH].strip()
        if asked and moments:
            hits = store.search(session, newsletter.id, asked, limit=MOST_FOUND)
            return _found(newsletter, asked, hits, years=_counted(newsletter, moments))
        total = len(moments)
        page, pages = forms.key(request.args.get("page", "1")), max(-(-total // PAGE_SIZE), 1)
        if page is None or page > pages:
            return missing(msgid("There is no such page of the archive"), newsletter)
        found = store.issues(session, newsletter.id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    shown = render_template(
        "public/archive.html",
        newsletter=newsletter,
        rhythm=describe(newsletter.cadence, here.speech()),
        years=_years(found, newsletter.cadence.zone),
        counted=_counted(newsletter, moments),
        year=None,
        asked=request.args.get("q"),
        total=total,
        page=page,
        pages=pages,
        address=_address(newsletter) + (f"?page={page}" if page > 1 else ""),
    )
    return headers.shared(shown, for_s=LIST_KEPT_S) if total else make_response(shown)


@blueprint.get("/n/<slug>/issues/year/<year>")
def archive_year(slug: str, year: str) -> Response:
    """Lists the issues that were sent in one year, by the newsletter's clock."""
    with here.db().read() as session:
        newsletter = find_newsletter(session, slug)
        if newsletter is None:
            return no_newsletter()
        moments = store.moments(session, newsletter.id)
        counted = _counted(newsletter, moments)
        number = int(year) if _YEAR.fullmatch(year) else 0
        if number not in counted:
            return missing(msgid("No issue was sent in that year"), newsletter)
        since, until = (_new_year(each, newsletter.cadence.zone) for each in (number, number + 1))
        found = store.issues(session, newsletter.id, limit=counted[number], since=since, until=until)
    shown = render_template(
        "public/archive.html",
        newsletter=newsletter,
        rhythm=describe(newsletter.cadence, here.speech()),
        years=_years(found, newsletter.cadence.zone),
        counted=counted,
        year=number,
        asked=None,
        total=len(found),
        page=1,
        pages=1,
        address=here.app().settings.public_url + url_for("public.archive_year", slug=newsletter.slug, year=str(number)),
    )
    return headers.shared(shown, for_s=LIST_KEPT_S)


def was_sent_in(newsletter: NewsletterSpec, moments: Sequence[datetime], year: int) -> bool:
    """Tells whether an issue was sent in a year, by the newsletter's clock."""
    return year in _counted(newsletter, moments)


def line(issue: PublicIssue, zone: str) -> Line:
    """Returns an issue with the moment when it left on the zone's wall clock."""
    return Line(issue, issue.at.astimezone(ZoneInfo(zone)))


def prose(safe: str) -> Markup:
    """Returns a document's HTML for the page."""
    return Markup(markdown.on_the_web(safe))  # noqa: S704 - cleaned in this moment, down to six elements


def sponsored(safe: str) -> Markup:
    """Returns a promotion's HTML for the page: its links say that they were paid for."""
    return Markup(markdown.on_the_web(safe, is_sponsored=True))  # noqa: S704 - cleaned in this moment


def no_newsletter() -> Response:
    """Answers an address that names no newsletter."""
    return missing(msgid("There is no such newsletter"), None)


def missing(title: str, newsletter: NewsletterSpec | None) -> Response:
    """Answers an address at which nothing is that anybody may see; `title` is a message of the catalogs."""
    page = render_template("public/missing.html", title=here.say(title), newsletter=newsletter)
    return make_response(page, 404)


def _found(newsletter: NewsletterSpec, asked: str, found: Sequence[Found], *, years: dict[int, int]) -> Response:
    """What somebody searched for is nobody else's business: no cache keeps it, no search engine lists it."""
    zone = newsletter.cadence.zone
    return make_response(
        render_template(
            "public/archive_search.html",
            newsletter=newsletter,
            asked=asked,
            hits=[Hit(line(each.issue, zone), each) for each in found],
            most=MOST_FOUND,
            counted=years,
            address=_address(newsletter),
        )
    )


def _counted(newsletter: NewsletterSpec, moments: Sequence[datetime]) -> dict[int, int]:
    """Returns how many issues were sent in each year, by the newsletter's clock, newest first."""
    zone = ZoneInfo(newsletter.cadence.zone)
    return dict(Counter(at.astimezone(zone).year for at in moments))


def _new_year(year: int, zone: str) -> datetime:
    return datetime(year, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _years(found: Sequence[PublicIssue], zone: str) -> list[Year]:
    lines = [line(each, zone) for each in found]
    return [Year(number, tuple(year)) for number, year in groupby(lines, lambda each: each.at.year)]


def _address(newsletter: NewsletterSpec) -> str:
    return links.archive_url(here.app().settings.public_url, newsletter.slug)
