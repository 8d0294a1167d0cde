"""What programs said of revisions: kept, and read."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from curator.db import upsert
from curator.issues.preflight.values import Machine, MailLook, Note, Weight
from curator.issues.tables import MailLook as MailLookTable

_LONGEST_ERROR = 500


def looks(session: Session, revision_id: int) -> list[MailLook]:
    """Returns what programs said of a revision, at most one look of each."""
    rows = session.scalars(select(MailLookTable).where(MailLookTable.revision_id == revision_id))
    return [
        MailLook(
            row.revision_id,
            Machine(row.machine),
            row.at,
            tuple(map(_note, row.notes)),
            row.passed,
            row.score,
            row.version,
            row.error,
        )
        for row in rows
    ]


def put_look(session: Session, look: MailLook) -> None:
    """Keeps what a program said of a revision, over what it said before."""
    row = asdict(look) | {"notes": [asdict(note) for note in look.notes], "error": look.error[:_LONGEST_ERROR]}
    keys = ["revision_id", "machine"]
    upsert(session, MailLookTable, [row], keys=keys, update=[name for name in row if name not in keys])


def _note(kept: Mapping[str, Any]) -> Note:
    given = dict(kept) | {"weight": Weight(kept["weight"])}
    return Note(**given | {"where": tuple(kept["where"]), "settings": tuple(kept["settings"])})
