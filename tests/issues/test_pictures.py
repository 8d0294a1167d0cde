"""Pictures in an issue: which are asked for, when the mail has them, and that an approval outlives their coming."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event

from curator.db import Database
from curator.episodes import edit
from curator.episodes.values import Words
from curator.errors import InvalidError
from curator.feeds.values import ItemKind
from curator.issues import board, compose, illustrate, pictured, publish, store
from curator.issues.render import Renderer
from curator.issues.values import Board, BoardBlock, Document, DocumentEntry
from curator.newsletters import store as newsletters
from curator.pictures import store as pictures
from curator.pictures.memory import MemoryPictures
from curator.pictures.values import Kind, Picture, PictureRow, PictureState, Source, Use
from curator.queue import store as queue
from tests import builders
from tests.issues.scene import NOW, Scene, scene

ART, LEAD = "https://latent-waves.example/41.png", "https://blog.example/lead.jpg"
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def desk(database: Database) -> Scene:
    """An issue with an own episode that has artwork, and an article whose page names a picture."""
    found = scene(database, minimum_picks=0)
    ours = found.item("Forgetting in the Arctic", feed=0, image_url=ART)
    page = found.item("A history of index cards", feed=1, image_url=LEAD)
    issue_id = publish.draft(found.db, found.newsletter_id, now=NOW)
    for item_id in (ours, page):
        board.pick_into(found.db, issue_id, item_id, found.sections[0], by=None, now=NOW)
    return found


def _block(desk: Scene, title: str) -> BoardBlock:
    return next(block for block in desk.board(1).blocks if block.pick and block.pick.title == title)


def _document(desk: Scene) -> Document:
    with desk.db.read() as session:
        return compose.document(store.board(session, 1), newsletters.newsletter(session, desk.newsletter_id))


def _entry(desk: Scene, title: str) -> DocumentEntry:
    entries = [entry for section in _document(desk).sections for entry in section.entries]
    return next(entry for entry in entries if entry.title == title)


def _wanted(desk: Scene) -> dict[str, PictureState]:
    known = [Source(ART, Use.ARTWORK), Source(LEAD, Use.WIDE)]
    with desk.db.read() as session:
        return {source.url: row.state for source, row in pictures.pictures(session, known).items()}


def _show(desk: Scene, *, is_shown: bool = True, alt: str = "A card") -> int:
    block = _block(desk, "A history of index cards")
    return board.show_picture(desk.db, block.id, is_shown=is_shown, alt=alt, by=None, now=NOW)


def test_an_own_episodes_artwork_is_asked_for_when_it_comes_into_an_issue(desk: Scene) -> None:
    assert _wanted(desk) == {ART: PictureState.WAITING}
    assert _entry(desk, "Forgetting in the Arctic").image_url is None
    with desk.db.read() as session:
        assert queue.due_tasks(session, now=NOW)["fetch_picture"] == 1


def test_the_mail_has_a_picture_from_our_own_address_once_it_is_kept(database: Database, renderer: Renderer) -> None:
    found = scene(database, minimum_picks=0)
    kept = builders.picture_row(database, ART, use=Use.ARTWORK)
    ours = found.item("Forgetting in the Arctic", feed=0, image_url=ART)
    issue_id = publish.draft(found.db, found.newsletter_id, now=NOW)
    board.pick_into(found.db, issue_id, ours, found.sections[0], by=None, now=NOW)
    entry = _entry(found, "Forgetting in the Arctic")
    assert (entry.image_url, entry.image_width, entry.image_height) == (f"/pictures/{kept.name}", 128, 128)
    rendered = renderer.render(_document(found))
    assert f'src="{renderer.public_url}/pictures/{kept.name}"' in rendered.html
    assert "latent-waves.example" not in rendered.html


def test_an_article_shows_its_picture_when_an_editor_says_so(desk: Scene) -> None:
    builders.picture_row(desk.db, LEAD)
    assert _entry(desk, "A history of index cards").image_url is None
    version = _show(desk, alt="A drawer\nof cards")
    entry = _entry(desk, "A history of index cards")
    assert entry.image_url is not None
    assert (entry.image_alt, entry.image_width) == ("A drawer of cards", 528)
    assert _show(desk, alt="A drawer of cards") == version
    _show(desk, is_shown=False, alt="")
    assert _entry(desk, "A history of index cards").image_url is None
    assert desk.verbs().count("chose the picture of a pick of") == 2


def test_an_article_without_a_picture_or_with_an_essay_for_words_is_refused(desk: Scene) -> None:
    bare = desk.item("Without", feed=2)
    block_id = board.pick_into(desk.db, 1, bare, desk.sections[0], by=None, now=NOW)
    with pytest.raises(InvalidError, match="no picture"):
        board.show_picture(desk.db, block_id, is_shown=True, alt="", by=None, now=NOW)
    with pytest.raises(InvalidError, match="300"):
        _show(desk, alt="x" * 301)
    text_id = board.add_text(desk.db, 1, None, "Words", by=None, now=NOW)
    with pytest.raises(InvalidError, match="only a pick"):
        board.show_picture(desk.db, text_id, is_shown=True, alt="", by=None, now=NOW)


def test_an_episode_of_another_show_shows_nothing_by_itself(desk: Scene) -> None:
    theirs = desk.item("Elsewhere", feed=1, kind=ItemKind.EPISODE, image_url="https://other.example/a.png")
    board.pick_into(desk.db, 1, theirs, desk.sections[0], by=None, now=NOW)
    block = _block(desk, "Elsewhere")
    assert pictured.source_of(block) is None
    assert pictured.offered(block) == Source("https://other.example/a.png", Use.ARTWORK)


def test_a_picture_that_comes_after_the_approval_changes_nothing_of_it(desk: Scene, renderer: Renderer) -> None:
    publish.approve(desk.db, renderer, 1, by=None, now=NOW)
    before = _document(desk)
    picture_id = _id(desk, ART)
    with desk.db.write() as session:
        pictures.note_stored(session, picture_id, Picture("b" * 32 + ".jpg", 128, 128, 9_000), now=LATER)
    assert _document(desk) == before
    assert publish.take_back_changed(desk.db, renderer, by=None, now=LATER) == []
    (standing,) = pictured.standings(desk.board(1)).values()
    assert standing.is_late
    publish.unapprove(desk.db, 1, by=None, now=LATER)
    assert _entry(desk, "Forgetting in the Arctic").image_url is not None
    publish.approve(desk.db, renderer, 1, by=None, now=LATER)
    assert publish.take_back_changed(desk.db, renderer, by=None, now=LATER) == []
    assert _entry(desk, "Forgetting in the Arctic").image_url is not None


def _id(desk: Scene, url: str) -> int:
    with desk.db.read() as session:
        return pictures.pictures(session, [Source(url, Use.ARTWORK)])[Source(url, Use.ARTWORK)].id


def test_what_an_editor_of_the_episode_chooses_is_asked_for_by_the_clock(desk: Scene) -> None:
    block = _block(desk, "Forgetting in the Arctic")
    assert block.pick
    words = Words(artwork_url="https://latent-waves.example/other.png", artwork_alt="Another")
    edit.edit_episode(desk.db, block.pick.item.id, words, (), expected_version=0, by=None, now=NOW)
    illustrate.want_all(desk.db, MemoryPictures(), now=LATER)
    other = Source("https://latent-waves.example/other.png", Use.ARTWORK)
    with desk.db.read() as session:
        assert pictures.pictures(session, [other])[other].next_try_at == LATER
    illustrate.want_all(desk.db, MemoryPictures(), now=LATER)
    with desk.db.read() as session:
        assert queue.due_tasks(session, now=LATER)["fetch_picture"] == 2


def test_a_picture_whose_file_a_restored_backup_lacks_is_asked_for_again(desk: Scene) -> None:
    kept = MemoryPictures()
    with desk.db.write() as session:
        pictures.note_stored(session, _id(desk, ART), _picture(kept, b"one"), now=NOW)
    illustrate.want_all(desk.db, kept, now=LATER)
    assert _row(desk).next_try_at is None
    illustrate.want_all(desk.db, MemoryPictures(), now=LATER)
    assert _row(desk).next_try_at == LATER
    with desk.db.write() as session:
        pictures.note_failed(session, _id(desk, ART), "Gone.", tries=5, next_try_at=None)
        pictures.note_tried(session, _id(desk, ART), now=LATER)
    illustrate.want_all(desk.db, MemoryPictures(), now=LATER)
    assert _row(desk).next_try_at is None


def _picture(kept: MemoryPictures, content: bytes) -> Picture:
    return Picture(kept.put(content, Kind.PNG), 128, 128, len(content))


def _row(desk: Scene) -> PictureRow:
    with desk.db.read() as session:
        return pictures.picture(session, _id(desk, ART))


def test_a_picture_is_fetched_again_when_an_editor_asks(desk: Scene) -> None:
    block = _block(desk, "Forgetting in the Arctic")
    with desk.db.write() as session:
        pictures.note_failed(session, _id(desk, ART), "Gone.", tries=5, next_try_at=None)
    illustrate.fetch_again(desk.db, block.id, now=LATER)
    with desk.db.read() as session:
        row = pictures.picture(session, _id(desk, ART))
    assert (row.next_try_at, row.tries) == (LATER, 0)
    with pytest.raises(InvalidError, match="no picture"):
        illustrate.fetch_again(desk.db, _block(desk, "A history of index cards").id, now=LATER)


def test_an_approved_issue_has_a_picture_that_stands_for_it(desk: Scene, renderer: Renderer) -> None:
    kept = MemoryPictures()
    assert illustrate.draw(desk.db, kept, 1, now=NOW) is None
    publish.approve(desk.db, renderer, 1, by=None, now=NOW)
    with desk.db.read() as session:
        assert pictures.share_image(session, 1) is None
        assert queue.due_tasks(session, now=NOW)[illustrate.DRAW] == 1
    drawn = illustrate.draw(desk.db, kept, 1, now=NOW)
    assert illustrate.draw(desk.db, kept, 1, now=LATER) == drawn
    with desk.db.read() as session:
        assert pictures.share_image(session, 1) == drawn
    assert drawn is not None
    assert (drawn.width, drawn.height) == (1200, 630)
    assert kept.get(drawn.name) is not None


def test_a_board_with_many_pictures_takes_as_many_queries_as_with_few(database: Database) -> None:
    found = scene(database, minimum_picks=0)
    issue_id = publish.draft(found.db, found.newsletter_id, now=NOW)

    def fill(count: int) -> Board:
        for _ in range(count):
            number = len(list(found.board(issue_id).blocks))
            item = found.item(f"Episode {number}", feed=0, image_url=f"https://latent-waves.example/{number}.png")
            board.pick_into(found.db, issue_id, item, found.sections[0], by=None, now=NOW)
        return found.board(issue_id)

    fill(2)
    few = _queries(database, lambda: found.board(issue_id))
    fill(8)
    assert _queries(database, lambda: found.board(issue_id)) == few


def _queries(db: Database, look: Callable[[], object]) -> int:
    asked: list[str] = []
    listener = lambda _conn, _cursor, statement, *_rest: asked.append(statement)  # noqa: E731 - removed by its name
    event.listen(db.engine, "before_cursor_execute", listener)
    look()
    event.remove(db.engine, "before_cursor_execute", listener)
    return len(asked)


def test_an_uploaded_logo_stands_in_the_mail_no_larger_than_there_is_room(desk: Scene, renderer: Renderer) -> None:
    facts = {"name": "b" * 32 + ".png", "width": 1056, "height": 100, "bytes": 900, "alt": "The Week"}
    with desk.db.write() as session:
        pictures.put_logo(session, desk.newsletter_id, facts, now=NOW)
    found = _document(desk)
    assert (found.theme.logo_width, found.theme.logo_height) == (528, 50)
    html = renderer.render(found).html
    assert f'src="{renderer.public_url}/pictures/{"b" * 32}.png"' in html
    assert 'alt="The Week"' in html
    with desk.db.write() as session:
        pictures.put_logo(session, desk.newsletter_id, None, now=NOW)
    assert not _document(desk).theme.has_logo
