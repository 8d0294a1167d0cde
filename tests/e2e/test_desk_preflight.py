"""Preflight: a real browser looks at the mail and the page says passed or failed; one press cleans a link."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curator.issues import board, publish
from curator.issues.preflight import store
from curator.issues.preflight.chromium import Chromium
from curator.issues.preflight.values import Machine, MailLook, Note, Shown, Weight
from tests.e2e import axe, chromium, servers
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene
from tests.e2e.servers import Server

_BROWSER = chromium.binary(os.environ)  # noqa: TID251 - CHROMIUM is the tests' own variable
_PALE = '<p class="pale" style="color:#bbbbbb">A pale line with <b>a bold word and a very long address</b></p>'


@pytest.fixture
def issue(scene: Scene) -> int:
    """An issue of the test's own, with a link that tracks readers."""
    app = scene.server.app
    made = publish.draft(app.db, scene.newsletter, now=app.clock(), include_archive=True, by=scene.owner)
    words = "[the river](https://example.org/x?utm_source=a&id=2)"
    board.add_text(app.db, made, None, words, by=None, now=app.clock())
    return made


@pytest.fixture
def bare(open_browser: Open, scene: Scene, states: dict[int, Any]) -> Page:
    """A window without scripts in which the owner is signed in."""
    return open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=False)


@pytest.fixture
def equipped(tmp_path: Any) -> Iterator[Server]:
    """A demo of the test's own that knows where a browser is."""
    with servers.demo(tmp_path, chromium=_BROWSER) as server:
        yield server


def _clean(hands: Hands, issue: int) -> None:
    page = hands.page
    page.goto(f"/desk/issues/{issue}/preview")
    expect(page.locator("#checks")).to_contain_text("utm_source")
    hands.press("Clean it ... utm_source")
    expect(page.locator(".said")).to_contain_text("The links are clean.")
    expect(page.locator("#checks")).not_to_contain_text("utm_source")
    hands.press("Undo")
    expect(page.locator("#checks")).to_contain_text("utm_source")


def test_a_link_is_cleaned_by_mouse_and_comes_back(desk: Page, issue: int) -> None:
    _clean(Mouse(desk), issue)


def test_a_link_is_cleaned_by_keyboard_alone(desk: Page, issue: int) -> None:
    _clean(Keys(desk), issue)


def test_a_link_is_cleaned_without_scripts(bare: Page, issue: int) -> None:
    _clean(Mouse(bare), issue)


def test_a_card_cleans_its_links_in_place(desk: Page, issue: int) -> None:
    desk.goto(f"/desk/issues/{issue}")
    card = desk.locator(".block", has=desk.get_by_role("button", name="Clean links of"))
    words = card.get_by_label("Words of this text")
    expect(words).to_have_value(re.compile("utm_source"))
    desk.get_by_role("button", name="Clean links of").click()
    expect(desk.get_by_label("Words of this text")).to_have_value("[the river](https://example.org/x?id=2)")
    expect(desk.get_by_role("button", name="Clean links of")).to_have_count(0)


def test_a_worker_has_a_browser_look_at_the_mail_and_the_page_keeps_up(open_browser: Open, equipped: Server) -> None:
    page = open_browser(equipped)
    page.goto(equipped.sign_in_link(1))
    page.get_by_role("button", name="Sign in as").click()
    page.get_by_role("link", name="Preview").first.click()
    looks = page.locator("#looks")
    expect(looks).to_contain_text("It has not looked at this mail yet.")
    page.get_by_role("button", name="Have it looked at").click()
    expect(looks).to_contain_text("is being looked at")
    expect(looks).to_contain_text(re.compile(r"Passed: \d+ rules hold"))
    expect(page.locator("#checks")).not_to_contain_text("have not been run")


def test_a_real_browser_finds_what_shuts_readers_out() -> None:
    body = f'<h1>x</h1>{_PALE}<img src="a.png">'
    html = f'<!doctype html><html lang="en"><head><title>x</title></head><body>{body}</body></html>'
    said = Chromium(_BROWSER).look(Shown(html))
    serious = {note.rule: note.settings for note in said.notes if note.weight is Weight.SERIOUS}
    assert set(serious) == {"color-contrast", "image-alt"}
    assert serious["image-alt"] == ("light, 640 px", "light, 320 px", "dark, 640 px", "dark, 320 px")
    assert said.passed > 10


def test_what_programs_say_is_within_the_rules_when_it_is_bad(desk: Page, scene: Scene, issue: int) -> None:
    app = scene.server.app
    revision = publish.render(app.db, app.renderer, issue, now=app.clock())
    pale = Note("color-contrast", "Words must stand out", Weight.SERIOUS, (_PALE,), ("dark, 320 px",))
    order = Note("heading-order", "Headings follow each other", Weight.MINOR, (), ("light, 640 px",))
    points = Note("MIME_HTML_MOSTLY", "BODY: mostly HTML", Weight.NOTE, points=1.3)
    with app.db.write() as session:
        store.put_look(session, MailLook(revision.id, Machine.AXE, app.clock(), (pale, order), 29, version="4.12.1"))
        store.put_look(session, MailLook(revision.id, Machine.SPAM, app.clock(), (points,), score=1.3))
    desk.goto(f"/desk/issues/{issue}/preview")
    expect(desk.locator("#looks")).to_contain_text("Failed: 1 rule that shuts readers out")
    desk.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    assert not (found := axe.faults(desk)), found
