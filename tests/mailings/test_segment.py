"""A mailing to a segment: those outside are left out with a reason, the accounts hold, and its words are kept."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import update

from curator.audience.segments import edit
from curator.audience.tables import Subscriber
from curator.audience.tags import tag
from curator.errors import StateError
from curator.issues.aimed import aim
from curator.issues.aimed import store as aimed
from curator.issues.tables import Revision
from curator.issues.values import Document
from curator.mailings.values import DeliveryState, MailingState
from tests.mailings.line import Line

_WORDS = "tag:vip or (clicked within 10 days and not is:suppressed)"


def _approve_for(line: Line, words: str, *, name: str = "Closest") -> int:
    """Aims the issue at a segment and approves it again, as the desk does."""
    segment_id = edit.make(line.db, line.newsletter_id, name=name, words=words, by=None, now=line.clock())
    with line.db.write() as session:
        document = Document("AI Weekly", "", "en", "1 Quay", 1, "What we heard", "", "today", (), segment=words)
        kept = update(Revision).where(Revision.issue_id == line.issue_id).values(document=asdict(document))
        session.execute(kept)
    with line.db.write() as session:
        aimed.set_segment(session, line.issue_id, segment_id)
    return segment_id


def test_only_readers_in_the_segment_get_it_and_the_accounts_hold(line: Line) -> None:
    ids = line.readers(7)
    tag.put_on(line.db, ids[1], "VIP", by=None, now=line.clock())
    tag.put_on(line.db, ids[2], "vip", by=None, now=line.clock())
    with line.db.write() as session:
        clicked = update(Subscriber).where(Subscriber.id == ids[4])
        session.execute(clicked.values(engaged_at=line.clock() - timedelta(days=9)))
    line.suppress("r2@example.org")
    segment_id = _approve_for(line, _WORDS)
    mailing_id = line.start(chunk=2)
    view = line.view(mailing_id)
    assert (view.segment_name, view.segment_words) == ("Closest", _WORDS)
    # Its words are kept with the mailing: the segment may say something else from now on.
    edit.change(line.db, segment_id, name="Closest", words="tag:nobody", expected_version=1, by=None, now=line.clock())
    line.pump(mailing_id)
    assert line.sent_to() == ["r1@example.org", "r4@example.org"]
    assert line.states(mailing_id) == {DeliveryState.SENT: 2, DeliveryState.EXCLUDED: 5}
    view = line.view(mailing_id)
    assert view.state is MailingState.FINISHED
    assert view.balance.excluded_by_reason == {"not in the segment": 4, "suppressed: complained": 1}


def test_an_issue_to_a_segment_without_readers_is_refused_before_anything_is_written(line: Line) -> None:
    line.readers(2)
    _approve_for(line, "tag:nobody")
    with pytest.raises(StateError, match="Nobody who gets mail is in the segment"):
        line.start()


def test_a_segment_that_an_issue_to_come_goes_to_stays_until_it_was_sent(line: Line) -> None:
    ids = line.readers(1)
    tag.put_on(line.db, ids[0], "vip", by=None, now=line.clock())
    segment_id = _approve_for(line, "tag:vip")
    with pytest.raises(StateError, match="Issue 1 goes to “Closest”"):
        aim.remove_segment(line.db, segment_id, by=None, now=line.clock())
    line.pump(line.start())
    assert aim.remove_segment(line.db, segment_id, by=None, now=line.clock()) == "Closest"
