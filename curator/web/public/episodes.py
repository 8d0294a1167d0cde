"""An episode of an own show as a page for readers: where to listen, who is in it, what it is about.

Its address is /e/ and the item's number. An episode belongs to a show and not to a newsletter (several may carry it),
and its title, from which a readable name could be made, may be corrected at any time: the number never changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import nh3
from flask import Response, render_template
from markupsafe import Markup

from curator.downloads import store as downloads
from curator.downloads.values import Standing
from curator.episodes import store
from curator.episodes.quotes import store as quotes
from curator.episodes.timecodes import clock, time_link
from curator.episodes.transcripts import store as transcripts
from curator.episodes.values import EpisodeView, Mention, MentionKind
from curator.errors import NotFoundError
from curator.feeds.values import Chapter
from curator.issues import compose, markdown
from curator.languages import msgid
from curator.newsletters import store as newsletters
from curator.newsletters.values import NewsletterSpec
from curator.pictures.values import Picture
from curator.web import headers, here
from curator.web.public import events, related, views
from curator.web.public.archive import LIST_KEPT_S, prose
from curator.web.public.door import blueprint
from curator.web.public.linked_data import linked_data
from curator.web.public.portraits import pictures_of
from curator.web.public.transcripts import asking_for, no_episode

_DESCRIPTION_CHARACTERS = 200
_FEED_TAGS = {"p", "br", "ul", "ol", "li", "a", "em", "strong", "b", "i", "blockquote", "code"}
_KINDS = {
    MentionKind.BOOK: msgid("Book"),
    MentionKind.VIDEO: msgid("Video"),
    MentionKind.SITE: msgid("Site"),
    MentionKind.PAPER: msgid("Paper"),
    MentionKind.OTHER: "",
}


@dataclass(frozen=True)
class Shown:
    """A picture as the page shows it."""

    url: str
    width: int = 320
    height: int = 320
    alt: str = ""
    credit: str = ""


# An open transcript is read on its own page; its beginning is what makes one go there.
_FIRST_TURNS = 4


@dataclass(frozen=True)
class Part:
    """A chapter with its time in words, and the address at which it begins where there is one."""

    chapter: Chapter
    at: str
    url: str | None


@blueprint.get("/e/<key:item_id>")
def episode(item_id: int) -> Response:
    """Shows an episode with the form for its transcript; what is none of an own show is not there."""
    with here.db().read() as session:
        papers = newsletters.newsletters(session)
        try:
            view, offer = store.view(session, item_id), downloads.transcript(session, item_id)
        except NotFoundError:
            return no_episode()
        said = quotes.quotes_of(session, item_id)
        relatives = related.of_episode(session, item_id)
        event = events.coming(session, papers, now=here.now())
        pictures = pictures_of(session, [view])
        files = [each for each in downloads.files(session, item_id=item_id) if each.standing is not None]
        is_open = offer.standing is Standing.OPEN
        begins = transcripts.turns(session, item_id, limit=_FIRST_TURNS) if is_open else []
        asked_for = asking_for(session, view, offer)
    views.note(offer.download)
    here.write_in(view.told.language or here.speech().lang)
    address, description = episode_url(here.app().settings.public_url, item_id), _description(view)
    page = render_template(
        "public/episode.html",
        newsletter=_paper(papers),
        newsletters=papers,
        episode=view,
        dated=compose.dated(view.told.at, language=view.told.language or "en"),
        description=description,
        linked_data=linked_data(view, address=address, description=description),
        summary=_summary(view),
        artwork=_own_artwork(view, pictures),
        picture_of=lambda url: _own_picture(url, pictures),
        parts=_parts(view),
        mentions=_mentions(view.mentions),
        quotes=said,
        relatives=relatives,
        address=address,
        offer=offer,
        asking=asked_for,
        begins=begins,
        files=files,
        event=event,
    )
    return headers.shared(page, for_s=LIST_KEPT_S if event is None else event.kept_s(LIST_KEPT_S, now=here.now()))


@blueprint.get("/e/<key:item_id>/related.json")
def episode_related(item_id: int) -> Response:
    """Tells programs what is related to an episode; what is none of an own show is not there."""
    with here.db().read() as session:
        if not store.public_ids(session, [item_id]):
            return related.nothing_there("There is no such episode.")
        relatives = related.of_episode(session, item_id)
    about = episode_url(here.app().settings.public_url, item_id)
    return related.as_json(about, relatives, for_s=LIST_KEPT_S)


def episode_url(public_url: str, item_id: int) -> str:
    """Returns the address of an episode's page."""
    return f"{public_url}/e/{item_id}"


def _paper(papers: Sequence[NewsletterSpec]) -> NewsletterSpec | None:
    """Where there is one newsletter the page is its page; of several none is more of it than the others."""
    return papers[0] if len(papers) == 1 else None


def _description(view: EpisodeView) -> str:
    words = view.subtitle or (markdown.text(view.summary) if view.words.summary is not None else view.summary)
    return compose.bounded(" ".join(words.split()), _DESCRIPTION_CHARACTERS)


def _summary(view: EpisodeView) -> Markup:
    """An editor's words are Markdown; a feed's are HTML, whose headings would break into the page's own."""
    if view.words.summary is not None:
        return prose(markdown.html(view.summary))
    attributes = {"a": {"href"}, "*": set[str]()}
    kept = nh3.clean(view.summary_html, tags=_FEED_TAGS, attributes=attributes, url_schemes={"http", "https", "mailto"})
    return Markup(kept)  # noqa: S704 - cleaned in this moment, down to twelve elements


def _own_artwork(view: EpisodeView, pictures: Mapping[str, Picture]) -> Shown | None:
    """Pictures of other hosts are shown once they are kept here: a reader who looks asks nobody else for anything."""
    art = view.artwork
    kept = None if art is None else _own_picture(art.url, pictures)
    return None if art is None or kept is None else replace(kept, alt=art.alt, credit=art.credit)


def _own_picture(url: str | None, pictures: Mapping[str, Picture]) -> Shown | None:
    if url is None:
        return None
    kept = pictures.get(url)
    if kept is not None:
        return Shown(kept.path, kept.width, kept.height)
    return Shown(url) if url.startswith(f"{here.app().settings.public_url}/") else None


def _parts(view: EpisodeView) -> list[Part]:
    return [
        Part(chapter, "" if chapter.start_s is None else clock(chapter.start_s), _at(view, chapter))
        for chapter in view.chapters
    ]


def _at(view: EpisodeView, chapter: Chapter) -> str | None:
    """The audio begins at any second; without it, a video of the episode may."""
    if chapter.start_s is None:
        return None
    if view.told.audio_url:
        return time_link(view.told.audio_url, chapter.start_s, is_file=True)
    shown = (time_link(link.url, chapter.start_s) for link in view.links if link in view.own_links)
    return next((url for url in shown if url), None)


def _mentions(mentions: Sequence[Mention]) -> list[tuple[str, Mention]]:
    kinds = {kind: here.say(words) if words else "" for kind, words in _KINDS.items()}
    return [(kinds[mention.kind], mention) for mention in mentions]
