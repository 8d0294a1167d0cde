"""What stands ready for tests of sending: an issue for its readers, and letters for theirs."""

from pathlib import Path

import pytest

from curator.db import Database
from tests.builders import approved_issue_row, newsletter_row
from tests.conftest import FakeClock
from tests.mailings.letter_desk import Desk, letter_desk
from tests.mailings.line import Line


@pytest.fixture
def line(database: Database, clock: FakeClock, tmp_path: Path) -> Line:
    """An approved issue, without readers yet."""
    newsletter_id = newsletter_row(database)
    issue_id = approved_issue_row(database, newsletter_id)
    return Line(database, clock, tmp_path / "journals", newsletter_id, issue_id)


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Desk:
    """A newsletter with one reader."""
    return letter_desk(database, clock)


@pytest.fixture
def sqlite_desk(sqlite_database: Database, clock: FakeClock) -> Desk:
    """The same, where the database makes no difference."""
    return letter_desk(sqlite_database, clock)
