"""PICK -> ISSUE, decided: the words of an issue from its board, and the hash that an approval binds to."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, time
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from curator.episodes.transcripts.times import clock
from curator.episodes.values import EpisodeView, Guest
from curator.feeds.values import FreshItem, ItemKind
from curator.issues import markdown, phrases, pictured, trended
from curator.issues.escape import clean, one_line
from curator.issues.listed import ListLink, links_of
from curator.issues.values import (
    BlockKind,
    Board,
    BoardBlock,
    Document,
    DocumentEntry,
    DocumentItem,
    DocumentLink,
    DocumentSection,
    Unfinished,
)
from curator.newsletters.theme import theme_from
from curator.newsletters.values import NewsletterSpec
from curator.pictures.values import Picture
from curator.promotions.values import Promotion, label_of

# A subject beyond about 70 characters is cut on most screens.
_SUBJECT_CHARACTERS = 70
_PREHEADER_CHARACTERS = 110
# What stands under a pick that has no blurb yet: enough to say what it is, short enough to ask for better words.
_EXCERPT_CHARACTERS = 220
# Four lines of a phone each: who and what, not all of it; the episode's own page has the rest.
_PEOPLE_CHARACTERS = 200
_TOPICS_CHARACTERS = 200
_SLOT_HOST = "slot.invalid"
# The writers' mark for words still to come; capitals only, whole words only.
_PLACEHOLDER = re.compile(r"\b(?:TK)+\b")


def document(board: Board, newsletter: NewsletterSpec) -> Document:
    """Returns everything that the mail is made of. Sections without blocks and texts without words are left out.

    The date is the slot's (the draft's for an issue made by hand) in the newsletter's zone: the day of rendering is
    no part of the content, or an approval would lapse at midnight.
    """
    issue = board.issue
    dated_at = (issue.due_at or issue.created_at).astimezone(ZoneInfo(newsletter.cadence.zone))
    parts = [("", board.intro), *((section.spec.title, section.blocks) for section in board.sections)]
    shown = pictured.shown(board)
    sections = (DocumentSection(_words(title), tuple(_entries(blocks, newsletter, shown))) for title, blocks in parts)
    return Document(
        newsletter_name=_words(newsletter.name),
        tagline=_words(newsletter.tagline),
        language=newsletter.language,
        postal_address=_words(newsletter.postal_address),
        number=issue.number,
        subject=_words(issue.subject),
        preheader=_words(issue.preheader),
        dated_on=dated(dated_at, language=newsletter.language),
        sections=tuple(section for section in sections if section.entries),
        accent=newsletter.accent,
        theme=pictured.with_logo(newsletter.theme, board.logo),
        is_compact=issue.is_compact,
        segment=issue.segment_words or "",
    )


def document_from(kept: Mapping[str, Any]) -> Document:
    """Returns the document that `dataclasses.asdict` (and JSON) made this of."""
    sections = (
        DocumentSection(
            section["title"],
            tuple(_entry_from(entry) for entry in section["entries"]),
        )
        for section in kept["sections"]
    )
    theme = theme_from(kept.get("theme"))
    return Document(**{**kept, "sections": tuple(sections), "theme": theme})


def _entry_from(kept: Mapping[str, Any]) -> DocumentEntry:
    links = tuple(DocumentLink(**link) for link in kept.get("listen") or ())
    of = {name: tuple(DocumentItem(**item) for item in kept.get(name) or ()) for name in ("items", "episodes")}
    chart = tuple(kept.get("chart") or ())
    return DocumentEntry(**{**kept, **of, "kind": BlockKind(kept["kind"]), "listen": links, "chart": chart})


def content_hash(document: Document, template_version: str) -> str:
    """Returns the SHA-256 of a document and the templates that show it, in hexadecimal."""
    facts = asdict(document)
    if not document.segment:
        # What was approved before there were segments goes to all, and is the same still.
        del facts["segment"]
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{canonical}\n{template_version}".encode()).hexdigest()


def subject(titles: Sequence[str]) -> str:
    """Returns a subject to begin with: the first title, bounded."""
    return bounded(one_line(titles[0]), _SUBJECT_CHARACTERS) if titles else ""


def preheader(titles: Sequence[str]) -> str:
    """Returns a preheader to begin with: what comes after the first title."""
    return (
        bounded("Plus: " + "; ".join(one_line(title) for title in titles[1:4]), _PREHEADER_CHARACTERS)
        if titles[1:]
        else ""
    )


def placeholders(document: Document) -> list[Unfinished]:
    """Returns where the word TK ("to come") still stands, in the order of the page."""
    places = [
        (Unfinished("the subject", field="subject"), document.subject),
        (Unfinished("the preheader", field="preheader"), document.preheader),
    ]
    for section in document.sections:
        for entry in section.entries:
            where = f'"{entry.title}"' if entry.title else f"a text of {section.title or 'the intro'}"
            places.append((Unfinished(where, entry.block_id), f"{entry.title}\n{entry.body_text}"))
    return [place for place, words in places if _PLACEHOLDER.search(words)]


def dated(at: datetime, *, language: str) -> str:
    """Returns a date as readers see it; ISO 8601 in languages whose months are not known here."""
    return phrases.dated(at.date(), language=language)


def facts(item: FreshItem, *, language: str = "en") -> str:
    """Returns what is known about an item in a few words: "Episode 41, 38 min", or who wrote an article."""
    if item.kind is ItemKind.ARTICLE:
        author = one_line(item.author)
        return bounded(author, 80) if author and author.casefold() != item.feed_title.casefold() else ""
    say = phrases.of(language)
    number = say.gettext("episode %(number)s", number=item.number) if item.number is not None else ""
    season = say.gettext("season %(number)s", number=item.season) if item.season is not None and number else ""
    lasts = phrases.length(item.duration_s, language=language)
    told = ", ".join(word for word in (season, number, lasts) if word)
    return told[:1].upper() + told[1:]


def bounded(text: str, characters: int) -> str:
    """Returns text of at most that many characters, cut between words with an ellipsis when it is longer."""
    if len(text) <= characters:
        return text
    cut = text[: characters - 1]
    head, _, tail = cut.rpartition(" ")
    return (head if head and len(tail) < 30 else cut).rstrip(" ,;:.-–—") + "…"


def _entries(
    blocks: Iterable[BoardBlock], newsletter: NewsletterSpec, pictures: Mapping[int, Picture]
) -> Iterator[DocumentEntry]:
    for block in blocks:
        for entry in _of_block(block, newsletter):
            picture = pictures.get(block.id)
            yield entry if picture is None else pictured.with_picture(entry, picture)


def _of_block(block: BoardBlock, newsletter: NewsletterSpec) -> Iterator[DocumentEntry]:
    if block.pick is not None:
        yield _pick(block, newsletter.language)
    elif block.quote is not None:
        yield _quote(block, newsletter.language)
    elif block.promotion is not None:
        # One that was put away after somebody placed it by hand runs no more than one in a slot does.
        if not block.promotion.words.is_empty and not block.promotion.is_put_away:
            yield _promotion(block, newsletter)
    elif block.facts is not None:
        yield from _made(block, newsletter)
    elif block.body.strip():
        yield _entry(block, *_body(block.body))


def _pick(block: BoardBlock, language: str) -> DocumentEntry:
    pick = block.pick
    assert pick is not None
    item = pick.item
    body = _body(pick.blurb) if pick.blurb.strip() else _excerpt(item.summary_text)
    entry = _entry(
        block,
        *body,
        title=_words(pick.title),
        link=_link(pick.link),
        source=_words(item.feed_title),
        facts=_words(facts(item, language=language)),
        is_episode=item.kind is ItemKind.EPISODE,
    )
    if block.episode is not None:
        return _of_own_show(entry, block, block.episode, language)
    return replace(entry, image_alt=_words(pick.picture_alt)) if pick.shows_picture else entry


def _of_own_show(entry: DocumentEntry, block: BoardBlock, episode: EpisodeView, language: str) -> DocumentEntry:
    """What is known of an own show's episode goes in; a title or blurb of the pick's own stands before it."""
    pick, art = block.pick, episode.artwork
    assert pick is not None
    has_own_words = bool(pick.blurb.strip()) or episode.words.summary is None
    body_html, body_text = (entry.body_html, entry.body_text) if has_own_words else _excerpt(episode.summary)
    return replace(
        entry,
        title=_words(episode.title) if pick.title == pick.item.title else entry.title,
        body_html=body_html,
        body_text=body_text,
        image_alt=_words(art.alt) if art else "",
        image_credit=_words(art.credit) if art else "",
        episode_id=episode.item_id,
        people=_people(episode.guests, language),
        topics=bounded(_words(" · ".join(episode.topics)), _TOPICS_CHARACTERS),
        listen=tuple(
            DocumentLink(
                link.platform.value, _words(link.name), phrases.place_to_listen(link.alt, language=language), url
            )
            for link in episode.links
            if (url := _link(link.url))
        ),
    )


def _people(guests: Sequence[Guest], language: str) -> str:
    """Returns "Nadia Okafor (database researcher) and Jo Park"."""
    names = [_words(f"{guest.name} ({guest.role})" if guest.role else guest.name) for guest in guests]
    return bounded(phrases.joined(names, language=language), _PEOPLE_CHARACTERS)


def _quote(block: BoardBlock, language: str) -> DocumentEntry:
    """A quotation: one voice's words alone, several with a name before each."""
    quote = block.quote
    assert quote is not None
    turns = [(_words(turn.speaker), _words(turn.text)) for turn in quote.turns]
    names = list(dict.fromkeys(name for name, _ in turns if name))
    is_named = len(turns) > 1 and bool(names)
    html = [
        f"<p>{f'<strong>{escape(name)}:</strong> ' if is_named and name else ''}{escape(words)}</p>"
        for name, words in turns
    ]
    text = [f"{name}: {words}" if is_named and name else words for name, words in turns]
    return _entry(
        block,
        "".join(html),
        "\n".join(text),
        title=_words(quote.episode),
        link=_link(quote.link),
        source=phrases.joined(names, language=language),
        facts=""
        if quote.start_ms is None
        else phrases.of(language).gettext("at %(clock)s", clock=clock(quote.start_ms)),
    )


def _promotion(block: BoardBlock, newsletter: NewsletterSpec) -> DocumentEntry:
    """A promotion under its label. Whoever wrote it, it says no more than a title, words, a link and a picture."""
    promotion = block.promotion
    assert promotion is not None
    words = promotion.words
    entry = _entry(
        block,
        *_body(words.text),
        title=_words(words.title),
        link=_link(words.link),
        source=_words(promotion.sponsor),
        facts=_words(_event(promotion, newsletter)),
    )
    return replace(
        entry,
        image_alt=_words(words.image_alt),
        label=_words(phrases.label(label_of(promotion, block.slot), language=newsletter.language)),
        promotion_id=promotion.id,
        ends_at="" if promotion.ends_at is None else promotion.ends_at.isoformat(),
    )


def _made(block: BoardBlock, newsletter: NewsletterSpec) -> Iterator[DocumentEntry]:
    """What is made of facts; a list whose links lead nowhere is left out."""
    if block.kind is BlockKind.LIST:
        items = _items(links_of(block.facts))
        if items:
            said = "\n".join(f"{item.title} ({item.note})" if item.note else item.title for item in items)
            yield replace(_entry(block, "", said, title=_words(block.body)), items=items)
    elif block.kind is BlockKind.TREND:
        yield _trend(block, newsletter)


def _trend(block: BoardBlock, newsletter: NewsletterSpec) -> DocumentEntry:
    """A rising topic: its evidence, the editor's words, and where it was told."""
    trend = trended.trend_of(block.facts or {})
    on = datetime.combine(trend.first_seen_on, time())
    language = newsletter.language
    evidence = _words(trended.told(trend, first_seen=dated(on, language=language), language=language))
    entry = _entry(block, *_body(trend.words), title=_words(block.body), facts=evidence)
    return replace(
        entry,
        items=_items(trend.sources),
        episodes=_items(trend.episodes),
        chart=trend.counts,
        image_alt=_words(trended.alt(trend, language=language)),
    )


def _items(links: Iterable[ListLink]) -> tuple[DocumentItem, ...]:
    """Returns the lines of links that lead somewhere."""
    given = ((_words(link.title), _link(link.url), _words(link.note)) for link in links)
    return tuple(DocumentItem(title, url, note) for title, url, note in given if url and title)


def _event(promotion: Promotion, newsletter: NewsletterSpec) -> str:
    """Returns "3 December 2026, 18:00, Bristol": when and where an event is, by the newsletter's clock."""
    if promotion.event_at is None:
        return promotion.event_place
    at = promotion.event_at.astimezone(ZoneInfo(newsletter.cadence.zone))
    when = f"{dated(at, language=newsletter.language)}, {at:%H:%M}"
    return ", ".join(told for told in (when, promotion.event_place) if told)


def _entry(
    block: BoardBlock,
    body_html: str,
    body_text: str,
    *,
    title: str = "",
    link: str | None = None,
    source: str = "",
    facts: str = "",
    is_episode: bool = False,
) -> DocumentEntry:
    return DocumentEntry(
        block_id=block.id,
        kind=BlockKind(block.kind),
        title=title,
        link=link,
        source=source,
        facts=facts,
        body_html=body_html,
        body_text=body_text,
        image_url=None,
        is_episode=is_episode,
    )


def _body(source: str) -> tuple[str, str]:
    safe = clean(source)
    # Only now: Markdown decodes entities in a link and makes one dot of many.
    return _without_slots(markdown.html(safe)), _without_slots(markdown.text(safe))


def _excerpt(summary: str) -> tuple[str, str]:
    """A summary's beginning, as plain words: its markup is not ours."""
    words = bounded(_words(summary), _EXCERPT_CHARACTERS)
    return (f"<p>{escape(words)}</p>", words) if words else ("", "")


def _words(text: str) -> str:
    return _without_slots(one_line(text))


def _without_slots(text: str) -> str:
    """Only the templates may set a slot: a feed that writes one would get the reader's own address or link printed."""
    return re.sub(re.escape(_SLOT_HOST), "slot invalid", text, flags=re.IGNORECASE)


def _link(url: str | None) -> str | None:
    link = one_line(url or "")
    if not markdown.is_link(link) or " " in link:
        return None
    return None if _SLOT_HOST in link.casefold() else link
