"""Takes the README's pictures: into docs/images by `make screenshots`, else into a temporary folder, so that the way
to them stays open.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.scene import Scene

ROOT = Path(__file__).parents[2]
# A README with pictures larger than this is slow to open on a phone.
LARGEST_BYTES = 300_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wanted = os.environ.get("SCREENSHOTS_DIR")  # noqa: TID251 - set by `make screenshots`
    return ROOT / wanted if wanted else tmp_path


def test_the_board(desk: Page, scene: Scene, folder: Path) -> None:
    desk.goto(f"/desk/issues/{scene.draft}")
    keep(desk, folder / "board.png", height=1000)


def test_the_inbox(desk: Page, folder: Path) -> None:
    desk.goto("/desk/inbox")
    keep(desk, folder / "inbox.png", height=800)


def test_a_mail_on_a_phone_in_the_dark(desk: Page, scene: Scene, folder: Path) -> None:
    desk.emulate_media(color_scheme="dark")
    desk.goto(f"/outbox/{scene.mail_key}?width=375&scheme=dark")
    desk.frame_locator("iframe").locator("body").wait_for()
    keep(desk, folder / "mail.png", height=1000)


def test_the_results(desk: Page, scene: Scene, folder: Path) -> None:
    desk.goto(f"/desk/issues/{scene.past}/results")
    keep(desk, folder / "results.png", height=1000)


def test_the_readme_shows_pictures_that_these_tests_take() -> None:
    shown = set(re.findall(r"docs/images/(\S+?\.png)", (ROOT / "README.md").read_text()))
    taken = set(re.findall(r'folder / "(\S+?\.png)"', Path(__file__).read_text()))
    assert shown == taken
    assert {file.name for file in (ROOT / "docs" / "images").glob("*.png")} == taken


def keep(page: Page, file: Path, *, height: int) -> None:
    """Writes what a laptop's window shows of the page."""
    page.set_viewport_size({"width": 1280, "height": height})
    page.screenshot(path=file, animations="disabled", caret="hide")
    assert 10_000 < file.stat().st_size < LARGEST_BYTES
