"""`curator issues check` says what must be mended, for people and for machines, and ends with 1 when something must."""

import json
from pathlib import Path

from click.testing import CliRunner

from curator.app import build
from curator.cli import curator
from curator.issues import board, publish
from curator.settings import load
from tests.cli.conftest import Install
from tests.issues.scene import NOW, fill, scene


def test_an_issue_is_checked_for_people_and_for_machines(tmp_path: Path, install: Install) -> None:
    environ = {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_LOG_FORMAT": "json"}
    runner = CliRunner()
    install(tmp_path / "var")
    app = build(load(environ))
    there = scene(app.db)
    fill(there)
    issue_id = publish.draft(app.db, there.newsletter_id, now=NOW)
    good = runner.invoke(curator, ["issues", "check", str(issue_id)], env=environ)
    assert good.exit_code == 0, good.output
    assert "0 must be mended" in good.output
    board.add_text(app.db, issue_id, None, "By TK.", by=None, now=NOW)
    bad = runner.invoke(curator, ["issues", "check", str(issue_id)], env=environ)
    assert bad.exit_code == 1
    assert "The word TK still stands in a text of the intro" in bad.output
    assert "1 must be mended" in bad.output
    told = runner.invoke(curator, ["issues", "check", str(issue_id), "--json"], env=environ)
    assert told.exit_code == 1
    report = json.loads(told.stdout)
    assert report["is_clear"] is False
    assert [each["code"] for each in report["findings"] if each["level"] == "blocks"] == ["tk"]
    app.db.close()
