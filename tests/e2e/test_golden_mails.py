"""Every golden mail under axe's rules, as a wide and a narrow mail program shows it, light and dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import axe
from tests.e2e.test_mails import PHONE, WIDE
from tests.issues.conftest import GOLDEN
from tests.issues.goldens import DOCUMENTS
from tests.mailcheck.window import show_waves


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDE, "height": axe.HEIGHT})
    page = context.new_page()
    show_waves(page)
    yield page
    context.close()


@pytest.mark.parametrize("name", [*DOCUMENTS, "letter"])
def test_a_golden_mail_is_accessible_in_wide_and_narrow_programs(name: str, window: Page) -> None:
    window.set_content((GOLDEN / f"{name}.html").read_text(encoding="utf-8"))
    assert not (found := axe.faults(window, widths=(WIDE, PHONE), but=axe.PAGES_ONLY)), found
