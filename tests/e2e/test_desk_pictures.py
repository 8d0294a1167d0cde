"""A pick's picture on the board and a newsletter's logo: by mouse, by keyboard alone and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import select, update

from curator.feeds.tables import Item
from curator.feeds.values import ItemKind
from curator.issues import board, publish
from curator.newsletters import store as newsletters
from curator.pictures.tables import SourcePicture
from tests.e2e import axe
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.scene import Scene
from tests.pictures import files

WAYS: dict[str, tuple[type[Mouse] | type[Keys], bool]] = {
    "mouse": (Mouse, True),
    "keyboard": (Keys, True),
    "no-scripts": (Mouse, False),
}


@pytest.fixture(scope="module")
def illustrated(the_scene: Scene) -> tuple[int, int]:
    """An issue of these tests' own, and the block of an article that names a picture of the demo's feed server."""
    app, by = the_scene.server.app, the_scene.owner
    issue_id = publish.draft(app.db, the_scene.newsletter, now=app.clock(), include_archive=True, by=by)
    with app.db.write() as session:
        url = session.scalar(select(SourcePicture.url).limit(1))
        item = session.scalars(select(Item.id).where(Item.kind == ItemKind.ARTICLE).limit(1)).one()
        session.execute(update(Item).where(Item.id == item).values(image_url=url))
        section = newsletters.newsletter(session, the_scene.newsletter).sections[-1].id
    return issue_id, board.pick_into(app.db, issue_id, item, section, by=by, now=app.clock())


def _unfold(hands: Hands, card: Locator) -> None:
    """Opens the part about the picture, which a page that was opened anew has closed."""
    summary = card.locator("details.picture > summary")
    if card.locator("details.picture[open]").count() == 0:
        summary.focus()
        hands.page.keyboard.press("Enter") if isinstance(hands, Keys) else summary.click()


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_is_shown_described_and_hidden(
    way: str, open_browser: Open, states: dict[int, Any], scene: Scene, illustrated: tuple[int, int]
) -> None:
    make, has_scripts = WAYS[way]
    hands = make(open_browser(scene.server, storage_state=states[scene.owner], java_script_enabled=has_scripts))
    page, (issue_id, block_id) = hands.page, illustrated
    page.goto(f"/desk/issues/{issue_id}")
    card = page.locator(f"#block-{block_id}")
    _unfold(hands, card)
    card.get_by_label("What it shows").fill(f"A map, by {way}")
    hands.press("Show its picture")
    expect(card.locator("details.picture summary")).to_contain_text("shown")
    expect(card.get_by_label("What it shows")).to_have_value(f"A map, by {way}")
    _until_fetched(page, card)
    _unfold(hands, card)
    expect(card.locator("img.thumb")).to_be_visible()
    hands.press("Show no picture")
    expect(card.locator("details.picture summary")).not_to_contain_text("shown")


def _until_fetched(page: Page, card: Locator) -> None:
    """A worker fetches it meanwhile; nobody is told, so the page is opened anew."""
    for _ in range(60):
        if card.locator("img.thumb").count():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError("the picture does not come")


def test_what_is_typed_about_a_picture_saves_itself(desk: Page, illustrated: tuple[int, int]) -> None:
    issue_id, block_id = illustrated
    desk.goto(f"/desk/issues/{issue_id}")
    card = desk.locator(f"#block-{block_id}")
    _unfold(Mouse(desk), card)
    card.get_by_label("What it shows").fill("Stripes")
    expect(card.locator("[data-saying]").first).to_contain_text("Saved")
    desk.reload()
    expect(card.get_by_label("What it shows")).to_have_value("Stripes")


def test_a_logo_is_uploaded_and_the_pages_are_within_the_rules(
    desk: Page, scene: Scene, illustrated: tuple[int, int]
) -> None:
    desk.goto("/desk/newsletter/logo")
    logo = FilePayload(name="logo.png", mimeType="image/png", buffer=files.clear())
    desk.get_by_label(re.compile("^(File|Another file)")).set_input_files(logo)
    desk.get_by_role("button", name=re.compile("the logo$")).first.click()
    expect(desk.locator(".logo-now img").first).to_be_visible()
    assert not (found := axe.faults(desk)), found
    desk.get_by_role("button", name="Take the logo away").click()
    expect(desk.get_by_text("No logo yet")).to_be_visible()
    issue_id, block_id = illustrated
    desk.goto(f"/desk/issues/{issue_id}")
    card = desk.locator(f"#block-{block_id}")
    _unfold(Mouse(desk), card)
    card.get_by_role("button", name="Show its picture").click()
    hide = card.get_by_role("button", name="Show no picture")
    expect(hide).to_be_focused()
    assert not (found := axe.faults(desk)), found
    hide.click()
    expect(card.get_by_role("button", name="Show its picture")).to_be_focused()
