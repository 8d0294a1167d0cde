"""The desk at which picks are made, on both databases."""

import pytest

from curator.db import Database
from tests.picks.desk import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
