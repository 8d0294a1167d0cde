"""The board in a browser: written and arranged in place, by keyboard, by mouse, without scripts, by two at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from curator.accounts import admit
from curator.accounts.values import Role
from curator.demo import seed
from curator.issues import store
from curator.newsletters import store as newsletters
from tests.e2e import axe, servers
from tests.e2e.conftest import Open
from tests.e2e.hands import Keys
from tests.e2e.servers import Server

STATUS = "#toasts"
SCROLLED = "document.querySelector('#mail-frame iframe:not(.coming)').contentWindow.scrollY"


@dataclass(frozen=True)
class Desk:
    """A demo with an open issue and two people who may write in it."""

    server: Server
    mina: int
    theo: int
    url: str


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with servers.demo(tmp_path_factory.mktemp("board")) as server:
        app, now = server.app, server.app.clock()
        with app.db.read() as session:
            issue = store.current_issue(session, newsletters.newsletters(session)[0].id)
        assert issue is not None
        theo = admit.create_user(app.db, "theo.lind@example.test", name="Theo Lind", role=Role.EDITOR, now=now)
        yield Desk(server, seed.owner_id(app.db, now=now), theo, f"/desk/issues/{issue.id}")


@pytest.fixture
def mina(there: Desk, open_browser: Open) -> Page:
    return _at_the_board(there, open_browser, there.mina)


@pytest.fixture
def theo(there: Desk, open_browser: Open) -> Page:
    return _at_the_board(there, open_browser, there.theo)


def test_by_keyboard_alone(mina: Page) -> None:
    card = _pick(mina, section=1)
    name = card.get_by_role("heading").inner_text()
    Keys(mina).write(f"Blurb ... {name}", "Written with the keys alone.")
    expect(_saying(card)).to_contain_text("Saved")
    mina.keyboard.press("Escape")
    expect(card).to_be_focused()
    mina.keyboard.press("Alt+ArrowDown")
    expect(mina.locator(STATUS)).to_contain_text("position 2 of")
    expect(card).to_be_focused()
    mina.keyboard.press("Alt+ArrowRight")
    expect(mina.locator(STATUS)).to_contain_text("Trends, position")
    expect(mina.locator(".blocks").nth(2).locator(f"#{card.get_attribute('id')}")).to_be_focused()
    mina.keyboard.press("e")
    expect(card.get_by_label("Blurb")).to_be_focused()
    mina.keyboard.press("Control+A")
    mina.keyboard.press("Control+b")
    expect(card.get_by_label("Blurb")).to_have_value("**Written with the keys alone.**")
    mina.keyboard.press("Control+s")
    expect(mina.locator(STATUS)).to_contain_text("is saved")
    mina.keyboard.press("Escape")
    mina.keyboard.press("Delete")
    expect(mina.locator(STATUS)).to_contain_text("is taken out")
    expect(mina.get_by_role("heading", name=name)).to_have_count(0)
    assert mina.evaluate("document.activeElement !== document.body")


def test_by_mouse_alone(mina: Page) -> None:
    # A block that glides to its place takes no drop meanwhile, and these hands do not wait for it.
    mina.emulate_media(reduced_motion="reduce")
    mina.reload()
    card = _pick(mina, section=3)
    mina.locator("#mail-frame iframe").evaluate("frame => frame.contentWindow.scrollTo(0, 300)")
    card.get_by_label("Blurb").fill("Two words, and a link.")
    card.get_by_label("Blurb").select_text()
    card.get_by_role("button", name="Italic").click()
    expect(_saying(card)).to_contain_text("Saved")
    expect(card.locator("[data-count]")).to_have_text("5 words")
    card.get_by_text("As readers see it").click()
    expect(card.locator(".prose em")).to_have_text("Two words, and a link.")
    mail = mina.frame_locator("#mail-frame iframe:not(.coming)")
    expect(mail.locator("em", has_text="Two words, and a link.")).to_have_count(1)
    assert mina.evaluate(SCROLLED) == 300, "the next mail stands where the last one was scrolled to"
    card.locator("button[value=down]").click()
    expect(mina.locator(STATUS)).to_contain_text("position 2 of")
    expect(card.locator("button[value=down]")).to_be_focused()
    card.locator("select").select_option(label="Trends")
    card.locator("button[value=move]").click()
    expect(mina.locator(STATUS)).to_contain_text("Trends, position")
    _drag(mina, card, into=mina.locator(".blocks").nth(1))
    expect(mina.locator(STATUS)).to_contain_text("Highlights from recent episodes, position")
    mina.reload()
    expect(mina.locator(".blocks").nth(1).locator(f"#{card.get_attribute('id')}")).to_be_visible()


def test_without_scripts(there: Desk, open_browser: Open) -> None:
    page = _at_the_board(there, open_browser, there.mina, java_script_enabled=False)
    card = _pick(page, section=3, nth=1)
    identity = card.get_attribute("id")
    card.get_by_label("Blurb").fill("Written without scripts.")
    card.locator("button[value=up]").click()
    expect(page.get_by_role("status").first).to_contain_text("is moved up")
    card = page.locator(f"#{identity}")
    expect(card.get_by_label("Blurb")).to_have_value("Written without scripts.")
    card.locator("select").select_option(label="Trends")
    card.locator("button[value=move]").click()
    expect(page.get_by_role("status").first).to_contain_text("Trends, position")
    expect(page.frame_locator("#mail-frame iframe").get_by_text("Written without scripts.")).to_have_count(1)
    page.locator(f"#{identity}").locator("button[value=remove]").click()
    expect(page.get_by_role("status").first).to_contain_text("is taken out")


def test_the_key_u_goes_back_step_by_step_and_takes_what_saved_itself_along(mina: Page) -> None:
    card = _pick(mina, section=1)
    words = card.get_by_label("Blurb")
    before = words.input_value()
    first = mina.locator(".blocks").nth(1).locator("form.block").first
    expect(first).to_have_id(str(card.get_attribute("id")))
    card.locator("button[value=down]").click()
    expect(mina.locator(STATUS)).to_contain_text("position 2 of")
    words.fill("Words that nobody asked for.")
    expect(_saying(card)).to_contain_text("Saved")
    words.press("u")
    expect(words).to_have_value("Words that nobody asked for.u")
    expect(_saying(card)).to_contain_text("Saved")
    mina.keyboard.press("Escape")
    mina.keyboard.press("u")
    expect(words).to_have_value(before)
    mina.keyboard.press("Shift+U")
    expect(words).to_have_value("Words that nobody asked for.u")
    expect(first).not_to_have_id(str(card.get_attribute("id")))
    mina.keyboard.press("u")
    mina.keyboard.press("u")
    expect(words).to_have_value(before)
    expect(first).to_have_id(str(card.get_attribute("id")))
    mina.keyboard.press("u")
    expect(mina.locator(STATUS)).to_contain_text("nothing more of yours to take back")


def test_two_editors_in_one_blurb_keep_both_texts(mina: Page, theo: Page) -> None:
    hers, his = _pick(mina, section=1), _pick(theo, section=1)
    his.get_by_label("Blurb").fill("Theo was here first.")
    expect(_saying(his)).to_contain_text("Saved")
    hers.get_by_label("Blurb").fill("Mina has other words.")
    expect(_saying(hers)).to_contain_text("Two versions")
    expect(hers.locator("[data-notice]")).to_contain_text("Theo Lind saved this first")
    expect(hers.locator("[data-notice]")).to_contain_text("Theo was here first.")
    expect(hers.get_by_label("Blurb")).to_have_value("Mina has other words.")
    assert not (found := axe.faults(mina)), found
    hers.get_by_role("button", name="Keep mine").click()
    expect(_saying(hers)).to_contain_text("Saved")
    his.get_by_label("Blurb").fill("Theo goes on, and gives in.")
    his.get_by_role("button", name="Use theirs").click()
    expect(his.get_by_label("Blurb")).to_have_value("Mina has other words.")


def test_two_editors_in_two_blurbs_never_clash(mina: Page, theo: Page) -> None:
    hers, his = _pick(mina, section=1), _pick(theo, section=2)
    hers.get_by_label("Blurb").fill("Mina's, saved in the meantime.")
    expect(_saying(hers)).to_contain_text("Saved")
    his.get_by_label("Blurb").fill("Theo's, and nobody is in his way.")
    expect(_saying(his)).to_contain_text("Saved")
    mina.get_by_label("Preheader").focus()
    hers.get_by_label("Blurb").focus()
    expect(mina.locator("[data-part=people]")).to_contain_text("Theo Lind is on Trends")
    expect(mina.locator("[data-news]")).to_contain_text("Theo Lind has saved a new version.")
    mina.route("**/blocks/*", lambda route: route.abort())
    hers.get_by_label("Blurb").fill("Mina's, not saved yet.")
    mina.get_by_role("button", name="Show it").click()
    expect(_pick(mina, section=2).get_by_label("Blurb")).to_have_value("Theo's, and nobody is in his way.")
    expect(hers.get_by_label("Blurb")).to_have_value("Mina's, not saved yet.")
    mina.unroute("**/blocks/*")
    expect(_saying(hers)).to_contain_text("Saved")


def test_a_sign_in_that_ended_keeps_the_words(mina: Page, there: Desk) -> None:
    card = _pick(mina, section=2)
    mina.context.clear_cookies()
    card.get_by_label("Blurb").fill("Typed when the session was over.")
    expect(card.locator("[data-notice]")).to_contain_text("Signed out: your words are kept here.")
    assert not (found := axe.faults(mina, widths=(axe.NARROW,))), found
    expect(card.get_by_role("link", name="Sign in")).to_have_attribute("target", "_blank")
    _sign_in(mina.context, there, there.mina)
    card.get_by_role("button", name="Retry").click()
    expect(_saying(card)).to_contain_text("Saved")
    mina.reload()
    expect(card.get_by_label("Blurb")).to_have_value("Typed when the session was over.")


def test_a_desk_that_is_away_is_asked_again(mina: Page) -> None:
    card = _pick(mina, section=3)
    mina.route("**/blocks/*", lambda route: route.abort())
    card.get_by_label("Blurb").fill("Typed on a train, in a tunnel.")
    expect(_saying(card)).to_contain_text("Not saved, retrying")
    expect(mina.locator("[data-saving]")).to_have_text("1 not saved")
    mina.unroute("**/blocks/*")
    expect(_saying(card)).to_contain_text("Saved")


def test_words_that_never_reached_the_desk_are_offered_again(mina: Page) -> None:
    card = _pick(mina, section=3)
    mina.on("dialog", lambda dialog: dialog.accept())
    mina.route("**/blocks/*", lambda route: route.abort())
    card.get_by_label("Blurb").fill("Typed, and then the window was closed.")
    expect(_saying(card)).to_contain_text("Not saved, retrying")
    mina.reload()
    mina.unroute("**/blocks/*")
    expect(card.locator("[data-notice]")).to_contain_text("Typed, and then the window was closed.")
    assert not (found := axe.faults(mina, widths=(axe.WIDE,))), found
    card.get_by_role("button", name="Take it in").click()
    expect(_saying(card)).to_contain_text("Saved")
    mina.reload()
    expect(card.get_by_label("Blurb")).to_have_value("Typed, and then the window was closed.")
    expect(card.locator("[data-notice]")).to_be_empty()


def test_words_typed_before_the_scripts_have_come_are_saved_too(mina: Page, there: Desk) -> None:
    held: list[Route] = []
    mina.route("**/words.js*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no built-in
    with mina.expect_request("**/words.js*"):
        mina.goto(there.url, wait_until="commit")
    card = mina.locator(".block[data-kind=pick]").first
    card.get_by_label("Blurb").fill("Typed while the page was still coming.")
    held[0].continue_()
    expect(_saying(card)).to_contain_text("Saved")


def _at_the_board(there: Desk, open_browser: Open, user: int, **options: object) -> Page:
    page = open_browser(there.server, **options)
    _sign_in(page.context, there, user)
    page.goto(there.url)
    return page


def _sign_in(context: BrowserContext, there: Desk, user: int) -> None:
    page = context.new_page()
    page.goto(there.server.sign_in_link(user))
    page.get_by_role("button", name="Sign in as").click()
    page.get_by_role("heading", level=1, name="Desk").wait_for()
    page.close()


def _pick(page: Page, *, section: int, nth: int = 0) -> Locator:
    """Returns a pick of a section (0 is the intro), by an id that stays its own wherever it is moved."""
    card = page.locator(".blocks").nth(section).locator("form.block", has=page.locator("[name=blurb]")).nth(nth)
    return page.locator(f"#{card.get_attribute('id')}")


def _saying(card: Locator) -> Locator:
    return card.locator("[data-saying]")


def _drag(page: Page, card: Locator, *, into: Locator) -> None:
    """Takes a block by its handle and lays it on the first of a section, in a window that shows both, like a hand."""
    page.set_viewport_size({"width": axe.WIDE, "height": 9000})
    page.evaluate("scrollTo(0, 0)")
    handle, there = card.locator(".handle").bounding_box(), into.locator(".block h3").first.bounding_box()
    assert handle is not None
    assert there is not None
    page.mouse.move(handle["x"] + 8, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(there["x"] + 8, there["y"] + 30, steps=12)
    # The list makes room a moment after the hand came: it lets go when the block lies there.
    ghost = into.locator(".sortable-ghost")
    for step in range(200):
        if ghost.count():
            break
        page.mouse.move(there["x"] + 8, there["y"] + 10 + step % 8)
    expect(ghost).to_have_count(1)
    page.mouse.up()
