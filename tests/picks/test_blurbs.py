"""Blurbs from the article's own sentences: which are taken, and the mark that they bear until somebody accepts them."""

import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.activity import store as activity
from curator.activity.undo import undo
from curator.db import Database
from curator.errors import NotFoundError, StateError
from curator.feeds.tables import Article
from curator.picks import curate, store
from curator.picks.blurbs.extract import MOST, draft, sentences
from curator.picks.reverts import REVERTS
from curator.picks.values import PickedItem
from tests.picks.desk import NOW, Desk

TEXT = (
    "Subscribe to our newsletter today and never miss a thing. "
    "Vector databases arrive in the planner of the next release. It was long awaited by everybody here. "
    "Dr. Smith measured index scans that are twice as fast as before, e.g. on a laptop with little memory.\n"
    "Why now?\nThe planner chooses between exact and approximate scans of vector databases by their cost."
)


def test_the_sentences_that_say_what_it_is_about_are_taken_in_their_order() -> None:
    found = draft(TEXT, title="Vector databases in the planner")
    assert found.startswith("Vector databases arrive in the planner of the next release.")
    assert found.endswith("by their cost.")


def test_an_abbreviation_ends_no_sentence() -> None:
    assert sentences("Dr. Smith ran it, e.g. on a laptop. It held.") == [
        "Dr. Smith ran it, e.g. on a laptop.",
        "It held.",
    ]


def test_other_scripts_have_sentences_too() -> None:
    chinese = draft("冰芯告诉我们过去的气候。研究人员在格陵兰钻取了三公里长的冰芯！你知道吗？", title="冰芯")
    assert chinese.startswith("冰芯告诉我们过去的气候。")
    arabic = "كان الجليد يحفظ الهواء منذ آلاف السنين. ما رأيك؟"
    assert draft(arabic, title="الجليد").startswith("كان الجليد يحفظ الهواء")
    hindi = "बर्फ़ पुराने मौसम के बारे में बहुत कुछ बताती है। वैज्ञानिक उसे गहराई से निकालते हैं।"
    assert draft(hindi, title="बर्फ़").startswith("बर्फ़ पुराने मौसम के बारे में बहुत कुछ बताती है।")


@pytest.mark.parametrize(
    "text", ["", "A heading\nAnother one", "Subscribe to our newsletter today.", "© 2026 All of us here.", "short."]
)
def test_where_nothing_is_fit_nothing_is_drafted(text: str) -> None:
    assert draft(text) == ""


def test_marks_in_an_article_are_no_markdown() -> None:
    assert draft("The *fast* index [1] uses <b> and `code` in each of its passes.") == (
        r"The \*fast\* index \[1\] uses \<b\> and \`code\` in each of its passes."
    )


_SAID = st.text(st.sampled_from("ab cdé.!? 中。冰\nDr"), max_size=400)


@settings(max_examples=80, deadline=None)
@given(_SAID, st.text(max_size=20))
def test_a_draft_is_short_and_of_the_text_and_the_same_again(text: str, title: str) -> None:
    found = draft(text, title=title)
    assert found == draft(text, title=title)
    assert len(found) <= MOST
    plain = re.sub(r"\s", "", text)
    assert all(re.sub(r"\s", "", each) in plain for each in sentences(found))


@pytest.fixture
def pick(desk: Desk) -> int:
    with desk.db.write() as session:
        session.add(Article(item_id=desk.items[0], at=NOW, is_ok=True, text=TEXT))
    return curate.pick(desk.db, desk.newsletter_id, desk.items[0], desk.sections[0], by=None, now=NOW)


def _read(db: Database, pick_id: int) -> PickedItem:
    with db.read() as session:
        return store.picked_items(session, [pick_id])[pick_id]


def _undo_last(desk: Desk, minutes: int) -> str:
    with desk.db.read() as session:
        change = activity.recent(session, limit=1)[0]
    return undo(desk.db, change.id, REVERTS, by=None, now=NOW + timedelta(minutes=minutes)).words


def test_a_drafted_blurb_is_marked_until_it_is_accepted(desk: Desk, pick: int) -> None:
    curate.draft_blurb(desk.db, pick, by=None, now=NOW)
    drafted = _read(desk.db, pick)
    assert (drafted.is_blurb_draft, drafted.version) == (True, 2)
    assert drafted.blurb
    curate.draft_blurb(desk.db, pick, by=None, now=NOW)
    assert _read(desk.db, pick) == drafted
    curate.accept_blurb(desk.db, pick, by=None, now=NOW)
    assert (_read(desk.db, pick).is_blurb_draft, _read(desk.db, pick).blurb) == (False, drafted.blurb)
    with pytest.raises(StateError, match="has words already"):
        curate.draft_blurb(desk.db, pick, by=None, now=NOW)


def test_any_edit_of_the_blurb_takes_the_mark_away_and_the_same_words_do_not(desk: Desk, pick: int) -> None:
    curate.draft_blurb(desk.db, pick, by=None, now=NOW)
    same = _read(desk.db, pick).blurb
    curate.write_blurb(desk.db, pick, same, expected_version=2, by=None, now=NOW)
    assert _read(desk.db, pick).is_blurb_draft
    curate.write_blurb(desk.db, pick, f"{same} Mine.", expected_version=2, by=None, now=NOW)
    assert not _read(desk.db, pick).is_blurb_draft


def test_drafting_accepting_and_editing_can_be_taken_back_with_the_mark(desk: Desk, pick: int) -> None:
    curate.draft_blurb(desk.db, pick, by=None, now=NOW)
    drafted = _read(desk.db, pick)
    curate.write_blurb(desk.db, pick, "Mine.", expected_version=2, by=None, now=NOW)
    assert _undo_last(desk, 1) == "The blurb is as it was before."
    assert (_read(desk.db, pick).blurb, _read(desk.db, pick).is_blurb_draft) == (drafted.blurb, True)
    curate.accept_blurb(desk.db, pick, by=None, now=NOW)
    assert "draft again" in _undo_last(desk, 2)
    assert _read(desk.db, pick).is_blurb_draft
    assert "accepted again" in _undo_last(desk, 3)
    assert not _read(desk.db, pick).is_blurb_draft


def test_a_pick_taken_back_and_picked_again_keeps_its_mark(desk: Desk, pick: int) -> None:
    curate.draft_blurb(desk.db, pick, by=None, now=NOW)
    curate.unpick(desk.db, desk.newsletter_id, desk.items[0], by=None, now=NOW)
    _undo_last(desk, 1)
    with desk.db.read() as session:
        again = store.pick_of(session, desk.newsletter_id, desk.items[0])
    assert again is not None
    assert _read(desk.db, again).is_blurb_draft


def test_where_no_text_is_known_it_is_said_what_to_do(desk: Desk) -> None:
    bare = curate.pick(desk.db, desk.newsletter_id, desk.items[1], desk.sections[0], by=None, now=NOW)
    with pytest.raises(StateError, match="Have its page read first"):
        curate.draft_blurb(desk.db, bare, by=None, now=NOW)
    with pytest.raises(StateError, match="no blurb any more"):
        curate.accept_blurb(desk.db, bare, by=None, now=NOW)
    for act in (curate.draft_blurb, curate.accept_blurb):
        with pytest.raises(NotFoundError):
            act(desk.db, 99_999, by=None, now=NOW)
