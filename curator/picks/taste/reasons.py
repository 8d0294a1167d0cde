"""Why an item has its score, in words, from what really makes it up."""

from collections.abc import Callable, Iterator, Sequence

from curator.picks.stopwords import STOP
from curator.picks.taste.features import FIGURES
from curator.picks.taste.likes import issue_most
from curator.picks.taste.model import Contribution, Taste
from curator.picks.taste.records import Record
from curator.picks.taste.values import Facts, Reason, ReasonKind, Scored
from curator.picks.taste.words import FEED, HOST, SITE, site

# A part of the score below this moves an item by hardly a place.
_LEAST = 0.15
_WORDS_SHOWN = 3
# "You pick 1 in 800" speaks against a site, though it may be more than of most.
_SELDOM = 40
# Words that speak for an item only by chance, or by the company they keep: of grammar and small talk, and of addresses.
_STOP = STOP | {"blog", "blogs", "html", "htm", "index", "php", "post", "posts", "www"}


def scored(taste: Taste, facts: Sequence[Facts]) -> list[Scored]:
    """Returns the items with scores and without reasons, the best first; equal ones by their key."""
    found = [Scored(facts=each, score=float(score)) for each, score in zip(facts, taste.score(facts), strict=True)]
    return sorted(found, key=lambda each: (-each.score, each.facts.key))


def reasons(taste: Taste, facts: Facts, *, most: int = 3) -> list[Reason]:
    """Returns what speaks for an item, the weightiest first; nothing where the model found nothing for it.

    Each reason stands for terms or figures whose part of the score is above zero. LIKE and WORDS may tell of the same
    terms, so the weights need not add up to the score.
    """
    parts = taste.contributions(facts)
    found = [reason for tell in _TELLERS for reason in tell(taste, facts, parts) if reason.weight >= _LEAST]
    return sorted(found, key=lambda reason: (-reason.weight, reason.kind))[:most]


def _like(taste: Taste, facts: Facts, parts: Sequence[Contribution]) -> Iterator[Reason]:
    columns = {each.column: each.weight for each in _spoken(parts) if each.column is not None}
    near = taste.likes.near(facts.key, columns)
    if not near:
        return
    issue, in_issue = issue_most(near)
    told = [pair for pair in near if pair[0].issue == issue] if in_issue > 1 else near
    if in_issue > 1:
        words = f"like {in_issue} picks of {issue}"
    elif len(near) > 1:
        words = f"like {len(near)} of your picks"
    else:
        liked = near[0][0]
        words = f"like your pick “{liked.title}”" + (f" of {liked.issue}" if liked.issue else "")
    weight = sum(shared for _, shared in told) / len(told)
    yield Reason(ReasonKind.LIKE, words, weight, tuple(liked.key for liked, _ in told))


def _words(_taste: Taste, _facts: Facts, parts: Sequence[Contribution]) -> Iterator[Reason]:
    shown: list[Contribution] = []
    for each in _spoken(parts):
        said = {word for other in shown for word in other.name.split()}
        if said.isdisjoint(each.name.split()):
            shown.append(each)
        if len(shown) == _WORDS_SHOWN:
            break
    if shown:
        names = tuple(each.name for each in shown)
        yield Reason(ReasonKind.WORDS, "words you pick: " + ", ".join(names), sum(each.weight for each in shown), names)


def _spoken(parts: Sequence[Contribution]) -> list[Contribution]:
    """Returns the words that speak for the item, without those that say little by themselves."""
    return [
        each
        for each in parts
        if each.weight > 0
        and each.column is not None
        and not each.name.startswith((SITE, FEED, HOST))
        and not any(word in _STOP or word.isdigit() for word in each.name.split())
    ]


def _site(taste: Taste, facts: Facts, parts: Sequence[Contribution]) -> Iterator[Reason]:
    name = SITE + site(facts.url)
    weight = sum(_figure(parts, "lift")) + sum(_term(parts, name))
    words = _record_told(taste.records.record(name, facts), "domain")
    if words:
        yield Reason(ReasonKind.SITE, words, weight, (name.removeprefix(SITE),))


def _feed(taste: Taste, facts: Facts, parts: Sequence[Contribution]) -> Iterator[Reason]:
    name = FEED + facts.feed
    words = _record_told(taste.records.record(name, facts), "feed") if facts.feed else ""
    if words:
        yield Reason(ReasonKind.FEED, words, sum(_term(parts, name)), (facts.feed,))


def _record_told(record: Record, what: str) -> str:
    """Returns a record in words, "" where there is nothing to tell."""
    if record.picked and record.offered <= _SELDOM * record.picked:
        often = record.offered / record.picked
        if often >= 1.5:
            return f"from a {what} you pick 1 in {often:.0f}"
        return f"you picked {record.picked} of {record.offered} from this {what}"
    if record.ran:
        links = "link" if record.ran == 1 else "links"
        return f"you ran {record.ran} {links} from this {what}"
    return ""


def _sources(taste: Taste, facts: Facts, parts: Sequence[Contribution]) -> Iterator[Reason]:
    for weight in _raised(taste, parts, "sources"):
        yield Reason(ReasonKind.SOURCES, f"told by {facts.sources} of your feeds", weight)


def _repository(taste: Taste, facts: Facts, parts: Sequence[Contribution]) -> Iterator[Reason]:
    for weight in _raised(taste, parts, "repository"):
        yield Reason(ReasonKind.REPOSITORY, "a code repository, as you often pick", weight, (site(facts.url),))


def _points(taste: Taste, facts: Facts, parts: Sequence[Contribution]) -> Iterator[Reason]:
    for weight in _raised(taste, parts, "points"):
        yield Reason(ReasonKind.POINTS, f"{facts.points} points elsewhere", weight)


def _figure(parts: Sequence[Contribution], name: str) -> list[float]:
    return [each.weight for each in parts if each.name == name and each.column is None]


def _raised(taste: Taste, parts: Sequence[Contribution], name: str) -> list[float]:
    """Returns what a figure adds where more of it is better; to be less bad than usual is no reason."""
    return [weight for weight in _figure(parts, name) if weight > 0 and taste.beside[FIGURES.index(name)] > 0]


def _term(parts: Sequence[Contribution], name: str) -> list[float]:
    return [each.weight for each in parts if each.name == name and each.column is not None]


_TELLERS: tuple[Callable[[Taste, Facts, Sequence[Contribution]], Iterator[Reason]], ...] = (
    _like,
    _words,
    _site,
    _feed,
    _sources,
    _repository,
    _points,
)
