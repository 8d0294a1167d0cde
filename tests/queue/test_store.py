"""The job table: queued once, held by one worker at a time, never forgotten."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from curator.db import Database
from curator.queue import store
from curator.queue.values import ClaimedJob, JobCounts

_LEASE = timedelta(seconds=180)


def _enqueue(database: Database, task: str = "poll_feed", **keywords: object) -> bool:
    with database.write() as session:
        return store.enqueue(session, task, {"feed_id": 1}, **keywords)  # type: ignore[arg-type]


def _claim(
    database: Database, now: datetime, *, owner: str = "one", tasks: list[str] | None = None
) -> ClaimedJob | None:
    with database.write() as session:
        return store.claim(session, owner=owner, now=now, lease=_LEASE, tasks=tasks)


def _claimed(database: Database, now: datetime) -> ClaimedJob:
    job = _claim(database, now)
    assert job is not None
    return job


def _counts(database: Database, now: datetime) -> JobCounts:
    with database.read() as session:
        return store.job_counts(session, now=now)


def test_a_key_is_queued_once_while_its_job_is_unfinished(database: Database, now: datetime) -> None:
    assert _enqueue(database, key="poll:1", now=now)
    assert not _enqueue(database, key="poll:1", now=now)
    job = _claimed(database, now)
    assert not _enqueue(database, key="poll:1", now=now)
    with database.write() as session:
        assert store.finish(session, job, now=now)
    assert _enqueue(database, key="poll:1", now=now)


def test_jobs_without_a_key_do_not_stand_in_each_others_way(database: Database, now: datetime) -> None:
    assert _enqueue(database, now=now)
    assert _enqueue(database, now=now)
    assert _counts(database, now).due == 2


def test_a_claimed_job_carries_what_its_task_needs(database: Database, now: datetime) -> None:
    _enqueue(database, key="poll:1", now=now)
    job = _claimed(database, now)
    assert (job.task, job.payload, job.key, job.attempt, job.fence) == ("poll_feed", {"feed_id": 1}, "poll:1", 1, 1)
    assert job.lease_until == now + _LEASE


def test_the_job_due_longest_is_claimed_first_and_later_ones_wait(database: Database, now: datetime) -> None:
    _enqueue(database, key="later", due_at=now + timedelta(minutes=1), now=now)
    _enqueue(database, key="new", now=now)
    _enqueue(database, key="old", due_at=now - timedelta(minutes=1), now=now)
    assert [_claimed(database, now).key, _claimed(database, now).key] == ["old", "new"]
    with database.read() as session:
        assert not store.has_claimable(session, now=now)
    assert _claim(database, now) is None
    assert _claimed(database, now + timedelta(minutes=1)).key == "later"


def test_a_lane_claims_only_its_own_tasks(database: Database, now: datetime) -> None:
    _enqueue(database, task="poll_feed", now=now)
    _enqueue(database, task="pump_mailing", now=now)
    assert _claim(database, now, tasks=["start_mailing"]) is None
    job = _claim(database, now, tasks=["pump_mailing", "start_mailing"])
    assert job is not None
    assert job.task == "pump_mailing"


def test_an_expired_lease_is_taken_over_and_its_first_holder_can_write_no_more(
    database: Database, now: datetime
) -> None:
    _enqueue(database, key="poll:1", now=now)
    first = _claimed(database, now)
    assert _claim(database, now + _LEASE - timedelta(seconds=1)) is None
    second = _claimed(database, now + _LEASE)
    assert (second.id, second.fence, second.attempt) == (first.id, 2, 2)
    with database.write() as session:
        assert not store.finish(session, first, now=now + _LEASE)
        assert not store.fail(session, first, error="late", now=now + _LEASE, retry_at=None)
        assert store.finish(session, second, now=now + _LEASE)


def test_a_failed_job_is_tried_again_at_its_time(database: Database, now: datetime) -> None:
    _enqueue(database, key="poll:1", now=now)
    job = _claimed(database, now)
    retry_at = now + timedelta(minutes=5)
    with database.write() as session:
        assert store.fail(session, job, error="The relay is away.", now=now, retry_at=retry_at)
    assert _claim(database, now) is None
    assert _claimed(database, retry_at).attempt == 2


def test_a_job_that_failed_for_good_is_shown_with_its_error(database: Database, now: datetime) -> None:
    _enqueue(database, key="poll:1", now=now)
    with database.write() as session:
        store.fail(session, _claim_in(session, now), error="x" * 3_000, now=now, retry_at=None)
    with database.read() as session:
        (failed,) = store.failed_jobs(session, limit=10)
    assert (failed.task, failed.attempt, failed.error, failed.finished_at) == ("poll_feed", 1, "x" * 2_000, now)
    assert _enqueue(database, key="poll:1", now=now)


def _claim_in(session: object, now: datetime) -> ClaimedJob:
    job = store.claim(session, owner="one", now=now, lease=_LEASE)  # type: ignore[arg-type]
    assert job is not None
    return job


def test_an_operator_sees_what_is_due_running_and_failed(database: Database, now: datetime) -> None:
    assert _counts(database, now) == JobCounts(due=0, running=0, failed=0, oldest_due_at=None)
    hour = timedelta(hours=1)
    for due_at in (now - 3 * hour, now - 2 * hour, now - hour, now + hour):
        _enqueue(database, due_at=due_at, now=now)
    with database.write() as session:
        store.fail(session, _claim_in(session, now), error="no", now=now, retry_at=None)
        _claim_in(session, now)
    assert _counts(database, now) == JobCounts(due=1, running=1, failed=1, oldest_due_at=now - hour)
    # Once its lease is over the running one is due again, and it is the oldest.
    later = _counts(database, now + _LEASE)
    assert (later.due, later.running, later.oldest_due_at) == (2, 0, now - 2 * hour)


def test_old_finished_jobs_are_pruned_and_unfinished_ones_stay(database: Database, now: datetime) -> None:
    for number in range(5):
        _enqueue(database, key=str(number), now=now)
    with database.write() as session:
        for number in range(3):
            store.finish(session, _claim_in(session, now), now=now + timedelta(days=number))
        _claim_in(session, now)
        cut = now + timedelta(days=2)
        assert store.prune(session, before=cut, limit=1) == 1
        assert store.prune(session, before=cut) == 1
        assert store.prune(session, before=cut) == 0
        counts = store.job_counts(session, now=now)
    assert (counts.due, counts.running) == (1, 1)


def test_a_slot_is_claimed_once_for_good(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert store.newest_slot(session, "newsletter:1") is None
        assert store.claim_slot(session, "newsletter:1", "2026-11-17T07:00", now=now)
        assert not store.claim_slot(session, "newsletter:1", "2026-11-17T07:00", now=now)
        assert store.claim_slot(session, "newsletter:1", "2026-11-24T07:00", now=now)
        assert store.claim_slot(session, "newsletter:2", "2026-12-01T07:00", now=now)
        assert store.newest_slot(session, "newsletter:1") == "2026-11-24T07:00"


def test_a_claim_that_is_rolled_back_leaves_the_slot_free(database: Database, now: datetime) -> None:
    class PowerCutError(Exception):
        pass

    try:
        with database.write() as session:
            store.claim_slot(session, "newsletter:1", "2026-11-17T07:00", now=now)
            raise PowerCutError
    except PowerCutError:
        pass
    with database.write() as session:
        assert store.claim_slot(session, "newsletter:1", "2026-11-17T07:00", now=now)


def test_many_workers_claim_every_job_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        for number in range(60):
            store.enqueue(session, "poll_feed", {"feed_id": number}, key=f"poll:{number}", now=now)
    start = threading.Barrier(6)

    def work(owner: int) -> list[int]:
        start.wait(30)
        taken = []
        while (job := _claim(database, now, owner=f"worker {owner}")) is not None:
            taken.append(job.payload["feed_id"])
        return taken

    with ThreadPoolExecutor(6) as pool:
        taken = [feed_id for found in pool.map(work, range(6)) for feed_id in found]
    assert sorted(taken) == list(range(60))


def test_many_clocks_queue_a_key_once(database: Database, now: datetime) -> None:
    start = threading.Barrier(6)

    def ask(_: int) -> bool:
        start.wait(30)
        return _enqueue(database, key="poll:1", now=now)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(ask, range(6))) == [False] * 5 + [True]
