"""Looks at an issue by every rule, and takes down what somebody checked by hand."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from curator.activity import store as activity
from curator.db import Database, Session
from curator.errors import InvalidError, StateError
from curator.issues import store as issues
from curator.issues.checks import gather, judge, store
from curator.issues.checks.values import Finding, Report, Tick
from curator.issues.render import Renderer

SUBJECT = "check"
"""What the log calls a tick; its id is the issue's. An issue's own changes void its approval, a tick does not."""

TICKED, TAKEN_BACK = "checked by hand", "took back the check of"


def report(db: Database, renderer: Renderer, issue_id: int, *, now: datetime) -> Report:
    """Returns what the rules say of what would go out: what was approved, else what stands in the issue.

    Nothing is written. Raises NotFoundError, and nothing else whatever stands in the issue.
    """
    with db.read() as session:
        facts = gather.facts(session, renderer, issue_id, now=now)
        ticks = store.ticks(session, issue_id)
    return judge.report(gather.with_mail(facts, renderer), ticks)


def report_in(session: Session, renderer: Renderer, issue_id: int, *, now: datetime) -> Report:
    """Does what `report` does within a transaction, for what stands in the issue and was rendered before."""
    facts = gather.facts(session, renderer, issue_id, now=now, is_frozen_seen=False)
    return judge.report(gather.with_mail(facts, renderer), store.ticks(session, issue_id))


def require_message(db: Database, renderer: Renderer, issue_id: int, *, now: datetime) -> None:
    """Raises StateError when the message that an issue would leave as is not right, for what was approved.

    The words were checked before they were approved; settings and keys may have changed since.
    """
    with db.read() as session:
        facts = gather.facts(session, renderer, issue_id, now=now)
    found = judge.report(gather.with_mail(facts, renderer), rules=judge.OF_THE_MESSAGE)
    if found.blocking:
        raise StateError(" ".join(each.words for each in found.blocking))


def tick(
    db: Database,
    renderer: Renderer,
    issue_id: int,
    *,
    code: str,
    about: str,
    content: str,
    by: int | None,
    now: datetime,
) -> Finding:
    """Notes that somebody checked by hand what a rule found, and returns the finding; twice is once.

    `content` is the key of what they saw. Raises InvalidError when that is not (or no longer) so, or when no person
    can know better than the rule.
    """
    found = _finding(report(db, renderer, issue_id, now=now), code, about)
    if found is None or found.content != content:
        raise InvalidError("check", "This has changed since you looked at it. Look at it as it is now.")
    if not found.is_tickable:
        raise InvalidError("check", f"This cannot be left as it is. {found.words}")
    if found.tick is not None:
        return found
    with db.write() as session:
        issues.issue_row(session, issue_id, lock=True)
        before = [each for each in store.ticks(session, issue_id) if (each.code, each.about) == (code, about)]
        store.put_tick(session, issue_id, Tick(code, about, content, by, "", now))
        was = {"code": code, "about": about, "content": before[0].content if before else None}
        _record(session, issue_id, TICKED, was, by=by, now=now, after={"content": content, "words": found.words})
    return found


def untick(db: Database, issue_id: int, *, code: str, about: str, by: int | None, now: datetime) -> bool:
    """Takes a tick back, so that the finding counts again; False when there was none."""
    with db.write() as session:
        issues.issue_row(session, issue_id, lock=True)
        known = [each for each in store.ticks(session, issue_id) if (each.code, each.about) == (code, about)]
        if not store.remove_tick(session, issue_id, code=code, about=about):
            return False
        was = asdict(known[0]) | {"at": known[0].at.isoformat()}
        _record(session, issue_id, TAKEN_BACK, was, by=by, now=now)
        return True


def tick_again(db: Database, issue_id: int, was: Tick, *, by: int | None, now: datetime) -> None:
    """Puts a tick back that was taken back; where the thing changed meanwhile it does not hold, and is asked again."""
    with db.write() as session:
        issues.issue_row(session, issue_id, lock=True)
        store.put_tick(session, issue_id, was)
        _record(session, issue_id, TICKED, {"code": was.code, "about": was.about, "content": None}, by=by, now=now)


def _finding(found: Report, code: str, about: str) -> Finding | None:
    return next((each for each in found.findings if each.about and (each.code, each.about) == (code, about)), None)


def _record(
    session: Session,
    issue_id: int,
    verb: str,
    before: Mapping[str, object],
    *,
    by: int | None,
    now: datetime,
    after: Mapping[str, object] | None = None,
) -> None:
    activity.record(
        session, at=now, actor=by, verb=verb, subject=SUBJECT, subject_id=issue_id, before=before, after=after
    )
