"""What crosses the accounts' border: roles and a signed-in editor."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person at the desk may do: an owner everything, an editor everything but people and settings."""

    OWNER = "owner"
    EDITOR = "editor"


@dataclass(frozen=True)
class Editor:
    """A person at the desk. `epoch` rises when all of their sign-ins are to end."""

    id: int
    address: str
    name: str
    role: Role
    epoch: int
