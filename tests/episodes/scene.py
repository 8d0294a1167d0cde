"""One show of our own with an episode that the feed tells a lot about."""

from datetime import UTC, datetime

from curator.db import Database
from curator.episodes import store
from curator.episodes.platforms import Platform
from curator.episodes.values import EpisodeView, ListeningLink
from curator.feeds.values import ItemKind
from tests import builders

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
APPLE = ListeningLink(Platform.APPLE, "https://podcasts.apple.com/show/1")
SPOTIFY = ListeningLink(Platform.SPOTIFY, "https://open.spotify.com/show/1")
STITCHER = ListeningLink(Platform.STITCHER, "https://www.stitcher.com/show/1")
RSS = ListeningLink(Platform.RSS, "https://latent-waves.example/feed.xml")

SUMMARY = (
    "<p>Nadia rebuilt an index while it was being read.</p><p><strong>Topics:</strong></p>"
    "<ul><li>Vector indexes</li><li>Forgetting</li></ul>"
    '<p>We mention <a href="https://arxiv.org/abs/2401.00001">the paper</a>, '
    '<a href="https://www.goodreads.com/book/1">a book</a>, '
    '<a href="https://notes.example/a">https://notes.example/a</a> '
    'and <a href="https://open.spotify.com/show/1">Spotify</a>.</p>'
)
PEOPLE = (
    {"name": "Mina Adeyemi", "role": "host", "group": "cast", "href": None, "image_url": None},
    {"name": "Nadia Okafor", "role": "guest", "href": "https://nadia.example/", "image_url": None},
    {"name": "Jo Park", "role": "Guest", "href": "javascript:alert(1)", "image_url": None},
)
CHAPTERS = ({"start_s": 760, "title": "What is lost"}, {"start_s": 0, "title": "Hello"})


class Show:
    """The show, its episode with facts, and an episode of somebody else's show."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.feed = builders.feed_row(db, "Latent Waves", is_own_show=True, kind="podcast")
        self.other_feed = builders.feed_row(db, "Open Stacks", kind="podcast")
        self.episode = builders.item_row(
            db,
            self.feed,
            "What an index forgets",
            at=NOW,
            kind=ItemKind.EPISODE,
            published_at=NOW,
            summary_html=SUMMARY,
            summary_text="Nadia rebuilt an index while it was being read.",
        )
        builders.episode_facts(
            db,
            self.episode,
            audio_url="https://cdn.example/41.mp3",
            subtitle="A surprise about loss",
            people=list(PEOPLE),
            chapters=list(CHAPTERS),
            season=2,
        )
        self.foreign = builders.item_row(db, self.other_feed, "Not ours", at=NOW, kind=ItemKind.EPISODE)

    def view(self) -> EpisodeView:
        with self.db.read() as session:
            return store.view(session, self.episode)
