"""The whole journey of a newcomer, from the first link to a reader who leaves: with scripts, without, by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.servers import Server

BLURB = "The one study of the week that you should read to its last table."
WAYS: dict[str, tuple[Callable[[Page], Hands], bool]] = {
    "with-scripts": (Mouse, True),
    "without-scripts": (Mouse, False),
    "by-keyboard": (Keys, True),
}


@pytest.mark.slow
@pytest.mark.parametrize(("hands_of", "has_scripts"), WAYS.values(), ids=WAYS)
def test_from_the_first_link_to_a_reader_who_leaves(
    hands_of: Callable[[Page], Hands], has_scripts: bool, fresh_demo: Server, open_browser: Open
) -> None:
    page = open_browser(fresh_demo, java_script_enabled=has_scripts)
    hands = hands_of(page)
    come_in(hands, fresh_demo)
    skim(hands)
    write(hands)
    look(hands)
    send(hands)
    reader = read(hands)
    leave(hands)
    find_them_gone(hands, reader)


def come_in(hands: Hands, server: Server) -> None:
    """Opens the link that the terminal shows."""
    page = hands.page
    page.goto(server.sign_in_link(1))
    hands.press("Sign in as Mina Adeyemi")
    expect(page.get_by_role("heading", level=1)).to_have_text("Desk")
    expect(page.get_by_label("Demo")).to_contain_text("no mail leaves this machine")
    expect(page.get_by_role("listitem").and_(page.locator("[aria-current=step]"))).to_contain_text("Write")


def skim(hands: Hands) -> None:
    """Passes the first item of the inbox over, and picks the one below it for the last section."""
    page = hands.page
    hands.follow("Inbox")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    first, second = (page.locator(".rows h2").nth(n).inner_text() for n in (0, 1))
    hands.press(f"Skip ... {first}")
    expect(page.get_by_role("status")).to_contain_text("Skipped")
    hands.press(f"is where to pick {second}")
    expect(page.get_by_role("status")).to_contain_text("Picked into")
    hands.follow("Picked")
    expect(page.get_by_role("main")).to_contain_text(second)


def write(hands: Hands) -> None:
    """Puts words of one's own on the board, and moves a block down."""
    page = hands.page
    hands.follow("Issue 1")
    block = page.locator("form.block", has=page.get_by_label("Blurb for")).first
    title = block.get_by_role("heading").inner_text()
    hands.write(f"Blurb ... {title}", BLURB)
    hands.press(f"Save ... {title}")
    expect(page.get_by_role("status")).to_contain_text("is saved")
    hands.press(f"Down ... {title}")
    expect(page.get_by_role("status")).to_contain_text("is moved down")
    hands.write("Subject", "A study to read to its last table")
    hands.press("Save ... subject and preheader")
    expect(page.get_by_role("status")).to_contain_text("Subject and preheader are saved")


def look(hands: Hands) -> None:
    """Looks at the mail as a phone shows it in the dark."""
    page = hands.page
    hands.follow("Preview")
    hands.follow("Phone")
    hands.follow("Dark")
    expect(page.frame_locator("iframe").get_by_text(BLURB)).to_be_visible()
    expect(page.locator("pre.plain")).to_contain_text(BLURB)


def send(hands: Hands) -> None:
    """Approves what was seen and sends it at once."""
    page = hands.page
    hands.follow("Go on to approve")
    hands.press("Approve revision")
    expect(page.get_by_role("status")).to_contain_text("is approved")
    hands.follow("Send now")
    hands.press("Send to")
    expect(page.get_by_role("status")).to_contain_text("It is on its way")


def read(hands: Hands) -> str:
    """Waits until the mails lie in the outbox, opens one, and returns the address that it went to."""
    page = hands.page
    hands.follow("See what was sent")
    reload_until(page, "A study to read to its last table")
    hands.follow("A study to read to its last table")
    expect(page.frame_locator("iframe").get_by_text(BLURB)).to_be_visible()
    found = re.search(r"<(\S+@example\.test)>", page.get_by_role("main").inner_text())
    assert found is not None
    return found.group(1)


def leave(hands: Hands) -> None:
    """Takes the reader's own way out of the mail."""
    page = hands.page
    hands.follow("Unsubscribe as this reader")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Stop getting Held Out Weekly?")
    hands.press("Unsubscribe")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are unsubscribed")


def find_them_gone(hands: Hands, reader: str) -> None:
    """Finds at the desk that the reader has left."""
    page = hands.page
    page.goto("/desk")
    hands.follow("Subscribers")
    hands.write("Search", reader)
    hands.press("Show")
    expect(page.get_by_role("row", name=reader)).to_contain_text("left")


def reload_until(page: Page, words: str, *, tries: int = 60) -> None:
    """Looks again until the words are on the page: the runner sends when it can."""
    for _ in range(tries):
        try:
            page.get_by_role("main").get_by_text(words).first.wait_for(timeout=1_000)
        except TimeoutError:
            page.reload()
        else:
            return
    raise AssertionError(f"{page.url} never says {words!r}")
