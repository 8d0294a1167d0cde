"""RabbitMQ and Celery keep the contract of hints, and a worker lives without them."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from curator.app import TEMPLATES, utc_now
from curator.db import Database
from curator.demo.rehearsal import scene
from curator.demo.rehearsal.relay import Relay
from curator.issues.render import Renderer
from curator.queue.celery_app import CeleryKicker, queue_name
from curator.queue.kick import Lane
from tests.contract.hinting import HintContract
from tests.scaled.broker import Broker
from tests.scaled.machines import Machines, environ_of, until


class _OverRabbit:
    def __init__(self, broker: Broker, file: Path) -> None:
        self.kicker = CeleryKicker(broker.url)
        self._broker = broker
        self._file = file

    def heard(self, count: int) -> list[Lane]:
        command = [sys.executable, "-m", "tests.scaled.listener", str(self._file)]
        listener = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
        assert listener.stdin is not None
        listener.stdin.write(self._broker.url)
        listener.stdin.close()
        try:
            assert until(lambda: len(self._lines()) >= count, within_s=40)
        finally:
            listener.terminate()
            assert listener.wait(40) == 0
        *lanes, end = self._lines()
        assert end == "end"
        return [Lane(line) for line in lanes]

    def purge(self) -> None:
        for lane in Lane:
            self._broker.purge(queue_name(lane))

    def lose_broker(self) -> None:
        self._broker.kill()

    def bring_back(self) -> None:
        self._broker.start()

    def _lines(self) -> list[str]:
        return self._file.read_text().split() if self._file.exists() else []


class TestRabbit(HintContract):
    @pytest.fixture
    def hints(self, broker: Broker, tmp_path: Path) -> Iterator[_OverRabbit]:
        over_rabbit = _OverRabbit(broker, tmp_path / "heard")
        # A test that broke may have left it away.
        broker.start()
        yield over_rabbit
        broker.start()


def test_with_the_broker_away_mail_leaves_within_half_a_minute_and_a_signal_still_ends_everybody(
    shared_database: Database, machines_dir: Path
) -> None:
    nobody = "amqp://guest:guest@127.0.0.1:1//"
    with Relay(1) as relay:
        scene.set_up(shared_database, Renderer(TEMPLATES), recipients=3, now=utc_now())
        machines = Machines(machines_dir, environ_of(shared_database, nobody, relay.port), Random(1))
        try:
            have_left = until(lambda: relay.accepted >= 3, within_s=30)
            assert have_left, "\n".join(machines.logs())
            statuses = machines.drain()
        finally:
            machines.end()
    said = "\n".join(machines.logs())
    assert statuses == [0] * 6, said
    assert said.count("broker is away, workers look by themselves") >= 2
    assert "guest:guest" not in said
