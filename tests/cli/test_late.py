"""The list of commands is there without any of them, and says of each what its own help says."""

import subprocess
import sys

import click
import pytest

from curator.cli import Curator, curator


@pytest.mark.parametrize("name", sorted(Curator.late))
def test_the_list_says_what_the_command_says_of_itself(name: str) -> None:
    command = curator.get_command(click.Context(curator), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=200) == Curator.late[name].help


def test_help_loads_no_database() -> None:
    code = "import sys; from curator.cli import main; sys.argv[1:] = ['--help']\ntry: main()\nexcept SystemExit: pass\n"
    loaded = subprocess.run(
        [sys.executable, "-c", f"{code}print(sorted({{'sqlalchemy', 'flask', 'alembic'}} & set(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Run everything on this machine." in loaded
    assert loaded.splitlines()[-1] == "[]"


def test_a_command_that_is_none_is_named() -> None:
    with pytest.raises(click.UsageError, match="No such command 'fly'"):
        curator.main(["fly"], standalone_mode=False)
