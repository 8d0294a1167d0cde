"""Which work may not wait for which: the lane of each task, and the kicks that wake a lane's workers."""

from collections import Counter
from collections.abc import Sequence

from curator.app import App
from curator.queue import store as queue
from curator.queue.kick import Lane

# Slow servers hold up polls, and a long mailing holds up its pump: neither may hold up an issue's draft or start. For
# a letter somebody waits right now.
_LANES = {
    "poll_feeds": Lane.POLLING,
    "poll_feed": Lane.POLLING,
    "find_feed": Lane.POLLING,
    "read_article": Lane.POLLING,
    "fetch_transcript": Lane.POLLING,
    "check_links": Lane.POLLING,
    "look_at_mail": Lane.POLLING,
    "fetch_picture": Lane.POLLING,
    "pump_mailing": Lane.SENDING,
    "send_letters": Lane.LETTERS,
    "recommend": Lane.LEARNING,
    "move_readers": Lane.MOVING,
    # A large mailing brings hundreds of thousands of facts, and a called server may take its time.
    "read_hooks": Lane.HEARING,
    "call_webhooks": Lane.CALLING,
    "back_up": Lane.BACKUP,
}

# A round takes minutes, and so does a turn of a large file, or a backup. A process that hints wake would lack them for
# mail: they are looked for, and never hinted at.
_UNHINTED = frozenset({Lane.LEARNING, Lane.MOVING, Lane.BACKUP})

# As many workers as are woken at once. Each does what is due until nothing is, and the next tick wakes more.
_MOST_KICKS = 16


def lane_of(task: str) -> Lane:
    """Returns the lane in which a task waits."""
    return _LANES.get(task, Lane.REST)


def tasks_in(lanes: Sequence[Lane], known: Sequence[str]) -> tuple[str, ...]:
    """Returns those of the known tasks that wait in the lanes."""
    return tuple(task for task in known if lane_of(task) in lanes)


def kick(app: App, task: str) -> None:
    """Has somebody look for a job of a task that was queued; call it after the commit. It never fails."""
    if app.kicker is not None and lane_of(task) not in _UNHINTED:
        app.kicker.kick(lane_of(task))


def kick_due(app: App) -> None:
    """Has workers look for whatever is due, because earlier hints may be lost; nothing where no broker is."""
    if app.kicker is None:
        return
    with app.db.read() as session:
        due = queue.due_tasks(session, now=app.clock())
    waiting: Counter[Lane] = Counter()
    for task, count in due.items():
        waiting[lane_of(task)] += count
    for lane, count in waiting.items():
        if lane in _UNHINTED:
            continue
        app.kicker.kick(lane, min(count, _MOST_KICKS))
