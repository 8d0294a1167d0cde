"""What crosses the audit log's border: one change, as it was written down."""

from collections.abc import Mapping
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
    """One change. `actor` is a user id, or None for the machine; `before` and `after` hold what an inverse needs."""

    id: int
    at: datetime
    actor: int | None
    verb: str
    subject: str
    subject_id: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
