"""What crosses the audit log's border: one change, as it was written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from curator.db import Database


class Revert(Protocol):
    """Does the opposite of a change, in a transaction of its own.

    Each room has its own in `reverts.py`, as `REVERTS`: by subject and verb, "issue.removed a block from".
    """

    def __call__(self, db: Database, change: "ActivityRow", /, *, by: int | None, now: datetime) -> str:
        """Returns what was done in words; raises CuratorError where it is too late. Twice does no harm."""
        ...


@dataclass(frozen=True)
class ActivityRow:
    """One change. `actor` is a user id, or None for the machine; `before` and `after` hold what an inverse needs.

    `undone_at` and `undone_by` say that it was taken back; `undoes` is the change that this one took back. `via` is the
    API token by which a program did it in the actor's name.
    `is_by_command` tells that it was done at the command line: for `actor`, or without one by whoever runs Curator.
    """

    id: int
    at: datetime
    actor: int | None
    verb: str
    subject: str
    subject_id: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    undone_at: datetime | None = None
    undone_by: int | None = None
    undoes: int | None = None
    via: str = ""
    is_by_command: bool = False

    @property
    def deed(self) -> str:
        """What was done to what, as rooms' `REVERTS` name it: "issue.removed a block from"."""
        return f"{self.subject}.{self.verb}"

    def was(self, name: str) -> Any:
        """Returns a fact of `before`, None where it was not noted."""
        return (self.before or {}).get(name)

    def became(self, name: str) -> Any:
        """Returns a fact of `after`, None where it was not noted."""
        return (self.after or {}).get(name)


@dataclass(frozen=True)
class LogFilter:
    """Which changes a log shows; what is None is not asked for.

    `things` are ids by subject: an issue's log is {"issue": [42]}; one of several is enough. `hides` are subjects
    left out. `within` is what a change must have been made to, and `outside` what it must not.
    """

    actor: int | None = None
    subject: str | None = None
    verb: str | None = None
    things: Mapping[str, Sequence[int]] | None = None
    hides: Sequence[str] = ()
    within: "Belongings | None" = None
    outside: "Sequence[Belongings]" = ()


@dataclass(frozen=True)
class Belongings:
    """What belongs to a newsletter: ids by subject, and the facts by which changes of other things name it.

    A fact is a name with its values, as in {"newsletter": [2]}: an item belongs to nobody, but where it was skipped is
    noted.
    """

    things: Mapping[str, Sequence[int]]
    facts: Mapping[str, Sequence[int]]

    def have(self, change: ActivityRow) -> bool:
        """Tells whether a change was made to any of it."""
        if change.subject_id in self.things.get(change.subject, ()):
            return True
        noted = ((change.was(name), change.became(name), values) for name, values in self.facts.items())
        return any(was in values or became in values for was, became, values in noted)


EVERYTHING = LogFilter()
"""The whole log."""
