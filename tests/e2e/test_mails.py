"""The HTML of the mail itself: accessible as a wide and a narrow mail program shows it, light and dark."""

import pytest
from playwright.sync_api import Page, Route

from tests.e2e import axe
from tests.e2e.scene import Scene

WIDE, PHONE = 640, 320


def without_sandbox(route: Route) -> None:
    """Lets the rules run inside the mail's page, which otherwise runs nothing at all; the rest of its policy stays."""
    answer = route.fetch()
    policy = answer.headers["content-security-policy"]
    assert "sandbox; " in policy
    route.fulfill(
        response=answer, headers={**answer.headers, "content-security-policy": policy.replace("sandbox; ", "")}
    )


@pytest.mark.parametrize("scheme", axe.SCHEMES)
@pytest.mark.parametrize("url", ["/outbox/{scene.mail_key}", "/desk/issues/{scene.draft}/preview"])
def test_a_mail_is_accessible_in_wide_and_narrow_programs(url: str, scheme: str, desk: Page, scene: Scene) -> None:
    # Which scheme it is shown in is decided by the address here, because no browser asks inside a sandboxed frame.
    desk.goto(f"{url.format(scene=scene)}?scheme={scheme}")
    frame = desk.locator("iframe").get_attribute("src")
    assert frame is not None
    desk.route(f"**{frame}", without_sandbox)
    desk.goto(frame)
    assert desk.title()
    assert desk.locator("html").get_attribute("lang")
    assert desk.locator("h1").count() == 1
    assert all(image.get_attribute("alt") is not None for image in desk.locator("img").all())
    assert desk.locator("table:not([role=presentation], [role=none])").count() == 0, "a table is more than layout"
    found = axe.faults(desk, widths=(WIDE, PHONE), but=axe.PAGES_ONLY)
    assert not found, found
