"""What every broker of hints must hold, the one in memory and RabbitMQ alike."""

from typing import Protocol

import pytest

from curator.queue.kick import Kicker, KickError, Lane


class Hints(Protocol):
    """One broker, somebody who kicks, and somebody who hears."""

    kicker: Kicker

    def heard(self, count: int) -> list[Lane]:
        """Lets waiting hints be heard until there are `count`, and returns the lanes of all that were, in any order."""

    def purge(self) -> None:
        """Loses every hint that waits."""

    def lose_broker(self) -> None:
        """Takes the broker away."""

    def bring_back(self) -> None:
        """Brings the broker back."""


class HintContract:
    """The tests; a subclass gives the fixture `hints`."""

    def test_a_hint_is_heard_in_its_lane(self, hints: Hints) -> None:
        for lane in Lane:
            hints.kicker.kick(lane)
        assert sorted(hints.heard(len(Lane))) == sorted(Lane)

    def test_as_many_look_as_were_asked(self, hints: Hints) -> None:
        hints.kicker.kick(Lane.SENDING, 3)
        hints.kicker.kick(Lane.LETTERS)
        assert sorted(hints.heard(4)) == [Lane.LETTERS, *[Lane.SENDING] * 3]

    def test_a_hint_that_was_purged_is_not_heard_and_later_ones_are(self, hints: Hints) -> None:
        hints.kicker.kick(Lane.POLLING, 5)
        hints.purge()
        hints.kicker.kick(Lane.REST)
        assert hints.heard(1) == [Lane.REST]

    def test_a_broker_that_is_away_says_so_and_hears_again_when_it_is_back(self, hints: Hints) -> None:
        hints.kicker.check()
        hints.lose_broker()
        with pytest.raises(KickError, match=r"broker"):
            hints.kicker.kick(Lane.SENDING)
        with pytest.raises(KickError, match=r"broker"):
            hints.kicker.check()
        hints.bring_back()
        hints.kicker.check()
        hints.kicker.kick(Lane.SENDING)
        assert hints.heard(1) == [Lane.SENDING]
