"""The preview and its checks: by mouse, by keyboard, by keys alone and without scripts, and nothing typed is lost."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curator.issues import board, publish
from curator.issues import store as issues
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene


@pytest.fixture
def issue(scene: Scene) -> int:
    """An issue of the test's own, with a TK in a text above it."""
    app = scene.server.app
    made = publish.draft(app.db, scene.newsletter, now=app.clock(), include_archive=True, by=scene.owner)
    board.add_text(app.db, made, None, "The code of Tokelau is TK.", by=None, now=app.clock())
    return made


@pytest.fixture
def bare(open_browser: Open, scene: Scene, states: dict[int, Any]) -> Page:
    """A window without scripts in which the owner is signed in."""
    return open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=False)


def _walk(hands: Hands, issue: int) -> None:
    """Looks at the mail in other ways, checks a finding by hand, takes that back, and sends a test."""
    page = hands.page
    page.goto(f"/desk/issues/{issue}/preview")
    unfinished = page.locator("#checks .blocks", has_text="TK")
    expect(unfinished).to_be_visible()
    hands.press("Checked by hand ... TK")
    expect(page.locator(".said")).to_contain_text("Checked by hand")
    expect(unfinished).to_have_count(0)
    expect(page.locator("#tally")).to_contain_text("1 checked by hand")
    hands.press("Send a test mail")
    expect(page.locator(".said")).to_contain_text("is on its way")
    expect(page.locator("#test")).to_contain_text("Last test mail: revision")


def test_the_checks_are_walked_by_mouse_and_keep_up_by_themselves(desk: Page, issue: int) -> None:
    _walk(Mouse(desk), issue)
    expect(desk.locator("#link-check")).to_contain_text("looked at,")
    expect(desk.locator("#tally")).to_contain_text("checked by hand")
    desk.get_by_role("link", name="Phone").click()
    expect(desk.locator("#mail .frame.w375.light")).to_be_visible()
    desk.get_by_role("link", name="Dark").click()
    expect(desk.locator("#mail .frame.w375.dark")).to_be_visible()
    expect(desk).to_have_url(re.compile("width=375.*scheme=dark"))
    expect(desk.frame_locator("iframe").get_by_text("Tokelau")).to_be_visible()
    desk.get_by_role("link", name="Text", exact=True).click()
    expect(desk.locator("pre.plain")).to_contain_text("Tokelau")


def test_the_checks_are_walked_without_scripts(bare: Page, issue: int) -> None:
    _walk(Mouse(bare), issue)
    page = bare
    page.get_by_role("link", name="Phone").click()
    expect(page.locator("#mail .frame.w375")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_text("Tokelau")).to_be_visible()


def test_keys_change_the_view_and_lead_to_the_test_mail(desk: Page, issue: int) -> None:
    desk.goto(f"/desk/issues/{issue}/preview")
    desk.keyboard.press("[")
    expect(desk.locator("#mail .frame.w375.light")).to_be_visible()
    desk.keyboard.press("d")
    expect(desk.locator("#mail .frame.w375.dark")).to_be_visible()
    desk.keyboard.press("]")
    expect(desk.locator("#mail .frame.w600.dark")).to_be_visible()
    desk.keyboard.press("t")
    expect(desk.locator("#send-test")).to_be_focused()
    desk.get_by_label("Subject").click()
    desk.keyboard.press("End")
    desk.keyboard.type(" [d]")
    expect(desk.get_by_label("Subject")).to_have_value(re.compile(r" \[d\]$"))
    expect(desk.locator("#mail .frame.w600.dark")).to_be_visible()


def test_the_keys_of_a_page_stand_in_its_help_and_give_way_to_a_chord(desk: Page, issue: int) -> None:
    desk.goto(f"/desk/issues/{issue}/preview")
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys")).to_contain_text("to the test mail")
    desk.keyboard.press("Escape")
    desk.keyboard.press("g")
    desk.keyboard.press("d")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Desk")


def test_subject_and_preheader_save_themselves_and_the_checks_follow(desk: Page, issue: int) -> None:
    desk.goto(f"/desk/issues/{issue}/preview")
    subject = desk.get_by_label("Subject")
    subject.fill("Short")
    expect(desk.locator("#saved")).to_contain_text("Saved")
    expect(desk.locator("#checks")).to_contain_text("The subject has 5 characters")
    expect(subject).to_be_focused()
    expect(desk.frame_locator("iframe").get_by_text("Tokelau")).to_be_visible()
    subject.fill("A subject of a good length")
    expect(desk.locator("#checks")).not_to_contain_text("The subject has 5 characters")
    expect(desk.locator("#saved")).to_contain_text("Saved")
    desk.reload()
    expect(desk.get_by_label("Subject")).to_have_value("A subject of a good length")


def test_what_somebody_else_saved_first_is_shown_beside_what_was_typed(desk: Page, scene: Scene, issue: int) -> None:
    desk.goto(f"/desk/issues/{issue}/preview")
    app = scene.server.app
    with app.db.read() as session:
        version = issues.issue_row(session, issue).version
    board.edit_settings(
        app.db, issue, subject="Theirs", preheader="", expected_version=version, by=None, now=app.clock()
    )
    desk.get_by_label("Subject").fill("Mine alone")
    expect(desk.locator("#saved")).to_contain_text("Somebody else saved first")
    desk.get_by_role("button", name="Save subject and preheader").click()
    main = desk.get_by_role("main")
    expect(main.get_by_label("Subject: theirs, saved")).to_have_value("Theirs")
    expect(main.get_by_label("Subject: yours, not saved yet")).to_have_value("Mine alone")


def test_a_lost_session_keeps_what_was_typed(desk: Page, issue: int) -> None:
    desk.goto(f"/desk/issues/{issue}/preview")
    desk.context.clear_cookies()
    desk.get_by_label("Subject").fill("Words of an hour")
    expect(desk.locator("#saved")).to_contain_text(re.compile("Signed out|Not saved"))
    expect(desk.get_by_label("Subject")).to_have_value("Words of an hour")


def test_the_page_is_within_the_rules_with_everything_open(desk: Page, scene: Scene) -> None:
    desk.goto(f"/desk/issues/{scene.draft}/preview?as=a")
    desk.get_by_role("button", name="Send a test mail").click()
    app = scene.server.app
    board.add_text(app.db, scene.draft, None, "Some **new** words after the test.", by=None, now=app.clock())
    desk.goto(f"/desk/issues/{scene.draft}/preview?as=a")
    desk.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    assert not (found := axe.faults(desk)), found


def test_the_checks_are_walked_by_keyboard_alone(desk: Page, issue: int) -> None:
    _walk(Keys(desk), issue)
