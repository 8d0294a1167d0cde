"""Writes down that somebody came in, or was refused."""

from datetime import datetime

from curator.accounts import store
from curator.accounts.sign_ins import store as sign_ins
from curator.accounts.values import Editor, Means, TryRow, Visit
from curator.activity.store import record
from curator.db import Database, Session


def let_in(session: Session, user_id: int, means: Means, *, visit: Visit, now: datetime) -> Editor | None:
    """Notes that an active person came in and returns them; None for anybody else."""
    editor = store.note_sign_in(session, user_id, at=now)
    if editor is None:
        return None
    key = store.address_key_of(session, editor.id)
    sign_ins.note_try(session, key, TryRow(now, means, is_let_in=True, visit=visit))
    verb = "signed in by link" if means is Means.LINK else "signed in"
    record(session, at=now, actor=editor.id, verb=verb, subject="user", subject_id=editor.id)
    return editor


def note_refused(db: Database, address_key: str, means: Means, *, visit: Visit, now: datetime) -> None:
    """Notes a try that was refused; for an address that nobody here has it does the same work and keeps nothing."""
    with db.write() as session:
        sign_ins.note_try(session, address_key, TryRow(now, means, is_let_in=False, visit=visit))
