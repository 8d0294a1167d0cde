"""What needs a person and what does not, from how the installation stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from curator.backup.nightly.values import Night, Nights, NightState
from curator.feeds.health.values import Failing
from curator.watch.heartbeat import why_silent
from curator.watch.rules import troubles
from curator.watch.values import AlertKind, OpenMailing, Process, ProcessKind, Standing, WatchLimits

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
WELL = Standing(NOW, beat_at=NOW - timedelta(seconds=50), disk_free_bytes=50_000_000_000, jobs_due=3)
MAILING = OpenMailing(7, "AI Weekly", "running", "", 0, 0, 0, {"sent": 10_000, "pending": 500})


def _with(**changes: object) -> Standing:
    return replace(WELL, mailings=(replace(MAILING, **changes),))  # type: ignore[arg-type]


def _process(kind: ProcessKind, minutes: float) -> Process:
    at = NOW - timedelta(minutes=minutes)
    return Process(f"{kind}-1", "one", kind, "0", at, at)


def _failing(*, days: float, is_own_show: bool) -> Standing:
    since = NOW - timedelta(days=days)
    return replace(WELL, troubled_feeds=(Failing(3, "Tidal", is_own_show, since, "It answers 404."),))


def _backed_up(*, hours: float, why: str = "") -> Standing:
    at = NOW - timedelta(hours=hours)
    good = Night(at, NightState.GOOD, at, backup_at=at)
    newest = replace(good, slot_at=NOW, state=NightState.FAILED, why=why) if why else good
    return replace(WELL, backups=Nights(newest, good, at))


STANDS: dict[str, tuple[Standing, list[AlertKind]]] = {
    "well": (WELL, []),
    "before the first pulse": (replace(WELL, beat_at=None), []),
    "a clock that never was": (
        replace(WELL, beat_at=None, watched_since=NOW - timedelta(minutes=6)),
        [AlertKind.CLOCK],
    ),
    "waiting for its first pulse": (replace(WELL, beat_at=None, watched_since=NOW - timedelta(minutes=4)), []),
    "no sender": (replace(WELL, processes=(_process(ProcessKind.CLOCK, 6),)), [AlertKind.SENDER]),
    "no sender yet": (replace(WELL, processes=(_process(ProcessKind.CLOCK, 4),)), []),
    "a sender": (replace(WELL, processes=(_process(ProcessKind.WORKER, 4), _process(ProcessKind.WEB, 9))), []),
    "neither clock nor sender": (
        replace(WELL, beat_at=NOW - timedelta(minutes=6), processes=(_process(ProcessKind.RUNNER, 6),)),
        [AlertKind.CLOCK],
    ),
    "bounces lie unread": (replace(WELL, oldest_mail_at=NOW - timedelta(minutes=16)), [AlertKind.MAILBOX]),
    "sign-ups flood": (replace(WELL, flooded=((1, "AI Weekly", NOW - timedelta(minutes=9)),)), [AlertKind.SIGNUPS]),
    "sign-ups flooded": (replace(WELL, flooded=((1, "AI Weekly", NOW - timedelta(minutes=61)),)), []),
    "no pulse for six minutes": (replace(WELL, beat_at=NOW - timedelta(minutes=6)), [AlertKind.CLOCK]),
    "little room": (replace(WELL, disk_free_bytes=1_900_000_000), [AlertKind.DISK]),
    "a job waits": (replace(WELL, oldest_job_at=NOW - timedelta(minutes=16)), [AlertKind.WORK]),
    "a job waits since before the start": (
        replace(WELL, oldest_job_at=NOW - timedelta(days=35), processes=(_process(ProcessKind.RUNNER, 2),)),
        [],
    ),
    "a job waits though a worker lives": (
        replace(
            WELL,
            oldest_job_at=NOW - timedelta(days=35),
            processes=(replace(_process(ProcessKind.RUNNER, 16), seen_at=NOW),),
        ),
        [AlertKind.WORK],
    ),
    "a job waits a little": (replace(WELL, oldest_job_at=NOW - timedelta(minutes=14)), []),
    "a letter waits": (replace(WELL, oldest_letter_at=NOW - timedelta(minutes=16)), [AlertKind.LETTERS]),
    "a job failed": (replace(WELL, failed_since_yesterday=1), [AlertKind.JOBS]),
    "no mailbox": (replace(WELL, is_mailbox_missing=True), [AlertKind.MAILBOX]),
    "no backup was asked for yet": (replace(WELL, backups=Nights()), []),
    "a backup of 35 hours ago": (_backed_up(hours=35), []),
    "a backup of 37 hours ago": (_backed_up(hours=37), [AlertKind.BACKUP]),
    "a backup failed after a good one": (_backed_up(hours=25, why="No room."), [AlertKind.BACKUP]),
    "no backup for 35 hours": (replace(WELL, backups=Nights(begun_at=NOW - timedelta(hours=35))), []),
    "no backup for 37 hours": (replace(WELL, backups=Nights(begun_at=NOW - timedelta(hours=37))), [AlertKind.BACKUP]),
    "a mailing runs": (replace(WELL, mailings=(MAILING,)), []),
    "it was paused by hand": (_with(state="paused", reason="Paused by hand."), []),
    "it was paused by hand with words": (_with(state="paused", reason="Paused by hand: a typo in the title."), []),
    "it stopped by itself": (_with(state="paused", reason="It stopped by itself: ..."), [AlertKind.MAILING]),
    "its relay takes nothing": (_with(troubles=5, reason="421 later."), [AlertKind.MAILING]),
    "some are in doubt": (_with(by_state={"sent": 9, "in_doubt": 2}), [AlertKind.DOUBTS]),
    "8 in 10,000 complain": (_with(complaints=8), []),
    "9 in 10,000 complain": (_with(complaints=9), [AlertKind.COMPLAINTS]),
    "one of ten complains": (_with(complaints=1, by_state={"sent": 10}), []),
    "2 in 100 bounce": (_with(hard_bounces=200), []),
    "more than 2 in 100 bounce": (_with(hard_bounces=201), [AlertKind.BOUNCES]),
    "more than 5 in 1,000 are refused as spam": (_with(blocked=51), [AlertKind.BOUNCES]),
    "no more than 5 in 1,000 are refused as spam": (_with(blocked=50), []),
    "the own show fails for a day": (_failing(days=1.1, is_own_show=True), [AlertKind.SHOW]),
    "the own show fails for hours": (_failing(days=0.9, is_own_show=True), []),
    "a feed fails for days": (_failing(days=6, is_own_show=False), []),
    "a feed fails for a week": (_failing(days=7.1, is_own_show=False), [AlertKind.FEEDS]),
}


@pytest.mark.parametrize("name", STANDS)
def test_what_needs_a_person(name: str) -> None:
    stands, kinds = STANDS[name]
    found = troubles(stands, WatchLimits())
    assert [each.kind for each in found] == kinds
    assert all(each.what.endswith((".", "...")) and each.todo.endswith(".") for each in found)


def test_no_sign_of_life_is_given_without_a_sender_or_while_work_or_letters_wait() -> None:
    late = NOW - timedelta(minutes=20)
    sends = replace(WELL, processes=(replace(_process(ProcessKind.RUNNER, 60), seen_at=NOW),))
    assert why_silent(sends, WatchLimits()) is None
    assert why_silent(WELL, WatchLimits()) is AlertKind.SENDER
    gone = replace(WELL, processes=(_process(ProcessKind.RUNNER, 6),))
    assert why_silent(gone, WatchLimits()) is AlertKind.SENDER
    assert why_silent(replace(sends, oldest_job_at=late), WatchLimits()) is AlertKind.WORK
    assert why_silent(replace(sends, oldest_letter_at=late), WatchLimits()) is AlertKind.LETTERS


def test_a_backup_that_failed_says_of_what_and_how_old_the_last_good_one_is() -> None:
    [failed] = troubles(_backed_up(hours=25, why="No room."), WatchLimits())
    assert failed.what == "The last backup failed; the last good one is 25 hours old. No room."
    [never] = troubles(replace(WELL, backups=Nights(begun_at=NOW - timedelta(hours=37))), WatchLimits())
    assert never.what == "No backup is being made: there has been none for 37 hours."


def test_what_is_of_a_machine_is_told_of_each_machine() -> None:
    full = [replace(WELL, machine=name, disk_free_bytes=5, is_mailbox_missing=True) for name in ("one", "two")]
    found = [each for stands in full for each in troubles(stands, WatchLimits())]
    assert len({(each.kind, each.subject) for each in found}) == 4
    assert [each.subject in each.what for each in found] == [True] * 4
