"""How many bytes of the mail a block takes: what taking it out would save."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.db import Database
from curator.issues import live, publish, weights
from curator.issues.render import Renderer
from curator.issues.values import Document, DocumentSection
from curator.newsletters import store as newsletters
from tests.issues.documents import document, entry, whole_issue, words
from tests.issues.scene import NOW, fill, scene


def _size(renderer: Renderer, shown: Document) -> int:
    rendered = renderer.render(shown)
    return renderer.size(rendered.html, rendered.links)


def test_a_block_weighs_what_taking_it_out_saves(renderer: Renderer) -> None:
    section = DocumentSection("Trends", tuple(entry(f"Title {n}", block_id=n) for n in range(1, 5)))
    shown = document(section)
    found = renderer.weights(shown, renderer.render(shown))
    assert list(found) == [1, 2, 3, 4]
    without = document(replace(section, entries=section.entries[:1] + section.entries[2:]))
    saved = _size(renderer, shown) - _size(renderer, without)
    assert found[2] == pytest.approx(saved, abs=20), "link slots are numbered, so a digit more or less"


def test_every_block_of_a_whole_issue_has_its_weight(renderer: Renderer) -> None:
    shown = whole_issue()
    rendered = renderer.render(shown)
    found = renderer.weights(shown, rendered)
    assert len(found) == len({one.block_id for section in shown.sections for one in section.entries})
    assert 0 < sum(found.values()) < renderer.size(rendered.html, rendered.links)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
@settings(deadline=None, max_examples=25)
def test_no_words_hide_or_add_a_block(renderer: Renderer, texts: list[str]) -> None:
    written = tuple(words(f'x {text} </td><td class="pad ink">', block_id=n) for n, text in enumerate(texts, start=1))
    shown = document(DocumentSection("", written))
    assert set(renderer.weights(shown, renderer.render(shown))) == {one.block_id for one in written}


def test_of_another_lay_out_nothing_is_said() -> None:
    shown = document(DocumentSection("Trends", (entry(),)))
    assert weights.by_block("<p>One long text.</p>", shown, (), public_url="https://news.example") == {}


def test_a_board_that_does_not_render_shows_the_last_good_mail_and_the_line(
    sqlite_database: Database, tmp_path: Path
) -> None:
    there = scene(sqlite_database)
    fill(there)
    issue_id = publish.draft(there.db, there.newsletter_id, now=NOW)
    folder = tmp_path / "email"
    folder.mkdir()
    for path in (Path(__file__).parents[2] / "templates" / "email").glob("*.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    renderer = Renderer(tmp_path)
    good = publish.render(there.db, renderer, issue_id, now=NOW)
    whole = (folder / "issue.mjml").read_text()
    (folder / "issue.mjml").write_text("\n" + "{% if %}\n" + whole)
    with there.db.read() as session:
        newsletter = newsletters.newsletter(session, there.newsletter_id)
        mail = live.as_it_stands(session, renderer, there.board(issue_id), newsletter)
    assert "(issue.mjml, line 2)" in mail.error
    assert (mail.html, mail.mark) == (good.html, good.content_hash[:16])
    (folder / "issue.mjml").write_text(whole)
    with there.db.read() as session:
        mail = live.as_it_stands(session, renderer, there.board(issue_id), newsletter)
    assert (mail.error, mail.html) == ("", good.html)
