"""`curator issues results`: a line and a table for people, JSON for machines; and files with real targets."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from curator.app import build
from curator.cli import curator
from curator.events import listen
from curator.events.tables import LinkCount
from curator.settings import load
from tests.events.scene import NOW, Sent, hit, sent, spooled


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    given = {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_SECRET_KEY": "k" * 40}
    assert CliRunner().invoke(curator, ["init", "--owner", "mina@example.test"], env=given).exit_code == 0
    return given


@pytest.fixture
def line(environ: dict[str, str]) -> Sent:
    app = build(load(environ))
    line = sent(app.db)
    spooled(app.spool_dir, *(hit(line.mailing_id, 1, reader) for reader in line.readers[:4]))
    listen.take_in(app.db, app.spool_dir, now=NOW)
    app.db.close()
    return line


def _run(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(curator, arguments, env=environ)


def test_results_are_a_line_and_a_table(environ: dict[str, str], line: Sent) -> None:
    said = _run(environ, "issues", "results", str(line.issue_id)).output
    assert said.startswith("Issue 41: 10 accepted, 0 bounced, 0 unsubscribed, 4 clicked (40.0%), 0 scanner hits")
    assert "Highlights Tide pools title 4 4" in " ".join(said.split())


def test_results_are_json_for_a_machine(environ: dict[str, str], line: Sent) -> None:
    told = json.loads(_run(environ, "issues", "results", str(line.issue_id), "--json").output)
    assert (told["accepted"], told["clickers"], told["clicker_share"]) == (10, 4, 0.4)
    assert told["items"][0]["links"][0]["link"]["url"] == "https://site.example/1"
    assert told["sections"][0] == {"title": "Highlights", "clicks": 4, "share": 1.0, "against": None}


def test_counters_are_held_against_the_events(environ: dict[str, str], line: Sent) -> None:
    told = json.loads(_run(environ, "mailings", "recount", str(line.mailing_id), "--json").output)
    assert told["is_as_counted"]
    assert told["counters"][0] == {"what": "clicked", "was": 4, "is": 4}
    app = build(load(environ))
    with app.db.write() as session:
        session.execute(update(LinkCount).values(clicks=1))
    app.db.close()
    assert "Counters were lifted" in _run(environ, "mailings", "recount", str(line.mailing_id)).output
    assert "All counters were right." in _run(environ, "mailings", "recount", str(line.mailing_id)).output
    refused = _run(environ, "mailings", "recount", "99")
    assert refused.exit_code != 0
    assert "99" in str(refused.exception)


def test_an_issue_that_is_not_there_is_named(environ: dict[str, str]) -> None:
    done = _run(environ, "issues", "results", "7")
    assert done.exit_code == 1
    assert "no issue 7" in str(done.exception)
