"""A sent issue as a page, and each thing in it as a page of its own, which can be shared."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, redirect, render_template, url_for

from curator.audience import links
from curator.db import Session
from curator.episodes import store as episodes
from curator.issues import compose
from curator.issues.corrections.editing import entry_of, name_of
from curator.issues.corrections.values import Correction
from curator.issues.promoted import Promoted
from curator.issues.values import BlockKind, Document, DocumentEntry
from curator.languages import msgid
from curator.mailings.archive import store
from curator.mailings.archive.web_version import WebVersion, web_version
from curator.mailings.values import PublicIssue
from curator.newsletters.values import NewsletterSpec
from curator.web import headers, here
from curator.web.public import related
from curator.web.public.archive import (
    ISSUE_KEPT_S,
    Line,
    line,
    missing,
    no_newsletter,
    prose,
    sponsored,
    was_sent_in,
)
from curator.web.public.door import blueprint, find_newsletter
from curator.web.public.issue_facts import issue_facts
from curator.web.public.share import share_image_url

_DESCRIPTION_CHARACTERS = 200
# What an address may name; a database refuses larger numbers.
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_NO_ISSUE = msgid("There is no such issue")


@dataclass(frozen=True)
class Note:
    """A correction with its day in words; `about` is the entry that it is about, where that is still there."""

    correction: Correction
    dated: str
    about: DocumentEntry | None


@blueprint.get("/n/<slug>/issues/<number>")
def issue(slug: str, number: str) -> Response:
    """Shows an issue as it was sent, with links that lead straight to their targets, and what was corrected since.

    A year of which there is no issue by that number leads to the year's page.
    """
    with here.db().read() as session:
        newsletter = find_newsletter(session, slug)
        if newsletter is None:
            return no_newsletter()
        found = _issue(session, newsletter, number)
        if found is None:
            return _year_or_nothing(session, newsletter, number)
        shown = web_version(session, found, newsletter, now=here.now())
        beside = store.neighbours(session, found)
        relatives = related.of_issue(session, shown.document)
        parts = _parts(session, newsletter, shown)
    page = render_template(
        "public/issue.html",
        beside=beside,
        relatives=relatives,
        linked_data=issue_facts(shown, newsletter, address=parts["address"], image_url=parts["image_url"]),
        **parts,
    )
    return headers.shared(page, for_s=_kept_s(shown.first_to_end))


@blueprint.get("/n/<slug>/issues/<number>/<key:block_id>")
def issue_item(slug: str, number: str, block_id: int) -> Response:
    """Shows one thing of an issue, for whoever was sent its address; search engines are told of the issue's page.

    A promotion has no page: it is seen in its issue or not at all.
    """
    with here.db().read() as session:
        newsletter = find_newsletter(session, slug)
        if newsletter is None:
            return no_newsletter()
        found = _issue(session, newsletter, number)
        if found is None:
            return missing(_NO_ISSUE, newsletter)
        shown = web_version(session, found, newsletter, now=here.now())
        entry = entry_of(shown.document, block_id)
        if entry is None or entry.kind is BlockKind.PROMOTION:
            return missing(msgid("It does not stand in this issue"), newsletter)
        parts = _parts(session, newsletter, shown)
    page = render_template(
        "public/item.html",
        entry=entry,
        name=name_of(entry),
        description=compose.bounded(" ".join(entry.body_text.split()) or entry.facts, _DESCRIPTION_CHARACTERS),
        own_address=f"{parts['address']}/{block_id}",
        **parts,
    )
    return headers.shared(page, for_s=_kept_s(shown.first_to_end))


@blueprint.get("/n/<slug>/issues/<number>/related.json")
def issue_related(slug: str, number: str) -> Response:
    """Tells programs what is related to the picks of an issue."""
    with here.db().read() as session:
        newsletter = find_newsletter(session, slug)
        found = None if newsletter is None else _issue(session, newsletter, number)
        if newsletter is None or found is None:
            return related.nothing_there("There is no such issue.")
        shown = web_version(session, found, newsletter, now=here.now())
        relatives = related.of_issue(session, shown.document)
    about = links.issue_url(here.app().settings.public_url, newsletter.slug, found.number)
    return related.as_json(about, relatives, for_s=ISSUE_KEPT_S)


def _issue(session: Session, newsletter: NewsletterSpec, number: str) -> PublicIssue | None:
    return store.issue(session, newsletter.id, int(number)) if _NUMBER.fullmatch(number) else None


def _year_or_nothing(session: Session, newsletter: NewsletterSpec, number: str) -> Response:
    """The way is no lasting one: one day there may be an issue of this number."""
    is_year = len(number) == 4 and _NUMBER.fullmatch(number) is not None
    if is_year and was_sent_in(newsletter, store.moments(session, newsletter.id), int(number)):
        return redirect(url_for("public.archive_year", slug=newsletter.slug, year=number), 302)  # type: ignore[return-value]  # - Werkzeug's own Response, as Flask makes it
    return missing(_NO_ISSUE, newsletter)


def _parts(session: Session, newsletter: NewsletterSpec, shown: WebVersion) -> dict[str, Any]:
    """Returns what both pages of an issue stand on."""
    at: Line = line(shown.issue, newsletter.cadence.zone)
    document = shown.document
    here.write_in(document.language)
    return {
        "newsletter": newsletter,
        "line": at,
        "dated": here.speech().dated(at.at),
        "document": document,
        "notes": _notes(shown, newsletter),
        "corrected": {each.block_id for each in shown.corrections if each.block_id is not None},
        "prose": prose,
        "sponsored": sponsored,
        "retired": frozenset(episodes.retired(session)),
        "paged": _with_page(session, document),
        "address": links.issue_url(here.app().settings.public_url, newsletter.slug, shown.issue.number),
        "at_issue": shown.issue.number,
        "image_url": share_image_url(session, shown.issue),
    }


def _notes(shown: WebVersion, newsletter: NewsletterSpec) -> list[Note]:
    """Returns the corrections, newest first."""
    document = shown.document
    return [
        Note(
            each,
            day_of(each.made_at, newsletter),
            None if each.block_id is None else entry_of(document, each.block_id),
        )
        for each in reversed(shown.corrections)
    ]


def day_of(at: datetime, newsletter: NewsletterSpec) -> str:
    """Returns the day of a moment by the newsletter's clock, as its readers write it."""
    return here.speech().dated(at.astimezone(ZoneInfo(newsletter.cadence.zone)))


def _with_page(session: Session, document: Document) -> frozenset[int]:
    """Returns the episodes of an issue that have a page of their own; one of a show that was given up has none."""
    entries = (entry for section in document.sections for entry in section.entries)
    ids = [entry.episode_id for entry in entries if entry.episode_id is not None]
    return episodes.public_ids(session, ids) if ids else frozenset()


def _kept_s(first: Promoted | None) -> int:
    """Returns how long caches may keep an issue's page: never beyond the end of a promotion on it."""
    if first is None or first.ends_at is None:
        return ISSUE_KEPT_S
    return min(ISSUE_KEPT_S, int((first.ends_at - here.now()).total_seconds()))
