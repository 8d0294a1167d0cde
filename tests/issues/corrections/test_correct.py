"""Corrections of sent issues: what the web says in place of what was sent, when, and how it is taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from curator.activity import store as activity
from curator.activity import undo
from curator.db import Database
from curator.errors import InvalidError, NotFoundError, StateError
from curator.issues.corrections import correct, editing, store
from curator.issues.corrections.reverts import REVERTS
from curator.issues.corrections.values import MOST_OF_AN_ISSUE, Correction
from curator.issues.values import BlockKind, DocumentEntry, DocumentItem, DocumentSection, IssueState
from tests.builders import approved_issue_row, newsletter_row
from tests.issues.documents import document, entry, words

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
ENTRY = entry("A model with 7 billion parameters", blurb="It has **7 billion**.", block_id=4)
NOTE = "We wrote 7 billion; it has 70 billion."


@pytest.fixture
def issue(database: Database) -> int:
    return approved_issue_row(database, newsletter_row(database), state=IssueState.SENT)


def _correct(db: Database, issue: int, *, title: str = "A model with 70 billion parameters", **more: object) -> int:
    typed = {"title": title, "body": "It has **7 billion**."}
    given: dict[str, object] = {"note": NOTE, "entry": ENTRY, "words": typed}
    return correct.correct(db, issue, by=None, now=NOW, **(given | more))  # type: ignore[arg-type]


def _of(db: Database, issue: int) -> list[Correction]:
    with db.read() as session:
        return store.of_issue(session, issue)


def _undo(db: Database, *, at: datetime) -> str:
    with db.read() as session:
        [newest] = activity.recent(session, limit=1)
    return undo.undo(db, newest.id, REVERTS, by=None, now=at).words


def test_a_correction_keeps_its_note_its_day_and_the_words_that_differ(database: Database, issue: int) -> None:
    made = _correct(database, issue)
    [found] = _of(database, issue)
    assert (found.id, found.block_id, found.note, found.made_at) == (made, 4, NOTE, NOW)
    assert found.words == {"title": "A model with 70 billion parameters"}


def test_the_log_tells_the_words_of_before_and_after(database: Database, issue: int) -> None:
    _correct(database, issue)
    with database.read() as session:
        [change] = activity.recent(session)
    assert (change.deed, change.subject_id) == ("correction.made", issue)
    assert change.was("title") == "A model with 7 billion parameters"
    assert change.became("title") == "A model with 70 billion parameters"


def test_undo_takes_it_out_and_undo_again_brings_it_back_with_its_day(database: Database, issue: int) -> None:
    _correct(database, issue)
    before = _of(database, issue)
    assert "shows what was sent" in _undo(database, at=NOW + timedelta(days=1))
    assert _of(database, issue) == []
    assert "date of before" in _undo(database, at=NOW + timedelta(days=2))
    assert _of(database, issue) == before


def test_one_that_was_taken_out_cannot_be_taken_out_again(database: Database, issue: int) -> None:
    made = _correct(database, issue)
    correct.take_out(database, made, by=None, now=NOW)
    with pytest.raises(NotFoundError):
        correct.take_out(database, made, by=None, now=NOW)


@pytest.mark.parametrize("note", ["", "  \n ", "\u200b\u2028"])
def test_a_correction_without_a_note_is_refused(database: Database, issue: int, note: str) -> None:
    with pytest.raises(InvalidError) as refused:
        _correct(database, issue, note=note)
    assert refused.value.field == "note"


def test_a_note_that_is_too_long_and_words_that_are_gone_are_refused(database: Database, issue: int) -> None:
    with pytest.raises(InvalidError, match="at most 1,000 fit"):
        _correct(database, issue, note="x" * 1_001)
    with pytest.raises(InvalidError) as refused:
        _correct(database, issue, title=" ")
    assert refused.value.field == "title"
    assert _of(database, issue) == []


@pytest.mark.parametrize("state", [each for each in IssueState if each not in (IssueState.SENT, IssueState.SENDING)])
def test_what_was_not_sent_is_corrected_on_the_board(database: Database, state: IssueState) -> None:
    issue = approved_issue_row(database, newsletter_row(database), state=state)
    with pytest.raises(StateError, match="on the board"):
        _correct(database, issue)


def test_whoever_has_not_seen_the_newest_correction_is_told(database: Database, issue: int) -> None:
    first = _correct(database, issue, seen=0)
    with pytest.raises(StateError, match="meanwhile"):
        _correct(database, issue, seen=0, title="Mine")
    _correct(database, issue, seen=first, title="Mine")
    assert len(_of(database, issue)) == 2


def test_an_issue_takes_only_so_many(database: Database, issue: int) -> None:
    with database.write() as session:
        for _ in range(MOST_OF_AN_ISSUE):
            store.add(session, issue, None, note="x", words={}, by=None, now=NOW)
    with pytest.raises(StateError, match="take one out first"):
        _correct(database, issue)


# -- how a document reads with its corrections


def _made(block_id: int | None, **of_words: str) -> Correction:
    return Correction(1, 1, block_id, NOTE, of_words, None, NOW)


def test_only_the_corrected_words_of_the_one_entry_change() -> None:
    other = entry("Another", block_id=5)
    sent = document(DocumentSection("", (words("Hello", block_id=3),)), DocumentSection("Trends", (ENTRY, other)))
    read = editing.corrected(sent, [_made(4, title="First"), _made(4, body="It has *70*."), _made(4, title="Last")])
    assert read.sections[0] == sent.sections[0]
    assert read.sections[1].entries[1] == other
    mended = read.sections[1].entries[0]
    assert (mended.title, mended.body_html, mended.body_text) == ("Last", "<p>It has <em>70</em>.</p>", "It has 70.")
    assert replace(mended, title=ENTRY.title, body_html=ENTRY.body_html, body_text=ENTRY.body_text) == ENTRY


def test_a_note_alone_or_about_what_is_gone_changes_no_words() -> None:
    sent = document(DocumentSection("Trends", (ENTRY,)))
    assert editing.corrected(sent, []) is sent
    assert editing.corrected(sent, [_made(None, title="x"), _made(4), _made(99, title="y")]) == sent


def _kind(kind: BlockKind, **more: object) -> DocumentEntry:
    return replace(ENTRY, kind=kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "fields"),
    [
        (ENTRY, ["title", "body"]),
        (replace(ENTRY, people="Nadia Okafor"), ["title", "people", "body"]),
        (words("Hello"), ["body"]),
        (_kind(BlockKind.QUOTE), ["source", "body"]),
        (_kind(BlockKind.TREND), ["title", "body"]),
        (_kind(BlockKind.LIST, items=(DocumentItem("One", "https://a.example/"),)), ["title"]),
        (_kind(BlockKind.PROMOTION), []),
    ],
)
def test_each_kind_of_thing_says_which_of_its_words_may_be_corrected(one: DocumentEntry, fields: list[str]) -> None:
    assert list(editing.words_of(one)) == fields


def test_what_may_not_be_corrected_and_what_is_the_same_is_left_out() -> None:
    typed = {"title": "  A model with\n7 billion parameters ", "body": "It has **70 billion**.", "source": "Else"}
    assert editing.changed(ENTRY, typed) == {"body": "It has **70 billion**."}
    assert editing.changed(_kind(BlockKind.PROMOTION), {"title": "Mine"}) == {}
