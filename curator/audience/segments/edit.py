"""Keeps filters under names: makes, changes; who takes one away has to know the issues that go to it (issues/aimed)."""

from datetime import datetime

from curator.activity.store import record as log
from curator.audience.segments import store
from curator.audience.segments.parse import parse
from curator.audience.segments.values import SegmentRow
from curator.db import Database, Session
from curator.errors import ConflictError, InvalidError
from curator.names import one_line
from curator.newsletters import store as newsletters

MAX_NAME = 80


def make(db: Database, newsletter_id: int, *, name: str, words: str, by: int | None, now: datetime) -> int:
    """Keeps a filter under a name and returns its id. Raises InvalidError("name") or ("words")."""
    name, words = _checked(name, words)
    with db.write() as session:
        newsletters.newsletter(session, newsletter_id)
        if not store.add(session, newsletter_id, name, words, now=now):
            raise _taken(name)
        segment_id = store.named(session, newsletter_id, name)
        assert segment_id is not None, "it was just made"
        after = {"newsletter": newsletter_id, "name": name, "words": words}
        log(session, at=now, actor=by, verb="made", subject="segment", subject_id=segment_id, after=after)
    return segment_id


def change(
    db: Database,
    segment_id: int,
    *,
    name: str,
    words: str,
    expected_version: int | None,
    by: int | None,
    now: datetime,
) -> None:
    """Gives a segment another name and other words; the same ones change nothing.

    Raises ConflictError when somebody else saved since `expected_version`, and InvalidError. Whoever calls it takes
    back the approvals of issues that go to it next (`issues.publish.take_back_changed`).
    """
    name, words = _checked(name, words)
    with db.write() as session:
        was = store.segment(session, segment_id, lock=True)
        if (was.name, was.words) == (name, words):
            return
        if expected_version is not None and was.version != expected_version:
            raise ConflictError("segment", segment_id, expected=expected_version, actual=was.version)
        if name != was.name and store.named(session, was.newsletter_id, name) is not None:
            raise _taken(name)
        store.change(session, segment_id, name=name, words=words)
        _record_change(session, was, name=name, words=words, by=by, now=now)


def _record_change(session: Session, was: SegmentRow, *, name: str, words: str, by: int | None, now: datetime) -> None:
    before = {"newsletter": was.newsletter_id, "name": was.name, "words": was.words}
    after = {"newsletter": was.newsletter_id, "name": name, "words": words}
    log(
        session,
        at=now,
        actor=by,
        verb="changed",
        subject="segment",
        subject_id=was.id,
        before=before,
        after=after,
    )


def _checked(name: str, words: str) -> tuple[str, str]:
    name = one_line(name, max_characters=MAX_NAME + 1)
    if not name:
        raise InvalidError("name", "Give it a name, by which issues are aimed at it.")
    if len(name) > MAX_NAME:
        raise InvalidError("name", f"A name has at most {MAX_NAME} characters.")
    words = " ".join(words.split())
    parse(words)
    return name, words


def _taken(name: str) -> InvalidError:
    return InvalidError("name", f"There is a segment “{name}” already. Choose another name, or change that one.")
