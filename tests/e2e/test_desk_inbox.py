"""Triage in a real browser: by keyboard, by mouse, without scripts, by two people at once, with the keys off."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete, select, update

from curator.accounts import admit
from curator.accounts.tables import User
from curator.accounts.values import Role
from curator.demo import seed
from curator.newsletters.tables import Newsletter
from curator.picks.tables import Pick
from tests import builders
from tests.e2e import axe, servers
from tests.e2e.conftest import Open
from tests.e2e.servers import Server

ITEMS = 200


@dataclass(frozen=True)
class Inbox:
    """A newsletter of three sections with a feed of its own, whose 200 items nobody has looked at."""

    server: Server
    newsletter: int
    feed: int
    items: list[int]

    def url(self, **more: object) -> str:
        rest = "".join(f"&{name}={value}" for name, value in more.items())
        return f"/desk/inbox?newsletter={self.newsletter}&feed={self.feed}{rest}"

    def picks(self) -> int:
        with self.server.app.db.read() as session:
            return len(list(session.scalars(select(Pick.id).where(Pick.newsletter_id == self.newsletter))))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.demo(tmp_path_factory.mktemp("inbox")) as started:
        yield started


def _words_of(number: int) -> str:
    """Words that no other item has: the runner, which may come by, takes items that are alike for one story."""
    return " ".join(f"{word}{number}" for word in ("shore", "tide", "kelp", "sand", "cliff", "dune", "reef", "gull"))


@pytest.fixture
def inbox(server: Server, request: pytest.FixtureRequest) -> Iterator[Inbox]:
    db, now, name = server.app.db, server.app.clock(), request.node.name.replace("_", "-").replace("test-", "")[:60]
    newsletter = builders.newsletter_row(db, slug=name, name=name)
    builders.section_rows(db, newsletter)
    feed = builders.feed_row(db, name, next_poll_at=now + timedelta(days=30))
    items = [
        builders.item_row(
            db,
            feed,
            f"Item {number} of {name}: {_words_of(number)}",
            at=now - timedelta(minutes=10 * number + 5),
            summary_text=f"What they say of {_words_of(number)}. " * 8,
        )
        for number in range(ITEMS if "twenty" in name else 8)
    ]
    yield Inbox(server, newsletter, feed, items)
    # So that no page has a dozen newsletters to choose from.
    with db.write() as session:
        session.execute(delete(Pick).where(Pick.newsletter_id == newsletter))
        session.execute(delete(Newsletter).where(Newsletter.id == newsletter))


@pytest.fixture
def mina(server: Server, open_browser: Open) -> Page:
    return come_in(server, open_browser, "Mina")


def come_in(server: Server, open_browser: Open, name: str, **options: object) -> Page:
    """Opens a window in which somebody new is signed in."""
    page = open_browser(server, **options)
    sign_in(server, page, name)
    return page


def sign_in(server: Server, page: Page, name: str) -> None:
    now = server.app.clock()
    address = f"{name.lower()}.{now.timestamp()}@example.test"
    user = admit.create_user(server.app.db, address, name=name, role=Role.EDITOR, now=now)
    page.goto(server.sign_in_link(user))
    page.get_by_role("button", name="Sign in as").click()
    page.get_by_role("heading", level=1, name="Desk").wait_for()


def row(page: Page, number: int) -> Locator:
    return page.locator("#rows > li", has=page.get_by_role("link", name=f"Item {number} of"))


def said(page: Page, words: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(words)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_twenty_of_two_hundred_by_keyboard(inbox: Inbox, mina: Page) -> None:
    mina.goto(inbox.url())
    pressed = {"j": 0, "other": 0}
    press(mina, "j")
    for number in range(0, ITEMS, ITEMS // 20):
        expect(row(mina, number)).to_be_focused()
        press(mina, str(number // 10 % 3 + 1))
        pressed["other"] += 1
        # What is beyond a page comes as the last row is left.
        for further in range(number + 2, min(number + ITEMS // 20, ITEMS - 1) + 1):
            press(mina, "j")
            expect(row(mina, further)).to_be_focused()
    assert pressed["other"] <= 60
    expect(mina.locator("#inbox-tabs")).to_contain_text("Picked 20")
    assert inbox.picks() == 20


def test_every_key_does_what_the_help_says(inbox: Inbox, mina: Page) -> None:
    mina.goto(inbox.url())
    press(mina, "?")
    expect(mina.get_by_role("dialog", name="Keys")).to_be_visible()
    press(mina, "j", "Escape", "j", "j", "k")
    expect(row(mina, 0)).to_be_focused()
    press(mina, "x")
    said(mina, "Skipped: Item 0")
    expect(row(mina, 1)).to_be_focused()
    press(mina, "1")
    said(mina, "Picked into Highlights: Item 1")
    expect(mina.get_by_role("button", name="Undo")).to_have_count(1)
    press(mina, "u")
    expect(row(mina, 1)).to_be_focused()
    press(mina, "u")
    expect(row(mina, 0)).to_be_focused()
    said(mina, "It is back among the new.")
    press(mina, "X")
    expect(mina.get_by_role("button", name="off topic")).to_be_focused()
    press(mina, "Tab", "Enter")
    said(mina, "Skipped (seen before): Item 0")
    press(mina, "s")
    expect(mina.get_by_role("button", name="Tomorrow")).to_be_focused()
    press(mina, "Enter")
    said(mina, "Put off until")
    expect(row(mina, 2)).to_be_focused()
    press(mina, "/")
    expect(mina.get_by_label("Search")).to_be_focused()
    press(mina, "x", "j")
    expect(mina.get_by_label("Search")).to_have_value("xj")
    mina.get_by_label("Search").blur()
    press(mina, "g", "d")
    expect(mina.get_by_role("heading", level=1)).to_have_text("Desk")


def test_a_blurb_is_written_while_skimming(inbox: Inbox, mina: Page) -> None:
    mina.goto(inbox.url())
    press(mina, "j", "b")
    words = mina.get_by_label("Blurb of Item 0")
    expect(words).to_be_focused()
    mina.keyboard.type("Who pays for a free shore? 1 x j")
    expect(row(mina, 0).get_by_role("status")).to_contain_text("Saved")
    press(mina, "Escape")
    expect(row(mina, 0)).to_be_focused()
    press(mina, "j")
    expect(row(mina, 1)).to_be_focused()
    mina.goto(inbox.url(show="picked"))
    press(mina, "j", "b")
    expect(words).to_have_value("Who pays for a free shore? 1 x j")


def test_what_was_written_is_taken_back_before_its_pick(inbox: Inbox, mina: Page) -> None:
    mina.goto(inbox.url())
    press(mina, "j", "b")
    expect(mina.get_by_label("Blurb of Item 0")).to_be_focused()
    mina.keyboard.type("Too hasty.")
    expect(row(mina, 0).get_by_role("status")).to_contain_text("Saved")
    press(mina, "Escape", "u")
    said(mina, "as it was before")
    assert inbox.picks() == 1
    press(mina, "u")
    said(mina, "The pick is taken back.")
    assert inbox.picks() == 0


def test_a_muted_feed_takes_its_rows_along(inbox: Inbox, mina: Page) -> None:
    mina.goto(inbox.url())
    press(mina, "j", "m")
    expect(mina.get_by_role("heading", name="Nothing fits")).to_be_visible()
    mina.goto(inbox.url(show="muted"))
    expect(mina.locator("#rows > li")).to_have_count(8)


def test_a_mute_that_is_taken_back_brings_every_row_back(inbox: Inbox, mina: Page, server: Server) -> None:
    other = builders.feed_row(server.app.db, "other", next_poll_at=server.app.clock() + timedelta(days=30))
    builders.item_row(server.app.db, other, "Another of a-mute-that", at=server.app.clock() - timedelta(minutes=1))
    mina.goto(f"/desk/inbox?newsletter={inbox.newsletter}&q=a-mute-that")
    press(mina, "j", "j", "m")
    said(mina, "Muted: the feed")
    expect(row(mina, 3)).to_be_hidden()
    press(mina, "u")
    said(mina, "It is muted no longer.")
    expect(row(mina, 0)).to_be_focused()
    expect(row(mina, 3)).to_be_visible()


def test_one_click_is_enough_below_an_open_row(inbox: Inbox, mina: Page) -> None:
    mina.goto(inbox.url())
    press(mina, "j")
    expect(row(mina, 0).locator(".excerpt")).to_be_visible()
    expect(row(mina, 2).locator(".excerpt")).to_be_hidden()
    row(mina, 2).get_by_role("button", name="Skip").click()
    expect(row(mina, 2)).to_have_count(0)
    mina.get_by_role("button", name="Undo").click()
    expect(row(mina, 2)).to_be_focused()
    row(mina, 3).get_by_role("link", name="More").click()
    row(mina, 3).get_by_role("button", name="In three days").click()
    said(mina, "Put off until")
    row(mina, 4).get_by_role("button", name="Trends").click()
    said(mina, "Picked into Trends: Item 4")


def test_without_scripts_every_deed_is_a_button(inbox: Inbox, server: Server, open_browser: Open) -> None:
    page = come_in(server, open_browser, "Plain", java_script_enabled=False)
    page.goto(inbox.url())
    expect(row(page, 0).locator(".excerpt")).to_be_visible()
    row(page, 0).get_by_role("button", name="Trends").click()
    expect(page.get_by_role("status").first).to_contain_text("Picked into Trends: Item 0")
    assert page.url.endswith(f"#item-{inbox.items[1]}")
    row(page, 1).get_by_role("link", name="More").click()
    page.get_by_role("button", name="In three days").click()
    expect(page.get_by_role("status").first).to_contain_text("Put off until")
    row(page, 2).get_by_role("link", name="More").click()
    page.get_by_role("button", name="and write").click()
    page.get_by_label("Blurb").fill("Plain words.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("The blurb is saved")
    row(page, 3).get_by_role("link", name="More").click()
    page.get_by_label("titles with").fill("item")
    page.get_by_role("button", name="Mute these words").click()
    page.goto(inbox.url(show="muted"))
    page.get_by_role("button", name="Lift").click()
    expect(page.get_by_role("status").first).to_contain_text("Muted no longer")


def test_the_second_of_two_editors_is_told_on_the_row(
    inbox: Inbox, mina: Page, server: Server, open_browser: Open
) -> None:
    theo = come_in(server, open_browser, "Theo")
    for page in (mina, theo):
        page.goto(inbox.url())
        press(page, "j")
    press(mina, "1")
    said(mina, "Picked into Highlights")
    press(theo, "2")
    expect(row(theo, 0).get_by_role("alert")).to_contain_text("Picked by Mina")
    expect(row(theo, 1)).to_be_focused()


def test_a_lost_session_loses_nothing(inbox: Inbox, mina: Page) -> None:
    mina.goto(inbox.url())
    press(mina, "j")
    state = mina.context.cookies()
    mina.context.clear_cookies()
    press(mina, "x")
    expect(row(mina, 0).get_by_role("alert")).to_contain_text("You are signed out")
    said(mina, "You are signed out.")
    mina.context.add_cookies(state)
    press(mina, "k", "x")
    said(mina, "Skipped: Item 0")


def test_two_who_write_about_one_item_keep_both_texts(
    inbox: Inbox, mina: Page, server: Server, open_browser: Open
) -> None:
    asked = []
    mina.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    theo = come_in(server, open_browser, "Theo")
    for page, show in ((mina, "new"), (theo, "picked")):
        page.goto(inbox.url(show=show))
        press(page, "j", "b")
        expect(page.get_by_label("Blurb of Item 0")).to_be_focused()
    theo.keyboard.type("What Theo wrote.")
    expect(theo.locator(".blurb .saved")).to_contain_text(re.compile("^Saved"))
    mina.keyboard.type("What Mina wrote")
    expect(mina.locator(".blurb .saved")).to_contain_text("What Theo wrote.")
    mina.keyboard.type(", and went on with.")
    press(mina, "Tab")  # what leaves a field is saved at once, unless it waits for a decision
    mina.reload()
    assert asked == ["beforeunload"]
    expect(mina.locator("[data-notices]")).to_contain_text("What Mina wrote, and went on with.")
    mina.get_by_role("link", name="Write on").click()
    expect(mina.get_by_label("Blurb")).to_have_value("What Theo wrote.")
    expect(mina.locator(".blurb [data-notice]")).to_contain_text("What Mina wrote, and went on with.")


def test_words_that_never_reached_the_desk_are_offered_again(inbox: Inbox, mina: Page) -> None:
    asked = []
    mina.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    _write_unsaved(inbox, mina, "Typed, and then the window was closed.")
    mina.reload()
    assert asked == ["beforeunload"]
    mina.unroute("**/blurb")
    expect(mina.locator("[data-notices]")).to_contain_text("You wrote about “Item 0 of")
    assert not (found := axe.faults(mina, widths=(axe.NARROW,))), found
    mina.get_by_role("link", name="Write on").click()
    expect(mina.get_by_label("Blurb")).to_have_value("")
    mina.get_by_role("button", name="Take it in").click()
    expect(mina.locator(".blurb .saved")).to_contain_text("Saved")
    mina.goto(inbox.url(show="picked"))
    press(mina, "j", "b")
    expect(mina.get_by_label("Blurb of Item 0")).to_have_value("Typed, and then the window was closed.")
    expect(mina.locator("[data-notices]")).to_be_empty()
    expect(mina.locator(".blurb [data-notice]")).to_be_empty()
    mina.reload()
    assert asked == ["beforeunload"], "what is saved holds nobody back"


def test_kept_words_are_offered_to_whoever_wrote_them_alone(inbox: Inbox, mina: Page, server: Server) -> None:
    mina.on("dialog", lambda dialog: dialog.accept())
    _write_unsaved(inbox, mina, "For Mina's eyes.")
    mina.unroute("**/blurb")
    mina.context.clear_cookies()
    sign_in(server, mina, "Vera")
    mina.goto(inbox.url())
    expect(mina.locator("body")).to_have_attribute("data-person", re.compile(r"\d+"))
    expect(mina.locator("[data-notices]")).to_be_empty()


def test_words_of_an_earlier_window_stand_beside_the_newer_until_somebody_decides(inbox: Inbox, mina: Page) -> None:
    mina.on("dialog", lambda dialog: dialog.accept())
    _write_unsaved(inbox, mina, "The older words.")
    mina.goto(inbox.url(show="picked"))
    mina.unroute("**/blurb")
    press(mina, "j", "b")
    expect(mina.locator(".blurb [data-notice]")).to_contain_text("The older words.")
    mina.keyboard.type("The newer words.")
    expect(mina.locator(".blurb .saved")).to_contain_text("Saved")
    mina.reload()
    expect(mina.locator("[data-notices]")).to_contain_text("The older words.")
    mina.get_by_role("button", name="Let it go").click()
    mina.reload()
    expect(mina.locator("[data-notices]")).to_be_empty()


def test_a_blurb_whose_desk_is_away_or_shut_is_sent_again(inbox: Inbox, mina: Page, server: Server) -> None:
    _write_unsaved(inbox, mina, "Typed in a tunnel.")
    mina.unroute("**/blurb")
    expect(mina.locator(".blurb .saved")).to_contain_text(re.compile("^Saved"))
    state = mina.context.cookies()
    mina.context.clear_cookies()
    mina.get_by_label("Blurb of Item 0").fill("Typed when the session was over.")
    said(mina, "You are signed out. Your words are kept here.")
    mina.context.add_cookies(state)
    mina.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(mina.locator(".blurb .saved")).to_contain_text(re.compile("^Saved"))


def _write_unsaved(inbox: Inbox, page: Page, words: str) -> None:
    """Leaves words in the first item's blurb that a desk which is away did not take."""
    page.goto(inbox.url())
    press(page, "j", "b")
    expect(page.get_by_label("Blurb of Item 0")).to_be_focused()
    page.route("**/blurb", lambda route: route.abort())
    page.keyboard.type(words)
    expect(page.locator(".blurb .saved")).to_contain_text("Not saved")


def test_whoever_switched_the_keys_off_has_none(inbox: Inbox, mina: Page, server: Server) -> None:
    with server.app.db.write() as session:
        session.execute(update(User).where(User.name == "Mina").values(has_shortcuts=False))
    mina.goto(inbox.url())
    press(mina, "j", "x", "?", "g", "d")
    expect(row(mina, 0)).to_be_visible()
    expect(mina.get_by_role("button", name="Keys", exact=True)).to_have_count(0)
    row(mina, 0).get_by_role("button", name="Skip").click()
    said(mina, "Skipped")


def test_every_state_is_accessible_at_every_width(inbox: Inbox, mina: Page) -> None:
    mina.goto(inbox.url())
    press(mina, "j", "x")
    said(mina, "Skipped")
    press(mina, "X")
    expect(mina.get_by_role("button", name="off topic")).to_be_focused()
    assert not (found := axe.faults(mina)), found
    press(mina, "Escape", "?")
    assert not (found := axe.faults(mina, widths=(axe.NARROW,))), found
    press(mina, "Escape")
    mina.goto(inbox.url(q="zebra"))
    expect(mina.get_by_role("main")).to_contain_text("The filter hides")
    mina.get_by_role("link", name="Clear the filter").click()
    expect(mina.locator("#rows > li").first).to_be_visible()


def test_the_page_is_light(inbox: Inbox, mina: Page) -> None:
    sizes: dict[str, int] = {}
    mina.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    mina.goto(inbox.url())
    mina.wait_for_load_state("networkidle")
    assert all(size < 250_000 for size in sizes.values())
    loaded = [url for url in sizes if url.split("?")[0].endswith((".js", ".css"))]
    packed = sum(len(gzip.compress(mina.request.get(url).body())) for url in loaded)
    assert 10_000 < packed <= 80_000


def test_a_link_that_a_reader_sends_is_decided_on_by_keyboard(server: Server, mina: Page, open_browser: Open) -> None:
    reader = open_browser(server, java_script_enabled=False)
    reader.goto(f"/n/{seed.SLUG}/issues/1")
    reader.get_by_role("link", name="Send us a link").click()
    reader.get_by_label("The link").fill(f"{server.url}/n/{seed.SLUG}/issues/1?from=a-reader")
    reader.get_by_label("Why is it worth reading?").fill("<b>Old</b>, and still true")
    reader.get_by_role("button", name="Send the link").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Thank you for the link")
    mina.goto("/desk/inbox")
    mina.get_by_role("link", name=re.compile(r"^\d tips$")).click()
    tip = mina.locator("#rows > li", has_text="from=a-reader")
    expect(tip).to_contain_text("<b>Old</b>, and still true")
    expect(tip.get_by_role("link")).to_have_count(0)
    press(mina, "j")
    expect(tip).to_be_focused()
    # The inbox's other keys mean nothing here.
    press(mina, "b", "m", "s", "x")
    said(mina, "Refused:")
    expect(tip).to_have_count(0)
    press(mina, "u")
    expect(tip).to_be_focused()
    press(mina, "1")
    said(mina, "It is in the inbox.")
    mina.goto("/desk/inbox?show=all")
    expect(mina.locator("#rows > li").first).to_contain_text("a reader's tip: <b>Old</b>, and still true")
