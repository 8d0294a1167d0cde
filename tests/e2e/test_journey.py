"""The whole journey of a newcomer, from the first link to a reader who leaves: with scripts, without, by keyboard.

It is told once, in parts; each part begins where it says and takes whatever hands it is given. On the way the demo's
card ticks itself, and the README's pictures are taken: into docs/images by `make screenshots`, else into a temporary
folder, so that the way to them stays open.
"""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLong

from curator.demo import seed
from tests.e2e.conftest import Open
from tests.e2e.hands import Hands, Keys, Mouse
from tests.e2e.servers import Server

NAME = "Held Out Weekly"
HASTE_MS = 1_100
SUBJECT = "A study to read to its last table"
BLURB = "The one study of the week that you should read to its last table."
NEW_READER = "ada.reader@example.test"
ROOT = Path(__file__).parents[2]
# A README with pictures larger than this is slow to open on a phone.
LARGEST_BYTES = 300_000
WAYS: dict[str, tuple[Callable[[Page], Hands], bool]] = {
    "with-scripts": (Mouse, True),
    "without-scripts": (Mouse, False),
    "by-keyboard": (Keys, True),
}


@pytest.mark.slow
@pytest.mark.parametrize(("hands_of", "has_scripts"), WAYS.values(), ids=WAYS)
def test_from_the_first_link_to_a_reader_who_leaves(
    hands_of: Callable[[Page], Hands], has_scripts: bool, fresh_demo: Server, open_browser: Open, folder: Path
) -> None:
    hands = hands_of(open_browser(fresh_demo, java_script_enabled=has_scripts))
    come_in(hands, fresh_demo)
    skim(hands, folder)
    assert ticked(hands) == 2
    write(hands, folder)
    assert ticked(hands) == 3
    look(hands)
    assert ticked(hands) == 4
    send(hands, folder)
    reader = read(hands, folder)
    assert ticked(hands) == 5
    let_readers_read(hands)
    see_results(hands, folder)
    assert ticked(hands) is None, "all is done, and the card is gone"
    sign_up(hands, folder)
    confirm(hands)
    choose(hands, reader)
    leave_and_return_and_leave(hands, reader)
    find_them_gone(hands, reader)
    invite(hands)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wanted = os.environ.get("SCREENSHOTS_DIR")  # noqa: TID251 - set by `make screenshots`
    return ROOT / wanted if wanted else tmp_path


def test_the_pages_show_the_pictures_that_are_taken_on_the_way() -> None:
    shown = set(re.findall(r"docs/images/(\S+?\.png)", (ROOT / "README.md").read_text()))
    shown |= set(re.findall(r"images/(\S+?\.png)", (ROOT / "docs" / "editors.md").read_text()))
    taken = set(re.findall(r'folder / "(\S+?\.png)"', Path(__file__).read_text()))
    assert shown == taken
    elsewhere = set(re.findall(r"images/(\S+?\.png)", (ROOT / "docs" / "mail.md").read_text()))
    assert {file.name for file in (ROOT / "docs" / "images").glob("*.png")} == taken | elsewhere


def keep(page: Page, file: Path, *, height: int) -> None:
    """Writes what a laptop's window shows of the page."""
    size = page.viewport_size
    page.set_viewport_size({"width": 1280, "height": height})
    page.screenshot(path=file, animations="disabled", caret="hide")
    assert 10_000 < file.stat().st_size < LARGEST_BYTES
    if size is not None:
        page.set_viewport_size(size)


def ticked(hands: Hands) -> int | None:
    """Returns how many steps of the first issue's card have ticked themselves; None where the card is gone."""
    found = re.search(r"(\d) of 6 steps done", hands.page.request.get("/desk").text())
    return None if found is None else int(found[1])


def come_in(hands: Hands, server: Server) -> None:
    """Opens the link that the terminal shows, and finds what to do first."""
    page = hands.page
    page.goto(server.sign_in_link(seed.owner_id(server.app.db, now=server.app.clock())))
    hands.press("Sign in as Mina Adeyemi")
    title(page, "Desk")
    expect(page.get_by_label("Demo", exact=True)).to_contain_text("no mail leaves this machine")
    expect(page.get_by_role("region", name="Your first issue")).to_contain_text("1 of 6 steps done")


def skim(hands: Hands, folder: Path) -> None:
    """Passes the first item of the inbox over, and picks the one below it."""
    page = hands.page
    hands.follow("Inbox")
    title(page, "Inbox")
    keep(page, folder / "inbox.png", height=800)
    first, second = (page.locator(".rows h2").nth(n).inner_text() for n in (0, 1))
    hands.press(f"Skip ... {first}")
    said(page, "Skipped")
    hands.press(f"is where to pick {second}")
    said(page, "Picked into")
    hands.follow("Picked")
    expect(page.get_by_role("main")).to_contain_text(second)


def write(hands: Hands, folder: Path) -> None:
    """Puts words of one's own on the board, finds the fact that was left open, and moves a block down."""
    page = hands.page
    hands.follow("Issue", within=page.get_by_role("main"))
    unfinished = page.locator("form.block", has=page.locator("textarea", has_text="TK"))
    name = unfinished.get_by_role("heading").inner_text()
    hands.write(f"Blurb ... {name}", BLURB)
    hands.press(f"Save ... {name}")
    said(page, "is saved")
    hands.press("Down ... move")
    said(page, "is moved down")
    hands.write("Subject", SUBJECT)
    hands.press("Save ... subject and preheader")
    said(page, "Subject and preheader are saved")
    page.goto(page.url.partition("#")[0])
    keep(page, folder / "board.png", height=1000)


def look(hands: Hands) -> None:
    """Looks at the mail as a phone shows it in the dark."""
    page = hands.page
    hands.follow("Preview$")
    hands.follow("Phone")
    hands.follow("Dark")
    expect(page.frame_locator("iframe").get_by_text(BLURB)).to_be_visible()
    hands.follow("Text$")
    expect(page.locator("pre.plain")).to_contain_text(BLURB)


def send(hands: Hands, folder: Path) -> None:
    """Approves what was seen and sends it at once."""
    page = hands.page
    hands.follow("Go on to approve")
    hands.press("Approve revision")
    said(page, "is approved")
    hands.follow("Send now")
    hands.press("Send to")
    said(page, "It is on its way")
    keep(page, folder / "sending.png", height=720)


def read(hands: Hands, folder: Path) -> str:
    """Waits until the mails lie in the outbox, opens one, and returns the address that it went to."""
    page = hands.page
    hands.follow("See what was sent")
    reload_until(page, SUBJECT)
    hands.follow(SUBJECT)
    expect(page.frame_locator("iframe").get_by_text(BLURB)).to_be_visible()
    found = re.search(r"<(\S+@example\.test)>", page.get_by_role("main").inner_text())
    assert found is not None
    mail = page.url.partition("?")[0]
    page.emulate_media(color_scheme="dark")
    page.goto(f"{mail}?width=375&scheme=dark")
    keep(page, folder / "mail.png", height=1000)
    page.emulate_media(color_scheme="light")
    page.goto(mail)
    hands.follow("Web version")
    expect(page.get_by_role("main")).to_contain_text(BLURB)
    return found.group(1)


def let_readers_read(hands: Hands) -> None:
    """Presses the demo's button and waits until its readers have read."""
    page = hands.page
    page.goto("/outbox")
    reload_until(page, "Let readers read")
    hands.press("Let readers read")
    reload_until(page, "The readers have read it")


def see_results(hands: Hands, folder: Path) -> None:
    """Finds readers' clicks at the desk, and the scanner's hits set apart."""
    page = hands.page
    hands.follow("See the results")
    title(page, "Issue")
    reload_until(page, "set apart")
    clickers = page.locator("dl.pairs div", has_text="Readers who clicked").locator("dd").inner_text()
    assert int(clickers.split()[0].replace(",", "")) > 0
    keep(page, folder / "results.png", height=1000)


def sign_up(hands: Hands, folder: Path) -> None:
    """Comes to the front page as a stranger and asks for the newsletter."""
    page = hands.page
    page.goto("/")
    title(page, NAME)
    hands.follow("Sign up")
    hands.write("Your mail address", NEW_READER)
    hands.write("Your name", "Ada Reader")
    keep(page, folder / "sign-up.png", height=1100)
    # Whoever sends the form within a second is asked whether it is right.
    page.wait_for_timeout(HASTE_MS)
    hands.press("Sign up")
    title(page, "Now look into your mailbox")


def confirm(hands: Hands) -> None:
    """Opens the letter and presses its button."""
    open_newest_mail(hands, NEW_READER)
    hands.follow("Confirm the sign-up")
    hands.press("Yes, send it to me")
    title(hands.page, "You are in")


def choose(hands: Hands, reader: str) -> None:
    """Takes a reader's mail to their own page, and changes name and mind."""
    page = hands.page
    open_newest_mail(hands, reader)
    hands.follow("Preferences")
    title(page, "Your newsletters")
    hands.write("Your name", "Somebody Else")
    hands.tick(f"Send me {NAME}")
    hands.press("Save")
    expect(page.get_by_label("Your name")).to_have_value("Somebody Else")
    expect(page.get_by_role("checkbox", name=f"Send me {NAME}")).not_to_be_checked()
    hands.tick(f"Send me {NAME}")
    hands.press("Save")
    expect(page.get_by_role("checkbox", name=f"Send me {NAME}")).to_be_checked()


def leave_and_return_and_leave(hands: Hands, reader: str) -> None:
    """Takes the reader's own way out of the mail, and back, and out."""
    page = hands.page
    open_newest_mail(hands, reader)
    hands.follow("Unsubscribe$")
    title(page, f"Stop getting {NAME}?")
    hands.press("Unsubscribe")
    title(page, "You are unsubscribed")
    hands.press("Undo")
    title(page, "You get it again")
    hands.follow("Leave after all")
    hands.press("Unsubscribe")
    title(page, "You are unsubscribed")


def find_them_gone(hands: Hands, reader: str) -> None:
    """Finds at the desk that the reader has left, and reads how that came about."""
    page = hands.page
    page.goto("/desk")
    hands.follow("Subscribers")
    hands.write("Search", reader)
    hands.press("Show")
    expect(page.get_by_role("row", name=reader)).to_contain_text("left")
    hands.follow(reader)
    expect(page.get_by_role("region", name="History")).to_contain_text("/u")


def invite(hands: Hands) -> None:
    """Gives a colleague a place, and sees that the invitation is on its way."""
    page = hands.page
    hands.follow("People")
    hands.write("Address", "oona@example.test")
    hands.write("Name", "Oona Lind")
    hands.press("Send the invitation")
    said(page, "An invitation")
    open_newest_mail(hands, "oona@example.test")


def open_newest_mail(hands: Hands, address: str) -> None:
    """Finds an address's newest mail in the outbox: the sender has it there within seconds."""
    page = hands.page
    page.goto(f"/outbox?q={address}")
    reload_until(page, page.locator("tbody a"))
    hands.follow("", within=page.locator("tbody"))


def title(page: Page, words: str) -> None:
    """Waits for the page of this heading."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def said(page: Page, words: str) -> None:
    """Waits for the page that says so."""
    expect(page.get_by_role("status").first).to_contain_text(words)


def reload_until(page: Page, wanted: str | Locator, *, tries: int = 60) -> None:
    """Looks again until these words, or this, are on the page: other processes send and count when they can."""
    shown = page.get_by_role("main").get_by_text(wanted) if isinstance(wanted, str) else wanted
    for _ in range(tries):
        try:
            shown.first.wait_for(timeout=1_000)
        except TooLong:
            with suppress(Error):  # a page that watches itself may do so at the same moment
                page.reload()
        else:
            return
    raise AssertionError(f"{page.url} never shows {wanted!r}")
