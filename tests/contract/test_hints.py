"""The twin of the broker keeps the contract; tests/scaled holds RabbitMQ to it."""

import pytest

from curator.queue.kick import Lane
from curator.queue.memory import MemoryKicker
from tests.contract.hinting import HintContract


class _InMemory:
    def __init__(self) -> None:
        self.kicker = MemoryKicker()

    def heard(self, count: int) -> list[Lane]:
        lanes: list[Lane] = []
        self.kicker.deliver(lanes.append)
        assert len(lanes) >= count
        return lanes

    def purge(self) -> None:
        self.kicker.purge()

    def lose_broker(self) -> None:
        self.kicker.is_away = True

    def bring_back(self) -> None:
        self.kicker.is_away = False


class TestMemory(HintContract):
    @pytest.fixture
    def hints(self) -> _InMemory:
        return _InMemory()
