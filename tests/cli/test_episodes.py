"""`curator episodes list` says what episodes are there and what they lack, to people and to machines."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from curator import schema
from curator.cli import curator
from curator.db import Database
from curator.episodes import edit
from curator.episodes.platforms import Platform
from tests import builders
from tests.episodes.scene import APPLE, NOW, STITCHER, Show


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    found = {"CURATOR_DATA_DIR": str(tmp_path)}
    assert CliRunner().invoke(curator, ["init"], env=found).exit_code == 0
    return found


@pytest.fixture
def show(environ: dict[str, str], tmp_path: Path) -> Show:
    (path,) = tmp_path.glob("*.sqlite3")
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    found = Show(database)
    builders.listening_links(database, found.feed, APPLE, STITCHER)
    edit.retire(database, Platform.STITCHER, by=None, now=NOW)
    return found


def test_the_list_says_what_is_missing(environ: dict[str, str], show: Show) -> None:
    told = CliRunner().invoke(curator, ["episodes", "list"], env=environ)
    assert told.exit_code == 0
    (_, line) = told.output.splitlines()
    assert "What an index forgets" in line
    assert "2 guests without biography, no topics, no transcript" in line
    show.db.close()


def test_a_machine_reads_the_whole_episode_without_retired_platforms(environ: dict[str, str], show: Show) -> None:
    told = CliRunner().invoke(curator, ["episodes", "list", "--json", "--show", str(show.feed)], env=environ)
    (episode,) = json.loads(told.output)
    assert [link["name"] for link in episode["links"]] == ["Apple Podcasts"]
    assert [guest["name"] for guest in episode["guests"]] == ["Nadia Okafor", "Jo Park"]
    assert [chapter["start_s"] for chapter in episode["chapters"]] == [0, 760]
    assert "no transcript" in episode["missing"]
    show.db.close()


def test_without_an_episode_it_says_what_to_do(environ: dict[str, str]) -> None:
    told = CliRunner().invoke(curator, ["episodes", "list"], env=environ)
    assert "mark a podcast's feed as your own" in told.output


def test_a_number_that_no_row_has_is_refused_in_words(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Ada: Hello\n")
    for command in (["episodes", "list", "--show"], ["episodes", "transcript"]):
        file = [str(tmp_path / "talk.txt")] if command[-1] == "transcript" else []
        told = CliRunner().invoke(curator, [*command, str(2**63), *file], env=environ)
        assert told.exit_code == 2, told.exception
        assert "not in the range" in told.output
