"""Links of issues that have left: where they lead by now, what may stand there, and the way back."""

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from curator.activity import store as activity
from curator.activity.undo import undo
from curator.db import Database
from curator.errors import InvalidError, NotFoundError, StateError
from curator.issues.tables import Link, Revision
from curator.issues.values import DocumentItem, DocumentLink, DocumentSection, link_slot
from curator.mailings.repoints import store
from curator.mailings.repoints.applied import applied, text
from curator.mailings.repoints.repoint import checked, repoint
from curator.mailings.repoints.reverts import REVERTS
from curator.mailings.values import Outgoing
from curator.newsletters.tables import Newsletter
from tests.builders import approved_issue_row, newsletter_row
from tests.conftest import FakeClock
from tests.events.scene import NOW, Sent, sent
from tests.issues.documents import document, entry
from tests.mailings.line import Line

OLD, NEW = "https://site.example/3", "https://mended.example/trees?a=1&b=2"


@pytest.fixture
def line(database: Database) -> Sent:
    return sent(database)


def now_at(line: Sent) -> dict[str, str]:
    with line.db.read() as session:
        return store.now_at(session, line.issue_id)


def point(line: Sent, url: str, *, was: str = OLD, expected: str = OLD) -> None:
    repoint(line.db, line.issue_id, was, url, expected=expected, by=None, now=NOW)


def test_a_link_leads_elsewhere_and_its_old_target_is_kept(line: Sent) -> None:
    point(line, NEW)
    point(line, "https://third.example/", expected=NEW)
    assert now_at(line) == {OLD: "https://third.example/"}
    with line.db.read() as session:
        assert [each.url for each in store.changes(session, line.issue_id)] == ["https://third.example/", NEW]
        target = next(each for each in store.targets(session, line.issue_id) if each.was == OLD)
        assert (target.url, target.label, target.is_repointed) == ("https://third.example/", "City trees", True)


def test_the_same_address_again_changes_nothing(line: Sent) -> None:
    point(line, NEW)
    point(line, NEW)
    with line.db.read() as session:
        assert store.mark(session)[1] == 1
        assert len(activity.recent(session, subject="issue", subject_id=line.issue_id)) == 1


def test_undo_leads_back_unless_somebody_changed_it_since(line: Sent) -> None:
    point(line, NEW)
    with line.db.read() as session:
        change = activity.recent(session, subject="issue", subject_id=line.issue_id)[0]
    undo(line.db, change.id, REVERTS, by=None, now=NOW)
    assert now_at(line) == {OLD: OLD}
    point(line, NEW)
    with line.db.read() as session:
        change = activity.recent(session, subject="issue", subject_id=line.issue_id)[0]
    point(line, "https://third.example/", expected=NEW)
    with pytest.raises(StateError, match="changed it meanwhile"):
        undo(line.db, change.id, REVERTS, by=None, now=NOW)


def test_only_what_a_mail_of_the_issue_leads_to_can_be_changed(line: Sent) -> None:
    with pytest.raises(NotFoundError):
        point(line, NEW, was="https://elsewhere.example/")
    with pytest.raises(StateError, match="it leads to"):
        point(line, NEW, expected="https://what-i-saw.example/")
    assert now_at(line) == {}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://site.example/",
        "javascript:alert(1)",
        "//site.example/",
        "https://user:secret@site.example/",
        "https://localhost/",
        "https://db.internal/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://10.0.0.8:8080/",
        "https://intranet/",
        "https://site.example/" + "a" * 5000,
    ],
)
def test_a_target_is_checked_like_any_link(url: str) -> None:
    with pytest.raises(InvalidError):
        checked(url, allow_private=False)


def test_every_place_of_a_document_leads_to_the_new_address() -> None:
    whole = replace(
        entry(),
        body_html=f'<p>See <a href="{OLD}" rel="x">this</a> and <a href="{OLD}0">that</a>.</p>',
        body_text=f"See {OLD}.",
        link=OLD,
        listen=(DocumentLink("web", "Web", "Listen on", OLD),),
        items=(DocumentItem("one", OLD), DocumentItem("other", OLD + "0")),
    )
    shown = applied(document(DocumentSection("Highlights", (whole,))), {OLD: NEW}).sections[0].entries[0]
    assert (shown.link, shown.listen[0].url) == (NEW, NEW)
    assert [item.url for item in shown.items] == [NEW, OLD + "0"]
    mended = NEW.replace("&", "&amp;")
    assert shown.body_html == f'<p>See <a href="{mended}" rel="x">this</a> and <a href="{OLD}0">that</a>.</p>'
    assert shown.body_text == f"See {NEW}."


@given(st.text(alphabet="ab/.: ()3", max_size=40))
def test_words_without_the_address_stay_as_they_are(words: str) -> None:
    assert text(words, {OLD: NEW}) == words
    assert text(f"({OLD}) {words}", {OLD: NEW}).startswith(f"({NEW})")


def test_mail_that_has_not_left_bears_the_new_address(line_of_mail: Line) -> None:
    line = line_of_mail
    line.readers(2)
    mailing_id = line.start()
    line.pump(mailing_id, window=1, until=lambda: bool(line.relay.sent))
    with line.db.write() as session:
        store.add(session, line.issue_id, was=OLD, url=NEW, by=None, now=line.clock())
    line.pump(mailing_id)
    before, after = (_parts(message) for message in line.relay.sent)
    assert [OLD in part and NEW not in part for part in before] == [True, True]
    assert [NEW in part and OLD not in part for part in after] == [True, True]


@pytest.fixture
def line_of_mail(sqlite_database: Database, clock: FakeClock, tmp_path: Path) -> Line:
    """A mailing of a newsletter that counts no clicks, with one link in both parts."""
    newsletter_id = newsletter_row(sqlite_database)
    issue_id = approved_issue_row(sqlite_database, newsletter_id)
    with sqlite_database.write() as session:
        revision = session.scalars(select(Revision)).one()
        revision.html, revision.text = f'<a href="{link_slot(1)}">trees</a>', f"Trees: {OLD}\n"
        session.add(Link(revision_id=revision.id, number=1, url=OLD, placement="text"))
        session.execute(update(Newsletter).values(clicks="off"))
    return Line(sqlite_database, clock, tmp_path / "journals", newsletter_id, issue_id)


def _parts(message: Outgoing) -> list[str]:
    whole = message_from_bytes(message.content, policy=policy.default)
    return [part.get_content().replace("&amp;", "&") for part in whole.iter_parts()]
