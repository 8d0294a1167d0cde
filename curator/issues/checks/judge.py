"""All rules over an issue's facts, and the ticks that hold for what they found. Pure."""

from collections.abc import Iterable, Iterator

from curator.issues.checks import access, delivery, images, links, pictures, subject, targets, whole, words
from curator.issues.checks.values import Facts, Finding, Level, Report, Rule, Spot, Tick, fingerprint

RULES: tuple[Rule, ...] = (
    *(*subject.RULES, *words.RULES, *links.RULES, *targets.RULES, *pictures.RULES, *images.RULES),
    *(*delivery.RULES, *access.RULES, *whole.RULES),
)
"""In the order of the list."""

OF_THE_MESSAGE = tuple(rule for rule in RULES if rule.code in ("message", "headers", "one-click", "signed"))
"""What settings and keys decide, and may so be otherwise when an approved issue leaves: it is looked at again then."""

# What the tables hold.
_ABOUT_CHARACTERS = 200


def report(facts: Facts, ticks: Iterable[Tick] = (), *, rules: Iterable[Rule] = RULES) -> Report:
    """Returns what every rule says. A tick holds while what was ticked is the same: a changed thing asks again."""
    known = {(tick.code, tick.about): tick for tick in ticks}
    findings = tuple(finding for rule in rules for finding in _findings(rule, facts, known))
    return Report(facts.issue_id, facts.content_hash, findings)


def _findings(rule: Rule, facts: Facts, ticks: dict[tuple[str, str], Tick]) -> Iterator[Finding]:
    spots = list(rule.look(facts))
    for spot in spots:
        yield _finding(rule, spot, ticks)
    if not spots:
        yield Finding(rule.code, rule.group, Level.FINE, rule.fine)


def _finding(rule: Rule, spot: Spot, ticks: dict[tuple[str, str], Tick]) -> Finding:
    about = _about(spot)
    content = fingerprint(spot.seen or spot.words)
    tick = ticks.get((rule.code, about))
    return Finding(
        code=rule.code,
        group=rule.group,
        level=rule.level,
        words=spot.words,
        todo=spot.todo,
        where=spot.where,
        block_id=spot.block_id,
        field=spot.field,
        page=spot.page,
        episode_id=spot.episode_id,
        is_tickable=rule.is_tickable,
        about=about,
        content=content,
        is_cleanable=spot.is_cleanable,
        tick=tick if rule.is_tickable and tick is not None and tick.content == content else None,
    )


def _about(spot: Spot) -> str:
    about = spot.about or (f"block {spot.block_id}" if spot.block_id is not None else spot.field or "issue")
    return about if len(about) <= _ABOUT_CHARACTERS else fingerprint(about)
