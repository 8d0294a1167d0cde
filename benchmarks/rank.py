"""Measures the taste: how well it foresees two editors' picks, and what learning and scoring take.

Prints one JSON object a line. It reads `../shared/data` beside the repository where that is there, and a small invented
set elsewhere; `--quick` walks through the first editor only. Every figure comes from a fixed seed.
"""

import argparse
import random
import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import in_process, resident_mb, say
from curator.picks.taste import foreign, replay
from curator.picks.taste.fit import fit
from curator.picks.taste.reasons import reasons, scored
from curator.picks.taste.stored import from_bytes, to_bytes
from curator.picks.taste.values import Example, Facts, Kind, Untaught
from tests.picks.taste import invented

SEED = 1
FEED = "hnrss.org/frontpage"
FOLDER = Path(__file__).parents[1].parent / "shared" / "data"
POOL, PICKS = FOLDER / "pool_2023_tech.jsonl.gz", FOLDER / "picks.jsonl.gz"
EASY, HARD = "this-week-in-rust", "ruanyf-weekly"
TRAINED, SCORED = 12_000, 5_000


def walk(newsletter: str, horizon: int, grace: int, uses_points: bool) -> replay.Backtest:
    """Walks through the development data, or through the invented set where there is none."""
    rules = replay.Rules(
        horizon=timedelta(days=horizon), grace=timedelta(days=grace), uses_points=uses_points, seed=SEED
    )
    pool: Iterable[Facts] = foreign.pool(POOL, feed=FEED) if POOL.exists() else invented.pool()
    printed = foreign.printed(PICKS, newsletter) if POOL.exists() else invented.printed()
    return replay.replay(pool, printed, rules=rules, dice=random.Random(SEED))  # noqa: S311 - the same every time


def tell(newsletter: str, *, horizon: int, grace: int = 0, uses_points: bool = False) -> None:
    """Prints what one walk found."""
    began = time.process_time()
    found = asdict(walk(newsletter, horizon, grace, uses_points))
    model = found["figures"]["model"]
    say(
        figure=f"ranking, {newsletter if POOL.exists() else 'invented set'}",
        horizon_days=horizon,
        grace_days=grace,
        with_points=uses_points,
        **{name: model[name] for name in model},
        **{key: value for key, value in found.items() if key != "figures"},
        baselines={name: each for name, each in found["figures"].items() if name != "model"},
        cpu_s=round(time.process_time() - began, 1),
        seed=SEED,
    )


def refit(newsletter: str) -> dict[str, object]:
    """Learns from 12,000 items and scores 5,000 in a process of its own."""
    examples, pool, fresh, now = _material(newsletter)
    resident = resident_mb()
    began, worked = time.perf_counter(), time.process_time()
    taste = fit(examples, pool, now=now, seed=SEED)
    learned = {"s": round(time.perf_counter() - began, 2), "cpu_s": round(time.process_time() - worked, 2)}
    assert not isinstance(taste, Untaught), taste.reason
    kept = to_bytes(taste)
    taste = from_bytes(kept)
    began, worked = time.perf_counter(), time.process_time()
    taste.score(fresh)
    score = {"s": round(time.perf_counter() - began, 2), "cpu_s": round(time.process_time() - worked, 2)}
    best = scored(taste, fresh)[:50]
    worked = time.process_time()
    told = sum(len(reasons(taste, each.facts)) for each in best)
    return {
        "trained_on": len(examples) + len(pool),
        "refit": learned,
        "scored": len(fresh),
        "scoring": score,
        "reasons_of_50": {"reasons": told, "cpu_s": round(time.process_time() - worked, 2)},
        "model_kb": len(kept) // 1024,
        "terms": len(taste.terms),
        "peak_mb": resident_mb(),
        "before_mb": resident,
    }


def _material(newsletter: str) -> tuple[list[Example], list[Facts], list[Facts], datetime]:
    """Returns 3,000 back issues, 9,000 items on offer and 5,000 to score."""
    if not POOL.exists():
        whole = list(invented.pool(weeks=20, a_week=(TRAINED + SCORED) // 20))
        ran = [Example(each.facts, Kind.PICK, each.at) for each in invented.printed(weeks=20, a_week=850)]
        return ran, whole[:TRAINED], whole[TRAINED:], datetime(2027, 1, 1, tzinfo=UTC)
    now = datetime(2023, 12, 1, tzinfo=UTC)
    printed = [each for each in foreign.printed(PICKS, newsletter) if each.at < now][-TRAINED // 4 :]
    ran = [Example(each.facts, Kind.BACK_ISSUE, each.at, issue=each.issue) for each in printed]
    pool: list[Facts] = []
    for each in foreign.pool(POOL, feed=FEED):
        pool.append(each)
        if len(pool) == TRAINED - len(ran) + SCORED:
            break
    return ran, pool[: TRAINED - len(ran)], pool[TRAINED - len(ran) :], now


def main() -> None:
    """Measures one thing after the other."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    given = options.parse_args()
    say(
        figure="refit and scoring, in a child process",
        bar={"refit_s": 5, "scoring_s": 1, "mb": 500},
        **in_process(refit, EASY),
    )
    tell(EASY, horizon=14)
    if given.quick or not POOL.exists():
        return
    tell(EASY, horizon=14, grace=14)
    tell(EASY, horizon=14, uses_points=True)
    tell(HARD, horizon=180)
    tell(HARD, horizon=180, uses_points=True)


if __name__ == "__main__":
    main()
