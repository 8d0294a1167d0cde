"""Celery on RabbitMQ's quorum queues: carries hints between machines, and nothing else.

A message is the name of a lane. Nothing is kept in it, so a broker may be wiped, and a message lost or doubled.
"""

import logging
import mmap
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import structlog
from amqp.exceptions import AMQPError
from celery import Celery, signals
from celery.exceptions import CPendingDeprecationWarning
from celery.worker.consumer import Consumer
from kombu.entity import Exchange, Queue
from kombu.exceptions import KombuError

from curator.queue.kick import KickError, Lane

_log = structlog.get_logger()

_LOOK = "curator.look"
# A hundred hints wake every worker there is; the hundred-and-first says nothing new, nor does one of a minute ago.
_MOST_HINTS = 100
_HINT_LIVES_S = 60
# Long enough for a broker across a data centre, short enough that the clock's tick is not missed.
_BROKER_PATIENCE_S = 3
_PROMPT = {"confirm_timeout": _BROKER_PATIENCE_S, "ignore_result": True}


class Worker(Protocol):
    """One process that looks at lanes. It is made after the fork, so it shares no connection with another."""

    def look(self, lane: Lane) -> None:
        """Does what is due in a lane, until nothing is or the turn is over."""

    def end(self) -> None:
        """Ends what the worker still does by itself."""


Begin = Callable[[Callable[[], bool]], Worker]
"""Makes a process's worker, given a function that tells whether it has to stop."""


class CeleryKicker:
    """Sends hints to the broker and waits until it has them."""

    def __init__(self, url: str) -> None:
        self._celery = _celery(url)

    def kick(self, lane: Lane, times: int = 1) -> None:
        """Asks as many workers to look at the lane; raises KickError when the broker is away."""
        with _named_errors(), self._celery.producer_or_acquire() as producer:
            for _ in range(times):
                self._celery.send_task(_LOOK, (lane.value,), queue=queue_name(lane), producer=producer, **_PROMPT)

    def check(self) -> None:
        """Raises KickError when the broker cannot be reached, or lets this user in no more."""
        with _named_errors(), self._celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1)


def queue_name(lane: Lane) -> str:
    """Returns the broker's queue of a lane."""
    return f"curator.{lane.value}"


def work(url: str, *, processes: int, begin: Begin) -> int:
    """Runs processes that look at a lane for every hint, until SIGTERM; returns the exit status.

    The signal lets every process end what it does, and tells it to come to an end. Nothing that belongs to one process
    (a database's connections, a thread) may be there yet: the processes are forks of this one.
    """
    stopping, own = mmap.mmap(-1, 1), list[Worker]()

    def stop(**_: object) -> None:
        stopping[0] = 1

    def begin_here(**_: object) -> None:
        own.append(begin(lambda: stopping[0] != 0))

    def end_here(**_: object) -> None:
        for each in own:
            each.end()

    def look(lane: str) -> None:
        # A lane of a newer version is nothing to this one.
        if lane in set(Lane):
            own[0].look(Lane(lane))

    celery = _celery(url)
    celery.task(name=_LOOK)(look)
    with (
        warnings.catch_warnings(),
        _connected(signals.setup_logging, _log_as_we_do),
        _connected(signals.worker_shutting_down, stop),
        _connected(signals.worker_process_init, begin_here),
        _connected(signals.worker_process_shutdown, end_here),
    ):
        # Told at each loss of the broker: that what is being done then is done twice. Hints may be.
        warnings.simplefilter("ignore", CPendingDeprecationWarning)
        worker = celery.Worker(concurrency=processes, quiet=True, loglevel="WARNING", **_ALONE)
        worker.start()
    return int(worker.exitcode or 0)


# Workers need not know each other: what they tell each other would fill queues of its own.
_ALONE = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True, "task_events": False}


class _PlainConsumer(Consumer):  # type: ignore[misc]  # Celery has no types
    """A consumer without the 28 queues that Celery would declare for delays: later is a due time in a row."""

    class Blueprint(Consumer.Blueprint):  # type: ignore[misc]  # Celery has no types
        """The steps of a consumer's start."""

        default_steps = tuple(step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step)


def _celery(url: str) -> Celery:
    app = Celery("curator", broker=url, set_as_current=False)
    app.conf.update(
        # A hint is done with when its look is over; when the process dies over it, somebody else gets it.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        result_backend=None,
        enable_utc=True,
        timezone="UTC",
        task_serializer="json",
        accept_content=["json"],
        task_queues=[_queue(lane) for lane in Lane],
        task_create_missing_queues=False,
        task_default_queue=queue_name(Lane.REST),
        task_default_queue_type="quorum",
        broker_transport_options={"confirm_publish": True},
        broker_connection_timeout=_BROKER_PATIENCE_S,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_heartbeat=20,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_proc_alive_timeout=60.0,
        worker_consumer=_PlainConsumer,
    )
    return app


def _queue(lane: Lane) -> Queue:
    name = queue_name(lane)
    limits = {"x-queue-type": "quorum", "x-max-length": _MOST_HINTS, "x-message-ttl": _HINT_LIVES_S * 1_000}
    exchange = Exchange("curator", type="direct")  # type: ignore[no-untyped-call]  # Kombu has no types
    return Queue(name, exchange, routing_key=name, queue_arguments=limits)  # type: ignore[no-untyped-call]  # see above


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (KombuError, AMQPError, OSError) as error:
        raise KickError("The broker cannot be reached: CURATOR_QUEUE_URL names it.") from error


class _Lines(logging.Handler):
    """Hands Celery's own words to the log of everything else: one event, one line."""

    def emit(self, record: logging.LogRecord) -> None:
        _log.log(max(record.levelno, logging.INFO), "celery", says=" ".join(record.getMessage().split()))


def _log_as_we_do(**_: object) -> None:
    """Takes the set-up of logs away from Celery, which leaves it alone when somebody has done it."""
    logging.basicConfig(handlers=[_Lines()], level=logging.WARNING, force=True)


@contextmanager
def _connected(signal: Any, receiver: Callable[..., None]) -> Iterator[None]:
    # Celery's signals forget a receiver that nobody else holds.
    signal.connect(receiver, weak=False)
    try:
        yield
    finally:
        signal.disconnect(receiver)
