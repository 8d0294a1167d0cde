"""Undo and the log in a browser: by key, by mouse, without scripts, after two editors, and signed out meanwhile."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curator.issues import board, store
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

MADE_FORM = """([inside, attributes]) => {
  const form = document.createElement("form");
  form.innerHTML = inside;
  for (const [name, value] of Object.entries(attributes)) form.setAttribute(name, value);
  document.querySelector("main").append(form);
  htmx.process(form);
}"""


@pytest.fixture
def said(scene: Scene) -> str:
    """A text of the scene's draft that this test alone takes out."""
    app, words = scene.server.app, "A line that is here to go."
    board.add_text(app.db, scene.draft, None, words, by=scene.editor, now=app.clock())
    return words


def _take_out(page: Page, scene: Scene, words: str) -> None:
    page.goto(f"/desk/issues/{scene.draft}")
    block = page.locator(".block", has=page.locator("textarea", has_text=words)).first
    block.get_by_role("button", name="Remove").click()
    expect(page.locator(".said")).to_contain_text("is taken out.")
    expect(page.locator("textarea", has_text=words)).to_have_count(0)


def _is_there(page: Page, words: str) -> None:
    expect(page.locator(".said")).to_contain_text("is back in the issue")
    expect(page.locator("textarea", has_text=words)).to_have_count(1)


def test_the_key_u_takes_back_and_does_again(desk: Page, scene: Scene, said: str) -> None:
    _take_out(desk, scene, said)
    desk.keyboard.press("Control+u")
    desk.locator("textarea").first.press("u")
    expect(desk.locator("textarea", has_text=said)).to_have_count(0)
    desk.locator("h1").click()
    desk.goto(desk.url)  # what was typed is not to be kept
    _take_out_again(desk, scene)


def _take_out_again(desk: Page, scene: Scene) -> None:
    words = "Another line that is here to go."
    app = scene.server.app
    board.add_text(app.db, scene.draft, None, words, by=scene.editor, now=app.clock())
    _take_out(desk, scene, words)
    with desk.expect_navigation():
        desk.keyboard.press("u")
    _is_there(desk, words)
    with desk.expect_navigation():
        desk.keyboard.press("u")
    expect(desk.locator("textarea", has_text=words)).to_have_count(0)


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "plain"])
def test_a_button_takes_back_with_and_without_scripts(
    open_browser: Open, scene: Scene, states: dict[int, Any], said: str, has_scripts: bool
) -> None:
    page = open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=has_scripts)
    _take_out(page, scene, said)
    page.get_by_role("button", name="Undo").first.click()
    _is_there(page, said)
    page.get_by_role("button", name="Redo").first.click()
    expect(page.locator("textarea", has_text=said)).to_have_count(0)


def test_what_another_editor_wrote_since_stays_and_is_shown(
    open_browser: Open, scene: Scene, states: dict[int, Any], said: str
) -> None:
    mina, oona = (open_browser(scene.server, storage_state=states[user]) for user in (scene.owner, scene.editor))
    mina.goto(f"/desk/issues/{scene.draft}")
    block = mina.locator(".block", has=mina.locator("textarea", has_text=said)).first
    block.locator("textarea").first.fill("Mina’s line.")
    block.get_by_role("button", name="Save").click()
    oona.goto(f"/desk/issues/{scene.draft}")
    theirs = oona.locator(".block", has=oona.locator("textarea", has_text="Mina’s line.")).first
    theirs.locator("textarea").first.fill("Oona’s line.")
    theirs.get_by_role("button", name="Save").click()
    expect(oona.locator(".said")).to_contain_text("saved")
    mina.get_by_role("button", name="Undo").first.click()
    expect(mina.locator(".said")).to_contain_text("it is now: “Oona’s line.”")
    oona.get_by_role("button", name="Undo").first.click()
    expect(oona.locator(".said")).to_contain_text("its words of before")


def test_the_log_reverts_and_is_fit_for_everybody(desk: Page, scene: Scene, said: str) -> None:
    _take_out(desk, scene, said)
    desk.goto(f"/desk/issues/{scene.draft}/activity")
    assert not (found := axe.faults(desk)), found
    desk.get_by_role("button", name=re.compile("^Revert what .* took a text out of")).first.click()
    expect(desk.locator(".said")).to_contain_text("is back in the issue")
    expect(desk.locator(".log .undone").first).to_contain_text("Taken back by")
    with scene.server.app.db.read() as session:
        intro = store.board(session, scene.draft).intro
    assert any(block.body == said for block in intro)


def test_a_toast_has_words_undo_and_time(desk: Page, scene: Scene) -> None:
    desk.goto("/desk/activity")
    desk.clock.install()
    tell = "(undo) => document.dispatchEvent(new CustomEvent('curator:done', {detail: {words: 'It is moved.', undo}}))"
    desk.evaluate(tell, "/desk/activity/1/undo")
    toast = desk.locator("#toasts")
    expect(toast).to_contain_text("It is moved.")
    assert not (found := axe.faults(desk, widths=(axe.NARROW,))), found
    toast.get_by_role("button", name="Undo").focus()
    desk.clock.run_for(60_000)
    expect(toast).to_contain_text("It is moved.")
    desk.evaluate("document.activeElement.blur()")
    desk.clock.run_for(21_000)
    expect(toast).to_be_empty()


def test_signed_out_meanwhile_is_said_beside_a_way_in_and_loses_nothing(
    open_browser: Open, scene: Scene, states: dict[int, Any]
) -> None:
    page = open_browser(scene.server, storage_state=states[scene.editor])
    page.goto("/desk/activity")
    words = '<textarea name="body">My words</textarea><button>Send mine</button>'
    page.evaluate(MADE_FORM, [words, {"hx-post": "/desk/account", "hx-target": "this", "hx-swap": "outerHTML"}])
    page.context.clear_cookies()
    page.get_by_role("button", name="Send mine").click()
    expect(page.locator("#toasts")).to_contain_text("You are signed out. Your words are kept here.")
    expect(page.locator("#toasts").get_by_role("link", name="Sign in")).to_have_attribute("target", "_blank")
    expect(page.locator("textarea[name=body]")).to_have_value("My words")


def test_what_did_not_reach_the_desk_is_sent_again(open_browser: Open, scene: Scene, states: dict[int, Any]) -> None:
    page = open_browser(scene.server, storage_state=states[scene.editor])
    page.goto("/desk/activity")
    asks = {"hx-get": "/desk/activity?kind=feed", "hx-target": "this", "hx-swap": "none"}
    page.evaluate(MADE_FORM, ["<button>Ask</button>", asks])
    page.route("**/desk/activity?kind=feed*", lambda route: route.abort())
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#toasts")).to_contain_text("That did not reach the desk.")
    page.unroute("**/desk/activity?kind=feed*")
    with page.expect_response("**/desk/activity?kind=feed*"):
        page.locator("#toasts").get_by_role("button", name="Retry").click()
