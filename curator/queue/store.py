"""Queries on the job table: queue, claim by lease and fence, finish; and the slots that are claimed once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from curator.db import changed, insert_once, upsert
from curator.queue.tables import Job, Pulse, ScheduleRun
from curator.queue.values import Beat, ClaimedJob, FailedJob, JobCounts, JobState

# Long enough for the desk, short enough that a stack trace of a thousand frames does not fill the table.
_LONGEST_ERROR = 2_000


def enqueue(
    session: Session,
    task: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    key: str | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Queues one call of a task, due now or later; False when an unfinished job with this key is there."""
    row = {
        "task": task,
        "payload": dict(payload),
        "key": key,
        "state": JobState.QUEUED,
        "due_at": due_at or now,
        "created_at": now,
    }
    return insert_once(session, Job, row)


def is_unfinished(session: Session, key: str) -> bool:
    """Tells whether a job with this key waits or runs."""
    unfinished = Job.key == key, Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    return session.scalar(select(Job.id).where(*unfinished).limit(1)) is not None


def waiting_since(session: Session, key: str) -> datetime | None:
    """Returns when the unfinished job with this key was queued, None when there is none."""
    unfinished = Job.key == key, Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    return session.scalar(select(Job.created_at).where(*unfinished).limit(1))


def has_claimable(session: Session, *, now: datetime, tasks: Sequence[str] | None = None) -> bool:
    """Tells whether `claim` would find something; fit for a read session, so that an idle worker locks nothing."""
    return session.scalar(select(Job.id).where(_is_claimable(now, tasks)).limit(1)) is not None


def due_tasks(session: Session, *, now: datetime) -> dict[str, int]:
    """Returns how many jobs of each task `claim` would find."""
    query = select(Job.task, func.count().label("waiting")).where(_is_claimable(now, None)).group_by(Job.task)
    return {row.task: row.waiting for row in session.execute(query)}


def due_before(session: Session, before: datetime, *, now: datetime) -> int:
    """Returns how many of the jobs that `claim` would find were due before a moment."""
    late = _is_claimable(now, None), Job.due_at < before
    return session.scalar(select(func.count()).select_from(Job).where(*late)) or 0


def claim(
    session: Session, *, owner: str, now: datetime, lease: timedelta, tasks: Sequence[str] | None = None
) -> ClaimedJob | None:
    """Takes the job that is due longest, None when there is none; one whose lease ran out is taken over.

    The row is the caller's until the lease ends: on PostgreSQL by FOR UPDATE SKIP LOCKED, on SQLite because a write
    session begins IMMEDIATE. `tasks` None means every task.
    """
    query = (
        select(Job.id)
        .where(_is_claimable(now, tasks))
        .order_by(Job.due_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job_id = session.scalar(query)
    if job_id is None:
        return None
    taken = (
        update(Job)
        .where(Job.id == job_id, _is_claimable(now, tasks))
        .values(
            state=JobState.RUNNING,
            owner=owner[:80],
            lease_until=now + lease,
            fence=Job.fence + 1,
            attempt=Job.attempt + 1,
        )
        .returning(Job.id, Job.task, Job.payload, Job.attempt, Job.fence, Job.lease_until, Job.key)
        .execution_options(synchronize_session=False)
    )
    row = session.execute(taken).one_or_none()
    return None if row is None else ClaimedJob(*row)


def prolong(session: Session, job: ClaimedJob, *, until: datetime) -> bool:
    """Gives the job's holder more time; False when its fence moved on, so another worker holds it."""
    held = Job.id == job.id, Job.fence == job.fence, Job.state == JobState.RUNNING
    statement = update(Job).where(*held).values(lease_until=until).execution_options(synchronize_session=False)
    return changed(session, statement) == 1


def finish(session: Session, job: ClaimedJob, *, now: datetime) -> bool:
    """Marks the job done; False when its fence moved on, so another worker holds it."""
    return _leave(session, job, state=JobState.DONE, finished_at=now, error=None)


def fail(session: Session, job: ClaimedJob, *, error: str, now: datetime, retry_at: datetime | None) -> bool:
    """Notes the error and queues the job again at `retry_at`, or for good when that is None; False as in `finish`."""
    error = error[:_LONGEST_ERROR]
    if retry_at is None:
        return _leave(session, job, state=JobState.FAILED, finished_at=now, error=error)
    return _leave(session, job, state=JobState.QUEUED, due_at=retry_at, error=error)


def release(session: Session, owner: str, *, now: datetime) -> int:
    """Ends the leases of a worker process that is known to be dead; returns how many jobs it left.

    `owner` is the process's name, which its threads put before a slash.
    """
    left = Job.state == JobState.RUNNING, Job.lease_until > now, Job.owner.startswith(f"{owner}/", autoescape=True)
    statement = update(Job).where(*left).values(lease_until=now).execution_options(synchronize_session=False)
    return changed(session, statement)


def failed_keys(session: Session, *, since: datetime) -> set[str]:
    """Returns the keys of jobs that failed for good since a moment, so that a tick can let them rest."""
    query = select(Job.key).where(Job.state == JobState.FAILED, Job.finished_at >= since, Job.key.is_not(None))
    return {key for key in session.scalars(query) if key is not None}


def claim_slot(session: Session, schedule_id: str, slot: str, *, now: datetime) -> bool:
    """Takes a slot of a schedule for good; False when it was taken before, by whichever clock."""
    row = {"schedule_id": schedule_id, "slot": slot, "at": now}
    return upsert(session, ScheduleRun, [row], keys=["schedule_id", "slot"]) == 1


def newest_slot(session: Session, schedule_id: str) -> str | None:
    """Returns the greatest slot that was taken of a schedule, None when none was."""
    return session.scalar(select(func.max(ScheduleRun.slot)).where(ScheduleRun.schedule_id == schedule_id))


def forget_slots(session: Session, schedule_id: str, *, before: str) -> None:
    """Forgets the slots of a schedule below this one: for rounds, of which only the last one counts."""
    session.execute(delete(ScheduleRun).where(ScheduleRun.schedule_id == schedule_id, ScheduleRun.slot < before))


def last_beat(session: Session) -> Beat | None:
    """Returns when a clock was last at work, as the database knows it; None before the first time."""
    row = session.execute(select(Pulse.installation, Pulse.at, Pulse.number)).one_or_none()
    return None if row is None else Beat(row.installation, row.at, row.number)


def beat(session: Session, *, name: str, at: datetime, known: Beat | None = None) -> Beat:
    """Writes down that a clock is at work, and returns it under the name that the installation has already, if any.

    The number goes on from the higher one of what the row holds and what this machine knows of the same installation:
    an older copy, once found, is no longer older to those machines that knew no more.
    """
    insert_once(session, Pulse, {"id": 1, "installation": name, "at": at, "number": 0})
    floor = known or Beat(name, at)
    is_ahead = and_(Pulse.installation == floor.installation, Pulse.number < floor.number)
    number = case((is_ahead, floor.number), else_=Pulse.number)
    row = update(Pulse).values(at=at, number=number + 1).returning(Pulse.installation, Pulse.number)
    installation, noted = session.execute(row).one()
    return Beat(installation, at, noted)


def job_counts(session: Session, *, now: datetime) -> JobCounts:
    """Returns what an operator asks first: how much is due, running and failed, and since when the oldest waits."""
    runs = and_(Job.state == JobState.RUNNING, Job.lease_until > now)
    query = select(
        func.count().filter(_is_claimable(now, None)),
        func.count().filter(runs),
        func.count().filter(Job.state == JobState.FAILED),
    ).select_from(Job)
    due, running, failed = session.execute(query).one()
    oldest = session.scalar(select(Job.due_at).where(_is_claimable(now, None)).order_by(Job.due_at).limit(1))
    return JobCounts(due=due, running=running, failed=failed, oldest_due_at=oldest)


def failed_jobs(session: Session, limit: int = 50) -> list[FailedJob]:
    """Returns jobs that failed for good, newest first."""
    query = (
        select(Job.id, Job.task, Job.payload, Job.attempt, Job.error, Job.finished_at)
        .where(Job.state == JobState.FAILED)
        .order_by(Job.finished_at.desc(), Job.id.desc())
        .limit(limit)
    )
    return [FailedJob(*row) for row in session.execute(query)]


def failed_since(session: Session, since: datetime) -> int:
    """Returns how many jobs failed for good from a moment on."""
    failed = Job.state == JobState.FAILED, Job.finished_at >= since
    return session.scalar(select(func.count()).select_from(Job).where(*failed)) or 0


def failed_job(session: Session, job_id: int) -> FailedJob | None:
    """Returns one job that failed for good, None where it did not."""
    query = select(Job.id, Job.task, Job.payload, Job.attempt, Job.error, Job.finished_at)
    row = session.execute(query.where(Job.id == job_id, Job.state == JobState.FAILED)).one_or_none()
    return None if row is None else FailedJob(*row)


def retry(session: Session, job_id: int, *, now: datetime) -> bool:
    """Queues a job anew that failed for good; False when it did not, or when another with its key waits already."""
    failed = Job.id == job_id, Job.state == JobState.FAILED
    job = session.scalars(select(Job).where(*failed).with_for_update()).one_or_none()
    if job is None or not enqueue(session, job.task, job.payload, now=now, key=job.key):
        return False
    # What is tried again is no failure any more: the line that asked for somebody goes.
    session.delete(job)
    session.flush()
    return True


def prune(session: Session, *, before: datetime, limit: int = 5_000) -> int:
    """Deletes at most `limit` jobs that ended before a moment; returns how many. Slots are kept for good."""
    over = (
        select(Job.id)
        .where(Job.state.in_((JobState.DONE, JobState.FAILED)), Job.finished_at < before)
        .order_by(Job.id)
        .limit(limit)
    )
    statement = delete(Job).where(Job.id.in_(over)).execution_options(synchronize_session=False)
    return changed(session, statement)


def _is_claimable(now: datetime, tasks: Sequence[str] | None) -> ColumnElement[bool]:
    waits = and_(Job.state == JobState.QUEUED, Job.due_at <= now)
    was_left = and_(Job.state == JobState.RUNNING, Job.lease_until <= now)
    is_ready = or_(waits, was_left)
    return is_ready if tasks is None else and_(is_ready, Job.task.in_(tasks))


def _leave(session: Session, job: ClaimedJob, **values: Any) -> bool:
    statement = (
        update(Job)
        .where(Job.id == job.id, Job.fence == job.fence, Job.state == JobState.RUNNING)
        .values(owner=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    return changed(session, statement) == 1
