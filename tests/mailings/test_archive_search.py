"""The archive's search, its years, and back issues in it: on both databases, as anybody may see them."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from curator.db import Database
from curator.issues.corrections import correct
from curator.issues.corrections import store as corrections
from curator.issues.tables import Issue
from curator.issues.values import BlockKind, Document, DocumentSection, IssueState
from curator.mailings.archive import store
from curator.mailings.archive.reading import MOST_AT_ONCE, read_new
from curator.mailings.archive.web_version import web_version
from curator.mailings.archive.words import MOST_CHARACTERS, words
from curator.mailings.tables import Mailing
from curator.mailings.values import Found, MailingState
from curator.newsletters import store as newsletters
from tests.audience.counting import statements
from tests.builders import change_newsletters, newsletter_row
from tests.issues.documents import document, entry, whole_issue
from tests.published import FIRST_AT, mailing_row, revision_row, sent_issue_row

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)


def _about(title: str, blurb: str = "", **more: object) -> Document:
    return document(DocumentSection("Trends", (entry(title, blurb=blurb, **more),)), subject=title)  # type: ignore[arg-type]


def _found(db: Database, newsletter_id: int, asked: str, *, limit: int = 10) -> list[Found]:
    with db.read() as session:
        return store.search(session, newsletter_id, asked, limit=limit)


def _numbers(db: Database, newsletter_id: int, asked: str) -> list[int]:
    return [each.issue.number for each in _found(db, newsletter_id, asked)]


def back_issue_row(db: Database, newsletter_id: int, number: int, *, at: datetime = FIRST_AT) -> int:
    with db.write() as session:
        row = Issue(
            newsletter_id=newsletter_id,
            number=number,
            state="sent",
            subject=f"Back {number}",
            sent_at=at,
            created_at=at,
            imported_at=NOW,
        )
        session.add(row)
        session.flush()
        return row.id


def test_issues_are_found_by_any_of_their_words_newest_first(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    for number, title in ((1, "Vector indexes forget"), (2, "Rivers"), (3, "What a vector forgot")):
        sent_issue_row(database, newsletter_id, number, document=_about(title, "Told by *Nadia Okafor*."))
    assert read_new(database, now=NOW) is False
    assert _numbers(database, newsletter_id, "VECTOR") == [3, 1]
    assert _numbers(database, newsletter_id, "nadia vect") == [3, 1]
    assert _numbers(database, newsletter_id, "okafor") == [3, 2, 1]
    assert _numbers(database, newsletter_id, "nadia zebra") == []
    [hit] = _found(database, newsletter_id, "rivers")
    assert next(piece.text for piece in hit.passage if piece.is_hit) == "Rivers"


@pytest.mark.parametrize(
    "asked", ["", "  ", "*", '"', "\0", "' or 1=1", "a" * 5000, "NOT", "a:b", "(", "كيف", "\ud800"]
)
def test_nothing_that_somebody_types_is_an_error(database: Database, asked: str) -> None:
    newsletter_id = newsletter_row(database)
    sent_issue_row(database, newsletter_id, 1, document=whole_issue())
    read_new(database, now=NOW)
    assert len(_found(database, newsletter_id, asked)) <= 1


def test_what_is_not_public_or_another_newsletters_is_not_found(database: Database) -> None:
    newsletter_id, other_id = newsletter_row(database), newsletter_row(database, slug="other")
    for each in (newsletter_id, other_id):
        sent_issue_row(database, each, 1, document=_about("Vectors"))
    read_new(database, now=NOW)
    issue_id = _found(database, newsletter_id, "vectors")[0].issue.id
    with database.write() as session:
        session.get_one(Issue, issue_id).state = "held"
    assert _numbers(database, newsletter_id, "vectors") == []
    assert _numbers(database, other_id, "vectors") == [1]


def test_a_corrected_issue_is_found_by_its_better_words_only(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = sent_issue_row(database, newsletter_id, 1, document=_about("Zebras"))
    read_new(database, now=NOW)
    correct.correct(
        database, issue_id, note="They are okapis.", entry=entry("Zebras"), words={"title": "Okapis"}, by=None, now=NOW
    )
    assert read_new(database, now=NOW) is False
    assert _numbers(database, newsletter_id, "okapis") == [1]
    assert [
        piece.text for hit in _found(database, newsletter_id, "okapis") for piece in hit.passage if piece.is_hit
    ] == ["Okapis"]


def test_an_issue_that_was_sent_again_is_read_again(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = sent_issue_row(database, newsletter_id, 1, document=_about("Zebras"))
    read_new(database, now=NOW)
    kept = _about("Okapis")
    revision_row(database, issue_id, document=asdict(kept))
    mailing_row(database, issue_id, at=FIRST_AT + timedelta(days=1), state=MailingState.FINISHED)
    read_new(database, now=NOW)
    assert (_numbers(database, newsletter_id, "zebras"), _numbers(database, newsletter_id, "okapis")) == ([], [1])


def test_what_is_known_is_not_read_again_and_many_are_read_in_turns(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    for number in range(1, MOST_AT_ONCE + 3):
        sent_issue_row(database, newsletter_id, number, document=_about(f"Number {number}"))
    assert [read_new(database, now=NOW) for _ in range(2)] == [True, False]
    with database.read() as session:
        assert store.unread(session, limit=10) == []


def test_a_search_costs_two_queries_however_much_is_found(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    for number in range(1, 8):
        sent_issue_row(database, newsletter_id, number, document=_about("Vectors"))
    read_new(database, now=NOW)
    with statements(database) as seen:
        assert len(_found(database, newsletter_id, "vectors")) == 7
    assert len(seen) == 2


def test_promotions_are_not_searched(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    sold = replace(entry("Buy zebras"), kind=BlockKind.PROMOTION)
    sent_issue_row(database, newsletter_id, 1, document=document(DocumentSection("Trends", (entry("Okapis"), sold))))
    read_new(database, now=NOW)
    assert (_numbers(database, newsletter_id, "okapis"), _numbers(database, newsletter_id, "zebras")) == ([1], [])


def test_the_words_of_an_issue_are_bounded() -> None:
    assert len(words(_about("x " * MOST_CHARACTERS))) == MOST_CHARACTERS


# -- back issues


def test_back_issues_are_public_from_their_day_where_the_newsletter_says_so(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    sent_issue_row(database, newsletter_id, 9, at=FIRST_AT + timedelta(days=9), document=whole_issue())
    back_issue_row(database, newsletter_id, 3, at=FIRST_AT - timedelta(days=400))
    with database.read() as session:
        shown = store.issues(session, newsletter_id, limit=10)
        assert [(each.number, each.is_imported) for each in shown] == [(9, False), (3, True)]
        assert [each.number for each in store.mailed(session, newsletter_id, limit=10)] == [9]
        assert store.neighbours(session, shown[0]).before == shown[1]
        assert store.neighbours(session, shown[1]).after == shown[0]
        board = web_version(session, shown[1], newsletters.newsletter(session, newsletter_id), now=NOW)
        assert (board.document.subject, board.corrections) == ("Back 3", ())
    change_newsletters(database, shows_back_issues=False)
    with database.read() as session:
        assert store.issue(session, newsletter_id, 3) is None
        assert store.count(session, newsletter_id) == 1
        assert [each.number for each in store.dated(session)] == [9]


def test_while_an_issue_is_mended_no_word_of_its_draft_is_shown(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    left = replace(_about("As it left"), preheader="What left")
    for number, kept in ((1, left), (2, None)):
        issue_id = sent_issue_row(database, newsletter_id, number, document=kept)
        with database.write() as session:
            session.execute(update(Mailing).values(is_mended=True, state=MailingState.CANCELLED))
            issue = session.get_one(Issue, issue_id)
            issue.state, issue.subject, issue.preheader = (
                IssueState.HELD,
                "Not approved",
                "Not approved" if kept else "",
            )
    with database.read() as session:
        shown = [(each.subject, each.preheader) for each in store.issues(session, newsletter_id, limit=10)]
        newest = store.newest(session)[newsletter_id]
    assert shown == [("Number 2", ""), ("As it left", "What left")]
    assert newest.subject == "Number 2"


def test_words_that_were_corrected_do_not_stand_over_a_newer_revision(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    issue_id = sent_issue_row(database, newsletter_id, 1, document=_about("Zebras"))
    correct.correct(
        database, issue_id, note="They are okapis.", entry=entry("Zebras"), words={"title": "Okapis"}, by=None, now=NOW
    )
    kept = asdict(_about("Giraffes"))
    revision_row(database, issue_id, document=kept, created_at=NOW + timedelta(minutes=5))
    mailing_row(database, issue_id, at=NOW + timedelta(minutes=6))
    with database.read() as session:
        [issue] = store.issues(session, newsletter_id, limit=10)
        shown = web_version(session, issue, newsletters.newsletter(session, newsletter_id), now=NOW)
    assert [each.title for section in shown.document.sections for each in section.entries] == ["Giraffes"]
    assert [each.note for each in shown.corrections] == ["They are okapis."]


def test_a_page_changed_when_it_was_corrected_last(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    for number in (1, 2):
        issue_id = sent_issue_row(database, newsletter_id, number, document=whole_issue())
    correct.correct(database, issue_id, note="A slip.", by=None, now=NOW)
    with database.read() as session, statements(database) as seen:
        told = store.dated(session)
        assert len(seen) == 1
        assert [(each.number, each.changed_at == each.at) for each in told] == [(2, False), (1, True)]
        assert told[0].changed_at == NOW
        assert len(corrections.of_issue(session, issue_id)) == 1


def test_a_year_is_cut_where_it_is_asked_for(database: Database) -> None:
    newsletter_id = newsletter_row(database)
    for number in (1, 2, 3):
        sent_issue_row(database, newsletter_id, number)
    second = FIRST_AT + timedelta(weeks=2)
    with database.read() as session:
        cut = store.issues(session, newsletter_id, limit=10, since=second, until=second + timedelta(weeks=1))
        assert [each.number for each in cut] == [2]
        assert len(store.moments(session, newsletter_id)) == 3
