"""`curator picks trends` over a pool of items, and over the own feeds."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from curator.cli import curator
from curator.cli.trends import trends
from curator.db import Database
from curator.picks.trends.refresh import refresh
from tests.picks.desk import NOW
from tests.picks.trends.test_refresh import Wires


def pool(folder: Path) -> Path:
    """Returns a file in which tunnels rise on the first of March."""
    rows = [{"day": f"2026-02-{day:02}", "title": "Bread prices", "srcs": ["a"]} for day in range(1, 29)]
    rows += [{"day": "2026-03-01", "title": f"Tunnels {number}", "srcs": [f"feed {number}"]} for number in range(3)]
    path = folder / "pool.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_a_machine_gets_terms_with_rank_score_and_evidence(tmp_path: Path) -> None:
    answer = CliRunner().invoke(trends, ["--pool", str(pool(tmp_path)), "--on", "2026-03-01", "--days", "2"])
    assert answer.exit_code == 0, answer.output
    [term] = json.loads(answer.output)["terms"]
    assert (term["term"], term["rank"], term["evidence"]["items"]) == ("Tunnels", 1, 3)


def test_blocked_words_are_left_out(tmp_path: Path) -> None:
    asked = ["--pool", str(pool(tmp_path)), "--on", "2026-03-01", "--block", "tunnels", "--json"]
    assert json.loads(CliRunner().invoke(trends, asked).output)["terms"] == []


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    assert CliRunner().invoke(trends, ["--pool", str(pool(tmp_path)), "--on", "yesterday"]).exit_code == 2


def test_without_a_pool_the_own_feeds_are_told(tmp_path: Path) -> None:
    environ = {"CURATOR_DATA_DIR": str(tmp_path)}
    assert CliRunner().invoke(curator, ["init"], env=environ).exit_code == 0
    none = CliRunner().invoke(curator, ["picks", "trends"], env=environ)
    assert json.loads(none.output) == {"days": 2, "made_at": None, "terms": []}
    (path,) = tmp_path.glob("*.sqlite3")
    wires = Wires(Database(f"sqlite:///{path}"))
    wires.rise()
    refresh(wires.db, now=NOW)
    answer = CliRunner().invoke(curator, ["picks", "trends", "--days", "7"], env=environ)
    [term] = json.loads(answer.output)["terms"]
    assert (term["term"], term["rank"], term["evidence"]["items"]) == ("Vector databases", 1, 3)
    assert sorted(term["evidence"]["feeds"]) == ["Wire 0", "Wire 1", "Wire 2"]
    assert len(term["evidence"]["examples"]) == 3


@pytest.mark.parametrize("asked", [["--days", "3"], ["--on", "2026-03-01"], ["--block", "tunnels"]])
def test_what_the_own_feeds_do_not_have_is_refused(tmp_path: Path, asked: list[str]) -> None:
    answer = CliRunner().invoke(curator, ["picks", "trends", *asked], env={"CURATOR_DATA_DIR": str(tmp_path)})
    assert answer.exit_code == 2
