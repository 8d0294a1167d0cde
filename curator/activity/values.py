"""What crosses the audit log's border: one change, as it was written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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
