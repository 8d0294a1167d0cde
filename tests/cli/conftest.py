"""What the commands' tests share: an installation as `curator init` leaves it, made once for all of them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from curator.cli import curator

Install = Callable[[Path], None]


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Lays a new installation with its first owner into a data folder: a copy, for each `init` migrates anew."""
    made = tmp_path_factory.mktemp("installation") / "var"
    environ = {"CURATOR_DATA_DIR": str(made), "CURATOR_LOG_FORMAT": "json"}
    assert CliRunner().invoke(curator, ["init", "--owner", "mina@example.test"], env=environ).exit_code == 0

    def copy(folder: Path) -> None:
        shutil.copytree(made, folder, dirs_exist_ok=True)

    return copy
