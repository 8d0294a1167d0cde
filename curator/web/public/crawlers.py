"""What search engines ask for first: which addresses are not for them, and which pages there are."""

from zoneinfo import ZoneInfo

from flask import Response, abort, url_for

from curator.audience import links
from curator.db import Session
from curator.episodes import store as episodes
from curator.mailings.archive import store
from curator.mailings.values import Dated
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.web import headers, here
from curator.web.public import sitemap
from curator.web.public.door import blueprint
from curator.web.public.episodes import episode_url
from curator.web.public.sitemap import Address

_KEPT_S = 3600
_DAY_S = 24 * 3600
# A daily show reaches it after three centuries.
_MOST_EPISODES = 100_000
# The desk, what programs send to, and addresses that are keys: of these each is somebody's own.
NOT_FOR_THEM = (
    "/desk",
    "/api/",
    "/hooks/",
    "/outbox",
    "/l/",
    "/u/",
    "/c/",
    "/d/",
    "/p/",
    "/s/",
    "/r/",
    "/get/",
    "/embed/",
)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Says which addresses search engines are to leave alone."""
    where = f"{here.app().settings.public_url}{url_for('public.site_map')}"
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_THEM), "", f"Sitemap: {where}", ""]
    return _as("\n".join(lines), "text/plain", for_s=_DAY_S)


@blueprint.get("/sitemap.xml")
def site_map() -> Response:
    """Lists every public page, or the documents that do where one cannot hold them."""
    parts = sitemap.parts(_addresses())
    if len(parts) == 1:
        return _as(sitemap.document(parts[0]), "application/xml", for_s=_KEPT_S)
    root = here.app().settings.public_url
    documents = [Address(f"{root}{url_for('public.site_map_part', number=at + 1)}") for at in range(len(parts))]
    return _as(sitemap.index(documents), "application/xml", for_s=_KEPT_S)


@blueprint.get("/sitemap-<key:number>.xml")
def site_map_part(number: int) -> Response:
    """Lists one part of very many pages."""
    parts = sitemap.parts(_addresses())
    if number > len(parts):
        abort(404)
    return _as(sitemap.document(parts[number - 1]), "application/xml", for_s=_KEPT_S)


def _addresses() -> list[Address]:
    """Returns every page that may be listed, in six queries however many there are."""
    root = here.app().settings.public_url
    with here.db().read() as session:
        papers = newsletters.newsletters(session)
        sent = store.dated(session)
        heard = _episodes(session, root)
    found = [Address(f"{root}/")]
    for paper in papers:
        found += _of_newsletter(root, paper, [each for each in sent if each.slug == paper.slug])
    return [*found, *heard]


def _of_newsletter(root: str, paper: NewsletterSpec, sent: list[Dated]) -> list[Address]:
    zone = ZoneInfo(paper.cadence.zone)
    newest = max((each.changed_at for each in sent), default=None)
    years = dict.fromkeys(each.at.astimezone(zone).year for each in sent)
    return [
        Address(links.newsletter_url(root, paper.slug)),
        *([Address(links.archive_url(root, paper.slug), newest)] if sent else []),
        *(Address(f"{root}{url_for('public.archive_year', slug=paper.slug, year=str(year))}") for year in years),
        *(Address(links.issue_url(root, paper.slug, each.number), each.changed_at) for each in sent),
    ]


def _episodes(session: Session, root: str) -> list[Address]:
    shows = [row for row in episodes.show_rows(session) if row.episodes]
    ids = episodes.episode_ids(session, limit=_MOST_EPISODES)
    return [
        *(Address(f"{root}{url_for('public.show', feed_id=row.feed_id)}", row.newest_at) for row in shows),
        *(Address(episode_url(root, item_id)) for item_id in ids),
    ]


def _as(words: str, media_type: str, *, for_s: int) -> Response:
    response = headers.shared("", for_s=for_s)
    response.set_data(words)
    response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
