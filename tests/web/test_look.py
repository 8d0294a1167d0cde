"""A newsletter's look: its page with a sample, what is refused, the undo, readers' pages, and an issue's layout."""

import html
import re

import pytest

from curator.app import App
from curator.issues import board as boards
from curator.issues import live as live_mail
from curator.issues import publish, store
from curator.issues.values import IssueState
from curator.newsletters import restyle
from curator.newsletters import store as newsletters
from curator.newsletters.theme import HOUSE, Density, Face, Theme, WhenLarge
from curator.newsletters.values import NewsletterSpec
from curator.web.desk.look_form import PRESETS, values_of
from tests import builders
from tests.web.conftest import Browser, Newsroom

PAGE = "/desk/newsletter/look"
PAPER = values_of(PRESETS["paper"][1])


def _newsletter(app: App) -> NewsletterSpec:
    with app.db.read() as session:
        return newsletters.newsletters(session)[0]


def _save(browser: Browser, **fields: str) -> str:
    return browser.follow(browser.post(PAGE, {**PAPER, "newsletter": "1", "do": "save", **fields}))


def _sample_url(page: str) -> str:
    (url,) = re.findall(r'src="(/desk/newsletter/look/sample\.html[^"]+)"', page)
    return html.unescape(url)


def test_a_look_is_saved_and_said(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    assert "A sample</h2>" in mina.see(PAGE)
    assert "AI Weekly has its new look." in _save(mina)
    spec = _newsletter(sqlite_app)
    assert (spec.accent, spec.theme) == (PRESETS["paper"][1].accent, PRESETS["paper"][1].theme)
    page = mina.see(PAGE)
    assert 'value="#efe8dc"' in page
    assert '<option value="classic" selected>' in page
    log = mina.see("/desk/activity")
    assert "changed the look of" in log
    assert "#efe8dc" in re.sub(r"<[^>]+>", "", log), "and what it became"


def test_it_is_taken_back_by_undo_unless_it_was_changed_since(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    first = re.search(r'action="(/desk/activity/\d+/undo)"', _save(mina))
    assert first is not None
    _save(mina, corner="9")
    assert "was changed again since" in mina.post(first[1], {}).text
    newest = re.search(r'action="(/desk/activity/\d+/undo)"', _save(mina, corner="11"))
    assert newest is not None
    mina.post(newest[1], {})
    assert _newsletter(sqlite_app).theme.corner == 9


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("ink", "#aaaaaa", "has a contrast of"),
        ("sheet", "#333333", "a ground needs 11 at least"),
        ("page", "beige", "is not a colour"),
        ("accent", "#ffee00", "choose a darker one"),
        ("corner", "40", "from 0 to 16"),
        ("headings", "comic", "Choose one of the list"),
    ],
)
def test_what_nobody_could_read_is_refused_beside_its_field(
    mina: Browser, newsroom: Newsroom, *, field: str, typed: str, reason: str
) -> None:
    answer = mina.post(PAGE, {**PAPER, "newsletter": "1", "do": "save", field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert reason in html.unescape(answer.text)
    assert _newsletter(newsroom.app).theme == HOUSE


def test_a_preview_shows_what_is_typed_and_saves_nothing(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    answer = mina.post(PAGE, {**PAPER, "newsletter": "1", "do": "preview", "scheme": "dark"})
    assert answer.status_code == 200
    assert "A sample, not saved yet" in answer.text
    sample = mina.client.get(_sample_url(answer.text))
    assert "sandbox" in sample.headers["Content-Security-Policy"]
    assert "#efe8dc" in sample.text
    assert "AI Weekly" in sample.text
    assert "(min-width: 0)" in sample.text, "as on a dark screen"
    assert _newsletter(sqlite_app).theme == HOUSE


def test_a_script_gets_the_sample_alone_with_its_contrasts(mina: Browser, newsroom: Newsroom) -> None:
    answer = mina.client.get(PAGE, query_string={**PAPER, "ink": "#bbbbbb"}, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith("<div")
    assert "HX-Request" in answer.headers["Vary"]
    assert "too faint" in answer.text
    assert "It shows the look as it is saved, because" in answer.text
    broken = mina.client.get(PAGE, query_string={**PAPER, "ink": '"><script>'}, headers={"HX-Request": "true"})
    assert "<script>" not in broken.text
    assert "What can be read" not in broken.text


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_fills_the_fields_and_can_be_saved(mina: Browser, newsroom: Newsroom, name: str) -> None:
    page = mina.see(f"{PAGE}?preset={name}")
    assert "too faint" not in page
    assert "has its new look" in _save(mina, **values_of(PRESETS[name][1])) or name == "house"


def test_back_to_the_house(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    builders.change_newsletters(sqlite_app.db, accent="#7a1f5c")
    assert "looks like the house again" in mina.follow(mina.post(f"{PAGE}/house", {"newsletter": "1"}))
    spec = _newsletter(sqlite_app)
    assert (spec.accent, spec.theme) == ("", HOUSE)


def test_settings_that_are_saved_leave_the_look_alone(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    _save(mina)
    fields = dict(
        re.findall(r'<input id="([^"]+)"[^>]* name="\1" type="[^"]+" value="([^"]*)"', mina.see("/desk/newsletter"))
    )
    fields |= {"name": "AI Monthly", "newsletter": "1", "zone": "UTC", "rhythm": "weekly", "weekday-1": "yes"}
    fields |= {"when_short": "hold", "when_unapproved": "hold"}
    fields |= {f"section-takes-{number}": "articles" for number in range(5)}
    assert "AI Monthly is saved" in mina.follow(mina.post("/desk/newsletter", fields))
    spec = _newsletter(sqlite_app)
    assert (spec.name, spec.accent, spec.theme.page) == ("AI Monthly", "#8a2f1b", "#efe8dc")


def test_an_approval_lapses_with_the_look_and_the_page_says_so(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    issue_id = newsroom.issue()
    publish.approve(sqlite_app.db, sqlite_app.renderer, issue_id, by=None, now=sqlite_app.clock())
    assert re.search(r"Issue \d+ (has )?lost the approval by it", _save(mina))
    with sqlite_app.db.read() as session:
        assert store.issue_row(session, issue_id).state is IssueState.DRAFT


def test_readers_pages_take_the_look_by_its_address(
    visitor: Browser, mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    _save(mina)
    (address,) = re.findall(r'href="(/look/[^"]+)"', visitor.see("/n/ai-weekly"))
    assert address == "/look/8a2f1b-efe8dc-fffdf8-211e19-classic-classic-0.css"
    answer = visitor.client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    for told in ("--paper: #fffdf8;", "--ink: #211e19;", "--serif: Georgia", "--radius: 0px;", "--accent: #8a2f1b;"):
        assert told in answer.text
    assert "public" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    [
        "8a2f1b-efe8dc-fffdf8-211e19-comic-classic-0",
        "8a2f1b-333333-x-x-book-system-6",
        "8a2f1b-x-x-aaaaaa-book-system-6",
        "8a2f1b-x-x-x-book-system-99",
        "8a2f1b-x-x-x-book-system",
        "x-x-x-x-book-system-6;}",
    ],
)
def test_a_look_that_no_newsletter_may_have_is_not_there(visitor: Browser, newsroom: Newsroom, name: str) -> None:
    assert visitor.client.get(f"/look/{name}.css").status_code == 404


def test_a_density_alone_is_the_mails_so_pages_stay_the_houses(
    visitor: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    restyle.restyle(sqlite_app.db, 1, accent="", theme=Theme(density=Density.TIGHT), by=None, now=sqlite_app.clock())
    assert "/look/" not in visitor.see("/n/ai-weekly")


def test_the_layout_is_chosen_with_one_press_and_taken_back(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    issue_id = newsroom.issue()
    board = mina.see(f"/desk/issues/{issue_id}")
    assert "Lay it out compactly" in board
    shown = mina.follow(mina.post(f"/desk/issues/{issue_id}/layout", {"layout": "compact"}))
    assert "Laid out compactly: without pictures" in shown
    assert "Lay it out in full" in shown
    assert _live(sqlite_app, issue_id).is_compact
    mina.follow(mina.post(f"/desk/issues/{issue_id}/layout", {"layout": "full"}))
    assert not _live(sqlite_app, issue_id).is_compact


def test_what_is_too_large_is_offered_the_compact_layout_on_board_and_preview(
    mina: Browser, newsroom: Newsroom, sqlite_app: App
) -> None:
    theme = Theme(when_large=WhenLarge.OFFER, headings=Face.SLAB)
    restyle.restyle(sqlite_app.db, 1, accent="", theme=theme, by=None, now=sqlite_app.clock())
    issue_id = newsroom.issue()
    for number in range(11):
        words = f"{number} " + "word " * 1_900
        boards.add_text(sqlite_app.db, issue_id, None, words, by=None, now=sqlite_app.clock())
    board = mina.see(f"/desk/issues/{issue_id}")
    assert "It is too large in full." in board
    preview = mina.see(f"/desk/issues/{issue_id}/preview")
    assert "choose the compact layout" in html.unescape(preview)
    assert "Lay it out compactly" in preview


def _live(app: App, issue_id: int) -> live_mail.LiveMail:
    with app.db.read() as session:
        board = store.board(session, issue_id)
        newsletter = newsletters.newsletter(session, board.issue.newsletter_id)
        return live_mail.as_it_stands(session, app.renderer, board, newsletter)
