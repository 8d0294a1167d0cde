"""Rising topics: put on the board once, written on, moved, taken out and back, and what becomes of them in the mail."""

from dataclasses import asdict, replace
from datetime import date

import pytest

from curator.activity import store as activity
from curator.db import Database
from curator.errors import ConflictError, InvalidError, StateError
from curator.issues import board, compose, made, slots, store, trended
from curator.issues.listed import ListLink
from curator.issues.render import Renderer
from curator.issues.reverts import REVERTS
from curator.issues.trended import TrendFacts, trend_of
from curator.issues.values import BlockKind, BoardBlock, Document, DocumentEntry, DocumentSection
from curator.newsletters import store as newsletters
from tests import builders
from tests.issues.conftest import GOLDEN
from tests.issues.documents import document, entry, words
from tests.issues.reading import Page
from tests.issues.scene import NOW, Scene, scene

TREND = TrendFacts(
    term="vector databases",
    days=7,
    factor=3.2,
    counts=(0, 1, 0, 2, 0, 1, 0) * 4 + (1, 2, 3, 5, 8, 9, 14),
    feeds=5,
    first_seen_on=date(2026, 10, 28),
    sources=(
        ListLink("Vector databases, <b>compared</b>", "https://rows.example/1?a=1&b=2", "Row Store"),
        ListLink("متجهات", "https://arabic.example/1", "Harbour & Sons"),
    ),
    episodes=(ListLink("What a vector index forgets", "https://waves.example/e/41", "Latent Waves, told at 12:40"),),
)


@pytest.fixture
def desk(database: Database) -> Scene:
    return scene(database)


@pytest.fixture
def issue(desk: Scene) -> int:
    return builders.approved_issue_row(desk.db, desk.newsletter_id)


def _add(desk: Scene, issue: int, trend: TrendFacts = TREND, *, section: int | None = None) -> int:
    return made.add_trend(desk.db, issue, section, trend, by=None, now=NOW)


def _block(desk: Scene, issue: int) -> BoardBlock:
    (block,) = desk.board(issue).intro
    return block


def _write(desk: Scene, block: int, heading: str, words: str, *, version: int = 1) -> int:
    return made.edit_trend(desk.db, block, heading=heading, words=words, expected_version=version, by=None, now=NOW)


def _undo(desk: Scene) -> str:
    with desk.db.read() as session:
        change = activity.recent(session, limit=1)[0]
    return REVERTS[f"{change.subject}.{change.verb}"](desk.db, change, by=None, now=NOW)


def _document(desk: Scene, issue: int) -> Document:
    with desk.db.read() as session:
        return compose.document(store.board(session, issue), newsletters.newsletter(session, desk.newsletter_id))


def test_a_trend_stands_on_the_board_and_in_the_document_as_it_was_counted(desk: Scene, issue: int) -> None:
    block_id = _add(desk, issue)
    block = _block(desk, issue)
    assert (block.id, block.kind, block.body) == (block_id, BlockKind.TREND, "Vector databases")
    assert trend_of(block.facts or {}) == TREND
    (section,) = _document(desk, issue).sections
    (shown,) = section.entries
    assert shown.title == "Vector databases"
    often = "42 items of 5 feeds in a week, 3.2 times as often as in the 4 weeks before."
    assert shown.facts == f"{often} First seen on 28 October 2026."
    assert shown.chart == TREND.counts
    assert shown.image_alt.startswith("Chart of items on vector databases: 1, 2, 3, 5, 8, 9, 14 a day: rising from 0")
    assert [item.note for item in shown.items] == ["Row Store", "Harbour & Sons"]


def test_the_same_topic_is_in_an_issue_once(desk: Scene, issue: int) -> None:
    first = _add(desk, issue)
    board.add_text(desk.db, issue, None, "Between.", by=None, now=NOW)
    assert _add(desk, issue, replace(TREND, factor=4.0)) == first
    assert desk.verbs() == ["added a trend to", "added a text to"]


def test_a_topic_that_comes_as_a_block_of_facts_is_in_an_issue_once_too(desk: Scene, issue: int) -> None:
    """Two people press at once: both have seen that it is not there yet."""
    first = _add(desk, issue)
    board.add_text(desk.db, issue, None, "Between.", by=None, now=NOW)
    second = made.Made(BlockKind.TREND, "Again", trended.facts_of(replace(TREND, factor=4.0)))
    assert made.add(desk.db, issue, None, second, by=None, now=NOW) == first


def test_heading_and_words_are_written_together_and_taken_back(desk: Scene, issue: int) -> None:
    block = _add(desk, issue)
    assert _write(desk, block, " Vectors  everywhere ", "They *rise*.\n") == 2
    assert _write(desk, block, "Vectors everywhere", "They *rise*.") == 2
    with pytest.raises(ConflictError):
        _write(desk, block, "Mine", "They fall.")
    (shown,) = _document(desk, issue).sections[0].entries
    assert (shown.title, shown.body_html) == ("Vectors everywhere", "<p>They <em>rise</em>.</p>")
    assert _undo(desk) == "The trend has its words of before."
    assert (_block(desk, issue).body, trend_of(_block(desk, issue).facts or {})) == ("Vector databases", TREND)


def test_what_was_written_since_is_not_taken_back(desk: Scene, issue: int) -> None:
    block = _add(desk, issue)
    _write(desk, block, "One", "")
    with desk.db.read() as session:
        change = activity.recent(session, limit=1)[0]
    _write(desk, block, "Two", "", version=2)
    with pytest.raises(StateError, match="written on since"):
        REVERTS["issue.edited a trend of"](desk.db, change, by=None, now=NOW)


@pytest.mark.parametrize(("heading", "said"), [("", "x"), (" \n", "x"), ("x" * 201, ""), ("x", "y" * 10_001)])
def test_words_that_do_not_fit_are_refused(desk: Scene, issue: int, heading: str, said: str) -> None:
    block = _add(desk, issue)
    with pytest.raises(InvalidError):
        _write(desk, block, heading, said)


def test_a_text_is_no_trend(desk: Scene, issue: int) -> None:
    text = board.add_text(desk.db, issue, None, "Hello", by=None, now=NOW)
    with pytest.raises(InvalidError, match="not a trend"):
        _write(desk, text, "A", "B")


def test_it_moves_and_comes_back_with_its_words_after_it_was_taken_out(desk: Scene, issue: int) -> None:
    block = _add(desk, issue, section=desk.sections[0])
    _write(desk, block, "Vectors", "They rise.")
    board.move(desk.db, block, section_id=None, after_block_id=None, by=None, now=NOW)
    board.remove(desk.db, block, by=None, now=NOW)
    assert desk.board(issue).intro == ()
    assert _undo(desk) == "It is back in the issue."
    assert (_block(desk, issue).facts or {})["words"] == "They rise."


def test_adding_it_is_undone_and_voids_an_approval(desk: Scene, issue: int) -> None:
    _add(desk, issue)
    assert desk.board(issue).issue.approved_hash is None
    assert _undo(desk) == "It is taken out again."
    assert desk.board(issue).intro == ()


def test_adding_it_is_not_undone_over_words_that_somebody_wrote_since(desk: Scene, issue: int) -> None:
    block = _add(desk, issue)
    with desk.db.read() as session:
        added = activity.recent(session, limit=1)[0]
    _write(desk, block, _block(desk, issue).body, "They rise.")
    with pytest.raises(StateError, match=r"Somebody has written on it since: “They rise\.”"):
        REVERTS[added.deed](desk.db, added, by=None, now=NOW)
    _write(desk, block, _block(desk, issue).body, "", version=2)
    assert REVERTS[added.deed](desk.db, added, by=None, now=NOW) == "It is taken out again."


def test_it_goes_where_trends_go_or_else_first(desk: Scene) -> None:
    with desk.db.read() as session:
        sections = newsletters.newsletter(session, desk.newsletter_id).sections
    trends = [section for section in sections if section.takes == "trends"]
    assert trended.section_for(sections) == trends[0].id
    assert trended.section_for([each for each in sections if each not in trends]) == sections[0].id
    assert trended.section_for([]) is None


def test_a_rise_is_said_in_words() -> None:
    assert trended.rise(3.2, 7, 28) == "x3.2 over 5 weeks"
    assert trended.rise(None, 2, 28) == "new in 4 weeks"
    assert [trended.span(days) for days in (1, 2, 7, 9, 28, 30, 112)] == [
        *("a day", "2 days", "a week", "9 days", "4 weeks", "4 weeks", "16 weeks")
    ]
    new = replace(TREND, factor=None, feeds=1, counts=(0,) * 28 + (0, 1), days=2)
    assert trended.told(new, first_seen="today") == (
        "1 item of 1 feed in 2 days, never told in the 4 weeks before. First seen on today."
    )
    by_hand = replace(new, feeds=0, counts=(0,) * 28 + (1, 2))
    assert trended.told(by_hand, first_seen="today").startswith("3 items in 2 days, never told"), "of no feed at all"


def _entry() -> DocumentEntry:
    shown = DocumentSection("", (words("x"),)).entries[0]
    links = [
        tuple(compose.DocumentItem(link.title, link.url, link.note) for link in each)
        for each in (TREND.sources, TREND.episodes)
    ]
    return replace(
        shown,
        block_id=2,
        kind=BlockKind.TREND,
        title="Vector databases",
        facts=trended.told(TREND, first_seen="28 October 2026"),
        body_html="<p>They <em>rise</em> & rise.</p>".replace("&", "&amp;"),
        body_text="They *rise* & rise.",
        chart=TREND.counts,
        image_alt=trended.alt(TREND),
        items=links[0],
        episodes=links[1],
    )


def test_the_golden_trend_is_what_a_person_looked_at(renderer: Renderer, is_updating: bool) -> None:
    shown = document(
        DocumentSection("", (words("Good morning.", block_id=3),)),
        DocumentSection("Trends", (_entry(), entry(blurb="On forgetting."))),
    )
    rendered = renderer.render(shown)
    for name, content in (("trend.html", rendered.html), ("trend.txt", rendered.text)):
        path = GOLDEN / name
        if is_updating:
            path.write_text(content, encoding="utf-8", newline="\n")
        assert content == path.read_text(encoding="utf-8"), f"{name} differs; look at it, then --update-golden"
    assert set(renderer.weights(shown, rendered)) == {1, 2, 3}


def test_its_chart_is_a_picture_of_ours_with_its_size_and_words(renderer: Renderer) -> None:
    rendered = renderer.render(document(DocumentSection("Trends", (_entry(),))))
    page = Page(slots.filled(rendered.html, rendered.links))
    assert not page.unclosed
    assert "/chart/" in rendered.html
    assert 'width="264" height="44"' in rendered.html
    assert [link.label for link in rendered.links] == [link.title for link in (*TREND.sources, *TREND.episodes)]
    assert "/chart/" not in rendered.text


def test_a_document_with_a_trend_is_read_back_equal() -> None:
    shown = document(DocumentSection("Trends", (_entry(),)))
    assert compose.document_from(asdict(shown)) == shown
