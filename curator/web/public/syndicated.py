"""The feeds of a newsletter's issues: the newest ones whole, with corrections, and nothing of any reader's."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import nh3
from flask import Response, render_template, request, url_for

from curator.audience import links
from curator.db import Session
from curator.mailings.archive import store
from curator.mailings.archive.web_version import WebVersion, web_versions, without_promotions
from curator.newsletters.values import NewsletterSpec
from curator.web import headers, here
from curator.web.public.archive import LIST_KEPT_S, no_newsletter, prose
from curator.web.public.door import blueprint, find_newsletter
from curator.web.public.feed_forms import FeedAbout, FeedItem, json_feed, rss
from curator.web.public.issue import day_of

# A quarter of a year of a weekly newsletter: half a megabyte at most, which programs ask for every hour.
MOST_ISSUES = 15

_TAGS = {
    *("h2", "h3", "p", "br", "ul", "li", "a", "em", "strong", "code"),
    *("blockquote", "figure", "figcaption", "cite", "img", "hr"),
}
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "blockquote": {"cite"},
    "*": {"lang", "dir"},
}

_Form = Callable[[FeedAbout, Sequence[FeedItem]], bytes]


@blueprint.get("/n/<slug>/feed.xml")
def rss_feed(slug: str) -> Response:
    """Returns the newest issues as RSS 2.0."""
    return _feed(slug, rss, endpoint="public.rss_feed", media_type="application/rss+xml")


@blueprint.get("/n/<slug>/feed.json")
def json_feed_of(slug: str) -> Response:
    """Returns the newest issues as JSON Feed 1.1."""
    return _feed(slug, json_feed, endpoint="public.json_feed_of", media_type="application/feed+json")


def _feed(slug: str, form: _Form, *, endpoint: str, media_type: str) -> Response:
    with here.db().read() as session:
        newsletter = find_newsletter(session, slug)
        if newsletter is None:
            return no_newsletter()
        shown = _newest(session, newsletter)
    root = here.app().settings.public_url
    items = [_item(each, newsletter) for each in shown]
    page_url = links.archive_url(root, newsletter.slug)
    about = FeedAbout(
        newsletter,
        own_url=f"{root}{url_for(endpoint, slug=newsletter.slug)}",
        page_url=page_url,
        description=newsletter.tagline or here.say("All issues of %(name)s", name=newsletter.name),
    )
    return _answer(form(about, items), media_type, max((item.changed_at for item in items), default=None))


def _newest(session: Session, newsletter: NewsletterSpec) -> list[WebVersion]:
    """Returns the newest issues that left from here: of back issues only the boards are known."""
    found = store.mailed(session, newsletter.id, limit=MOST_ISSUES)
    return web_versions(session, found, newsletter)


def _item(shown: WebVersion, newsletter: NewsletterSpec) -> FeedItem:
    document = without_promotions(shown.document)
    here.write_in(document.language)
    root = here.app().settings.public_url
    url = links.issue_url(root, newsletter.slug, shown.issue.number)
    notes = [(day_of(each.made_at, newsletter), each.note) for each in reversed(shown.corrections)]
    written = render_template("public/feed_issue.html", document=document, notes=notes, url=url, root=root, prose=prose)
    return FeedItem(
        url=url,
        title=document.subject or here.say("Issue %(number)s", number=shown.issue.number),
        summary=document.preheader,
        html=_safe(written),
        language=document.language,
        at=shown.issue.at,
        changed_at=shown.changed_at,
    )


def _safe(written: str) -> str:
    """Programs that show it have no policy of ours: what is not on the list is taken out, whoever wrote it."""
    kept = nh3.clean(
        written, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel="noreferrer"
    )
    return "\n".join(line for each in kept.splitlines() if (line := each.strip()))


def _answer(body: bytes, media_type: str, changed_at: datetime | None) -> Response:
    """Answers whoever has the same already with 304: programs ask every hour for what changes once a week.

    Only the content tells: a link that leads elsewhere, or words that were withdrawn, have no moment of their own, and
    a correction that is taken out lets the last one be an older one.
    """
    response = headers.shared("", for_s=LIST_KEPT_S)
    response.set_data(body)
    response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    response.headers["X-Robots-Tag"] = "noindex"
    # Anybody's page may read what anybody may see.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    if changed_at is not None:
        response.last_modified = changed_at.astimezone(UTC)
    if "If-None-Match" in request.headers:
        response.make_conditional(request)
    return response
