"""What the demo's tests share."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

import pytest

from curator.demo.feedserver import FeedServer
from curator.demo.pages import sample_offer


@pytest.fixture
def feed_server(now: datetime) -> Iterator[FeedServer]:
    """The sample feeds on a free port; the slow one is only a little slow."""
    with FeedServer(partial(sample_offer, now=now, slow_s=0.05)) as server:
        yield server
