"""What crosses the accounts' border: roles and a signed-in editor."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from curator.errors import CuratorError


class Right(StrEnum):
    """What may be done at the desk, from looking at it to giving others a place there."""

    LOOK = "look"
    """See issues, items, feeds and results; change one's own account."""

    WRITE = "write"
    """Pick, arrange and write; feeds, episodes, transcripts."""

    PUBLISH = "publish"
    """Approve, schedule and send, and stop what is being sent."""

    READERS = "readers"
    """See and change readers: their addresses are nobody else's business."""

    MANAGE = "manage"
    """Newsletters, people, and how mail leaves."""


class Role(StrEnum):
    """What a person at the desk is; each may do all that the next may, and more."""

    OWNER = "owner"
    EDITOR = "editor"
    WRITER = "writer"
    VIEWER = "viewer"

    @property
    def rights(self) -> frozenset[Right]:
        """What somebody in this role may do."""
        return _RIGHTS[self]


_RIGHTS = {
    Role.OWNER: frozenset(Right),
    Role.EDITOR: frozenset(Right) - {Right.MANAGE},
    Role.WRITER: frozenset({Right.LOOK, Right.WRITE}),
    Role.VIEWER: frozenset({Right.LOOK}),
}


@dataclass(frozen=True)
class Editor:
    """A person at the desk. `epoch` rises when all of their sign-ins are to end.

    `has_shortcuts` is whether keys without a modifier do something.
    """

    id: int
    address: str
    name: str
    role: Role
    epoch: int
    has_shortcuts: bool = True


@dataclass(frozen=True)
class EditorRow:
    """A person at the desk as lists show them, active or not."""

    id: int
    address: str
    name: str
    role: Role
    is_active: bool
    has_password: bool
    created_at: datetime
    signed_in_at: datetime | None


class ApiScope(StrEnum):
    """What a program may do with a token."""

    WRITE_ITEMS = "items:write"


@dataclass(frozen=True)
class ApiTokenRow:
    """A token as its owner's list shows it; the token itself is nowhere."""

    id: int
    name: str
    scopes: tuple[ApiScope, ...]
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Bearer:
    """Whom a token stands for, and what it may do in their name."""

    token_id: int
    user_id: int
    scopes: tuple[ApiScope, ...]
    used_at: datetime | None


class SignInRefused(CuratorError):  # noqa: N818 - it is an answer to a person, not a fault of the program
    """Nobody gets in with what was given; the words never tell an unknown address from a wrong password."""

    def __init__(self, reason: str = "This address and password do not fit together.") -> None:
        super().__init__(reason)


class TooManyAttempts(CuratorError):  # noqa: N818 - it is an answer to a person, not a fault of the program
    """Something was tried too often; `retry_in` says how long to wait."""

    def __init__(self, retry_in: timedelta) -> None:
        minutes = max(1, math.ceil(retry_in.total_seconds() / 60))
        super().__init__(f"Too many tries. Wait {minutes} minute{'' if minutes == 1 else 's'} and try again.")
        self.retry_in = retry_in
