"""The archive: the issues that were sent, year by year, and each of them as a page of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template, request
from markupsafe import Markup

from curator.audience import links
from curator.db import Session
from curator.episodes import store as episodes
from curator.issues import compose, expiry, markdown, promoted
from curator.issues import store as issues
from curator.issues.promoted import Promoted
from curator.issues.values import Document
from curator.mailings.archive import store
from curator.mailings.values import PublicIssue
from curator.newsletters.cadence import describe
from curator.newsletters.values import NewsletterSpec
from curator.web import forms, headers, here
from curator.web.public.door import blueprint, find_newsletter

PAGE_SIZE = 100
ISSUE_KEPT_S = 300
# An issue that was just sent should be in the lists within a minute; a minute is enough to carry a rush of readers.
LIST_KEPT_S = 60

# What an address may name; a database refuses larger numbers.
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


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


@blueprint.get("/n/<slug>/issues", strict_slashes=False)
def archive(slug: str) -> Response:
    """Lists a newsletter's sent issues, newest first; before the first one it says that it is on its way."""
    with here.db().read() as session:
        newsletter = find_newsletter(session, slug)
        if newsletter is None:
            return _no_newsletter()
        total = store.count(session, newsletter.id)
        page, pages = forms.key(request.args.get("page", "1")), max(-(-total // PAGE_SIZE), 1)
        if page is None or page > pages:
            return _missing("There is no such page of the archive", newsletter)
        found = store.issues(session, newsletter.id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    shown = render_template(
        "public/archive.html",
        newsletter=newsletter,
        rhythm=describe(newsletter.cadence),
        years=_years(found, newsletter.cadence.zone),
        total=total,
        page=page,
        pages=pages,
        address=_address(newsletter) + (f"?page={page}" if page > 1 else ""),
    )
    return headers.shared(shown, for_s=LIST_KEPT_S) if total else make_response(shown)


@blueprint.get("/n/<slug>/issues/<number>")
def issue(slug: str, number: str) -> Response:
    """Shows an issue as it was sent, with links that lead straight to their targets."""
    with here.db().read() as session:
        newsletter = find_newsletter(session, slug)
        if newsletter is None:
            return _no_newsletter()
        found = store.issue(session, newsletter.id, int(number)) if _NUMBER.fullmatch(number) else None
        if found is None:
            return _missing("There is no such issue", newsletter)
        whole, beside = _document(session, found, newsletter), store.neighbours(session, found)
        ends = expiry.ends_of(session, whole)
        document = promoted.still_seen(whole, at=here.now(), ends=ends)
        retired, paged = frozenset(episodes.retired(session)), _with_page(session, document)
    shown = line(found, newsletter.cadence.zone)
    page = render_template(
        "public/issue.html",
        newsletter=newsletter,
        line=shown,
        dated=compose.dated(shown.at, language=document.language),
        document=document,
        beside=beside,
        prose=prose,
        sponsored=sponsored,
        retired=retired,
        paged=paged,
        address=links.issue_url(here.app().settings.public_url, newsletter.slug, found.number),
    )
    return headers.shared(page, for_s=_kept_s(promoted.first_to_end(document, ends=ends)))


def _kept_s(first: Promoted | None) -> int:
    """Returns how long caches may keep an issue's page: never beyond the end of a promotion on it."""
    if first is None or first.ends_at is None:
        return ISSUE_KEPT_S
    return min(ISSUE_KEPT_S, int((first.ends_at - here.now()).total_seconds()))


def line(issue: PublicIssue, zone: str) -> Line:
    """Returns an issue with the moment when it left on the zone's wall clock."""
    return Line(issue, issue.at.astimezone(ZoneInfo(zone)))


def prose(safe: str) -> Markup:
    """Returns a document's HTML for the page."""
    return Markup(markdown.on_the_web(safe))  # noqa: S704 - cleaned in this moment, down to six elements


def sponsored(safe: str) -> Markup:
    """Returns a promotion's HTML for the page: its links say that they were paid for."""
    return Markup(markdown.on_the_web(safe, is_sponsored=True))  # noqa: S704 - cleaned in this moment


def _document(session: Session, found: PublicIssue, newsletter: NewsletterSpec) -> Document:
    """Returns what was sent. The first release did not keep it: its boards say it, which nobody can edit any more."""
    kept = issues.document_of(session, found.revision_id)
    return kept or compose.document(issues.board(session, found.id), newsletter)


def _with_page(session: Session, document: Document) -> frozenset[int]:
    """Returns the episodes of an issue that have a page of their own; one of a show that was given up has none."""
    entries = (entry for section in document.sections for entry in section.entries)
    ids = [entry.episode_id for entry in entries if entry.episode_id is not None]
    return episodes.public_ids(session, ids) if ids else frozenset()


def _years(found: Sequence[PublicIssue], zone: str) -> list[Year]:
    lines = [line(each, zone) for each in found]
    return [Year(number, tuple(year)) for number, year in groupby(lines, lambda each: each.at.year)]


def _address(newsletter: NewsletterSpec) -> str:
    return links.archive_url(here.app().settings.public_url, newsletter.slug)


def _no_newsletter() -> Response:
    return _missing("There is no such newsletter", None)


def _missing(title: str, newsletter: NewsletterSpec | None) -> Response:
    return make_response(render_template("public/missing.html", title=title, newsletter=newsletter), 404)
