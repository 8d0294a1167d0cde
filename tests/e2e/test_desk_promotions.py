"""Promotions from the slot to the sponsor's words and their approval: by mouse, by keyboard alone, without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.promoted import far_date, promoted
from tests.e2e.scene import Scene

WAYS: dict[str, tuple[type[Mouse] | type[Keys], bool]] = {
    "mouse": (Mouse, True),
    "keyboard": (Keys, True),
    "no-scripts": (Mouse, False),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_sponsor_is_booked_writes_and_is_approved(
    way: str, open_browser: Open, states: dict[int, Any], scene: Scene
) -> None:
    hands, has_scripts = WAYS[way]
    editor = hands(open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=has_scripts))
    _make_slot(editor, f"Slot by {way}")
    _write_promotion(editor, f"Firm by {way}")
    _book(editor, f"Firm by {way}", f"Slot by {way}", on=far_date(scene))
    link = editor.page.get_by_label("Copy it").input_value()
    sponsor = hands(open_browser(scene.server, java_script_enabled=has_scripts))
    _submit(sponsor, link, f"Boats by {way}")
    editor.page.reload()
    editor.press("Approve these words")
    expect(editor.page.get_by_text("The sponsor’s words are approved")).to_be_visible()
    editor.follow("Promotions of")
    expect(editor.page.get_by_role("link", name=f"Boats by {way}")).to_be_visible()


def _make_slot(editor: Hands, name: str) -> None:
    editor.page.goto("/desk/promotions/slots")
    editor.write("Name", name)
    editor.press("Make the slot")
    expect(editor.page.get_by_role("columnheader", name=name)).to_be_visible()


def _write_promotion(editor: Hands, sponsor: str) -> None:
    editor.follow("New promotion")
    editor.write("Sponsor", sponsor)
    # A date's field is typed part by part, and how is the browser's business.
    editor.page.get_by_label("Until").fill("2099-12-24T18:00")
    editor.press("Write it")
    expect(editor.page.get_by_text("Book it into an issue next")).to_be_visible()


def _book(editor: Hands, sponsor: str, slot: str, *, on: str) -> None:
    editor.press(f"Book {sponsor} into {slot} ... {on}")
    expect(editor.page.get_by_text("send its sponsor the link")).to_be_visible()
    editor.follow(f"{sponsor} ... {slot}")
    expect(editor.page.get_by_role("heading", level=1)).to_contain_text(slot)


def _submit(sponsor: Hands, link: str, title: str) -> None:
    sponsor.page.goto(link)
    sponsor.write("Title", title)
    sponsor.write("Link", "https://boats.example.test/")
    sponsor.press("See how it looks")
    expect(sponsor.page.get_by_role("heading", name="not saved yet")).to_be_visible()
    sponsor.press("Save")
    expect(sponsor.page.get_by_text("An editor looks at it before it runs")).to_be_visible()


def test_what_is_left_of_a_limit_is_told_while_somebody_types(visitor: Page, scene: Scene) -> None:
    visitor.goto(promoted(scene).link)
    title = visitor.get_by_label("Title")
    title.fill("Boats 🚤")
    expect(visitor.get_by_text("7 of 60")).to_be_visible()
    title.fill("x" * 62)
    expect(visitor.get_by_text("62 of 60: 2 too many")).to_be_visible()
    visitor.get_by_role("button", name="Save").click()
    expect(visitor.get_by_role("link", name=re.compile("62 characters; at most 60"))).to_be_visible()
    assert title.input_value() == "x" * 62
    assert not (found := axe.faults(visitor)), found


def test_the_calendar_is_accessible_with_something_to_book(desk: Page, scene: Scene) -> None:
    there = promoted(scene)
    for url in (f"/desk/promotions?promotion={there.promotion}", f"/desk/promotions/bookings/{there.booking}"):
        desk.goto(url)
        assert not (found := axe.faults(desk)), f"{url}: {found}"


def test_on_colours_that_somebody_forced_a_state_is_still_told(desk: Page, scene: Scene) -> None:
    promoted(scene)
    desk.emulate_media(forced_colors="active")
    desk.goto("/desk/promotions")
    expect(desk.locator(".state.submitted").first).to_have_text("to approve")
