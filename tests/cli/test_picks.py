"""`curator picks backtest`: a walk over files of elsewhere, as JSON."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from curator.app import build
from curator.cli import curator
from curator.picks.scoreboard import store as scoreboard
from curator.settings import load
from tests import builders
from tests.cli.conftest import Install
from tests.picks.taste.invented import pool, printed


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A pool and picks in the form of the development data."""
    items = [
        {"day": f"{each.first_seen_at:%Y-%m-%d}", "pub": str(each.first_seen_at), "srcs": [each.feed], "text": None}
        | {"title": each.title, "url": each.url, "points": each.points, "comments": None}
        for each in pool(weeks=15)
        if each.first_seen_at
    ]
    picks = [
        {"date": f"{each.at:%Y-%m-%d}", "newsletter": "shore", "issue": "1", "title": each.facts.title}
        | {"url": f"{each.facts.url}?utm_source=mail", "section": "", "blurb": None}
        for each in printed(weeks=15)
    ]
    return _written(tmp_path / "pool.jsonl.gz", items), _written(tmp_path / "picks.jsonl", picks)


def _written(path: Path, lines: list[dict[str, object]]) -> str:
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return str(path)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(curator, ["picks", "backtest", *arguments])


def test_a_walk_tells_the_model_and_each_baseline(files: tuple[str, str]) -> None:
    done = _run("--pool", files[0], "--picks", files[1], "--newsletter", "shore")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["newsletter"], told["horizon_days"], told["with_points"], told["weeks"]) == ("shore", 14, False, 3)
    assert set(told["figures"]) == {"model", "random", "newest", "points"}
    assert set(told["figures"]["model"]) == {"recall@20", "nDCG@20", "P@10"}
    assert told["figures"]["model"]["recall@20"] == 1.0
    assert told["weeks_won"]["newest"] == 3


def test_only_one_feed_of_a_pool(files: tuple[str, str]) -> None:
    told = json.loads(
        _run("--pool", files[0], "--picks", files[1], "--newsletter", "shore", "--feed", "shore.example").output
    )
    assert 0 < told["items_a_week"] < 60


@pytest.fixture
def environ(tmp_path: Path, install: Install) -> dict[str, str]:
    given = {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_SECRET_KEY": "k" * 40}
    install(tmp_path / "var")
    return given


def test_without_files_it_walks_through_the_own_archive_and_keeps_what_it_found(environ: dict[str, str]) -> None:
    app = build(load(environ))
    newsletter_id = builders.newsletter_row(app.db)
    done = CliRunner().invoke(curator, ["picks", "backtest"], env=environ)
    told = json.loads(done.output)["newsletters"]["ai-weekly"]
    assert told["measured"] is False
    assert told["note"] == "There are no items to measure on yet."
    with app.db.read() as session:
        assert [each.note for each in scoreboard.scores(session, newsletter_id)] == [told["note"]]
    app.db.close()


def test_a_refit_by_hand_says_what_it_learned_from(environ: dict[str, str]) -> None:
    app = build(load(environ))
    builders.newsletter_row(app.db)
    app.db.close()
    done = CliRunner().invoke(curator, ["picks", "refit", "--newsletter", "ai-weekly"], env=environ)
    assert "There are no picks to learn from yet." in done.output
    done = CliRunner().invoke(curator, ["picks", "refit", "--json"], env=environ)
    told = json.loads(done.output)["ai-weekly"]
    assert (told["version"], told["is_learned"]) == (2, False)
    assert CliRunner().invoke(curator, ["picks", "refit", "--newsletter", "mars"], env=environ).exit_code == 2


def test_files_and_newsletter_belong_together(files: tuple[str, str]) -> None:
    done = _run("--pool", files[0])
    assert done.exit_code == 2
    assert "belong together" in done.output


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b"no json\n", "cannot be read"),
        (b'{"day": "2023-02-08"}\n', "Line 1 of pool.jsonl.gz is no item"),
        (b"[1, 2]\n", "is no item"),
        (b"\xff\xfe\n", "cannot be read"),
        (b"", "no week"),
    ],
)
def test_a_broken_pool_is_named(files: tuple[str, str], line: bytes, word: str) -> None:
    Path(files[0]).write_bytes(gzip.compress(line))
    done = _run("--pool", files[0], "--picks", files[1], "--newsletter", "shore")
    assert done.exit_code == 1
    assert word in str(done.exception)


def test_an_unknown_newsletter_is_named(files: tuple[str, str]) -> None:
    done = _run("--pool", files[0], "--picks", files[1], "--newsletter", "mars")
    assert "no picks of a newsletter mars" in str(done.exception)
