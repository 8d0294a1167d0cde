"""The inbox in its best order in a real browser: by keyboard, by mouse, without scripts, at every width."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete, select

from curator.accounts import admit
from curator.accounts.values import Role
from curator.feeds.tables import Feed
from curator.newsletters.tables import Newsletter
from curator.picks.ranking import store as ranking
from curator.picks.ranking.values import EXPLORED, Learned, Offer
from curator.picks.tables import Mute, Pick, Resurfaced, StoryItem, StoryRow
from tests import builders
from tests.e2e import axe, servers
from tests.e2e.conftest import Open
from tests.e2e.servers import Server

TITLES = (
    "A database that forgets on purpose",
    "Tide pools keep better time than we do",
    "What a held-out set is for",
    "The tokenizer nobody chose",
    "Small models and the long tail",
    "Evaluation as a public good",
)
REASONS = ("like 3 picks of issue 41", "told by 3 of your feeds", "rising topic: vector databases", "3 hours old")


@dataclass(frozen=True)
class Best:
    """A newsletter whose last three items are its best, the first of these told by three feeds; one item came back."""

    server: Server
    newsletter: int
    items: list[int]

    @property
    def url(self) -> str:
        return f"/desk/inbox?newsletter={self.newsletter}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.demo(tmp_path_factory.mktemp("candidates")) as started:
        yield started


@pytest.fixture
def best(server: Server, request: pytest.FixtureRequest) -> Iterator[Best]:
    made = make_best(server, request.node.name.replace("_", "-").removeprefix("test-")[:60])
    yield made
    # So that no page has a handful of newsletters to choose from.
    with server.app.db.write() as session:
        session.execute(delete(Pick).where(Pick.newsletter_id == made.newsletter))
        session.execute(delete(Newsletter).where(Newsletter.id == made.newsletter))


def make_best(server: Server, name: str) -> Best:
    """Writes the newsletter with everything that its inbox shows; every other feed of the demo is muted there."""
    db, now = server.app.db, server.app.clock()
    newsletter = builders.newsletter_row(db, slug=name, name=f"Shore weekly {name[:12]}")
    sections = builders.section_rows(db, newsletter)
    feeds = [
        builders.feed_row(db, f"{title} {name}", next_poll_at=now + timedelta(days=30))
        for title in ("Shore Letters", "Gradient Notes", "Latent Waves")
    ]
    words = "What an ecologist says about who pays for a free shore. " * 5
    with db.write() as session:
        number = len(session.scalars(select(StoryRow.id)).all())
        others = session.scalars(select(Feed.id).where(Feed.id.not_in(feeds)))
        session.add_all(Mute(newsletter_id=newsletter, feed_id=each, muted_at=now) for each in others.all())

    def title_of(title: str) -> str:
        # The same title in another test's feed would tell the same story.
        return f"{title}, {number}" if number else title

    items = [
        builders.item_row(
            db, feeds[0], title_of(title), at=now - timedelta(minutes=5 * (place + 1)), summary_text=words
        )
        for place, title in enumerate(TITLES)
    ]
    tellings = [
        builders.item_row(db, feed, title_of(title), at=now - timedelta(hours=2))
        for feed, title in zip(feeds[1:], ("Tokenizers and who chose them", "Nobody chose this tokenizer"), strict=True)
    ]
    back = builders.item_row(db, feeds[0], "Sand that counts", at=now - timedelta(days=30), summary_text=words)
    with db.write() as session:
        story = StoryRow(first_at=now, last_at=now)
        session.add(story)
        session.flush()
        told = [items[3], *tellings]
        session.add_all(StoryItem(item_id=each, story_id=story.id, is_best=each == items[3]) for each in told)
        why = "your new episode is about it: What sand is"
        session.add(Resurfaced(newsletter_id=newsletter, item_id=back, why=why, at=now))
        ranking.put_models(session, newsletter, [Learned(None, b"x", examples=640, positives=214)], now=now)
        offers = [
            Offer(
                item_id=items[3 + place],
                section_id=sections[place],
                score=1.0 - place,
                place=place + 1,
                reasons=(EXPLORED, *REASONS[1:]) if place == 1 else REASONS,
                propensity=0.1 if place == 1 else None,
                scored_at=now,
            )
            for place in range(3)
        ]
        ranking.put_candidates(session, newsletter, offers, model_id=None)
    return Best(server, newsletter, [*items, back])


def come_in(server: Server, open_browser: Open, **options: object) -> Page:
    """Opens a window in which somebody new is signed in."""
    now = server.app.clock()
    address = f"mina.{now.timestamp()}@example.test"
    page = open_browser(server, **options)
    user = admit.create_user(server.app.db, address, name="Mina", role=Role.EDITOR, now=now)
    page.goto(server.sign_in_link(user))
    page.get_by_role("button", name="Sign in as").click()
    page.get_by_role("heading", level=1, name="Desk").wait_for()
    return page


@pytest.fixture
def mina(server: Server, open_browser: Open) -> Page:
    return come_in(server, open_browser)


def row(page: Page, title: str) -> Locator:
    return page.locator("#rows > li", has=page.get_by_role("heading", name=title))


def titles(page: Page) -> list[str]:
    return [each.partition(", ")[0] for each in page.locator("#rows > li h2").all_inner_texts()[:4]]


FIRST = ["Sand that counts", TITLES[3], TITLES[4], TITLES[5]]


def test_by_keyboard_a_story_is_dealt_with_as_one(best: Best, mina: Page) -> None:
    mina.goto(best.url)
    assert titles(mina) == FIRST
    mina.keyboard.press("j")
    mina.keyboard.press("j")
    expect(row(mina, TITLES[3])).to_be_focused()
    mina.keyboard.press("x")
    expect(mina.locator("#toasts")).to_contain_text("Skipped with 2 other tellings: The tokenizer nobody chose")
    expect(row(mina, TITLES[4])).to_be_focused()
    expect(mina.locator("#inbox-tabs")).to_contain_text("Skipped 1")
    mina.keyboard.press("u")
    expect(row(mina, TITLES[3])).to_be_focused()
    mina.keyboard.press("1")
    expect(mina.locator("#toasts")).to_contain_text("Picked into Highlights: The tokenizer nobody chose")
    expect(mina.locator("#inbox-tabs")).to_contain_text("Picked 1")
    mina.reload()
    expect(mina.get_by_text("Tokenizers and who chose them")).to_have_count(0)


def test_by_mouse_the_order_is_chosen_and_a_storys_tellings_are_opened(best: Best, mina: Page) -> None:
    mina.goto(best.url)
    one = row(mina, TITLES[3])
    expect(one).to_contain_text("like 3 picks of issue 41")
    expect(one.locator("button.suggested")).to_contain_text("Highlights")
    expect(row(mina, TITLES[4])).to_contain_text("a look beyond what you pick")
    one.get_by_role("link", name="also in 2 other feeds").click()
    expect(one.locator(".tellers a").filter(has_text="Nobody chose this tokenizer").first).to_be_visible()
    expect(one.locator(".because")).to_contain_text("3 hours old")
    mina.keyboard.press("Escape")
    expect(one.locator(".tellers")).to_be_hidden()
    one.get_by_role("link", name="also in 2 other feeds").click()
    expect(one.locator(".tellers")).to_be_visible()
    mina.get_by_role("link", name="Newest").click()
    expect(mina.locator("#rows > li h2").nth(1)).to_contain_text(TITLES[0])
    mina.get_by_role("link", name="Inbox", exact=True).first.click()
    expect(mina.locator("#rows > li h2").nth(1)).to_contain_text(TITLES[0])


def test_without_scripts_everything_is_a_page(best: Best, server: Server, open_browser: Open) -> None:
    page = come_in(server, open_browser, java_script_enabled=False)
    page.goto(best.url)
    assert titles(page) == FIRST
    row(page, TITLES[3]).get_by_role("link", name="also in 2 other feeds").click()
    expect(page.get_by_role("main")).to_contain_text("Nobody chose this tokenizer")
    page.goto(best.url)
    row(page, "Sand that counts").get_by_role("button", name="Skip").click()
    expect(page.get_by_text("your new episode is about it")).to_have_count(0)
    assert titles(page)[0] == TITLES[3]


def test_the_best_order_is_accessible_at_every_width(best: Best, mina: Page) -> None:
    mina.goto(best.url)
    one = row(mina, TITLES[3])
    one.get_by_role("link", name="also in 2 other feeds").click()
    expect(one.locator(".tellers")).to_be_visible()
    assert not (found := axe.faults(mina)), found
    mina.goto(f"/desk/inbox/{best.items[3]}?newsletter={best.newsletter}")
    assert not (found := axe.faults(mina, widths=(axe.NARROW,))), found
