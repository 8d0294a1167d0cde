"""One run of an archive through the line: polls day by day by a clock that is set, then a draft."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random

from curator.app import App
from curator.demo import seed
from curator.demo.replay import store
from curator.demo.replay.answers import Answers
from curator.demo.replay.archive import Archive, Day
from curator.demo.replay.desk import Desk
from curator.demo.replay.played import Played
from curator.demo.replay.server import ReplayServers
from curator.errors import StateError
from curator.feeds import ingest
from curator.feeds import store as feeds
from curator.issues import publish
from curator.issues.blocks import store as blocks
from curator.jobs import clock as ticks
from curator.jobs import lanes, worker
from curator.jobs.tasks import TASKS
from curator.queue import store as queue
from curator.queue.kick import Lane

WORKERS = 8
"""As many polls at once as an installation runs at most."""

_POLLING = lanes.tasks_in((Lane.POLLING,), tuple(TASKS))
_DAY = timedelta(days=1)
# Far more than a day of polls asks for; a run that comes here would never end.
_MOST_ROUNDS = 2_000
_MOST_TURNS = 50


@dataclass
class Play:
    """One run at a desk whose clock stands still. `order` decides who is added and polled first."""

    desk: Desk
    archive: Archive
    answers: Answers
    servers: ReplayServers
    order: Random
    feed_ids: dict[str, int] = field(default_factory=dict)
    rounds: int = 0
    _held: set[str] = field(default_factory=set)
    _unsettled: list[str] = field(default_factory=list)

    @property
    def app(self) -> App:
        """The desk's ports."""
        return self.desk.app

    def __call__(self) -> Played:
        """Plays every day to its end and drafts an issue from what came."""
        for nth, day in enumerate(self.archive.days):
            self._set(begin_of(day))
            self._add(self.answers.begin(nth))
            self._settle(before=_begin_of_next(self.archive.days, nth))
            self._unsettled += [f"{day.on}/{feed}" for feed in self.answers.unsettled]
        self._set(_begin_of_next(self.archive.days, len(self.archive.days) - 1))
        return self._drafted()

    def _add(self, names: Sequence[str]) -> None:
        new = sorted(set(names) - set(self.feed_ids))
        self.order.shuffle(new)
        for name in new:
            self.feed_ids[name] = ingest.add_feed(self.app.db, self.servers.url(name), now=self.app.clock())

    def _settle(self, *, before: datetime) -> None:
        """Polls what is due and moves on to the next due moment until every feed was got, or the day is over."""
        for _ in range(_MOST_ROUNDS):
            self._shuffle()
            self._poll()
            self.rounds += 1
            with self.app.db.read() as session:
                self._held |= store.held_hosts(session, now=self.app.clock())
                moment = store.next_moment(session, now=self.app.clock())
                # What a server wrote to its end may have come too late for whoever asked.
                is_settled = not self.answers.unsettled and not store.has_failing(session)
            if is_settled or moment is None or moment >= before:
                return
            self._set(moment)
        raise StateError(f"A day of the replay did not end within {_MOST_ROUNDS:,} rounds of polls.")

    def _shuffle(self) -> None:
        """Gives the feeds that are due another order among themselves; all of them stay due."""
        now = self.app.clock()
        with self.app.db.write() as session:
            due = sorted(feeds.due_feed_ids(session, now=now, limit=len(self.feed_ids)))
            self.order.shuffle(due)
            for nth, feed_id in enumerate(due):
                feeds.update_feed(session, feed_id, next_poll_at=now - timedelta(seconds=nth))

    def _poll(self) -> None:
        """Lets the clock's own question queue the polls, and workers do them, until nothing more is due."""
        for _ in range(_MOST_TURNS):
            ticks.ask_feeds(self.app)
            with self.app.db.read() as session:
                if not queue.has_claimable(session, now=self.app.clock(), tasks=_POLLING):
                    return
            with ThreadPoolExecutor(WORKERS) as workers:
                list(workers.map(self._work, range(WORKERS)))
        raise StateError("Polls that were done are due again at the same moment, so the replay would never end.")

    def _work(self, number: int) -> None:
        while worker.run_one(self.app, owner=f"replay/{number}", tasks=_POLLING):
            pass

    def _drafted(self) -> Played:
        app, now, seeded = self.app, self.app.clock(), self.desk.seeded
        issue_id = seed.draft_first_issue(
            app.db, seeded.newsletter_id, now=now, include_archive=False, by=seeded.owner_id
        )
        revision = publish.render(app.db, app.renderer, issue_id, now=now)
        names = {feed_id: name for name, feed_id in self.feed_ids.items()}
        with app.db.read() as session:
            items: dict[str, list[store.StoredItem]] = {name: [] for name in self.feed_ids}
            for item in store.stored_items(session):
                items[names[item.feed_id]].append(item)
            return Played(
                items=items,
                feeds={names[feed_id]: end for feed_id, end in store.feed_ends(session).items()},
                issue_id=issue_id,
                revision=revision,
                picks=blocks.pick_count(session, issue_id),
                rounds=self.rounds,
                failed_jobs=queue.job_counts(session, now=now).failed,
                held_hosts=frozenset(self._held),
                unsettled=tuple(self._unsettled),
            )

    def _set(self, moment: datetime) -> None:
        self.desk.clock.advance(moment - self.desk.clock())


def begin_of(day: Day) -> datetime:
    """Returns when a day's documents are there: at its end, when they say what the day brought."""
    return datetime.combine(day.on + _DAY, time(), UTC)


def _begin_of_next(days: Sequence[Day], nth: int) -> datetime:
    return begin_of(days[nth + 1]) if nth + 1 < len(days) else begin_of(days[nth]) + _DAY
