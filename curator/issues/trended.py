"""A rising topic as a block keeps it: as it was when it was counted, but for an editor's words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from curator.issues import phrases
from curator.issues.listed import ListLink
from curator.languages import msgid
from curator.languages.tags import base
from curator.newsletters.values import SectionSpec, Takes
from curator.picks.trends.sparkline import words

MAX_WORDS = 10_000

# As many figures as somebody listens to.
_MOST_FIGURES = 7


@dataclass(frozen=True)
class TrendFacts:
    """What was known of a topic when it was put into an issue.

    `counts` are the items of every day, past and window, oldest first; the last `days` are the window. `factor` is None
    where it was never told before. `sources` are items with their feed as the note, `episodes` are the own ones.
    """

    term: str
    days: int
    factor: float | None
    counts: tuple[int, ...]
    feeds: int
    first_seen_on: date
    sources: tuple[ListLink, ...] = ()
    episodes: tuple[ListLink, ...] = ()
    words: str = ""

    @property
    def items(self) -> int:
        """How many items of the window told it."""
        return sum(self.counts[-self.days :])


def facts_of(trend: TrendFacts) -> dict[str, Any]:
    """Returns what a block keeps of a trend."""
    return asdict(trend) | {
        "counts": list(trend.counts),
        "first_seen_on": trend.first_seen_on.isoformat(),
        "sources": [asdict(link) for link in trend.sources],
        "episodes": [asdict(link) for link in trend.episodes],
    }


def trend_of(facts: Mapping[str, Any]) -> TrendFacts:
    """Returns the trend that `facts_of` made this of."""
    return TrendFacts(
        **{
            **facts,
            "counts": tuple(facts["counts"]),
            "first_seen_on": date.fromisoformat(facts["first_seen_on"]),
            "sources": _links(facts["sources"]),
            "episodes": _links(facts["episodes"]),
        }
    )


def heading_of(term: str) -> str:
    """Returns a heading to begin with: the term, with a capital where it has none."""
    return term[:1].upper() + term[1:]


def rise(factor: float | None, days: int, past_days: int) -> str:
    """Returns how much more often a topic is told than before: "x3.2 over 4 weeks", "new in 4 weeks"."""
    return f"new in {span(past_days)}" if factor is None else f"x{factor:g} over {span(past_days + days)}"


def span(days: int) -> str:
    """Returns "2 days", "a week", "5 weeks"; what is no whole week is rounded to one from three on."""
    number, unit = (days, "day") if phrases.is_in_days(days) else (round(days / 7), "week")
    return f"a {unit}" if number == 1 else f"{number} {unit}s"


def told(trend: TrendFacts, *, first_seen: str, language: str = "en") -> str:
    """Returns the evidence in a sentence; `first_seen` is the day as the newsletter writes it."""
    say = phrases.of(language)
    parts = {
        "items": say.counted("%(num)s item", "%(num)s items", trend.items),
        "within": phrases.within(trend.days, language=language),
        "rises": _rises(trend, language),
        "date": first_seen,
    }
    # What editors added themselves has no feed.
    if not trend.feeds:
        return say.gettext("%(items)s %(within)s, %(rises)s. First seen on %(date)s.", **parts)
    parts["feeds"] = say.counted("of %(num)s feed", "of %(num)s feeds", trend.feeds)
    return say.gettext("%(items)s %(feeds)s %(within)s, %(rises)s. First seen on %(date)s.", **parts)


def alt(trend: TrendFacts, *, language: str = "en") -> str:
    """Returns the chart in words; where the house's words are not the language's own, in its figures."""
    say = phrases.of(language)
    figures = ", ".join(str(count) for count in trend.counts[-_MOST_FIGURES:])
    # For translators: %(words)s are figures in every language but English.
    message = msgid("Chart of items on %(term)s: %(words)s")
    return say.gettext(message, term=trend.term, words=words(trend.counts) if base(say.lang) == "en" else figures)


def _rises(trend: TrendFacts, language: str) -> str:
    before = phrases.before(max(len(trend.counts) - trend.days, 1), language=language)
    say = phrases.of(language)
    if trend.factor is None:
        return say.gettext("never told %(before)s", before=before)
    factor = f"{trend.factor:g}"
    return say.gettext("%(factor)s times as often as %(before)s", factor=factor, before=before)


def section_for(sections: Sequence[SectionSpec]) -> int | None:
    """Returns where a trend goes: the section that takes trends, else the first; None (the intro) without any."""
    own = [section.id for section in sections if section.takes is Takes.TRENDS]
    return next(iter(own or [section.id for section in sections]), None)


def _links(kept: Sequence[Mapping[str, str]]) -> tuple[ListLink, ...]:
    return tuple(ListLink(**link) for link in kept)
