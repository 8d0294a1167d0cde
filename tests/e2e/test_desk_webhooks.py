"""A test call from the desk: its answer appears by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from curator.webhooks import edit
from curator.webhooks.values import EndpointForm, Kind
from tests.e2e.scene import Scene
from tests.http.servers import Site, running_site


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        site.put("/hook", b"no tea here", status=418)
        yield site


@pytest.fixture
def endpoint(scene: Scene, site: Site) -> Iterator[str]:
    app = scene.server.app
    form = EndpointForm("Kettle", site.url("/hook"), (Kind.ITEM_PICKED,))
    chance, now = b"c" * 32, app.clock()
    made, _ = edit.make(app.db, form, chance=chance, keys=app.keys, by=scene.owner, now=now, allow_private=True)
    yield f"/desk/webhooks/{made}"
    edit.remove(app.db, made, is_removed=True, by=scene.owner, now=app.clock())


def test_a_test_calls_answer_appears_by_itself(desk: Page, endpoint: str, site: Site) -> None:
    desk.goto(endpoint)
    desk.get_by_role("button", name="Send a test call").click()
    calls = desk.locator("#called")
    expect(calls).to_contain_text("the last: 418", timeout=20_000)
    expect(calls.get_by_text("no tea here")).to_be_visible()
    expect(desk.locator("#called[hx-get]")).to_have_count(0)
    assert len(site.posted) == 1
