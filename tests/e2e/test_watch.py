"""Pages on which something moves: with scripts they keep up by themselves, and never pull the focus away."""

from playwright.sync_api import Page, expect

from curator.mailings import control
from tests.e2e import axe
from tests.e2e.scene import Scene, put_off_longer


def test_a_mailing_is_watched_until_it_rests(desk: Page, scene: Scene) -> None:
    app = scene.server.app
    put_off_longer(app, scene.mailing)
    control.resume(app.db, scene.mailing, now=app.clock())
    desk.goto(f"/desk/mailings/{scene.mailing}")
    assert not (found := axe.faults(desk)), found
    desk.get_by_role("button", name="Pause").focus()
    with desk.expect_response("**/desk/mailings/*"):
        expect(desk.get_by_role("button", name="Pause")).to_be_focused()
    expect(desk.get_by_role("button", name="Pause")).to_be_focused()
    control.pause(app.db, scene.mailing, now=app.clock(), reason="Paused from elsewhere.")
    expect(desk.get_by_role("button", name="Resume")).to_be_visible()
    expect(desk.get_by_role("main")).to_contain_text("Paused from elsewhere.")


def test_readers_are_watched_while_they_read(visitor: Page) -> None:
    # Without its script the page stands still while the rules look at it.
    visitor.route("**/watch.js*", lambda route: route.abort())
    visitor.goto("/outbox")
    visitor.get_by_role("button", name="Let readers read").click()
    expect(visitor.get_by_role("heading", name="The readers")).to_be_visible()
    assert not (found := axe.faults(visitor, widths=(axe.NARROW,))), found
    visitor.unroute("**/watch.js*")
    visitor.reload()
    expect(visitor.get_by_role("heading", name="The readers have read it")).to_be_visible()
