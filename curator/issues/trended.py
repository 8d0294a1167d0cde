"""A rising topic as a block keeps it: as it was when it was counted, but for an editor's words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from curator.issues import phrases
from curator.issues.listed import ListLink
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
    return phrases.span(days, language="en")


def told(trend: TrendFacts, *, first_seen: str, language: str = "en") -> str:
    """Returns the evidence in a sentence; `first_seen` is the day as the newsletter writes it."""
    say = phrases.of(language)
    items = phrases.counted(say.items, trend.items)
    # What editors added themselves has no feed.
    feeds = f" {phrases.counted(say.feeds, trend.feeds)}" if trend.feeds else ""
    within = say.within.format(span=phrases.span(trend.days, language=language))
    past = phrases.span(max(len(trend.counts) - trend.days, 1), language=language)
    rises = (say.never if trend.factor is None else say.times).format(factor=f"{trend.factor or 0:g}", span=past)
    comma = "،" if say.lang == "ar" else ","
    return f"{items}{feeds} {within}{comma} {rises}. {say.first_seen.format(date=first_seen)}"


def alt(trend: TrendFacts, *, language: str = "en") -> str:
    """Returns the chart in words; where the house's words are not the language's own, in its figures."""
    say = phrases.of(language)
    figures = ", ".join(str(count) for count in trend.counts[-_MOST_FIGURES:])
    return say.chart.format(term=trend.term, words=words(trend.counts) if say.lang == "en" else figures)


def section_for(sections: Sequence[SectionSpec]) -> int | None:
    """Returns where a trend goes: the section that takes trends, else the first; None (the intro) without any."""
    own = [section.id for section in sections if section.takes is Takes.TRENDS]
    return next(iter(own or [section.id for section in sections]), None)


def _links(kept: Sequence[Mapping[str, str]]) -> tuple[ListLink, ...]:
    return tuple(ListLink(**link) for link in kept)
