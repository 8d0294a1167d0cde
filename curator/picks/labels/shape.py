"""Makes of rows what a taste is learned from: facts, examples with the issues that they ran in, prints."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from curator.picks.labels.values import Deed, Known, Run
from curator.picks.taste.lag import Lag
from curator.picks.taste.values import Example, Facts, Kind

# What came in within so many days may still be picked: that nobody has yet says nothing.
SETTLED = timedelta(days=14)
# With fewer settled items what is fresh has to do: a new installation has nothing else.
_ENOUGH_SETTLED = 50
# Half of what is remembered at once: mutes may have left out the other half.
_MANY = 6_000
# Of the lags all but the longest tenth: what is older than that runs by chance.
_MOST_OF_LAGS = 0.9
_SHORTEST, _LONGEST = timedelta(days=21), timedelta(days=365)


def facts(known: Known) -> Facts:
    """Returns what the taste may know of an item."""
    return Facts(
        key=known.key,
        title=known.title,
        text=known.text,
        url=known.url,
        feed=known.feed,
        sources=known.sources,
        first_seen_at=known.first_seen_at,
    )


def examples(
    deeds: Iterable[Deed], items: Mapping[int, Known], runs: Iterable[Run]
) -> Iterator[tuple[Example, int | None]]:
    """Yields an example for each deed that says something, with the section that it speaks of.

    What ran is told by the issue that it ran in first. What only the machine chose counts from the moment it was sent,
    and a link of a back issue that no feed brought before it ran counts as one: nobody chose it from a list.
    """
    ran = first_runs(runs)
    for deed in deeds:
        known, run = items.get(deed.item_id), ran.get(deed.item_id)
        if known is None or (deed.is_machines and run is None):
            continue
        kind, at = deed.kind, deed.at
        if kind is Kind.PICK and run is not None and (run.is_back or deed.is_machines):
            kind, at = (Kind.BACK_ISSUE if run.is_back and not _was_offered(known, run) else Kind.PICK), run.at
        issue = run.issue if run is not None and kind.ran else ""
        yield Example(facts(known), kind, at, weight=deed.weight, issue=issue), deed.section_id


def _was_offered(known: Known, run: Run) -> bool:
    # What lay in a feed before it was added ran among items that are in no feed any more.
    return known.feed_id is not None and known.first_seen_at <= run.at


def of_section(told: Iterable[tuple[Example, int | None]], section_id: int) -> list[Example]:
    """Returns what teaches a section's own taste: what was picked for it, and what was passed over for all."""
    return [example for example, section in told if section == section_id or example.kind is Kind.PASSED]


def first_runs(runs: Iterable[Run]) -> dict[int, Run]:
    """Returns the first issue of each item."""
    found: dict[int, Run] = {}
    for run in sorted(runs, key=lambda run: (run.at, run.issue)):
        found.setdefault(run.item_id, run)
    return found


def prints(items: Mapping[int, Known], runs: Iterable[Run]) -> list[tuple[datetime, datetime]]:
    """Returns first sight and print of each item that a feed brought and that ran."""
    ran = first_runs(runs)
    known = ((items[id_], run) for id_, run in ran.items() if id_ in items)
    return [(item.first_seen_at, run.at) for item, run in known if item.feed_id is not None]


def horizon(lag: Lag) -> timedelta:
    """Returns how far back a newsletter still looks for something to run: most of its lags, three weeks at least."""
    place = min(int(_MOST_OF_LAGS * len(lag.days)), len(lag.days) - 1)
    return min(max(timedelta(days=lag.days[place]), _SHORTEST), _LONGEST)


def whole_since(remembered: Sequence[Known], *, since: datetime) -> datetime:
    """Returns from when on nothing that nobody decided about is left out of what is remembered from then on.

    Only so much is remembered at once. Where it is that much, the oldest of it tells; of a few it would tell nothing.
    """
    if len(remembered) < _MANY:
        return since
    return max(since, min(known.first_seen_at for known in remembered))


def settles(offered: Sequence[Known], *, now: datetime) -> timedelta:
    """Returns after which time what nobody picked is a weak no; at once where next to nothing is settled yet."""
    settled = sum(known.first_seen_at < now - SETTLED for known in offered)
    return SETTLED if settled >= _ENOUGH_SETTLED else timedelta()
