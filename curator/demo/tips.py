"""The demo's tips: links that readers sent, with their notes, one of them nothing but advertising."""

from dataclasses import replace
from datetime import datetime, timedelta

from curator.db import Database
from curator.demo.feedserver import FeedServer
from curator.demo.names import DOMAIN
from curator.demo.samples.documents import site_path
from curator.demo.samples.texts import sample_feeds
from curator.demo.seed import Seeded
from curator.picks.tips import decide, store, take
from curator.picks.tips.values import NewTip
from curator.tokens import Keys

_WORDS = "An editor looks at your link."
# From which network (RFC 5737's, which is nobody's), how many hours ago, which page, and what was written with it.
_TIPS: tuple[tuple[str, int, str, NewTip], ...] = (
    (
        "198.51.100.9",
        30,
        "https://traffic.example/?offer=10000-visitors",
        NewTip("", "<b>10,000 VISITORS</b> for your website!!! http://traffic.example"),
    ),
    (
        "192.0.2.10",
        26,
        "/read/data-courier/oakfield-withdrawn",
        NewTip("", "In case you missed it: they took the whole data set back."),
    ),
    (
        "192.0.2.11",
        20,
        "slow-statistics",
        NewTip(
            "",
            "She shows her own mistakes, plot by plot. I have never seen that done so kindly.",
            "Nadia Horvat",
            f"nadia.horvat@{DOMAIN}",
        ),
    ),
    ("192.0.2.12", 8, "slow-statistics", NewTip("", "Read the one on medians.")),
    ("192.0.2.13", 5, "slow-statistics", NewTip("")),
    (
        "192.0.2.14",
        2,
        "open-counts",
        NewTip("", "A small county puts its ledgers online, code and all. I made the third chart.", "Lwazi Eze"),
    ),
)


def write_tips(db: Database, keys: Keys, server: FeedServer, seeded: Seeded, *, now: datetime) -> None:
    """Opens the form for tips and sends what readers would, where it is not open; a second call adds nothing."""
    with db.read() as session:
        if store.is_open(session, seeded.newsletter_id):
            return
    decide.set_open(db, seeded.newsletter_id, is_open=True, by=seeded.owner_id, now=now)
    for network, hours, page, told in _TIPS:
        tip = replace(told, url=_url(server, page), words=_WORDS)
        take.take(db, keys, seeded.newsletter_id, tip, network=network, now=now - timedelta(hours=hours))


def _url(server: FeedServer, page: str) -> str:
    """Returns a page on this machine: what is let in is read, and an invented site is nowhere else."""
    if "://" in page:
        return page
    if page.startswith("/"):
        return server.base_url + page
    return server.base_url + site_path(next(feed for feed in sample_feeds() if feed.name == page))
