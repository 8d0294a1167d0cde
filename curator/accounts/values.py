"""What crosses the accounts' border: roles, places, and a signed-in editor."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


def role_in(newsletter_id: int, role: Role, places: Mapping[int, Role | None]) -> Role | None:
    """Returns the role in a newsletter, None for no place there.

    `role` is the one at the desk, `places` holds those that differ, by newsletter. An owner is one everywhere: a desk
    must not have a newsletter that none of its owners can open.
    """
    return role if role is Role.OWNER else places.get(newsletter_id, role)


@dataclass(frozen=True)
class Stead:
    """In whose stead somebody approves just now: their role and places, and for which newsletter (None: for all)."""

    newsletter_id: int | None
    role: Role
    places: Mapping[int, Role | None]

    def may_publish(self, newsletter_id: int) -> bool:
        """Tells whether it reaches to this newsletter, and whether the absent one may publish there."""
        role = role_in(newsletter_id, self.role, self.places)
        return self.newsletter_id in (None, newsletter_id) and role is not None and Right.PUBLISH in role.rights


@dataclass(frozen=True)
class Editor:
    """A person at the desk. `epoch` rises when all of their sign-ins are to end.

    `has_shortcuts` is whether keys without a modifier do something, `has_second_factor` whether a code is asked for.
    `places` holds a role by newsletter where it differs from `role` (None: no place there); `has_place` is False for
    whoever is kept out of every newsletter.
    """

    id: int
    address: str
    name: str
    role: Role
    epoch: int
    has_shortcuts: bool = True
    has_second_factor: bool = False
    places: Mapping[int, Role | None] = field(default_factory=dict)
    steads: tuple[Stead, ...] = ()
    has_place: bool = True

    def may(self, right: Right, newsletter_id: int | None = None) -> bool:
        """Tells whether they may do this in a newsletter; None: in at least one, or in what belongs to none.

        Feeds, items and episodes belong to all newsletters, so whoever writes one of these may write those, and whoever
        is kept out of all of them sees none of it.
        """
        if not self.has_place:
            return False
        if newsletter_id is None:
            return any(role is not None and right in role.rights for role in (self.role, *self.places.values()))
        role = role_in(newsletter_id, self.role, self.places)
        if role is None:
            return False
        is_in_stead = right is Right.PUBLISH and any(stead.may_publish(newsletter_id) for stead in self.steads)
        return is_in_stead or right in role.rights


@dataclass(frozen=True)
class EditorRow:
    """A person at the desk as lists show them, active or not; `places` as an Editor has them."""

    id: int
    address: str
    name: str
    role: Role
    is_active: bool
    has_password: bool
    created_at: datetime
    signed_in_at: datetime | None
    has_second_factor: bool = False
    away_until: datetime | None = None
    places: Mapping[int, Role | None] = field(default_factory=dict)


class Means(StrEnum):
    """By what somebody came in, or tried to."""

    PASSWORD = "password"  # noqa: S105 - a word, no password
    LINK = "link"
    CODE = "code"
    RECOVERY_CODE = "recovery code"


@dataclass(frozen=True)
class Visit:
    """From where somebody comes: a range of network addresses, and the browser in words."""

    network: str = ""
    browser: str = ""


@dataclass(frozen=True)
class SignInRow:
    """One running sign-in of a person."""

    id: int
    means: Means
    visit: Visit
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class TryRow:
    """One sign-in of a person, or one that was refused."""

    at: datetime
    means: Means
    is_let_in: bool
    visit: Visit


@dataclass(frozen=True)
class StandIn:
    """Who approves for whom, from when until when; `newsletter_id` None is for all newsletters."""

    id: int
    user_id: int
    for_user_id: int
    newsletter_id: int | None
    begins_at: datetime
    ends_at: datetime


class ApiScope(StrEnum):
    """What a program may do with a token."""

    READ_FEEDS = "feeds:read"
    WRITE_FEEDS = "feeds:write"
    READ_ITEMS = "items:read"
    WRITE_ITEMS = "items:write"
    READ_PICKS = "picks:read"
    WRITE_PICKS = "picks:write"
    READ_ISSUES = "issues:read"
    WRITE_ISSUES = "issues:write"
    SEND_ISSUES = "issues:send"
    READ_MAILINGS = "mailings:read"
    CONTROL_MAILINGS = "mailings:control"
    READ_SUBSCRIBERS = "subscribers:read"
    WRITE_SUBSCRIBERS = "subscribers:write"
    ERASE_SUBSCRIBERS = "subscribers:erase"
    READ_RESULTS = "results:read"

    @property
    def right(self) -> Right:
        """What its owner must be allowed to do for it to be worth anything."""
        return _SCOPES[self][0]

    @property
    def words(self) -> str:
        """What it allows, for whoever makes a token."""
        return _SCOPES[self][1]


_SCOPES = {
    ApiScope.READ_FEEDS: (Right.LOOK, "See feeds and how they do."),
    ApiScope.WRITE_FEEDS: (Right.WRITE, "Add, change, remove and ask feeds."),
    ApiScope.READ_ITEMS: (Right.LOOK, "See items."),
    ApiScope.WRITE_ITEMS: (Right.WRITE, "Add any page as an item."),
    ApiScope.READ_PICKS: (Right.LOOK, "See what is picked."),
    ApiScope.WRITE_PICKS: (Right.WRITE, "Pick items, write about them, take them out, pass items over."),
    ApiScope.READ_ISSUES: (Right.LOOK, "See issues, their checks and their mail."),
    ApiScope.WRITE_ISSUES: (Right.WRITE, "Draft issues and change their subject."),
    ApiScope.SEND_ISSUES: (Right.PUBLISH, "Approve, schedule and send issues: mail leaves."),
    ApiScope.READ_MAILINGS: (Right.LOOK, "See what is being sent, and how far it is."),
    ApiScope.CONTROL_MAILINGS: (Right.PUBLISH, "Pause, resume and cancel what is being sent."),
    ApiScope.READ_SUBSCRIBERS: (Right.READERS, "See readers and their addresses."),
    ApiScope.WRITE_SUBSCRIBERS: (Right.READERS, "Add, change and unsubscribe readers."),
    ApiScope.ERASE_SUBSCRIBERS: (Right.MANAGE, "Erase readers for good."),
    ApiScope.READ_RESULTS: (Right.LOOK, "See what readers did with an issue."),
}


@dataclass(frozen=True)
class ApiTokenRow:
    """A token as its owner's list shows it; the token itself is nowhere. No newsletter: all that are its owner's."""

    id: int
    name: str
    scopes: tuple[ApiScope, ...]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None = None
    newsletter_id: int | None = None


@dataclass(frozen=True)
class Bearer:
    """Whom a token stands for, and what it may do in their name."""

    token_id: int
    user_id: int
    scopes: tuple[ApiScope, ...]
    used_at: datetime | None
    name: str = ""
    newsletter_id: int | None = None


@dataclass(frozen=True)
class KeptAnswer:
    """What is known of a request that bears a key; without a status it is under way since `at`."""

    fingerprint: str
    at: datetime
    status: int | None
    headers: Mapping[str, str]
    body: str


class SignInRefused(CuratorError):  # noqa: N818 - it is an answer to a person, not a fault of the program
    """Nobody gets in with what was given; the words never tell an unknown address from a wrong password."""

    def __init__(self, reason: str = "This address and password do not fit together.") -> None:
        super().__init__(reason)


class TooManyAttempts(CuratorError):  # noqa: N818 - it is an answer to a person, not a fault of the program
    """Something was tried too often; `retry_in` says how long to wait, `parts` under which key, where that is told."""

    def __init__(self, retry_in: timedelta, parts: Sequence[str] = ()) -> None:
        minutes = max(1, math.ceil(retry_in.total_seconds() / 60))
        super().__init__(f"Too many tries. Wait {minutes} minute{'' if minutes == 1 else 's'} and try again.")
        self.retry_in = retry_in
        self.parts = parts
