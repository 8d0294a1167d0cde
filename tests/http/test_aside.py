"""What happens beside a fetch, in threads that are kept."""

import threading

from curator.http.aside import Alarm, Helpers


def test_the_alarm_goes_off_at_its_moment_and_not_when_it_was_taken_back() -> None:
    alarm, done = Alarm(), threading.Event()
    gone_off: list[str] = []
    take_back = alarm.at(10.0**9, lambda: gone_off.append("never"))
    take_back()
    alarm.at(-1.0, lambda: gone_off.append("first"))
    alarm.at(0.0, done.set)
    assert done.wait(60)
    assert gone_off == ["first"]


def test_a_thread_that_is_done_helps_again_and_one_that_is_busy_is_left_alone() -> None:
    helpers, held = Helpers(), threading.Event()
    threads: list[int] = []

    def act() -> None:
        threads.append(threading.get_ident())

    assert helpers.start(act).wait(60)
    busy = helpers.start(lambda: threads.append(int(held.wait(10))))
    assert helpers.start(act).wait(60)
    assert not busy.is_set()
    held.set()
    assert busy.wait(60)
