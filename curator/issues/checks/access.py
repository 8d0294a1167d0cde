"""Rules about who can read the mail: contrast in both schemes, headings, names of links, and what axe says."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from curator.issues.checks.programs import failed, look_of, not_asked
from curator.issues.checks.values import Facts, Group, Level, Page, Rule, Spot
from curator.issues.checks.words import short
from curator.issues.markup.read import DARK, LIGHT, Anchor, Ink, Run
from curator.issues.preflight.values import Machine, Note, Weight
from curator.issues.values import Link, link_slot
from curator.newsletters.look import READABLE, contrast

_READABLE_WHEN_LARGE = 3.0


def _contrast(facts: Facts, *, scheme: str) -> Iterator[Spot]:
    """One spot for each pair of colours: fifty links look alike."""
    if facts.mail is None:
        return
    told: set[Ink] = set()
    for run in facts.mail.markup.runs:
        ink = run.light if scheme == LIGHT else run.dark
        if ink not in told and run.is_spoken and (ratio := _too_little(run, ink)):
            told.add(ink)
            colors = f"{ink.color} on {ink.ground}"
            words = (
                f"“{short(run.words)}” is hard to read in the {scheme} scheme: {colors} has a contrast of {ratio:.1f}."
            )
            least = _READABLE_WHEN_LARGE if run.is_large else READABLE
            yield Spot(words, f"Words need {least:g} at least.", where="the mail", about=colors, page=Page.SETTINGS)


def _too_little(run: Run, ink: Ink) -> float:
    """Returns a contrast that is too low, 0 for one that is enough or that nobody can tell."""
    if ink.color is None or ink.ground is None:
        return 0.0
    ratio = contrast(ink.color, ink.ground)
    return ratio if ratio < (_READABLE_WHEN_LARGE if run.is_large else READABLE) else 0.0


def _headings(facts: Facts) -> Iterator[Spot]:
    if facts.mail is None:
        return
    headings = facts.mail.markup.headings
    first = [heading for heading in headings if heading.level == 1]
    if len(first) != 1:
        words = f"The mail has {len(first)} headings of the first level; whoever hears it needs one."
        yield Spot(words, "Mend the template.", where="the mail", about="h1", seen=f"{len(first)}")
    for above, heading in pairwise(headings):
        if heading.level > above.level + 1:
            words = (
                f"The heading “{short(heading.words)}” is of level {heading.level}, right below one of {above.level}."
            )
            about = f"heading {short(heading.words)}"
            yield Spot(words, "Whoever hears the mail thinks that something is missing.", "the mail", about=about)


def _language(facts: Facts) -> Iterator[Spot]:
    if facts.mail is not None and not facts.mail.markup.language:
        words = "The mail does not say its language, so it may be read aloud in another one."
        yield Spot(words, "Choose one in the newsletter's settings.", page=Page.SETTINGS, about="language")


def _no_alt(facts: Facts) -> Iterator[Spot]:
    if facts.mail is None:
        return
    for picture in facts.mail.markup.pictures:
        if picture.alt is None:
            words = "A picture in the mail has no alt text at all, so its file's name is read aloud."
            yield Spot(words, "Mend the template.", where="the mail", about=picture.source[:120])


def _same_words(facts: Facts) -> Iterator[Spot]:
    """A screen reader lists links by their names alone, so each place needs one of its own."""
    if facts.mail is None:
        return
    by_slot = {link_slot(link.number): link for link in facts.mail.links}
    first: dict[str, Link] = {}
    told: set[str] = set()
    for anchor in facts.mail.markup.anchors:
        link = by_slot.get(anchor.target)
        name = anchor.name.casefold()
        if link is None or not name:
            continue
        known = first.setdefault(name, link)
        if known.url != link.url and name not in told:
            told.add(name)
            yield _same(anchor, link, known)


def _same(anchor: Anchor, link: Link, known: Link) -> Spot:
    words = f"Two links are called “{short(anchor.name)}” and lead to different pages."
    seen = f"{known.url}\n{link.url}"
    return Spot(words, "Give each words of its own.", link.section, link.block_id, about=anchor.name[:120], seen=seen)


def _nameless(facts: Facts) -> Iterator[Spot]:
    if facts.mail is None:
        return
    for anchor in facts.mail.markup.anchors:
        if not anchor.name:
            yield Spot("A link in the mail has no words.", "Give it some.", where="the mail", about=anchor.target[:120])


def _axe(facts: Facts) -> Iterator[Spot]:
    if (look := look_of(facts, Machine.AXE)) is not None:
        yield from (_noted(note) for note in look.notes if note.weight is Weight.SERIOUS)


def _axe_minor(facts: Facts) -> Iterator[Spot]:
    if (look := look_of(facts, Machine.AXE)) is not None:
        yield from (_noted(note) for note in look.notes if note.weight is not Weight.SERIOUS)


def _noted(note: Note) -> Spot:
    settings = f" ({', '.join(note.settings)})" if note.settings else ""
    words = f"axe: {note.words.rstrip('.')}{settings}."
    seen = "\n".join((note.rule, *note.where))
    return Spot(
        words, "Mend it in the template or in the words.", "the mail", page=Page.LOOKS, about=note.rule, seen=seen
    )


def _rule(level: Level, code: str, fine: str, look: Callable[[Facts], Iterator[Spot]]) -> Rule:
    return Rule(code, Group.ACCESSIBILITY, level, fine, look)


_failed = partial(failed, machine=Machine.AXE, words="The rules of accessibility could not be run")
_not_asked = partial(
    not_asked, machine=Machine.AXE, words="The rules of accessibility have not been run on the mail as it is now."
)

RULES: Sequence[Rule] = (
    _rule(Level.BLOCKS, "contrast-light", "All words stand out in the light scheme.", partial(_contrast, scheme=LIGHT)),
    _rule(Level.BLOCKS, "contrast-dark", "All words stand out in the dark scheme.", partial(_contrast, scheme=DARK)),
    _rule(Level.WARNS, "headings", "Headings follow each other in order.", _headings),
    _rule(Level.WARNS, "language", "It says its language.", _language),
    _rule(Level.BLOCKS, "picture-alt", "Every picture says whether it says something.", _no_alt),
    _rule(Level.WARNS, "link-same-words", "Links of the same words lead to the same page.", _same_words),
    _rule(Level.WARNS, "link-nameless", "Every link has words.", _nameless),
    _rule(Level.BLOCKS, "axe", "axe found nothing that shuts readers out.", _axe),
    _rule(Level.WARNS, "axe-minor", "axe found nothing small either.", _axe_minor),
    _rule(Level.WARNS, "axe-failed", "axe did not fail.", _failed),
    _rule(Level.WARNS, "axe-not-asked", "axe is not still to be asked.", _not_asked),
)
"""In the order of the list."""
