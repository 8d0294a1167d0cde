"""What a mail measures is settled when its mailing begins, and a mail that measures sums alone names nobody."""

import email
import email.policy
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from curator.db import Database
from curator.mailings.click_links import NOBODY, read_click_token, read_open_token
from curator.newsletters.tables import Newsletter
from curator.tokens import Keys
from tests import builders
from tests.conftest import FakeClock
from tests.events.scene import mailing_row
from tests.mailings.line import Line

_KEYS = Keys.from_secret("k" * 40)
_HTML = (
    '<html><body><a href="https://link-1.slot.invalid/">Tide pools</a>'
    '<a href="https://unsubscribe.slot.invalid/">leave</a></body></html>'
)


@pytest.fixture
def line(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> Line:
    newsletter = builders.newsletter_row(sqlite_database, clicks="aggregate", opens="aggregate")
    issue = builders.approved_issue_row(sqlite_database, newsletter, html=_HTML)
    return Line(sqlite_database, clock, tmp_path / "journals", newsletter, issue)


def test_a_setting_changes_no_mailing_that_has_begun(line: Line) -> None:
    line.readers(2)
    # It writes the revision's links down.
    mailing_row(line.db, line.newsletter_id, line.issue_id, is_test=True, started_at=line.clock() - timedelta(days=1))
    mailing = line.start()
    with line.db.write() as session:
        session.execute(update(Newsletter).values(clicks="individual", opens="off"))
    line.pump(mailing)
    found = [_html(message.content) for message in line.relay.sent]
    assert len(found) == 2
    clicks = {token for html in found for token in re.findall(r"/l/([\w-]+)", html)}
    opened = {token for html in found for token in re.findall(r"/o/([\w-]+)", html)}
    assert [read_click_token(_KEYS, token).subscriber_id for token in clicks] == [NOBODY], "one way for everybody"
    assert [read_open_token(_KEYS, token) for token in opened] == [(mailing, NOBODY)]
    assert all(html.rstrip().endswith("</body></html>") for html in found)


def _html(content: bytes) -> str:
    parts = email.message_from_bytes(content, policy=email.policy.default)
    body = parts.get_body(("html",))
    assert body is not None
    return str(body.get_content())
