"""What trends are measured against: AI news with its tags, known events of 2023, and a small invented world."""

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from curator.picks.trends.rising import Floor
from curator.picks.trends.values import Told

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
# An event is a tag that nobody used for four weeks and that stays: at least three of the next seven days have it.
QUIET, STAYS, STAYS_WITHIN = timedelta(days=28), 3, timedelta(days=7)


@dataclass(frozen=True)
class Truth:
    """Items by day, and the events that a good list of trends has near its top, each with the terms that name it.

    Where many terms have equal scores, more turns are needed until their chance order says nothing.
    """

    name: str
    by_day: Mapping[date, Sequence[Told]]
    events: Sequence[tuple[date, frozenset[str]]]
    floor: Floor
    turns: int = 3


def key(term: str) -> str:
    """Returns a term without what writers differ in: case, hyphens and blanks."""
    return re.sub(r"[^a-z0-9]+", "", term.lower())


# Well-known events of that year in technology, by the day when the news broke; several names count alike.
KNOWN = """
2023-03-10 silicon valley bank, svb
2023-03-14 gpt-4, gpt
2023-03-21 bard, google bard
2023-04-20 starship
2023-06-01 moveit
2023-06-05 vision pro
2023-06-12 reddit, reddit blackout
2023-06-20 titanic, submersible, titan
2023-07-05 threads
2023-07-18 llama 2, llama
2023-07-24 zenbleed
2023-08-01 lk-99, superconductor
2023-08-11 hashicorp, terraform
2023-08-23 chandrayaan-3, chandrayaan
2023-09-12 iphone 15
2023-09-13 unity
2023-10-06 23andme
2023-10-10 rapid reset, http/2
2023-11-06 grok
2023-11-09 humane, ai pin
2023-11-17 altman, sam altman
2023-12-05 gta 6, gta, gta vi
2023-12-05 beeper, beeper mini
2023-12-06 gemini
2023-12-11 mixtral
2023-12-12 epic
"""


def truths(data: Path) -> list[Truth]:
    """Returns all that can be measured here: the foreign data when it is there, and the invented world always."""
    found = [invented()]
    if (data / "ainews_tags.jsonl").exists():
        found = [*_ai_news(data / "ainews_tags.jsonl"), *found]
    if (data / "pool_2023_tech.jsonl.gz").exists():
        found.append(_pool(data / "pool_2023_tech.jsonl.gz"))
    return found


def _ai_news(path: Path) -> Iterator[Truth]:
    days = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    events = _events(days)
    lone = Floor(items=1, feeds=1)
    yield Truth("AI news tags, each tag an item", _told(days, _tags), events, lone, turns=12)
    yield Truth("AI news tags, each sentence of the news an item", _told(days, _sentences), events, lone, turns=12)


def _tags(day: Mapping[str, object]) -> list[str]:
    found: list[str] = []
    for kind in ("models", "companies", "topics", "people"):
        those = day[kind]
        found += those if isinstance(those, list) else []
    return found


def _sentences(day: Mapping[str, object]) -> list[str]:
    return [str(day["title"]), *re.split(r"(?<=[.!?])\s+", str(day["description"]))]


def _told(
    days: Sequence[Mapping[str, object]], titles: Callable[[Mapping[str, object]], Sequence[str]]
) -> dict[date, list[Told]]:
    """Returns every title as an item; an issue of the news is a feed of its own."""
    found: dict[date, list[Told]] = defaultdict(list)
    number = 0
    for day in days:
        on = date.fromisoformat(str(day["date"]))
        for title in titles(day):
            number += 1
            found[on].append(Told(number, title, (str(day["file"]),), on))
    return found


def _events(days: Sequence[Mapping[str, object]]) -> list[tuple[date, frozenset[str]]]:
    used: dict[str, set[date]] = defaultdict(set)
    for day in days:
        for tag in _tags(day):
            used[tag.lower()].add(date.fromisoformat(str(day["date"])))
    first = min(min(on) for on in used.values()) + QUIET
    return sorted(
        ((on, frozenset({key(tag)})) for tag, uses in used.items() for on in uses if on >= first and _breaks(on, uses)),
        key=lambda event: (event[0], sorted(event[1])),
    )


def _breaks(on: date, uses: set[date]) -> bool:
    was_quiet = not any(on - QUIET <= use < on for use in uses)
    return was_quiet and sum(on < use <= on + STAYS_WITHIN for use in uses) >= STAYS


def pool_items(path: Path) -> Iterator[tuple[Told, Mapping[str, object]]]:
    """Yields the pool's items with the lines that they came from."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            found = json.loads(line)
            on = date.fromisoformat(found["day"])
            yield Told(number, found["title"], tuple(found["srcs"]), on), found


def _pool(path: Path) -> Truth:
    by_day: dict[date, list[Told]] = defaultdict(list)
    for item, _ in pool_items(path):
        by_day[item.on].append(item)
    events = []
    for line in KNOWN.strip().splitlines():
        on, _, names = line.partition(" ")
        events.append((date.fromisoformat(on), frozenset(key(name) for name in names.split(","))))
    return Truth("known events of 2023 in the pool", by_day, events, Floor())


def invented(*, seed: int = 7, days: int = 150, a_day: int = 120) -> Truth:
    """Returns a world of made-up words: steady topics, weekly ones, a flooding feed, and an event every sixth day."""
    chance = random.Random(seed)  # noqa: S311 - a world that is the same each time, no secret
    words = ["".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(3)) for _ in range(900)]
    common, weekly, names = words[:700], words[700:714], words[714:]
    first, number, by_day, events = date(2026, 1, 1), 0, defaultdict(list), []
    breaking = {day: names[place] for place, day in enumerate(range(35, days - 4, 6))}
    for day in range(days):
        on = first + timedelta(days=day)
        live = [(name, day - start) for start, name in breaking.items() if 0 <= day - start < 4]
        for _ in range(a_day):
            number += 1
            topic = chance.choices(common, weights=[1 / (place + 3) for place in range(len(common))], k=4)
            if live and chance.random() < 0.03:
                topic[0] = live[chance.randrange(len(live))][0]
            elif chance.random() < 0.02:
                topic[2] = chance.choice(names)
            elif chance.random() < 0.12:
                topic[1] = weekly[day % 7 * 2 + chance.randrange(2)]
            by_day[on].append(Told(number, " ".join(topic), (f"feed {chance.randrange(30)}",), on))
        for place in range(25):
            number += 1
            by_day[on].append(Told(number, f"{words[-1 - day % 40]} flood {place}", ("feed 99",), on))
        if day in breaking:
            events.append((on, frozenset({key(breaking[day])})))
    return Truth("an invented world", by_day, events, Floor())
