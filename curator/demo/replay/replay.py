"""`curator demo --once --replay TAR`: plays an archive twice in different orders, and says what came of it as JSON."""

import hashlib
import json
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TextIO

from curator.demo.replay import checks
from curator.demo.replay.answers import Answers
from curator.demo.replay.archive import Archive, read_archive
from curator.demo.replay.desk import Desk, opened
from curator.demo.replay.plan import Fault, FaultKind, Plan, plan_of
from curator.demo.replay.play import Play, begin_of
from curator.demo.replay.played import Played
from curator.demo.replay.server import ReplayServers
from curator.demo.replay.summary import ReplaySummary, RunSummary
from curator.errors import CuratorError

SEED = 1
"""What decides faults and orders where nobody says otherwise: the same run whenever it is made."""

PATIENCE_S = 2.0
"""How long an answer is waited for: over loopback it takes milliseconds, and the late one must not hold a run up."""

_LATER_S = 0.5
_RUNS = 2


@dataclass(frozen=True)
class _Scene:
    """What every run is given and held against."""

    archive: Archive
    plan: Plan
    expected: checks.Expected


def run(*, path: Path, seed: int = SEED, out: TextIO | None = None) -> int:
    """Plays the archive in a temporary folder and prints the summary; returns 0 only if everything held."""
    with tempfile.TemporaryDirectory(prefix="curator-replay-") as folder:
        summary = summary_of_replay(Path(folder), path, seed=seed)
    print(json.dumps(summary.printed(), indent=2), file=out or sys.stdout)
    return 0 if summary.held else 1


def summary_of_replay(
    folder: Path, path: Path, *, seed: int = SEED, patience_s: float = PATIENCE_S, is_mailed: bool = True
) -> ReplaySummary:
    """Plays the archive twice, each time from nothing; an error that is raised on purpose stands in the summary.

    `is_mailed`: the issue of the first run goes on to the readers.
    """
    began = time.monotonic()
    summary = ReplaySummary(seed)
    try:
        _replayed(summary, folder, read_archive(path), patience_s, is_mailed=is_mailed)
    except CuratorError as error:
        summary.failed.append(str(error))
    summary.seconds = round(time.monotonic() - began, 1)
    summary.peak_memory_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    summary.held = not summary.failed
    return summary


def _replayed(summary: ReplaySummary, folder: Path, archive: Archive, patience_s: float, *, is_mailed: bool) -> None:
    seed = summary.seed
    plan = plan_of(archive.feeds, days=len(archive.days), seed=seed, random=Random(seed))  # noqa: S311 - a plan is to be repeatable
    summary.days = [day.on.isoformat() for day in archive.days]
    summary.feeds, summary.documents = len(archive.feeds), archive.documents
    summary.faults = [_words(fault, plan, archive) for fault in plan.faults]
    scene = _Scene(archive, plan, checks.expected_of(archive, plan))
    runs = []
    for order in range(seed, seed + _RUNS):
        with opened(folder / str(order), begin_of(archive.days[0]), patience_s) as desk:
            runs.append(_run(summary, desk, scene, order=order))
            if is_mailed and order == seed:
                summary.mail = desk.mailed(runs[0].issue_id)
                summary.failed += summary.mail.failed
    first, *others = runs
    summary.same_items = all(other.identities == first.identities for other in others)
    summary.same_issue = all(_mail(other) == _mail(first) for other in others)
    summary.check(summary.same_items, "the same items are there whatever the order of polls")
    summary.check(summary.same_issue, "each run drafts the same issue byte for byte")


def _run(summary: ReplaySummary, desk: Desk, scene: _Scene, *, order: int) -> Played:
    began = time.monotonic()
    told = RunSummary(order)
    summary.runs.append(told)
    app, archive, plan = desk.app, scene.archive, scene.plan
    late_s = app.settings.fetch_read_s + _LATER_S
    answers = Answers(archive, plan, app.clock, max_bytes=app.settings.fetch_max_bytes, late_s=late_s)
    with ReplayServers(plan, answers) as servers:
        played = Play(desk, archive, answers, servers, Random(order))()  # noqa: S311 - an order is to be repeatable
        seen = checks.Seen(archive, plan, played, servers.url, answers.statuses, answers.asked_while_held)
    _tell(told, seen)
    _judge(summary, told, seen, scene.expected)
    told.seconds = round(time.monotonic() - began, 1)
    return played


def _tell(told: RunSummary, seen: checks.Seen) -> None:
    played = seen.played
    told.answers = {str(status): count for status, count in sorted(seen.statuses.items())}
    told.asked_while_held = seen.asked_while_held
    told.rounds, told.items, told.picks = played.rounds, len(played.identities), played.picks
    told.items_hash = played.items_hash
    ends = ((fault.feed, played.feeds.get(fault.feed)) for fault in seen.plan.faults)
    told.ends = {feed: f"{end.state}: {end.note}" for feed, end in ends if end is not None}
    told.html_hash, told.text_hash = (_hash(text) for text in _mail(played))


def _judge(summary: ReplaySummary, told: RunSummary, seen: checks.Seen, expected: checks.Expected) -> None:
    differs = checks.difference(expected, seen.played)
    told.missing, told.strange, told.twice = (
        counts.total() for counts in (differs.missing, differs.strange, differs.twice)
    )
    for name, counts in (("missing", differs.missing), ("strange", differs.strange), ("twice", differs.twice)):
        where = ", ".join(f"{feed} ({count})" for feed, count in counts.most_common(5) if count)
        summary.check(counts.total() == 0, f"no item is {name}, order {told.order} (not so: {where})")
    summary.check(told.picks > 0, f"items were picked, order {told.order}")
    for holds, what in checks.findings(seen):
        summary.check(holds, f"{what}, order {told.order}")


def _mail(played: Played) -> tuple[str, str]:
    return played.revision.html, played.revision.text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_ENDS = {
    FaultKind.GONE: "it is gone, with the items that came until then",
    FaultKind.MOVED: "its items come from the new address",
    FaultKind.BUSY: "its host is left alone, then its items come",
}


def _words(fault: Fault, plan: Plan, archive: Archive) -> str:
    on, host = archive.days[fault.day].on, plan.hosts[fault.feed]
    since = f"from {on} on" if fault.kind.is_lasting else f"once on {on}"
    end = _ENDS.get(fault.kind, "its items come after all")
    return f"{fault.feed} at {host}: {fault.kind} {since}; {end}"
