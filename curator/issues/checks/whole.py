"""Rules about the issue as a whole: its size, its sections, what ran before, and what the law and readers ask of it."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from curator.issues.checks.values import BlockFacts, Facts, Group, Level, Page, Rule, Spot
from curator.issues.values import UNSUBSCRIBE_SLOT, BlockKind

MOST_BYTES = 100_000
"""Gmail clips what is longer than 102 KB, and the way out of the list with it."""

_NEARLY = 85_000
_MOST_OF_ONE_SOURCE = 3
# How a promotion names the moment, or the day, after which it must not run.
_ENDS = ("ends_at", "event_at", "ends_on")


def _renders(facts: Facts) -> Iterator[Spot]:
    if facts.mail is None:
        yield Spot(f"It cannot be rendered as it stands: {facts.error}", where="the whole mail")


def _empty(facts: Facts) -> Iterator[Spot]:
    if not facts.document.sections:
        words = "The issue is empty; pick something for it in the inbox first."
        yield Spot(words, where="the issue", page=Page.INBOX)


def _too_large(facts: Facts) -> Iterator[Spot]:
    if facts.mail is not None and facts.mail.bytes > MOST_BYTES:
        words = f"The mail has {facts.mail.bytes / 1000:.0f} KB, and Gmail clips it at 102 KB."
        yield Spot(words, "Take something out.", where="the whole mail")


def _large(facts: Facts) -> Iterator[Spot]:
    if facts.mail is not None and _NEARLY < facts.mail.bytes <= MOST_BYTES:
        words = f"The mail has {facts.mail.bytes / 1000:.0f} KB of the 100 KB that Gmail shows whole."
        yield Spot(words, "Take something out while there is time.", about="size")


def _way_out(facts: Facts) -> Iterator[Spot]:
    if facts.mail is None:
        return
    for name, part in (("HTML", facts.mail.html), ("text", facts.mail.text)):
        if UNSUBSCRIBE_SLOT not in part:
            words = f"The mail's {name} has no link to unsubscribe by."
            yield Spot(words, "Put it back into the template.", where=f"the mail's {name}")


def _postal_address(facts: Facts) -> Iterator[Spot]:
    if not facts.document.postal_address.strip():
        words = "The mail has no postal address, which the law asks for in many countries."
        yield Spot(words, "Write it in the newsletter's settings.", "the newsletter", page=Page.SETTINGS)


def _sender(facts: Facts) -> Iterator[Spot]:
    sender = facts.newsletter
    if not sender.sender_name.strip() or "@" not in sender.sender_address:
        words = "It is not said who the mail is from."
        yield Spot(words, "Write it in the newsletter's settings.", "the newsletter", page=Page.SETTINGS)


def _no_readers(facts: Facts) -> Iterator[Spot]:
    if facts.readers == 0:
        yield Spot("Nobody would get it: there are no confirmed subscribers.", page=Page.READERS, about="readers")


def _empty_section(facts: Facts) -> Iterator[Spot]:
    for section in facts.sections:
        if not section.blocks and facts.document.sections:
            words = f"Nothing stands in {section.title}: the section is left out of the mail."
            yield Spot(words, "Pick something for it, unless it is meant.", page=Page.INBOX, about=section.title)


def _over_budget(facts: Facts) -> Iterator[Spot]:
    for section in facts.sections:
        if section.picks > section.budget:
            words = f"{section.title} has {section.picks} picks, and is meant for {section.budget}."
            yield Spot(words, "Take some out, or move them.", about=section.title, seen=f"{section.picks}")


def _too_few(facts: Facts) -> Iterator[Spot]:
    picks, minimum = sum(section.picks for section in facts.sections), facts.newsletter.minimum_picks
    if picks < minimum:
        words = f"The issue has {picks} of the {minimum} picks that the newsletter wants."
        yield Spot(words, "Pick more in the inbox.", page=Page.INBOX, about="picks", seen=str(picks))


def _same_source(facts: Facts) -> Iterator[Spot]:
    counted = Counter(block.source for block in facts.blocks if block.kind is BlockKind.PICK and block.source)
    for source, times in counted.items():
        if times > _MOST_OF_ONE_SOURCE:
            fourth = [block for block in facts.blocks if block.source == source][_MOST_OF_ONE_SOURCE]
            words = f"{source} stands {times} times in the issue."
            yield Spot(
                words, "Is there nobody else?", source, fourth.block_id, about=f"source {source}", seen=f"{times}"
            )


def _ran_before(facts: Facts) -> Iterator[Spot]:
    for block in facts.blocks:
        if block.ran_in is not None:
            words = f'"{block.name}" ran in issue {block.ran_in}.'
            yield Spot(
                words, "Take it out, unless it is news again.", block.name, block.block_id, seen=f"{block.ran_in}"
            )


def _old(facts: Facts) -> Iterator[Spot]:
    for block in facts.blocks:
        if facts.old_before is not None and block.at is not None and block.at < facts.old_before:
            words = f'"{block.name}" is from {block.at:%-d %B %Y}, before the last issue but one.'
            yield Spot(words, "Is it still news?", block.name, block.block_id, seen=block.at.isoformat())


def _over_promotion(facts: Facts) -> Iterator[Spot]:
    for block in facts.blocks:
        if block.promotion is not None and _is_over(block, facts):
            name = f'"{block.name}"'
            words = f"The promotion {name} is over: it must not run any more."
            yield Spot(words, "Take it out.", name, block.block_id)


def _is_over(block: BlockFacts, facts: Facts) -> bool:
    """A promotion is another room's value, so it is asked by name for the end that it has."""
    today = facts.now.astimezone(ZoneInfo(facts.newsletter.cadence.zone)).date()
    ends = [getattr(block.promotion, name, None) for name in _ENDS]
    return any(end <= facts.now if isinstance(end, datetime) else end < today for end in ends if isinstance(end, date))


def _blocking(code: str, fine: str, look: Callable[[Facts], Iterator[Spot]], *, is_tickable: bool = False) -> Rule:
    return Rule(code, Group.WHOLE, Level.BLOCKS, fine, look, is_tickable=is_tickable)


def _warning(code: str, fine: str, look: Callable[[Facts], Iterator[Spot]]) -> Rule:
    return Rule(code, Group.WHOLE, Level.WARNS, fine, look)


RULES = (
    _blocking("renders", "It can be rendered.", _renders),
    _blocking("empty", "Something stands in it.", _empty),
    _blocking("size", "Gmail shows it whole.", _too_large),
    _blocking("unsubscribe", "Both parts have a link to unsubscribe by.", _way_out),
    # It may stand in a text of the issue.
    _blocking("postal-address", "It has a postal address.", _postal_address, is_tickable=True),
    _blocking("sender", "It says who it is from.", _sender),
    _blocking("promotion-over", "No promotion is over.", _over_promotion),
    _warning("size-near", "There is room left.", _large),
    _warning("no-readers", "Somebody gets it.", _no_readers),
    _warning("section-empty", "No section is empty.", _empty_section),
    _warning("section-over", "No section is over its budget.", _over_budget),
    _warning("picks-few", "There are enough picks.", _too_few),
    _warning("source-often", "No source stands in it more than three times.", _same_source),
    _warning("ran-before", "Nothing ran in an earlier issue.", _ran_before),
    _warning("old", "Nothing is older than the last issue but one.", _old),
)
"""In the order of the list."""
