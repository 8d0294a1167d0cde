"""People at the desk: a second factor from its first code to its last recovery code, sign-ins ended, viewers."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pyotp import TOTP

from curator.accounts import admit, store
from curator.accounts.values import Role
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene


def _person(scene: Scene, name: str, role: Role) -> int:
    """Returns somebody of this test's own, made anew or found."""
    app, address = scene.server.app, f"{name.lower()}.people@example.test"
    with app.db.read() as session:
        known = store.user_id(session, address)
    return known or admit.create_user(app.db, address, name=name, role=role, now=app.clock())


def _entered(page: Page, scene: Scene, user: int) -> Page:
    page.goto(scene.server.sign_in_link(user))
    page.get_by_role("button", name="Sign in as").click()
    return page


def _code(scene: Scene, secret: str, *, step: int = 0) -> str:
    return str(TOTP(secret).at(scene.server.app.clock() + step * timedelta(seconds=30)))


@pytest.mark.parametrize(("name", "hand"), [("Kay", Keys), ("Moe", Mouse)])
def test_a_second_factor_is_turned_on_asked_for_and_survives_a_lost_phone(
    name: str, hand: type[Hands], open_browser: Open, scene: Scene
) -> None:
    user = _person(scene, name, Role.EDITOR)
    page = _entered(open_browser(scene.server), scene, user)
    hands = hand(page)
    page.goto("/desk/account/second-factor")
    hands.press("Set it up")
    secret = page.locator("code.copy").inner_text().replace(" ", "")
    if hand is Mouse:
        assert not (found := axe.faults(page)), found
    hands.write("Code", _code(scene, secret))
    hands.press("Turn it on")
    page.locator(".recovery code").first.wait_for()
    recovery = page.locator(".recovery code").all_inner_texts()
    assert len(recovery) == 10
    if hand is Mouse:
        assert not (found := axe.faults(page)), found

    code = _code(scene, secret, step=1)
    window = _entered(open_browser(scene.server), scene, user)
    hands = hand(window)
    window.get_by_role("heading", level=1, name="One more step").wait_for()
    if hand is Mouse:
        assert not (found := axe.faults(window)), found
    hands.write("Code", code)
    hands.press("Go on")
    expect(window.get_by_role("heading", level=1, name="Desk")).to_be_visible()

    again = _entered(open_browser(scene.server, java_script_enabled=False), scene, user)
    again.get_by_label("Code").fill(code)
    again.get_by_role("button", name="Go on").click()
    expect(again.locator(".summary")).to_contain_text("each works once")
    again.get_by_label("Code").fill(recovery[0])
    again.get_by_role("button", name="Go on").click()
    expect(again.get_by_role("heading", level=1, name="Desk")).to_be_visible()


@pytest.mark.parametrize("is_scripted", [True, False])
def test_another_sign_in_is_ended_from_here(is_scripted: bool, open_browser: Open, scene: Scene) -> None:
    user = _person(scene, "Sue", Role.WRITER)
    here = _entered(open_browser(scene.server, java_script_enabled=is_scripted), scene, user)
    there = _entered(open_browser(scene.server), scene, user)
    here.goto("/desk/account")
    here.get_by_role("button", name="End it").first.click()
    expect(here.get_by_text("That sign-in has ended.")).to_be_visible()
    there.goto("/desk/account")
    expect(there.get_by_role("heading", level=1, name="Sign in to the desk")).to_be_visible()
    here.goto("/desk/account")
    expect(here.get_by_role("heading", level=1, name="Sue")).to_be_visible()


def test_a_viewer_finds_the_desk_without_its_buttons(open_browser: Open, scene: Scene) -> None:
    page = _entered(open_browser(scene.server), scene, _person(scene, "Vera", Role.VIEWER))
    page.goto(f"/desk/issues/{scene.draft}")
    assert page.locator("main form[method=post]").count() == 0
    assert all(area.get_attribute("readonly") is not None for area in page.locator("main textarea").all())
    assert not (found := axe.faults(page, widths=(axe.NARROW,))), found
    for url in ("/desk/inbox", f"/desk/issues/{scene.draft}/send", "/desk/feeds", "/desk/shows"):
        page.goto(url)
        assert page.locator("main form[method=post]").count() == 0, url
    page.goto("/desk/people")
    expect(page.get_by_role("heading", level=1, name="This is not yours to do")).to_be_visible()


def test_typed_words_outlive_a_sign_in_that_ended(open_browser: Open, scene: Scene) -> None:
    user = _person(scene, "Lou", Role.WRITER)
    page = _entered(open_browser(scene.server), scene, user)
    page.goto("/desk/items/add")
    page.get_by_label("Address of the page").fill("https://notes.example.test/an-hour-of-work")
    other = _entered(open_browser(scene.server), scene, user)
    other.goto("/desk/account")
    other.get_by_role("button", name="End all others").click()
    other.get_by_text("All other sign-ins of yours have ended.").wait_for()
    page.get_by_role("button", name="Save the page").click()
    expect(page.get_by_role("heading", level=1, name="You are signed out")).to_be_visible()
    expect(page.get_by_label("Address")).to_have_value("https://notes.example.test/an-hour-of-work")
