"""Puts scored items in the order in which they are offered: nothing twice, neighbours unlike, a tenth explored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import nlargest

from curator.feeds.values import ItemKind
from curator.newsletters.values import SectionSpec, Takes
from curator.picks.labels.shape import facts
from curator.picks.labels.values import Known, Taken
from curator.picks.taste.diversify import Entrant, diversified
from curator.picks.taste.explore import Dice, explored
from curator.picks.taste.words import site, title_of, words

MOST = 400
"""Items in a list: more than anybody looks at in a week, best first; behind them the inbox goes on by age."""

_PAGE = 20
# Exploration takes its tenth of the first pages, which are what is looked at, from what stands behind them.
_FRONT = 100
# What diversity chooses among: below it nothing reaches the list anyway, and each page looks at all of it.
_IN_THE_RUNNING = 4_000
# "Weekly links" is the title of many things; one as long as this is of one story, whoever copies it.
_TELLING_TITLE = 20


@dataclass(frozen=True)
class Contender:
    """An item with its score for a newsletter; `propensity` as in `Offer`."""

    known: Known
    score: float
    propensity: float | None = None


def offerable(found: Iterable[Known], taken: Taken) -> list[Known]:
    """Returns what may be offered: nothing that ran, is picked or was passed over, nor its page or story elsewhere.

    Of several items with one page the one that was seen first stands for it.
    """
    one: dict[str, Known] = {}
    for known in sorted(found, key=lambda known: (known.first_seen_at, known.id)):
        is_taken = known.id in taken.item_ids or known.key in taken.keys or known.story_id in taken.story_ids
        if not is_taken and known.title.strip():
            one.setdefault(known.key, known)
    return list(one.values())


def ordered(contenders: Iterable[Contender], *, dice: Dice | None) -> list[Contender]:
    """Returns at most `MOST` of them: page after page the best by score that are unlike each other, one of a story.

    With dice a tenth of the first hundred places, or of the first half of a short list, is given by chance to what
    stands behind them; without there is no model that could err, and nothing to find out.
    """
    by_key = {str(each.known.id): each for each in contenders}
    running = nlargest(_IN_THE_RUNNING, by_key.values(), key=lambda each: (each.score, -each.known.id))
    ranked = [by_key[each.key] for each in _pages([_entrant(each) for each in running])]
    if dice is None:
        return ranked
    slots = min(_FRONT, len(ranked) // 2)
    front = [
        replace(slot.shown, propensity=slot.propensity if slot.is_exploring else None)
        for slot in explored(ranked, slots=slots, dice=dice)
    ]
    shown = {each.known.id for each in front}
    return front + [each for each in ranked if each.known.id not in shown]


def fitting(known: Known, sections: Sequence[SectionSpec], *, tastes: dict[int, float]) -> int | None:
    """Returns the section that an item fits best: of those that take its kind the one whose taste likes it most.

    `tastes` holds the score that a section's own taste gives it. A section without one is preferred to those that
    rather say no. None for a newsletter without sections.
    """
    wanted = Takes.EPISODES if known.kind is ItemKind.EPISODE else Takes.ARTICLES
    taking = [section for section in sections if section.takes is wanted] or list(sections)
    if not taking:
        return None
    return max(taking, key=lambda section: (tastes.get(section.id, 0.0), -section.position, -section.id)).id


def _pages(entrants: list[Entrant]) -> list[Entrant]:
    found: list[Entrant] = []
    while entrants and len(found) < MOST:
        page = diversified(entrants, slots=_PAGE)
        found += page
        told, placed = {each.story for each in page}, {each.key for each in page}
        entrants = [each for each in entrants if each.key not in placed and each.story not in told]
    return found[:MOST]


def _entrant(contender: Contender) -> Entrant:
    known = contender.known
    return Entrant(
        key=str(known.id),
        score=contender.score,
        feed=known.feed,
        domain=site(known.url),
        story=_story(known),
        traits=frozenset(words(known.title[:300])),
    )


def _story(known: Known) -> str:
    if known.story_id is not None:
        return f"story {known.story_id}"
    title = title_of(facts(known))
    return f"title {title}" if len(title) >= _TELLING_TITLE else f"page {known.key}"
