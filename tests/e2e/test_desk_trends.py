"""The page of trends in a real browser: by keyboard, by mouse, without scripts, in both schemes and at every width."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from curator.picks.trends import store
from curator.picks.trends.refresh import refresh
from tests.e2e import axe, servers
from tests.e2e.conftest import Open
from tests.e2e.servers import Server
from tests.e2e.test_desk_inbox import come_in, press


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.demo(tmp_path_factory.mktemp("trends")) as started:
        refresh(started.app.db, now=started.app.clock())
        with started.app.db.read() as session:
            assert store.topics(session, 7)
        yield started


@pytest.fixture
def mina(server: Server, open_browser: Open) -> Page:
    page = come_in(server, open_browser, "Mina")
    page.goto("/desk/trends")
    return page


def topics(page: Page) -> Locator:
    return page.locator(".trends > li")


def test_a_topic_goes_into_the_issue_by_mouse_and_is_written_on(mina: Page) -> None:
    topic = topics(mina).nth(0)
    name = topic.get_by_role("heading").inner_text()
    expect(topic.get_by_role("img")).to_be_visible()
    topic.get_by_role("button", name="Into issue").click()
    block = mina.locator(".block[data-kind=trend]").first
    expect(block.get_by_label("Heading of the trend")).to_have_value(name[:1].upper() + name[1:])
    words = block.get_by_role("textbox", name="Words on")
    words.fill("Read this first.")
    expect(block.locator("[data-count]")).to_have_text("3 words")
    expect(block.locator("[data-saying]")).to_contain_text("Saved")
    expect(mina.frame_locator("#mail-frame iframe:not(.coming)").get_by_text("Read this first.")).to_be_visible()
    picture = mina.frame_locator("#mail-frame iframe:not(.coming)").locator("img[width='264']")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 528
    mina.goto(mina.url.partition("#")[0])
    assert not (found := axe.faults(mina, widths=(axe.NARROW,))), found
    mina.goto("/desk/trends")
    topics(mina).nth(0).get_by_role("link", name="In issue").click()
    expect(words).to_have_value("Read this first.")


def test_a_word_is_blocked_by_keyboard_and_taken_back(mina: Page) -> None:
    before = topics(mina).count()
    name = topics(mina).last.get_by_role("heading").inner_text()
    mina.get_by_label("Word or words").focus()
    mina.keyboard.type(name)
    press(mina, "Enter")
    expect(mina.get_by_role("status").first).to_contain_text("is no trend here any more")
    expect(topics(mina)).to_have_count(before - 1)
    press(mina, "u")
    expect(topics(mina)).to_have_count(before)


def test_without_scripts_every_deed_is_a_button(server: Server, open_browser: Open) -> None:
    page = come_in(server, open_browser, "Plain", java_script_enabled=False)
    page.goto("/desk/trends?days=2")
    name = topics(page).last.get_by_role("heading").inner_text()
    before = topics(page).count()
    topics(page).last.get_by_role("button", name="Block").click()
    expect(topics(page)).to_have_count(before - 1)
    page.get_by_role("button", name=f"Lift the block of {name.lower()}").click()
    expect(topics(page)).to_have_count(before)


def test_every_state_is_accessible_at_every_width(mina: Page) -> None:
    assert not (found := axe.faults(mina)), found
    mina.get_by_label("Word or words").fill("...")
    mina.get_by_label("Word or words").press("Enter")
    expect(mina.get_by_text("One thing needs another look")).to_be_visible()
    assert not (found := axe.faults(mina, widths=(axe.NARROW,))), found
