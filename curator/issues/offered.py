"""What a draft is offered, section by section: by the taste that was learned, else by rules and freshness."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from curator.db import Session
from curator.feeds import store as feeds
from curator.feeds.values import FreshItem, ItemKind
from curator.issues import store
from curator.newsletters.values import NewsletterSpec, SectionSpec, Takes
from curator.picks import muting, rules
from curator.picks import store as picks
from curator.picks.aside import store as aside
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import STALE_AFTER
from curator.picks.values import Candidate, Mute

NO_TASTE = "chosen by freshness, as nothing is learned from your picks yet"
"""What a pick says that rules chose because there was no model."""

# What feeds publish late, or show late, still gets into the issue after the one that it was meant for.
_SHORTEST_WINDOW = timedelta(days=14)
_MOST = 400


def offered(
    session: Session, newsletter: NewsletterSpec, *, now: datetime, include_archive: bool
) -> dict[int, list[Candidate]]:
    """Returns what each section is offered, by its id, the best first.

    Sections that take articles go by the newsletter's taste where one is learned; what it leaves open the rules fill.
    Episodes go by the own show, trends by how many feeds tell them. The archive is not ranked: whoever asks for it gets
    it by the rules.
    """
    mutes = aside.mutes(session, newsletter.id)
    out = picks.ran_before(session, newsletter.id) | picks.skipped_items(session, newsletter.id)
    out |= aside.put_off_items(session, newsletter.id, now=now)
    by_rules = _by_rules(session, newsletter, mutes, out, now=now, include_archive=include_archive)
    if include_archive or not _is_learned(session, newsletter.id, now=now):
        return {section.id: _marked(by_rules[section.id], section) for section in newsletter.sections}
    placed = {each.item.id for section in newsletter.sections for each in _kept(by_rules, section)}
    by_taste = _by_taste(session, newsletter, mutes, out | placed)
    return {
        section.id: _filled(by_taste.get(section.id, []), by_rules[section.id])
        if section.takes is Takes.ARTICLES
        else by_rules[section.id]
        for section in newsletter.sections
    }


def _by_rules(
    session: Session,
    newsletter: NewsletterSpec,
    mutes: Sequence[Mute],
    out: frozenset[int | str],
    *,
    now: datetime,
    include_archive: bool,
) -> dict[int, list[Candidate]]:
    last_at = store.last_drafted_at(session, newsletter.id)
    since = None if include_archive else min(now - _SHORTEST_WINDOW, last_at or now)
    fresh = feeds.fresh_items(session, since=since, include_archive=include_archive)
    found = rules.candidates(
        [item for item in fresh if muting.mute_of(item.feed_id, item.title, mutes) is None],
        newsletter.sections,
        now=now,
        ran=out,
        own_feeds=picks.own_feeds(session),
    )
    return {section.id: [each for each in found if each.section_id == section.id] for section in newsletter.sections}


def _is_learned(session: Session, newsletter_id: int, *, now: datetime) -> bool:
    standing, scored_at = ranking.standing(session, newsletter_id), ranking.scored_at(session, newsletter_id)
    is_fresh = scored_at is not None and now - scored_at <= STALE_AFTER
    return is_fresh and standing is not None and standing.is_learned


def _kept(by_rules: dict[int, list[Candidate]], section: SectionSpec) -> list[Candidate]:
    """Returns what stands in a section that the rules fill alone: no other may have it."""
    return [] if section.takes is Takes.ARTICLES else by_rules[section.id][: section.budget]


def _by_taste(
    session: Session, newsletter: NewsletterSpec, mutes: Sequence[Mute], out: frozenset[int | str]
) -> dict[int, list[Candidate]]:
    """Returns the ranked items by section, without those that exploration shows: a draft is no place to try."""
    offers = [each for each in ranking.candidates(session, newsletter.id, limit=_MOST) if not each.is_exploring]
    items = feeds.items_by_id(session, [each.item_id for each in offers])
    has_episodes = any(section.takes is Takes.EPISODES for section in newsletter.sections)
    found: dict[int, list[Candidate]] = {}
    for each in offers:
        item = items.get(each.item_id)
        if item is None or each.section_id is None or not _is_fit(item, mutes, out):
            continue
        if item.kind is ItemKind.ARTICLE or not has_episodes:
            candidate = Candidate(item, each.section_id, each.score, each.reasons)
            found.setdefault(each.section_id, []).append(candidate)
    return found


def _is_fit(item: FreshItem, mutes: Sequence[Mute], out: frozenset[int | str]) -> bool:
    is_out = item.id in out or item.canonical_url in out
    is_whole = bool(item.title.strip()) and bool(item.url or item.audio_url)
    return is_whole and not is_out and muting.mute_of(item.feed_id, item.title, mutes) is None


def _filled(by_taste: Sequence[Candidate], by_rules: Sequence[Candidate]) -> list[Candidate]:
    known: set[int | str | None] = {each.item.id for each in by_taste}
    known |= {each.item.canonical_url for each in by_taste if each.item.canonical_url}
    return [*by_taste, *(each for each in by_rules if known.isdisjoint({each.item.id, each.item.canonical_url}))]


def _marked(found: Sequence[Candidate], section: SectionSpec) -> list[Candidate]:
    """Says of articles that no taste chose them; episodes and trends tell of themselves why they are there."""
    if section.takes is not Takes.ARTICLES:
        return list(found)
    return [replace(each, reasons=(*each.reasons, NO_TASTE)) for each in found]
