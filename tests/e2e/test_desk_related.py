"""Lists that are made with one click, and what is related on readers' pages: by mouse, keyboard, without scripts."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curator.issues import store as issues
from curator.picks.related import store
from curator.picks.related.refresh import refresh
from curator.picks.related.values import Match, RelatedKind
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene

WAYS: dict[str, tuple[type[Mouse] | type[Keys], bool]] = {
    "mouse": (Mouse, True),
    "keyboard": (Keys, True),
    "no-scripts": (Mouse, False),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_list_is_made_named_taken_out_and_back(
    way: str, open_browser: Open, states: dict[int, Any], scene: Scene
) -> None:
    hands, has_scripts = WAYS[way]
    editor: Hands = hands(
        open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=has_scripts)
    )
    editor.page.goto(f"/desk/issues/{scene.draft}")
    editor.press("Best of 20")
    card = editor.page.locator(".block", has=editor.page.get_by_role("heading", name="List"))
    expect(card).to_be_visible()
    editor.write("Heading of the list", f"Read most, by {way}")
    editor.press("Save The best of")
    expect(editor.page.get_by_text("The list is saved.")).to_be_visible()
    editor.page.goto(f"/desk/issues/{scene.draft}")
    editor.press(f"Remove Read most, by {way}")
    expect(card).to_have_count(0)
    editor.press("Undo")
    expect(card).to_be_visible()
    expect(editor.page.get_by_label("Heading of the list")).to_have_value(f"Read most, by {way}")
    editor.press(f"Remove Read most, by {way}")
    expect(card).to_have_count(0)


def test_the_board_with_a_list_is_accessible(desk: Page, scene: Scene) -> None:
    desk.goto(f"/desk/issues/{scene.draft}")
    desk.get_by_role("button", name="Best of 20").first.click()
    expect(desk.get_by_label("Heading of the list")).to_be_visible()
    # From its beginning: scrolled to the new block, the bar that stays in sight lies over another one's buttons.
    desk.goto(f"/desk/issues/{scene.draft}")
    desk.wait_for_load_state("networkidle")
    desk.evaluate("scrollTo(0, 0)")
    assert not (found := axe.faults(desk)), found
    desk.get_by_role("button", name="Remove The best of").click()


def test_what_is_related_is_read_on_every_width_and_leads_to_the_chapter(visitor: Page, scene: Scene) -> None:
    app = scene.server.app
    refresh(app.db, now=app.clock())
    first, second = _episodes(scene)
    with app.db.write() as session:
        match = Match(second, RelatedKind.EPISODE, 0.9, ("leaked rows", "Oakfield"), at_s=1700.0)
        store.put_related(session, {first: [match]}, now=app.clock())
    visitor.goto(f"/e/{first}")
    related = visitor.get_by_role("region", name="Related")
    expect(related.get_by_text("Both tell of leaked rows, Oakfield")).to_be_visible()
    assert not (found := axe.faults(visitor)), found
    related.get_by_role("heading", level=3).get_by_role("link").first.click()
    expect(visitor).to_have_url(f"{visitor.url.split('/e/')[0]}/e/{second}")


def _episodes(scene: Scene) -> tuple[int, int]:
    """Two episodes of the show that stand in the draft; the first of them has chapters and a transcript."""
    with scene.server.app.db.read() as session:
        board = issues.board(session, scene.draft)
    found = [block.episode.item_id for part in board.sections for block in part.blocks if block.episode is not None]
    return found[1], found[0]
