"""The commands of the operators' page, in the order in which a restore drill calls them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from curator.app import build
from curator.backup import holding
from curator.cli import curator
from curator.settings import load
from tests.backup.conftest import PASSPHRASE
from tests.cli.conftest import Install, install

__all__ = ["install"]


def run(folder: Path, *arguments: str, passphrase: str | None = PASSPHRASE) -> Result:
    environ = {"CURATOR_DATA_DIR": str(folder), "CURATOR_LOG_FORMAT": "json", "CURATOR_BACKUP_PASSPHRASE": passphrase}
    return CliRunner().invoke(curator, arguments, env=environ)


def test_a_restore_drill_by_its_commands(install: Install, tmp_path: Path) -> None:
    there, here, backups = tmp_path / "there", tmp_path / "here", tmp_path / "backups"
    install(there)
    backups.mkdir()
    made = json.loads(run(there, "db", "backup", str(backups), "--json").output)
    (file,) = backups.iterdir()
    assert (made["file"], made["has_keys"]) == (str(file), True)
    assert run(there, "db", "restore", "--check", str(file)).output.startswith("It is good: the backup of ")
    done = run(here, "db", "restore", str(file))
    assert (done.exit_code, "All sending is held." in done.output) == (0, True)
    assert (here / "secret.key").read_text() == (there / "secret.key").read_text()
    app = build(load({"CURATOR_DATA_DIR": str(here)}))
    assert holding.held(app.db) is not None
    assert "Mail may leave again." in run(here, "db", "let-go").output
    assert "Nothing was held." in run(here, "db", "let-go").output
    assert holding.held(app.db) is None
    app.db.close()


@pytest.mark.parametrize("passphrase", [None, "not the passphrase at all"])
def test_keys_stay_where_nobody_has_the_passphrase(install: Install, tmp_path: Path, passphrase: str | None) -> None:
    install(tmp_path / "there")
    file = tmp_path / "a.backup"
    assert run(tmp_path / "there", "db", "backup", str(file)).exit_code == 0
    refused = run(tmp_path / "here", "db", "restore", str(file), passphrase=passphrase)
    assert "CURATOR_BACKUP_PASSPHRASE" in str(refused.exception)
    assert not (tmp_path / "here" / "secret.key").exists()


def test_a_backup_without_keys_says_so(install: Install, tmp_path: Path) -> None:
    install(tmp_path / "there")
    done = run(tmp_path / "there", "db", "backup", str(tmp_path / "a.backup"), passphrase=None)
    assert "The keys are not in it, because CURATOR_BACKUP_PASSPHRASE is not set." in done.output
