"""`curator issues schedule` takes a moment to come, on a clock that shows it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from curator.app import build
from curator.cli import curator
from curator.issues import store
from curator.issues.values import IssueState
from curator.settings import load
from tests import builders
from tests.cli.conftest import Install


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2025-12-01T07:00", "is over"),
        ("2025-12-01T07:00+01:00", "is over"),
        ("2040-03-25T01:30", "clocks of Europe/London skip"),
        ("0001-01-01T00:00", "not a moment"),
        ("0001-01-01T00:00+14:00", "not a moment"),
        ("soon", "not a moment"),
    ],
)
def test_a_moment_that_will_not_do_sends_nothing(tmp_path: Path, install: Install, at: str, said: str) -> None:
    environ = {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_LOG_FORMAT": "json"}
    install(tmp_path / "var")
    app = build(load(environ))
    issue_id = builders.approved_issue_row(
        app.db, builders.newsletter_row(app.db, zone="Europe/London"), state=IssueState.APPROVED
    )
    done = CliRunner().invoke(curator, ["issues", "schedule", str(issue_id), "--at", at], env=environ)
    assert done.exit_code == 1
    assert said in str(done.exception)
    with app.db.read() as session:
        assert store.issue_row(session, issue_id).state is IssueState.APPROVED
    app.db.close()


def test_sending_in_test_mode_says_that_only_the_desk_gets_it(tmp_path: Path, install: Install) -> None:
    environ = {"CURATOR_DATA_DIR": str(tmp_path / "var"), "CURATOR_LOG_FORMAT": "json"}
    install(tmp_path / "var")
    app = build(load(environ))
    for slug, live_at, is_said in (("live", app.clock(), False), ("new", None, True)):
        newsletter_id = builders.newsletter_row(app.db, slug=slug, live_at=live_at)
        issue_id = builders.approved_issue_row(app.db, newsletter_id, state=IssueState.APPROVED)
        done = CliRunner().invoke(curator, ["issues", "send", str(issue_id)], env=environ)
        assert ("is in test mode: people at the desk get it" in done.output) is is_said
    app.db.close()
