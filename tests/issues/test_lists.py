"""Lists of links: put on the board, named, moved, taken out and back, and what becomes of them in the mail."""

from dataclasses import asdict, replace

import pytest

from curator.activity import store as activity
from curator.db import Database
from curator.errors import ConflictError, InvalidError
from curator.issues import board, compose, made, slots, store
from curator.issues.listed import LinkList, ListLink, ListOf, links_of
from curator.issues.render import Renderer
from curator.issues.reverts import REVERTS
from curator.issues.values import BlockKind, BoardBlock, Document, DocumentEntry, DocumentItem, DocumentSection
from curator.newsletters import store as newsletters
from tests import builders
from tests.issues.conftest import GOLDEN
from tests.issues.documents import document, entry, words
from tests.issues.reading import Page
from tests.issues.scene import NOW, Scene, scene

LIST = LinkList(
    ListOf.MOST_CLICKED,
    "Most read of issue 41",
    (
        ListLink("What a vector index forgets", "https://waves.example/41?a=1&b=2", "Latent Waves, told at 12:40"),
        ListLink("كيف تنسى الفهارس", "https://arabic.example/1", "issue 40"),
        ListLink("A <b>title</b> & more", "https://cards.example/"),
    ),
)


@pytest.fixture
def desk(database: Database) -> Scene:
    return scene(database)


@pytest.fixture
def issue(desk: Scene) -> int:
    return builders.approved_issue_row(desk.db, desk.newsletter_id)


def _add(desk: Scene, issue: int, made_of: LinkList = LIST, *, section: int | None = None) -> int:
    return made.add_list(desk.db, issue, section, made_of, by=None, now=NOW)


def _block(desk: Scene, issue: int) -> BoardBlock:
    (block,) = desk.board(issue).intro
    return block


def _undo(desk: Scene) -> str:
    with desk.db.read() as session:
        change = activity.recent(session, limit=1)[0]
    return REVERTS[f"{change.subject}.{change.verb}"](desk.db, change, by=None, now=NOW)


def _document(desk: Scene, issue: int) -> Document:
    with desk.db.read() as session:
        return compose.document(store.board(session, issue), newsletters.newsletter(session, desk.newsletter_id))


def test_a_list_stands_on_the_board_and_in_the_document_as_it_was_made(desk: Scene, issue: int) -> None:
    block_id = _add(desk, issue)
    block = _block(desk, issue)
    assert (block.id, block.kind, block.body) == (block_id, BlockKind.LIST, "Most read of issue 41")
    assert links_of(block.facts) == LIST.links
    ((section,),) = ((_document(desk, issue).sections),)
    (shown,) = section.entries
    assert (shown.kind, shown.title) == (BlockKind.LIST, "Most read of issue 41")
    assert shown.items[1] == DocumentItem("كيف تنسى الفهارس", "https://arabic.example/1", "issue 40")


def test_the_same_list_pressed_twice_is_there_once(desk: Scene, issue: int) -> None:
    assert _add(desk, issue) == _add(desk, issue)
    assert desk.verbs() == ["added a list to"]


def test_its_heading_is_written_and_taken_back(desk: Scene, issue: int) -> None:
    block = _add(desk, issue)
    version = made.edit_heading(desk.db, block, heading=" What you read ", expected_version=1, by=None, now=NOW)
    assert (version, _block(desk, issue).body) == (2, "What you read")
    assert made.edit_heading(desk.db, block, heading="What you read", expected_version=1, by=None, now=NOW) == 2
    with pytest.raises(ConflictError):
        made.edit_heading(desk.db, block, heading="Mine", expected_version=1, by=None, now=NOW)
    assert "Most read of issue 41" in _undo(desk)
    assert _block(desk, issue).body == "Most read of issue 41"


@pytest.mark.parametrize("heading", ["", " \n ", "x" * 201])
def test_a_heading_that_is_none_is_refused(desk: Scene, issue: int, heading: str) -> None:
    block = _add(desk, issue)
    with pytest.raises(InvalidError):
        made.edit_heading(desk.db, block, heading=heading, expected_version=1, by=None, now=NOW)


def test_a_text_has_no_heading_and_an_empty_list_is_none(desk: Scene, issue: int) -> None:
    text = board.add_text(desk.db, issue, None, "Hello", by=None, now=NOW)
    with pytest.raises(InvalidError, match="which has no heading"):
        made.edit_heading(desk.db, text, heading="A", expected_version=1, by=None, now=NOW)
    with pytest.raises(InvalidError, match="nothing to list"):
        _add(desk, issue, replace(LIST, links=()))


def test_it_moves_and_comes_back_with_its_links_after_it_was_taken_out(desk: Scene, issue: int) -> None:
    block = _add(desk, issue, section=desk.sections[0])
    board.move(desk.db, block, section_id=None, after_block_id=None, by=None, now=NOW)
    assert _block(desk, issue).id == block
    board.remove(desk.db, block, by=None, now=NOW)
    assert desk.board(issue).intro == ()
    assert _undo(desk) == "It is back in the issue."
    assert links_of(_block(desk, issue).facts) == LIST.links


def test_adding_it_is_undone_unless_its_heading_was_written_since(desk: Scene, issue: int) -> None:
    _add(desk, issue)
    assert _undo(desk) == "It is taken out again."
    assert desk.board(issue).intro == ()


def test_an_approval_is_voided_by_a_list(desk: Scene, issue: int) -> None:
    _add(desk, issue)
    assert desk.board(issue).issue.approved_hash is None


def test_links_that_lead_nowhere_are_left_out(desk: Scene, issue: int) -> None:
    bad = ListLink("Bad", "javascript:alert(1)")
    _add(desk, issue, replace(LIST, links=(bad, *LIST.links)))
    (section,) = _document(desk, issue).sections
    assert len(section.entries[0].items) == 3
    other = builders.approved_issue_row(desk.db, desk.newsletter_id, number=2)
    _add(desk, other, replace(LIST, links=(bad,)))
    assert _document(desk, other).sections == ()


def _entry() -> DocumentEntry:
    items = tuple(DocumentItem(link.title, link.url, link.note) for link in LIST.links)
    return replace(words("", block_id=2), kind=BlockKind.LIST, title=LIST.heading, items=items)


def test_the_golden_list_is_what_a_person_looked_at(renderer: Renderer, is_updating: bool) -> None:
    shown = document(
        DocumentSection("", (words("Good morning.", block_id=3),)),
        DocumentSection("Recommendations", (entry(blurb="On forgetting."), _entry())),
    )
    rendered = renderer.render(shown)
    for name, content in (("list.html", rendered.html), ("list.txt", rendered.text)):
        path = GOLDEN / name
        if is_updating:
            path.write_text(content, encoding="utf-8", newline="\n")
        assert content == path.read_text(encoding="utf-8"), f"{name} differs; look at it, then --update-golden"
    assert set(renderer.weights(shown, rendered)) == {1, 2, 3}


def test_every_link_of_a_list_is_counted_under_its_own_title(renderer: Renderer) -> None:
    rendered = renderer.render(document(DocumentSection("Recommendations", (_entry(),))))
    assert [(link.label, link.url) for link in rendered.links] == [(link.title, link.url) for link in LIST.links]
    assert {link.block_id for link in rendered.links} == {2}
    page = Page(slots.filled(rendered.html, rendered.links))
    assert "A <b>title</b> & more" in page.text
    assert not page.unclosed


def test_a_document_with_a_list_is_read_back_equal() -> None:
    shown = document(DocumentSection("Recommendations", (_entry(),)))
    assert compose.document_from(asdict(shown)) == shown
