"""A group whose commands are loaded when they are called: help is there at once, a command pays only for itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar

import click


@dataclass(frozen=True)
class Late:
    """Where a command is, and its line in the list of all commands."""

    module: str
    name: str
    help: str


class LateGroup(click.Group):
    """A group of commands that are named by where they are; it has no others."""

    late: ClassVar[Mapping[str, Late]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """Returns the names of all commands, sorted."""
        return sorted(self.late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """Returns the command of this name, loaded; None where there is none."""
        found = self.late.get(cmd_name)
        if found is None:
            return None
        command = getattr(import_module(found.module), found.name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.late[name].help) for name in self.list_commands(ctx)])
