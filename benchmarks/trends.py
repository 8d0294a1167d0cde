"""Measures trends and stories: how near the top an event's term stands within two days, against plain scores.

    python -m benchmarks.trends [--data DIR] [--show]

Prints one JSON object a line. A list is made of two days against the 28 before; an event counts with its best rank in
the lists of its day and the next (MRR), and is found@5 when that is among five. All scores get the same terms, floors
and folding, so only the score differs; terms of equal score stand in an order of chance, several times over. `--show`
prints the sampled pairs of titles for a person to judge.
"""

import argparse
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from math import log, sqrt
from pathlib import Path

from benchmarks.figures import in_process, resident_mb, say
from benchmarks.trend_truth import DATA, Truth, key, pool_items, truths
from curator.picks.stories.fold import by_story, fold
from curator.picks.stories.values import Telling
from curator.picks.trends import scores
from curator.picks.trends.rising import Span, Tally, ranked, tallied
from curator.picks.trends.values import Counts, Told

SEED, DAYS, WITHIN_DAYS, LISTED = 7, 2, 2, 100
A_WEEK = 3_000
PAIRS = 30


def poisson(counts: Counts) -> float:
    """Returns by how many standard deviations a term exceeds what the past lets expect."""
    mean = max(counts.past_items, 0.5) * counts.of_items / max(counts.past_of_items, 1)
    return (counts.items - mean) / sqrt(mean)


def log_odds(counts: Counts) -> float:
    """Returns the log-odds ratio of a term with half an item added everywhere, over its standard error."""
    now = log((counts.items + 0.5) / (max(counts.of_items - counts.items, 0) + 0.5))
    past = log((counts.past_items + 0.5) / (max(counts.past_of_items - counts.past_items, 0) + 0.5))
    return (now - past) / sqrt(1 / (counts.items + 0.5) + 1 / (counts.past_items + 0.5))


SCORES: Mapping[str, Callable[[Counts], float]] = {
    "curator": scores.score,
    "k x log(days / (1 + days with it))": lambda it: it.items * log(it.past_days / (1 + it.past_days_with)),
    "poisson z": poisson,
    "ratio": lambda it: (it.items / it.of_items) / ((it.past_items + 1) / max(it.past_of_items, 1)),
    "log-odds": log_odds,
    "raw count": lambda it: it.items,
}


Lists = Mapping[str, Sequence[Sequence[frozenset[str]]]]


def measure(truth: Truth) -> None:
    """Prints MRR and found@5 of every score."""
    chance = random.Random(SEED)  # noqa: S311 - ties fall the same way each time, no secret
    lists: dict[date, Lists] = {}
    best: dict[str, list[float]] = {name: [] for name in SCORES}
    for on, names in truth.events:
        days = [on + timedelta(days=later) for later in range(WITHIN_DAYS)]
        for day in days:
            if day not in lists:
                lists[day] = _lists(truth, day, chance)
        for score in SCORES:
            for turn in range(truth.turns):
                best[score].append(max(_reciprocal(lists[day][score][turn], names) for day in days))
    mrr = {score: sum(those) / len(those) for score, those in best.items()}
    strongest = max(figure for score, figure in mrr.items() if score != "curator")
    for score, those in best.items():
        say(
            figure="trends",
            truth=truth.name,
            events=len(truth.events),
            score=score,
            mrr=round(mrr[score], 3),
            found_at_5=round(sum(each >= 1 / 5 for each in those) / len(those), 2),
            **({"ratio_to_best_baseline": round(mrr[score] / strongest, 2)} if score == "curator" else {}),
        )


def _lists(truth: Truth, day: date, chance: random.Random) -> Lists:
    """Returns the terms of each trend, strongest first, by score and turn."""
    span = Span(day, DAYS)
    items = [item for back in range(DAYS + span.past_days) for item in truth.by_day.get(day - timedelta(days=back), ())]
    tally = tallied(items, span=span, floor=truth.floor)
    return {name: [_listed(tally, score, chance) for _ in range(truth.turns)] for name, score in SCORES.items()}


def _listed(tally: Tally, score: Callable[[Counts], float], chance: random.Random) -> Sequence[frozenset[str]]:
    def untied(counts: Counts) -> float:
        return score(counts) * (1 + 1e-9 * chance.random())

    return [
        frozenset(key(term) for term in (trend.term, *trend.also))
        for trend in ranked(tally, limit=LISTED, score=untied)
    ]


def _reciprocal(listed: Sequence[frozenset[str]], names: frozenset[str]) -> float:
    return next((1 / rank for rank, terms in enumerate(listed, start=1) if terms & names), 0.0)


def speed(items: Sequence[Told]) -> dict[str, object]:
    """Returns the CPU seconds that the three windows take at 3,000 items a week, and the memory of it all."""
    chance = random.Random(SEED)  # noqa: S311 - the same sample each time, no secret
    last = max(item.on for item in items)
    weeks = 16
    within = [item for item in items if item.on > last - timedelta(weeks=weeks)]
    sample = chance.sample(within, min(A_WEEK * weeks, len(within)))
    found: dict[str, object] = {}
    for name, span in (("2 days", Span(last, 2)), ("7 days", Span(last, 7)), ("4 weeks", Span(last, 28, 84))):
        began = time.process_time()
        ranked(tallied(sample, span=span), limit=20)
        found[f"{name}, cpu_s"] = round(time.process_time() - began, 2)
    return found | {"items_a_week": round(len(sample) / weeks), "resident_mb": resident_mb()}


def stories(tellings: Sequence[Telling], *, show: bool) -> None:
    """Prints how much folds, and what can be counted about sampled pairs beside pairs of the same days at random."""
    began = time.process_time()
    found = fold(tellings)
    seconds = time.process_time() - began
    chance = random.Random(SEED)  # noqa: S311 - the same sample each time, no secret
    known = {telling.id: telling for telling in tellings}
    folded = [
        (known[one], known[other])
        for ids in by_story(found).values()
        for one, other in combinations(ids[:20], 2)
        if known[one].feed != known[other].feed
    ]
    pairs, strangers = chance.sample(folded, PAIRS), [_strangers(tellings, chance) for _ in range(PAIRS)]
    say(
        figure="stories",
        items=len(tellings),
        stories=len(set(found.values())),
        cpu_s=round(seconds, 2),
        pairs=PAIRS,
        share_with_a_name_or_number_in_common=_share(pairs),
        the_same_of_random_pairs_within_48_h=_share(strangers),
        how="a word with a capital or a digit, not the first of either title; a sign of one story, not a proof",
    )
    for one, other in pairs if show else ():
        say(one=one.title, other=other.title)


def _strangers(tellings: Sequence[Telling], chance: random.Random) -> tuple[Telling, Telling]:
    while True:
        one, other = chance.sample(tellings, 2)
        if one.feed != other.feed and abs(one.at - other.at) <= timedelta(hours=48):
            return one, other


def _share(pairs: Sequence[tuple[Telling, Telling]]) -> float:
    return round(sum(bool(_names(one.title) & _names(other.title)) for one, other in pairs) / len(pairs), 2)


def _names(title: str) -> set[str]:
    words = re.findall(r"[\w.'-]+", title)[1:]
    return {word.lower() for word in words if len(word) > 2 and (word[0].isupper() or any(map(str.isdigit, word)))}


def copies() -> None:
    """Prints what 5,000 and 10,000 copies of one story cost, from as many feeds and from a single one that floods."""
    at = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
    for name, feed, title in (
        ("copies of one story, each of another feed", "feed {}", "The lake above Tarn has frozen over early"),
        ("a feed that floods", "one feed", "The lake above Tarn has frozen over early, part {}"),
    ):
        seconds = []
        for size in (5_000, 10_000):
            items = [Telling(n, title.format(n), feed.format(n), at + timedelta(seconds=n)) for n in range(size)]
            began = time.process_time()
            found = fold(items)
            seconds.append(time.process_time() - began)
        say(
            figure=name,
            cpu_s={"5000": round(seconds[0], 2), "10000": round(seconds[1], 2)},
            growth=round(seconds[1] / seconds[0], 1),
            stories=len(set(found.values())),
        )


def main() -> None:
    """Measures everything that the data at hand allow."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, default=DATA)
    asked.add_argument("--show", action="store_true")
    given = asked.parse_args()
    measured = truths(given.data)
    for truth in measured:
        measure(truth)
    largest = measured[-1]
    say(figure="trends, time", truth=largest.name, **in_process(speed, _all(largest)))
    if (given.data / "pool_2023_tech.jsonl.gz").exists():
        stories(_fortnight(given.data / "pool_2023_tech.jsonl.gz"), show=given.show)
    copies()


def _all(truth: Truth) -> list[Told]:
    return [item for day in sorted(truth.by_day) for item in truth.by_day[day]]


def _fortnight(pool: Path) -> list[Telling]:
    first, last = date(2023, 11, 1), date(2023, 11, 14)
    return [
        Telling(
            item.id,
            item.title,
            item.feeds[0],
            datetime.fromisoformat(str(line["pub"])),
            str(line["url"]).partition("#")[0],
            str(line["text"] or ""),
        )
        for item, line in pool_items(pool)
        if first <= item.on <= last
    ]


if __name__ == "__main__":
    main()
