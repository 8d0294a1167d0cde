"""The board: words, order, texts, subject, and two editors at once."""

import re
from datetime import timedelta

import pytest

from curator.app import App
from curator.issues import publish, store
from curator.issues.values import Board, BoardBlock, IssueState
from tests.web.conftest import Browser, Newsroom


@pytest.fixture
def issue_id(newsroom: Newsroom) -> int:
    return newsroom.issue()


def test_words_are_saved_and_shown(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block = _first(sqlite_app, issue_id)
    answer = mina.post(_url(issue_id, block), {**_fields(block), "blurb": "Who pays for a **free** shore?"})
    assert answer.headers["Location"].endswith(f"/desk/issues/{issue_id}#block-{block.id}")
    assert "Who pays for a **free** shore?" in mina.follow(answer)
    assert _pick(_first(sqlite_app, issue_id)).blurb == "Who pays for a **free** shore?"


def test_a_form_sent_twice_is_saved_once(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block = _first(sqlite_app, issue_id)
    for _ in range(2):
        assert mina.post(_url(issue_id, block), {**_fields(block), "blurb": "Once."}).status_code == 303
    assert _pick(_first(sqlite_app, issue_id)).version == block.version + 1


def test_every_button_of_a_block_saves_its_words_first(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block = _board(sqlite_app, issue_id).sections[0].blocks[1]
    mina.post(_url(issue_id, block), {**_fields(block), "blurb": "Typed, then moved.", "do": "up"})
    moved = _first(sqlite_app, issue_id)
    assert (moved.id, _pick(moved).blurb) == (block.id, "Typed, then moved.")


def test_a_block_moves_last_into_another_section(mina: Browser, sqlite_app: App, newsroom: Newsroom) -> None:
    issue_id = newsroom.issue()
    block = _first(sqlite_app, issue_id)
    answer = mina.post(_url(issue_id, block), {**_fields(block), "do": "move", "to": newsroom.sections[1]})
    assert re.search(r"is moved: Trends, position (\d) of \1\.", mina.follow(answer))
    assert _board(sqlite_app, issue_id).sections[1].blocks[-1].id == block.id


def test_a_removed_block_is_gone(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block = _first(sqlite_app, issue_id)
    assert "is taken out" in mina.follow(mina.post(_url(issue_id, block), {"do": "remove"}))
    assert _first(sqlite_app, issue_id).id != block.id
    assert mina.post(_url(issue_id, block), {"do": "remove"}).status_code == 404


def test_a_bad_link_is_said_beside_its_field_and_keeps_the_words(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block = _first(sqlite_app, issue_id)
    answer = mina.post(
        _url(issue_id, block), {**_fields(block), "link": "javascript:alert(1)", "blurb": "An hour's work."}
    )
    assert answer.status_code == 422
    assert 'href="#link"' in answer.text
    assert "An hour&#39;s work." in answer.text


def test_who_saves_second_sees_both_texts_and_can_keep_theirs(
    mina: Browser, theo: Browser, sqlite_app: App, issue_id: int
) -> None:
    block = _first(sqlite_app, issue_id)
    theo.post(_url(issue_id, block), {**_fields(block), "blurb": "Theo was first."})
    answer = mina.post(_url(issue_id, block), {**_fields(block), "blurb": "Mina was second."})
    assert answer.status_code == 409
    assert "Theo was first." in answer.text
    assert "Mina was second." in answer.text
    assert _pick(_first(sqlite_app, issue_id)).blurb == "Theo was first."
    fields = dict(re.findall(r'<input type="hidden" name="(version|title|link)" value="([^"]*)"', answer.text))
    kept = mina.post(_url(issue_id, block), {**fields, "blurb": "Mina was second."})
    assert kept.status_code == 303
    assert _pick(_first(sqlite_app, issue_id)).blurb == "Mina was second."


def test_the_subject_has_its_own_conflict(mina: Browser, theo: Browser, sqlite_app: App, issue_id: int) -> None:
    version = _board(sqlite_app, issue_id).issue.version
    url = f"/desk/issues/{issue_id}/settings"
    assert theo.post(url, {"subject": "Theo's", "preheader": "", "version": version}).status_code == 303
    answer = mina.post(url, {"subject": "Mina's", "preheader": "", "version": version})
    assert answer.status_code == 409
    assert "Theo&#39;s" in answer.text
    assert "Mina&#39;s" in answer.text


def test_a_subject_that_is_too_long_stays_on_the_page(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    version = _board(sqlite_app, issue_id).issue.version
    answer = mina.post(f"/desk/issues/{issue_id}/settings", {"subject": "s" * 301, "preheader": "", "version": version})
    assert answer.status_code == 422
    assert "at most 300" in answer.text
    assert "s" * 301 in answer.text


def test_texts_stand_in_the_intro_and_in_sections(mina: Browser, sqlite_app: App, newsroom: Newsroom) -> None:
    issue_id = newsroom.issue()
    mina.post(f"/desk/issues/{issue_id}/text", {"body": "Hello, readers.", "section": ""})
    mina.post(f"/desk/issues/{issue_id}/text", {"body": "A word on trends.", "section": newsroom.sections[1]})
    board = _board(sqlite_app, issue_id)
    assert board.intro[0].body == "Hello, readers."
    assert board.sections[1].blocks[-1].body == "A word on trends."
    intro = board.intro[0]
    mina.post(_url(issue_id, intro), {"body": "Hello again.", "version": intro.version})
    assert _board(sqlite_app, issue_id).intro[0].body == "Hello again."
    empty = mina.post(_url(issue_id, intro), {"body": " ", "version": intro.version + 1})
    assert (empty.status_code, "remove the block instead" in empty.text) == (422, True)


def test_an_empty_text_is_not_added(mina: Browser, issue_id: int) -> None:
    answer = mina.post(f"/desk/issues/{issue_id}/text", {"body": "  "})
    assert (answer.status_code, "Write something first" in answer.text) == (422, True)


def test_an_edit_takes_the_approval_back(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    block = _first(sqlite_app, issue_id)
    said = mina.follow(mina.post(_url(issue_id, block), {**_fields(block), "blurb": "One more word."}))
    assert "is saved. Issue 1 has lost its approval: look at the preview and approve it again." in said
    assert _board(sqlite_app, issue_id).issue.state is IssueState.DRAFT
    more = mina.follow(mina.post(_url(issue_id, block), {**_fields(_first(sqlite_app, issue_id)), "blurb": "Two."}))
    assert "has lost" not in more


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("/desk/issues/1/text", {"body": "One more."}),
        ("/desk/issues/1/settings", {"subject": "Another", "version": 0}),
    ],
)
def test_whoever_edits_a_scheduled_issue_is_told_that_it_is_not_sent(
    mina: Browser, sqlite_app: App, newsroom: Newsroom, page: str, fields: dict[str, object]
) -> None:
    issue_id, now = newsroom.issue(), sqlite_app.clock()
    if "version" in fields:
        fields = {**fields, "version": _board(sqlite_app, issue_id).issue.version}
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=now)
    publish.schedule(sqlite_app.db, issue_id, at=now + timedelta(days=1), by=None, now=now)
    said = mina.follow(mina.post(page, {"newsletter": newsroom.newsletter, **fields}))
    assert "Issue 1 has lost its approval and is not scheduled any more" in said


def test_a_sent_issue_shows_its_words_and_takes_no_more(mina: Browser, sqlite_app: App, issue_id: int) -> None:
    block = _first(sqlite_app, issue_id)
    with sqlite_app.db.write() as session:
        store.mark_sent(session, issue_id, now=sqlite_app.clock())
    page = mina.see(f"/desk/issues/{issue_id}")
    assert 'name="do"' not in page
    answer = mina.post(_url(issue_id, block), {**_fields(block), "blurb": "Too late, but kept."})
    assert answer.status_code == 422
    assert "Too late, but kept." in answer.text


def test_the_board_tells_budget_size_and_what_comes_next(mina: Browser, issue_id: int) -> None:
    page = mina.see(f"/desk/issues/{issue_id}")
    assert "3 of 3" in page
    assert re.search(r'<meter id="size" min="0" max="100000"', page)
    assert "have no words of yours yet" in page


def test_one_issue_is_open_at_a_time(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    first = mina.post("/desk/issues", {"newsletter": newsroom.newsletter}).headers["Location"]
    assert "is still open" in mina.follow(mina.post("/desk/issues", {"newsletter": newsroom.newsletter}))
    with sqlite_app.db.read() as session:
        assert [f"/desk/issues/{row.id}" for row in store.issue_rows(session)] == [first]


def _board(app: App, issue_id: int) -> Board:
    with app.db.read() as session:
        return store.board(session, issue_id)


def _first(app: App, issue_id: int) -> BoardBlock:
    return _board(app, issue_id).sections[0].blocks[0]


def _pick(block: BoardBlock):  # type: ignore[no-untyped-def]
    assert block.pick is not None
    return block.pick


def _fields(block: BoardBlock) -> dict[str, object]:
    pick = _pick(block)
    return {"version": block.version, "title": pick.title, "link": pick.link or "", "blurb": pick.blurb}


def _url(issue_id: int, block: BoardBlock) -> str:
    return f"/desk/issues/{issue_id}/blocks/{block.id}"


def test_a_drafted_pick_says_why_it_was_chosen(mina: Browser, newsroom: Newsroom) -> None:
    page = mina.see(f"/desk/issues/{newsroom.issue()}")
    assert "Drafted: an episode of your own show;" in page
