"""`curator events classify`: a JSON line for each mail."""

import json
from pathlib import Path

from click.testing import CliRunner

from curator.cli.events import events
from tests.events.bounces import bounce


def test_each_file_is_a_line(tmp_path: Path) -> None:
    hard, none = tmp_path / "hard.eml", tmp_path / "none.eml"
    hard.write_bytes(bounce("bounces+x@podcast.example"))
    none.write_bytes(b"From: ada@example.org\nSubject: I am away\n\nUntil Monday.\n")
    found = CliRunner().invoke(events, ["classify", str(hard), str(none)])
    first, second = (json.loads(line) for line in found.output.splitlines())
    assert (first["file"], first["recipients"]) == (str(hard), ["gone@example.org"])
    assert (first["kind"], first["reason"], first["status"]) == ("hard", "user unknown", "5.1.1")
    assert (second["kind"], second["recipients"], second["reason"]) == ("none", [], "")


def test_a_file_that_is_not_there_is_named_after_the_others(tmp_path: Path) -> None:
    there = tmp_path / "a.eml"
    there.write_bytes(b"")
    found = CliRunner().invoke(events, ["classify", str(tmp_path / "missing.eml"), str(there)])
    assert json.loads(found.output.splitlines()[0])["kind"] == "none"
    assert "missing.eml: No such file or directory" in str(found.exception)
    assert found.exit_code == 1
