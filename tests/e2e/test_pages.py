"""Every page that an address leads to: accessible, narrow enough, named by one heading and a title of its own."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from curator.accounts import admit
from curator.accounts.values import Role
from curator.demo import outbox
from curator.web import create_app
from tests.e2e import axe
from tests.e2e.conftest import PATIENCE_MS, Open
from tests.e2e.guard import Guard
from tests.e2e.places import NO_PAGES, PLACES, Place
from tests.e2e.scene import Scene
from tests.e2e.servers import Server

EXAMPLES = {f"{endpoint}-{state}": place for endpoint, places in PLACES.items() for state, place in places.items()}
NEWBORN_PAGES = (
    "/desk",
    "/desk/inbox",
    "/desk/issues",
    "/desk/feeds",
    "/desk/subscribers",
    "/desk/newsletter",
    "/desk/setup",
    "/",
)


def test_no_page_is_forgotten(scene: Scene) -> None:
    app = scene.server.app
    flask = create_app(app, extra_blueprints=[outbox.blueprint(app.settings.data_dir / "outbox")])
    looked_at = {rule.endpoint for rule in flask.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert looked_at == PLACES.keys() | NO_PAGES.keys(), "enter new pages in tests/e2e/places.py"
    assert not PLACES.keys() & NO_PAGES.keys()


@pytest.fixture(scope="module")
def windows(browser: Browser, the_scene: Scene, states: dict[int, Any]) -> Iterator[dict[bool, tuple[Page, Guard]]]:
    """The desk's window and a visitor's: as these tests only look, one for each of them serves all pages.

    A window of its own for each page takes as long as the rules do.
    """
    contexts = [
        browser.new_context(base_url=the_scene.server.url, storage_state=state)
        for state in (None, states[the_scene.owner])
    ]
    for context in contexts:
        context.set_default_timeout(PATIENCE_MS)
    yield {
        bool(number): (context.new_page(), Guard(context, the_scene.server.url))
        for number, context in enumerate(contexts)
    }
    for context in contexts:
        context.close()


@pytest.mark.parametrize("place", EXAMPLES.values(), ids=EXAMPLES)
def test_a_page_is_accessible_wide_and_narrow_light_and_dark(
    place: Place, windows: dict[bool, tuple[Page, Guard]], scene: Scene
) -> None:
    page, guard = windows[place.is_desk]
    guard.faults.clear()
    page.set_viewport_size({"width": axe.WIDE, "height": axe.HEIGHT})
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    answer = page.goto(place.url(scene))
    assert answer is not None
    assert answer.status == place.status
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang")
    assert not (found := axe.faults(page)), found
    assert not guard.faults, "\n".join(guard.faults)


def test_no_two_pages_have_one_title(desk: Page, scene: Scene) -> None:
    titles: dict[str, str] = {}
    for endpoint, places in PLACES.items():
        for place in places.values():
            if place.is_desk and place.status == 200:
                page = desk.request.get(place.url(scene)).text()
                found = re.search(r"<title>(.+?)</title>", page)
                assert found is not None
                assert titles.setdefault(unescape(found.group(1)), endpoint) == endpoint


def test_a_new_installation_leads_its_first_owner(newborn: Server, open_browser: Open) -> None:
    page = open_browser(newborn)
    for url in ("/", "/desk/sign-in"):
        page.goto(url)
        assert not (found := axe.faults(page)), f"{url}: {found}"
    now = newborn.app.clock()
    owner = admit.create_user(newborn.app.db, "ada@example.org", name="Ada", role=Role.OWNER, now=now)
    page.goto(newborn.sign_in_link(owner))
    page.get_by_role("button", name="Sign in as Ada").click()
    for url in NEWBORN_PAGES:
        page.goto(url)
        assert page.locator("h1").count() == 1
        assert not (found := axe.faults(page)), f"{url}: {found}"


def test_the_rules_bite(desk: Page) -> None:
    desk.goto("/desk/account")
    desk.evaluate("document.querySelector('label').remove()")
    desk.evaluate("document.querySelector('h1').style.width = '2000px'")
    found = axe.faults(desk, widths=(390,))
    assert "label" in found
    assert "the page is" in found


def test_a_text_that_has_become_faint_is_found_on_a_page_that_was_good(desk: Page) -> None:
    desk.goto("/desk/account")
    assert not (found := axe.faults(desk)), found
    desk.evaluate("document.querySelector('main').style.opacity = '0.2'")
    assert "color-contrast" in axe.faults(desk)


def test_the_guard_sees_what_no_page_may_do(browser: Browser, scene: Scene) -> None:
    context = browser.new_context(base_url=scene.server.url)
    guard = Guard(context, scene.server.url)
    page = context.new_page()
    page.goto("/")
    page.evaluate("""() => {
      const image = document.createElement("img");
      image.src = "http://127.0.0.1:9/pixel.gif";
      document.body.append(image);
      document.body.setAttribute("style", "color: red");
    }""")
    page.wait_for_function("() => document.querySelector('img[src*=pixel]').complete")
    context.close()
    assert any("img-src" in fault for fault in guard.faults)
    assert any("style-src-attr" in fault for fault in guard.faults)
