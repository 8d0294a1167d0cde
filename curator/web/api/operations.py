"""What the API can do, as values: from them come its routes, its checks, its document and its page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from curator.accounts.values import ApiScope, Bearer, Editor
from curator.errors import NotFoundError
from curator.newsletters import store as newsletters
from curator.web import here
from curator.web.api import cursors
from curator.web.api.problems import Kind
from curator.web.api.shapes import told

MOST_A_PAGE = 200


class Tag(StrEnum):
    """The rooms of the API, in the order of its page."""

    NEWSLETTERS = "Newsletters"
    FEEDS = "Feeds"
    ITEMS = "Items"
    PICKS = "Picks"
    ISSUES = "Issues"
    MAILINGS = "Mailings"
    SUBSCRIBERS = "Subscribers"
    RESULTS = "Results"


@dataclass(frozen=True)
class Paged:
    """Which part of a list."""

    limit: Annotated[int, told("How many at most.", least=1, most=MOST_A_PAGE)] = 50
    cursor: Annotated[
        str | None,
        told("Where the page before ended: its `next`, with the same filters.", most=cursors.LONGEST),
    ] = None


@dataclass(frozen=True)
class Reply:
    """What a request is answered: a shape, its status, and headers."""

    value: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A part of a list, and the values of order of its last row where more rows follow."""

    items: Sequence[Any]
    last: list[Any] | None = None


@dataclass(frozen=True)
class Call:
    """One request: who asks by which token, and all that it says, read and checked.

    `given` names the fields that the body has: what is missing stays as it is, and null is another thing. `place` is
    where the page before ended; `version` is what If-Match names.
    """

    bearer: Bearer
    editor: Editor
    scope: ApiScope
    path: Mapping[str, int] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    given: frozenset[str] = frozenset()
    place: list[Any] | None = None
    version: int = 0

    @property
    def by(self) -> int:
        """In whose name it is done."""
        return self.bearer.user_id

    def may_in(self, newsletter_id: int | None) -> bool:
        """Tells whether it is for this newsletter, and its owner may do it there."""
        bound = self.bearer.newsletter_id
        return (bound is None or bound == newsletter_id) and self.editor.may(self.scope.right, newsletter_id)

    def require(self, newsletter_id: int | None, kind: str, key: int) -> int:
        """Returns a thing's newsletter, where the call may be about it; else the thing is not there, as it is told."""
        if newsletter_id is None or not self.may_in(newsletter_id):
            raise NotFoundError(kind, key)
        return newsletter_id

    def named(self, newsletter_id: int) -> int:
        """Returns a newsletter that was named, where it is there and the call may be about it."""
        self.require(newsletter_id, "newsletter", newsletter_id)
        with here.db().read() as session:
            return newsletters.newsletter(session, newsletter_id).id


@dataclass(frozen=True)
class Operation:
    """One thing that programs may do.

    `path` names the ids in it as {feed_id}. `answers` are the good ones, by status, with their shape; what can go wrong
    follows from the rest, and `also` names what does not. `item` is what a list holds. `example` is a body that works.
    `is_desk_wide`: it reaches over all newsletters, so a token for one may not. `names_readers`: its answer has an
    address in it.
    """

    name: str
    method: str
    path: str
    tag: Tag
    scope: ApiScope
    summary: str
    run: Callable[[Call], Any]
    answers: Mapping[int, type | None]
    about: str = ""
    query: type | None = None
    body: type | None = None
    item: type | None = None
    also: tuple[Kind, ...] = ()
    example: Mapping[str, Any] | None = None
    example_query: str = ""
    example_version: int = 1
    is_desk_wide: bool = False
    names_readers: bool = False
    needs_match: bool = False

    @property
    def path_names(self) -> tuple[str, ...]:
        """The ids that the path names."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def is_paged(self) -> bool:
        """Whether it is a list."""
        return self.item is not None

    @property
    def may_repeat(self) -> bool:
        """Whether an Idempotency-Key counts: its answer is kept for a day, so none that names a reader is."""
        return self.method == "POST" and not self.names_readers

    def problems(self) -> list[Kind]:
        """Returns everything that can go wrong."""
        found = [Kind.NO_TOKEN, Kind.BAD_TOKEN, Kind.MISSING_SCOPE, Kind.NOT_ALLOWED, Kind.BAD_PARAMETERS]
        found += [Kind.BAD_CURSOR] if self.is_paged else []
        found += [Kind.ONE_NEWSLETTER] if self.is_desk_wide else []
        about_newsletter = {"newsletter_id"} & {
            *getattr(self.query, "__annotations__", {}),
            *getattr(self.body, "__annotations__", {}),
        }
        found += [Kind.NOT_FOUND] if self.path_names or about_newsletter else []
        if self.body is not None:
            found += [Kind.BAD_REQUEST, Kind.TOO_LARGE, Kind.NOT_JSON, Kind.BAD_FIELDS]
        found += [Kind.UNDER_WAY, Kind.OTHER_REQUEST, Kind.TOO_LARGE] if self.may_repeat else []
        found += [Kind.CHANGED, Kind.MATCH_NEEDED] if self.needs_match else []
        return list(dict.fromkeys([*found, *self.also, Kind.TOO_MANY, Kind.BROKEN, Kind.AWAY]))
