"""The trends of a foreign pool."""

import gzip
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from curator.errors import InvalidError
from curator.picks.trends.foreign import pool_trends
from tests.picks.trends.world import ON, World


def lines(world: World) -> list[str]:
    return [
        json.dumps(
            {"day": item.on.isoformat(), "title": item.title, "srcs": list(item.feeds), "url": "https://a.example"}
        )
        for item in world.items
    ]


def trending() -> World:
    world = World()
    world.tell("Tunnels flood", "Tunnels shut", "Who built the tunnels?")
    return world


@pytest.mark.parametrize("name", ["pool.jsonl", "pool.jsonl.gz"])
def test_a_pool_has_terms_with_rank_score_and_evidence(name: str, tmp_path: Path) -> None:
    text = "\n".join([*lines(trending()), "", '{"day": 5, "title": "x"}', '{"day": "never", "title": "x"}', "{}"])
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    answer = json.loads(json.dumps(pool_trends(path, on=ON, days=2)))
    assert (answer["on"], answer["days"], answer["past_days"], answer["items"]) == ("2026-11-16", 2, 28, 11)
    [term] = answer["terms"]
    assert (term["term"], term["rank"]) == ("Tunnels", 1)
    assert term["score"] > 0
    evidence = term["evidence"]
    assert (evidence["items"], evidence["first_seen"], len(evidence["daily"])) == (3, "2026-11-16", 30)
    assert evidence["feeds"] == {"feed 0": 1, "feed 1": 1, "feed 2": 1}
    assert evidence["examples"][0] == {
        "title": "Tunnels flood",
        "url": "https://a.example",
        "feeds": ["feed 0"],
        "day": "2026-11-16",
    }


def test_a_pool_of_one_feed_is_asked_for_one_feed_only(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    rows = [{"day": item.on.isoformat(), "title": item.title} for item in trending().items]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    answer = pool_trends(path, on=ON, days=2)
    assert answer["least_feeds"] == 1
    assert json.loads(json.dumps(answer))["terms"][0]["term"] == "Tunnels"


def test_a_day_without_items_has_no_terms(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    path.write_text("\n".join(lines(trending())), encoding="utf-8")
    assert pool_trends(path, on=ON + timedelta(days=400), days=2)["terms"] == []


@pytest.mark.parametrize(
    ("name", "held"),
    [("a.jsonl", b"no json"), ("b.jsonl", b"[1]"), ("c.jsonl.gz", b"not packed"), ("d.jsonl", b"\xff\xfe{")],
)
def test_a_file_that_is_no_pool_is_refused_in_a_sentence(name: str, held: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(held)
    with pytest.raises(InvalidError, match=name):
        pool_trends(tmp_path / name, on=ON, days=2)


def test_a_packed_file_that_is_damaged_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl.gz"
    packed = bytearray(gzip.compress("\n".join(lines(trending())).encode()))
    packed[10] = 0xFF  # a kind of block that there is none of
    path.write_bytes(packed)
    with pytest.raises(InvalidError, match="cannot be read"):
        pool_trends(path, on=ON, days=2)


def test_a_missing_file_and_a_window_of_no_days_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="cannot be read"):
        pool_trends(tmp_path / "none.jsonl", on=ON, days=2)
    with pytest.raises(InvalidError, match="1 to 366"):
        pool_trends(tmp_path / "none.jsonl", on=ON, days=0)
    with pytest.raises(InvalidError, match="1970 or later"):
        pool_trends(tmp_path / "none.jsonl", on=date(1, 1, 1), days=2)
