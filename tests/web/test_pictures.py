"""Pictures on the web: served by their names, chosen on the board, and a newsletter's logo."""

from io import BytesIO

import pytest
from sqlalchemy import update

from curator.activity import store as activity
from curator.app import App
from curator.feeds.tables import Item
from curator.issues import publish, store
from curator.issues.values import BoardBlock
from curator.jobs import tasks
from curator.pictures import store as pictures
from curator.pictures.values import Kind, PictureState, Source, Use
from tests.pictures import files
from tests.web.conftest import Browser, Newsroom

LEAD = "https://blog.example/lead.jpg"


@pytest.fixture
def issue_id(newsroom: Newsroom, sqlite_app: App) -> int:
    """An issue in which an article's page names a picture."""
    with sqlite_app.db.write() as session:
        session.execute(update(Item).where(Item.id == newsroom.articles[0]).values(image_url=LEAD))
    return newsroom.issue()


def _block(app: App, issue_id: int) -> BoardBlock:
    with app.db.read() as session:
        board = store.board(session, issue_id)
    return next(block for block in board.blocks if block.pick and block.pick.item.image_url == LEAD)


def _press(browser: Browser, app: App, issue_id: int, deed: str, **fields: object):
    block = _block(app, issue_id)
    assert block.pick
    words = {"title": block.pick.title, "link": block.pick.link or "", "blurb": block.pick.blurb}
    url = f"/desk/issues/{issue_id}/blocks/{block.id}"
    return browser.post(url, {"version": block.version, **words, "do": deed, **fields})


def _id(app: App) -> int:
    with app.db.read() as session:
        return pictures.pictures(session, [Source(LEAD, Use.WIDE)])[Source(LEAD, Use.WIDE)].id


def _approve(app: App, issue_id: int) -> None:
    publish.approve(app.db, app.renderer, issue_id, by=None, now=app.clock())
    assert _is_approved(app, issue_id)


def _is_approved(app: App, issue_id: int) -> bool:
    with app.db.read() as session:
        return store.issue_row(session, issue_id).approved_hash is not None


def test_a_picture_is_served_by_its_name_for_good(visitor: Browser, sqlite_app: App) -> None:
    content = files.photo(300, 200)
    name = sqlite_app.pictures.put(content, Kind.JPEG)
    answer = visitor.client.get(f"/pictures/{name}")
    assert (answer.status_code, answer.data, answer.headers["Content-Type"]) == (200, content, "image/jpeg")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "public" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("name", ["nothing.png", "..%2f..%2fsecret.key", "a" * 32 + ".png", "a" * 32 + ".svg"])
def test_what_names_no_picture_is_not_found(visitor: Browser, name: str) -> None:
    assert visitor.client.get(f"/pictures/{name}").status_code == 404


def test_a_picture_is_turned_on_described_fetched_and_turned_off(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    assert "Show its picture" in mina.see(f"/desk/issues/{issue_id}")
    page = mina.follow(_press(mina, sqlite_app, issue_id, "show_picture", picture_alt="A tide table"))
    assert "shows its picture, once that is fetched" in page
    assert "Being fetched from blog.example" in page
    sqlite_app.fetcher.put(LEAD, files.photo())  # type: ignore[attr-defined]  # the twin
    tasks.fetch_picture(sqlite_app, {"picture_id": _id(sqlite_app)})
    page = mina.see(f"/desk/issues/{issue_id}")
    assert '<img class="thumb" src="/pictures/' in page
    assert 'value="A tide table"' in page
    mina.follow(_press(mina, sqlite_app, issue_id, "hide_picture", picture_alt="A tide table"))
    block = _block(sqlite_app, issue_id)
    assert block.pick
    assert (block.pick.shows_picture, block.pick.picture_alt) == (False, "A tide table")


def test_what_could_not_be_had_says_why_and_is_asked_for_again(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    _press(mina, sqlite_app, issue_id, "show_picture", picture_alt="")
    sqlite_app.fetcher.put(LEAD, b"<!doctype html>Not here")  # type: ignore[attr-defined]  # the twin
    tasks.fetch_picture(sqlite_app, {"picture_id": _id(sqlite_app)})
    assert "It is a web page and no picture." in mina.see(f"/desk/issues/{issue_id}")
    assert "It is a web page and no picture." in mina.see(f"/desk/issues/{issue_id}/preview")
    sqlite_app.fetcher.put(LEAD, files.photo())  # type: ignore[attr-defined]  # the twin
    assert "is asked for again" in mina.follow(_press(mina, sqlite_app, issue_id, "fetch_picture"))
    tasks.fetch_picture(sqlite_app, {"picture_id": _id(sqlite_app)})
    with sqlite_app.db.read() as session:
        assert pictures.picture(session, _id(sqlite_app)).state is PictureState.STORED


def test_words_of_a_picture_are_saved_with_whatever_is_pressed(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    _press(mina, sqlite_app, issue_id, "down", picture_alt="Typed first")
    block = _block(sqlite_app, issue_id)
    assert block.pick
    assert (block.pick.shows_picture, block.pick.picture_alt) == (False, "Typed first")
    answer = _press(mina, sqlite_app, issue_id, "save", picture_alt="x" * 301)
    assert answer.status_code == 422
    assert "at most 300 fit" in answer.text


def test_another_picture_at_the_same_address_takes_an_approval_back(
    mina: Browser, sqlite_app: App, issue_id: int
) -> None:
    _press(mina, sqlite_app, issue_id, "show_picture", picture_alt="A map")
    sqlite_app.fetcher.put(LEAD, files.photo())  # type: ignore[attr-defined]  # the twin
    tasks.fetch_picture(sqlite_app, {"picture_id": _id(sqlite_app)})
    _approve(sqlite_app, issue_id)
    sqlite_app.fetcher.put(LEAD, files.photo(400, 400))  # type: ignore[attr-defined]  # the twin
    _press(mina, sqlite_app, issue_id, "fetch_picture")
    tasks.fetch_picture(sqlite_app, {"picture_id": _id(sqlite_app)})
    assert not _is_approved(sqlite_app, issue_id)


def test_a_logo_is_uploaded_described_and_taken_away(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    at = "/desk/newsletter/logo"
    assert "No logo yet" in mina.see(at)
    upload = {"newsletter": newsroom.newsletter, "alt": "", "logo": (BytesIO(files.clear()), "logo.png")}
    page = mina.follow(mina.post(at, upload))
    assert "The logo is here: 240 by 80 pixels" in page
    assert "The head of the mail is dark in light and in dark mail" in page
    assert 'alt="AI Weekly"' in page
    page = mina.follow(mina.post(at, {"newsletter": newsroom.newsletter, "alt": "A wave"}))
    assert 'alt="A wave"' in page
    page = mina.follow(mina.post(f"{at}/remove", {"newsletter": newsroom.newsletter}))
    assert "The logo is taken away" in page
    assert "No logo yet" in page


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("a.svg", b"<svg></svg>", "SVG"), ("", b"", "Choose a file")],
)
def test_a_logo_that_is_none_is_refused_beside_its_field(
    mina: Browser, newsroom: Newsroom, name: str, content: bytes, words: str
) -> None:
    fields: dict[str, object] = {"newsletter": newsroom.newsletter, "alt": "Kept"}
    answer = mina.post("/desk/newsletter/logo", {**fields, "logo": (BytesIO(content), name)})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Kept"' in answer.text


def test_a_logo_comes_back_by_undo(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    upload = {"newsletter": newsroom.newsletter, "alt": "", "logo": (BytesIO(files.clear()), "logo.png")}
    mina.post("/desk/newsletter/logo", upload)
    mina.post("/desk/newsletter/logo/remove", {"newsletter": newsroom.newsletter})
    with sqlite_app.db.read() as session:
        newest = activity.recent(session)[0].id
    mina.post(f"/desk/activity/{newest}/undo", {})
    with sqlite_app.db.read() as session:
        known = pictures.logo(session, newsroom.newsletter)
    assert known is not None
    assert known.alt == "AI Weekly"


def test_another_logo_takes_an_approval_back_and_says_so_and_so_does_undo(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id, at = newsroom.issue(), "/desk/newsletter/logo"
    upload = {"newsletter": newsroom.newsletter, "alt": "", "logo": (BytesIO(files.clear()), "logo.png")}

    _approve(sqlite_app, issue_id)
    assert "lost the approval by it" in mina.follow(mina.post(at, upload))
    assert not _is_approved(sqlite_app, issue_id)
    _approve(sqlite_app, issue_id)
    mina.post(f"{at}/remove", {"newsletter": newsroom.newsletter})
    assert not _is_approved(sqlite_app, issue_id)
    _approve(sqlite_app, issue_id)
    with sqlite_app.db.read() as session:
        newest = next(row.id for row in activity.recent(session) if row.verb == "changed the logo of")
    mina.post(f"/desk/activity/{newest}/undo", {})
    assert not _is_approved(sqlite_app, issue_id)
