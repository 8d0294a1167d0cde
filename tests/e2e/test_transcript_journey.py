"""The way of a reader from a transcript's form to its file, over the demo's sink: with scripts, without."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curator.activity import store as activity
from curator.audience import store as audience
from curator.demo.mail import ASKED_FOR
from curator.downloads import store
from curator.downloads.values import Funnel
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.places import talked_episode
from tests.e2e.scene import Scene
from tests.e2e.test_journey import HASTE_MS, open_newest_mail, title

WAYS: dict[str, tuple[Any, bool]] = {"with-scripts": (Keys, True), "without-scripts": (Mouse, False)}


@pytest.mark.parametrize("way", WAYS)
def test_from_the_form_to_the_file(way: str, open_browser: Open, scene: Scene, tmp_path: Path) -> None:
    hands_of, has_scripts = WAYS[way]
    hands: Hands = hands_of(open_browser(scene.server, java_script_enabled=has_scripts, accept_downloads=True))
    page, episode, address = hands.page, talked_episode(scene), f"{way}.listener@example.test"
    before = funnel(scene, episode)

    page.goto(f"/e/{episode}")
    box = page.get_by_role("checkbox", name="Held Out Weekly")
    expect(box).not_to_be_checked()
    page.locator("#ask-address").fill(address)
    # Whoever sends the form within a second is asked whether it is right.
    page.wait_for_timeout(HASTE_MS)
    hands.press("Send me the transcript")
    title(page, "Now look into your mailbox")

    open_newest_mail(hands, address)
    hands.follow(ASKED_FOR)
    title(page, "Here it is")
    assert kept(page, "As a web page", tmp_path).read_text().startswith("<!doctype html>")
    words = kept(page, "As text", tmp_path).read_text()
    assert "Ngozi Balogun" in words
    assert "© Held Out" in words

    after = funnel(scene, episode)
    assert (after.requests - before.requests, after.confirmed - before.confirmed) == (1, 1)
    assert after.downloads - before.downloads == 2
    with scene.server.app.db.read() as session:
        assert audience.subscriber_id(session, address) is None, "nobody is subscribed by asking for a transcript"
        [request] = store.requests_of(session, address)
    assert (request.agreed.place, request.downloads) == (f"/e/{episode}", 2)

    hands.press("Forget my address")
    title(page, "Your address is forgotten")
    with scene.server.app.db.read() as session:
        assert store.requests_of(session, address) == []


def test_who_gets_it_is_set_and_taken_back_on_the_desk(desk: Page, scene: Scene) -> None:
    episode = talked_episode(scene)
    desk.goto(f"/desk/shows/episodes/{episode}")
    form = desk.locator("#readers")
    form.get_by_label("Readers get it").first.select_option("open")
    form.get_by_role("button", name="Save who gets it").click()
    expect(desk.get_by_role("status").first).to_contain_text("Readers get the transcript: open")
    expect(form).to_contain_text("Everybody reads it on its page")
    desk.get_by_role("button", name="Undo").first.click()
    expect(form).to_contain_text("Whoever fills in the form gets a mail")
    with scene.server.app.db.read() as session:
        assert activity.recent(session, limit=1)[0].verb == "set the transcript of"


def kept(page: Page, button: str, folder: Path) -> Path:
    """Presses a button and returns the file that is saved."""
    with page.expect_download() as waits:
        page.get_by_role("button", name=button).click()
    path = folder / waits.value.suggested_filename
    waits.value.save_as(path)
    return path


def funnel(scene: Scene, episode: int) -> Funnel:
    with scene.server.app.db.read() as session:
        return store.transcript(session, episode).funnel
