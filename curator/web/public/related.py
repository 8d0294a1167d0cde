"""What is related to an episode or to an issue's picks, for readers' pages and for programs."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, make_response, url_for

from curator.audience import links
from curator.db import Session
from curator.episodes import store as episodes
from curator.episodes.timecodes import clock, time_link
from curator.episodes.values import EpisodeView
from curator.issues.blocks import store as blocks
from curator.issues.values import BlockKind, Document
from curator.mailings.archive import store as archive
from curator.mailings.values import Printed
from curator.picks import store as picks
from curator.picks.related import store
from curator.picks.related.index import LEAST_SHOWN, together
from curator.picks.related.values import Match, RelatedKind
from curator.picks.values import PickedItem
from curator.web import headers, here

MOST_SHOWN = 4
"""Episodes, and picks, on a page: what a reader may want next, and no catalogue."""


@dataclass(frozen=True)
class Moment:
    """Where in an episode it is told: the audio from that second, and the chapter on the episode's page."""

    at_s: int
    clock: str
    listen_url: str | None
    chapter: str
    chapter_url: str | None


@dataclass(frozen=True)
class Relative:
    """A related thing as a page shows it. An episode has a `moment`, a pick its `issue` (with a page or without)."""

    kind: RelatedKind
    item_id: int
    title: str
    url: str | None
    source: str
    on: date
    terms: tuple[str, ...]
    moment: Moment | None = None
    issue: Printed | None = None


def of_episode(session: Session, item_id: int) -> list[Relative]:
    """Returns what is related to an episode, episodes first, each kind the nearest first."""
    return shown(session, together(store.related(session, [item_id]), but=[item_id], least=LEAST_SHOWN))


def of_issue(session: Session, document: Document) -> list[Relative]:
    """Returns what is related to the picks of an issue and does not stand in it."""
    entries = [entry for section in document.sections for entry in section.entries if entry.kind is BlockKind.PICK]
    if not entries:
        return []
    items = blocks.items_of_blocks(session, [entry.block_id for entry in entries]).values()
    return of_items(session, list(items))


def of_items(session: Session, item_ids: Collection[int]) -> list[Relative]:
    """Returns what is related to any of these items and is none of them."""
    if not item_ids:
        return []
    found = store.related(session, list(item_ids))
    return shown(session, together(found, but=frozenset(item_ids), least=LEAST_SHOWN))


def offered(session: Session, item_id: int) -> list[Relative]:
    """Returns what an editor is offered beside an item: what readers are shown, and what is a little further off."""
    return shown(session, together(store.related(session, [item_id]), but=[item_id]))


def shown(session: Session, matches: Sequence[Match]) -> list[Relative]:
    """Returns what anybody may see of these: own episodes, and picks that were printed; at most eight queries."""
    if not matches:
        return []
    views = episodes.views(session, [match.other_id for match in matches if match.kind is RelatedKind.EPISODE])
    others = [match.other_id for match in matches if match.kind is RelatedKind.PICK]
    printed = archive.printed(session, others) if others else {}
    picked = picks.picked_items(session, [each.pick_id for each in printed.values()])
    heard = [_episode(views[match.other_id], match) for match in matches if match.other_id in views]
    read = [
        _pick(picked[where.pick_id], where, match)
        for match in matches
        if (where := printed.get(match.other_id)) is not None
    ]
    return [*heard[:MOST_SHOWN], *read[:MOST_SHOWN]]


def as_json(about: str, relatives: Sequence[Relative], *, for_s: int) -> Response:
    """Returns related things for programs; caches keep them as long as the page."""
    told = {"about": about, "related": [_told(each) for each in relatives]}
    response = headers.shared(json.dumps(told, ensure_ascii=False), for_s=for_s)
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def nothing_there(why: str) -> Response:
    """Answers a program that asks for what is not there."""
    response = make_response(json.dumps({"error": why}), 404)
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    return response


def whole_url(each: Relative) -> str:
    """Returns the address that may leave this site: of an episode, its chapter where that is told."""
    chapter = each.moment.chapter_url if each.moment is not None else None
    url = chapter or each.url or ""
    return f"{here.app().settings.public_url}{url}" if url.startswith("/") else url


def said_of(each: Relative) -> str:
    """Returns in a few words where a related thing is from: "Latent Waves, told at 12:40", "Row Store, issue 7"."""
    at = f"told at {each.moment.clock}" if each.moment is not None else ""
    issue = f"issue {each.issue.number}" if each.issue is not None else ""
    return ", ".join(word for word in (each.source, at, issue) if word)


def _episode(view: EpisodeView, match: Match) -> Relative:
    url = url_for("public.episode", item_id=view.item_id)
    moment = None if match.at_s is None else _moment(view, int(match.at_s), url)
    told = view.told
    return Relative(match.kind, view.item_id, view.title, url, told.show, told.at.date(), match.terms, moment)


def _moment(view: EpisodeView, at_s: int, url: str) -> Moment:
    listen = time_link(view.told.audio_url, at_s, is_file=True) if view.told.audio_url else None
    begun = [
        (chapter.start_s, place)
        for place, chapter in enumerate(view.chapters)
        if chapter.start_s is not None and chapter.start_s <= at_s
    ]
    if not begun:
        return Moment(at_s, clock(at_s), listen, "", None)
    _, place = max(begun)
    return Moment(at_s, clock(at_s), listen, view.chapters[place].title, f"{url}#chapter-{place + 1}")


def _pick(pick: PickedItem, where: Printed, match: Match) -> Relative:
    item = pick.item
    return Relative(
        match.kind, item.id, pick.title, pick.link, item.feed_title, where.at.date(), match.terms, issue=where
    )


def _told(each: Relative) -> dict[str, object]:
    root = here.app().settings.public_url
    told: dict[str, object] = {
        "kind": each.kind.value,
        "title": each.title,
        "url": f"{root}{each.url}" if each.url and each.url.startswith("/") else each.url,
        "source": each.source,
        "date": each.on.isoformat(),
        "shared_terms": list(each.terms),
    }
    if each.moment is not None:
        moment = each.moment
        told |= {"at_s": moment.at_s, "listen_url": moment.listen_url}
        if moment.chapter_url is not None:
            told["chapter"] = {"title": moment.chapter, "url": f"{root}{moment.chapter_url}"}
    if each.issue is not None:
        where = each.issue
        page = links.issue_url(root, where.slug, where.number) if where.has_page else None
        told["issue"] = {"number": where.number, "url": page}
    return told
