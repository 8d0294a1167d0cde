"""Feeds' scorecards: what each brought, what was picked of it, what readers did; their order, and the file."""

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from curator.accounts import roles
from curator.accounts import store as accounts
from curator.accounts.values import Role
from curator.app import App
from curator.db import Database
from curator.feeds.tables import Feed
from curator.picks import curate
from curator.picks.clicks import store as clicks
from curator.picks.clicks.values import Clicked
from curator.picks.scorecards import store
from curator.picks.scorecards.values import Card, Order, ordered
from tests import builders
from tests.events.scene import NOW
from tests.web.conftest import Browser, Newsroom, signed_in

PAGE = "/desk/feeds/scorecards"


def test_a_card_counts_what_fell_into_the_period(database: Database) -> None:
    newsletter = builders.newsletter_row(database)
    (section, *_) = builders.section_rows(database, newsletter)
    feed, quiet = builders.feed_row(database, "Gradient Notes"), builders.feed_row(database, "Quiet")
    items = [builders.item_row(database, feed, f"Item {n}", at=NOW - timedelta(days=n)) for n in (1, 2, 3, 40)]
    for item in items[:3]:
        curate.pick(database, newsletter, item, section, by=None, now=NOW)
    with database.write() as session:
        told = ((items[0], 4, 0.5), (items[1], 9, 2.0), (items[2], 5, 1.5))
        clicks.put(session, newsletter, [Clicked(item, number, share, NOW) for item, number, share in told])
    with database.read() as session:
        found = store.cards(session, newsletter, since=NOW - timedelta(days=30))
        elsewhere = store.cards(session, newsletter + 1, since=NOW - timedelta(days=30))
    card, other = found
    assert (card.items, card.picked, card.picked_share) == (3, 3, 1.0)
    assert (card.clicks, card.clicks_a_pick, card.against) == (18, 6.0, 1.5)
    assert card.last_item_at == NOW - timedelta(days=1)
    assert (other.feed_id, other.items, other.picked_share, other.against) == (quiet, 0, None, None)
    assert [(each.items, each.picked, each.clicks) for each in elsewhere] == [(3, 0, 0), (0, 0, 0)]


@pytest.mark.parametrize("order", Order)
def test_what_is_not_known_comes_last_in_every_order(order: Order) -> None:
    known = Card(1, "B", 5, 2, 2, 8, 1.2, NOW, 3, is_ok=True)
    more = Card(2, "A", 9, 8, 1, 9, 2.5, NOW + timedelta(days=1), 4, is_ok=True)
    nothing = Card(3, "C", 0, 0, 0, 0, None, None, 0, is_ok=True)
    assert [card.feed_id for card in ordered([nothing, known, more], order)] == [2, 1, 3]


def test_the_page_is_sorted_as_its_address_says(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    curate.pick(sqlite_app.db, newsroom.newsletter, newsroom.articles[0], newsroom.sections[0], by=None, now=NOW)
    with sqlite_app.db.write() as session:
        session.execute(update(Feed).where(Feed.id == newsroom.show).values(failures=4, is_ok=False))
    said = _words(mina.see(PAGE))
    assert said.index("Gradient Notes 3 1 33.3% none sent none sent") < said.index("The AI Podcast 3 0 0.0%")
    page = mina.see(f"{PAGE}?by=errors&days=30")
    assert "4 in trouble" in _words(page)
    assert page.index("The AI Podcast</a>") < page.index("Gradient Notes</a>")
    assert 'aria-sort="descending"' in page
    assert "style=" not in page


def test_the_file_has_all_feeds_and_evaluates_nothing(mina: Browser, newsroom: Newsroom, sqlite_app: App) -> None:
    with sqlite_app.db.write() as session:
        session.execute(update(Feed).where(Feed.id == newsroom.blog).values(title="=cmd()"))
    rows = mina.see(f"{PAGE}.csv?by=title&days=30").splitlines()
    assert rows[0].startswith("feed,items,picked,share picked")
    assert rows[1].startswith("'=cmd(),3,0,0.0000,0,0,,,")
    assert len(rows) == 3


def test_without_feeds_the_page_says_so(mina: Browser, sqlite_app: App) -> None:
    builders.newsletter_row(sqlite_app.db)
    assert "No feed yet" in mina.see(PAGE)


def test_another_newsletters_editor_sees_none_of_its_picks(flask: Flask, sqlite_app: App, newsroom: Newsroom) -> None:
    other = builders.newsletter_row(sqlite_app.db, slug="second", name="Second")
    ann = signed_in(flask, sqlite_app, "Ann", Role.EDITOR)
    with sqlite_app.db.read() as session:
        user = accounts.user_id(session, "ann@podcast.example")
    assert user is not None
    places = {newsroom.newsletter: None}
    roles.change_role(sqlite_app.db, user, Role.EDITOR, differing=places, now=sqlite_app.clock(), by=None)
    ann.see(f"{PAGE}?newsletter={other}")
    for address in (f"{PAGE}?newsletter={newsroom.newsletter}", f"{PAGE}.csv?newsletter={newsroom.newsletter}"):
        ann.see(address, status=403)


def _words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
