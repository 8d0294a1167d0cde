"""Undo and the log in a browser: by key, by mouse, without scripts, after two editors, and signed out meanwhile."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curator.feeds import ingest
from curator.feeds import store as feeds
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
def feed(scene: Scene) -> int:
    """A feed of the scene that is asked at its own pace."""
    app = scene.server.app
    with app.db.read() as session:
        found = feeds.active_feed_ids(session)[-1]
    ingest.wish(app.db, found, None, now=app.clock())
    return found


def _set_pace(page: Page, feed: int, minutes: int) -> None:
    page.goto(f"/desk/feeds/{feed}")
    page.locator("#poll_minutes").fill(str(minutes))
    page.locator("form", has=page.locator("#poll_minutes")).get_by_role("button").click()
    expect(page.locator(".said")).to_contain_text(f"It is asked every {minutes} minutes.")


def _has_pace(page: Page, minutes: str) -> None:
    expect(page.locator(".said")).to_contain_text("The feed is asked as often as before.")
    expect(page.locator("#poll_minutes")).to_have_value(minutes)


def test_the_key_u_takes_back_and_does_again(desk: Page, feed: int) -> None:
    _set_pace(desk, feed, 90)
    desk.locator("#poll_minutes").press("u")
    desk.locator("h1").click()
    desk.keyboard.press("Control+u")
    expect(desk.locator(".said")).to_contain_text("It is asked every 90 minutes.")
    for key, minutes in (("u", ""), ("U", "90"), ("u", "")):
        with desk.expect_navigation():
            desk.keyboard.press(key)
        _has_pace(desk, minutes)
    desk.keyboard.press("u")
    _has_pace(desk, "")


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "plain"])
def test_a_button_takes_back_with_and_without_scripts(
    open_browser: Open, scene: Scene, states: dict[int, Any], feed: int, has_scripts: bool
) -> None:
    page = open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=has_scripts)
    _set_pace(page, feed, 75)
    page.locator(".said").get_by_role("button", name="Undo").click()
    _has_pace(page, "")
    page.locator(".said").get_by_role("button", name="Redo").click()
    _has_pace(page, "75")
    expect(page.locator(".said").get_by_role("button", name="Undo")).to_be_visible()


def test_what_another_editor_did_since_stays_and_is_said(
    open_browser: Open, scene: Scene, states: dict[int, Any], feed: int
) -> None:
    mina, oona = (open_browser(scene.server, storage_state=states[user]) for user in (scene.owner, scene.editor))
    _set_pace(mina, feed, 60)
    _set_pace(oona, feed, 120)
    mina.locator(".said").get_by_role("button", name="Undo").click()
    expect(mina.locator(".said")).to_contain_text("Somebody set another pace since.")
    expect(mina.locator("#poll_minutes")).to_have_value("120")
    oona.locator(".said").get_by_role("button", name="Undo").click()
    _has_pace(oona, "60")


def test_the_log_reverts_and_is_fit_for_everybody(desk: Page, scene: Scene) -> None:
    app, words = scene.server.app, "A line that is here to go."
    block = board.add_text(app.db, scene.draft, None, words, by=scene.editor, now=app.clock())
    board.remove(app.db, block, by=scene.editor, now=app.clock())
    desk.goto(f"/desk/issues/{scene.draft}/activity")
    assert not (found := axe.faults(desk)), found
    desk.get_by_role("button", name=re.compile("^Revert what .* took a text out of")).first.click()
    expect(desk.locator(".said")).to_contain_text("is back in the issue")
    expect(desk.locator(".log .undone").first).to_contain_text("Taken back by")
    with app.db.read() as session:
        intro = store.board(session, scene.draft).intro
    assert any(one.body == words for one in intro)


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


def test_only_the_newest_deed_is_offered(desk: Page, scene: Scene) -> None:
    desk.goto(f"/desk/issues/{scene.draft}")
    desk.get_by_label("Words", exact=True).fill("A text that is older news.")
    desk.get_by_role("button", name="Add the text").click()
    expect(desk.locator(".said").get_by_role("button", name="Undo")).to_be_visible()
    desk.get_by_role("button", name=re.compile("^Remove")).first.click()
    expect(desk.locator("#toasts")).to_contain_text("is taken out")
    expect(desk.get_by_role("button", name="Undo")).to_have_count(1)


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
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("That did not reach the desk.")
    page.unroute("**/desk/activity?kind=feed*")
    with page.expect_response("**/desk/activity?kind=feed*"):
        page.locator("#toasts").get_by_role("button", name="Retry").click()
