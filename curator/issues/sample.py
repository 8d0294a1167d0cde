"""An invented issue with every kind of block, to see a look by. Pure."""

from curator.issues.values import BlockKind, Document, DocumentEntry, DocumentItem, DocumentLink, DocumentSection
from curator.newsletters.theme import HOUSE, Theme

_SITE = "https://example.org"
_LISTEN = (
    DocumentLink("apple", "Apple Podcasts", "Listen on", f"{_SITE}/apple"),
    DocumentLink("spotify", "Spotify", "Listen on", f"{_SITE}/spotify"),
    DocumentLink("rss", "RSS", "Subscribe by", f"{_SITE}/rss"),
)


def sample(name: str, tagline: str, *, language: str = "en", accent: str = "", theme: Theme = HOUSE) -> Document:
    """Returns the sample under a newsletter's own name; its words are invented and English."""
    return Document(
        newsletter_name=name,
        tagline=tagline,
        language=language,
        postal_address="12 Harbour Street, Bristol",
        number=41,
        subject="A sample of the look",
        preheader="",
        dated_on="1 December 2026",
        sections=(
            DocumentSection("", (_text(),)),
            DocumentSection("Highlights", (_episode(), _quote())),
            DocumentSection("Trends", (_trend(),)),
            DocumentSection("Recommendations", (_article(), _promotion(), _list())),
        ),
        accent=accent,
        theme=theme,
    )


def _text() -> DocumentEntry:
    words = "Good morning. This is how words of your own look, with"
    return _entry(
        1,
        BlockKind.TEXT,
        body_html=f'<p>{words} a <strong>strong</strong> word and <a href="{_SITE}/link">a link</a> in them.</p>',
        body_text=f"{words} a strong word and a link ({_SITE}/link) in them.",
    )


def _episode() -> DocumentEntry:
    return _entry(
        2,
        BlockKind.PICK,
        title="What a vector index forgets",
        link=f"{_SITE}/episode",
        source="Latent Waves",
        facts="Episode 41, 38 min",
        body_html="<p>An index of a billion vectors, rebuilt while it was being read.</p>",
        body_text="An index of a billion vectors, rebuilt while it was being read.",
        is_episode=True,
        episode_id=1,
        people="Nadia Okafor (database researcher)",
        topics="Vector indexes · Loss",
        listen=_LISTEN,
    )


def _quote() -> DocumentEntry:
    words = "Nobody noticed for eleven weeks. That is what I would call graceful."
    return _entry(
        3,
        BlockKind.QUOTE,
        title="What a vector index forgets",
        link=f"{_SITE}/moment",
        source="Nadia Okafor",
        facts="at 12:40",
        body_html=f"<p>{words}</p>",
        body_text=words,
    )


def _trend() -> DocumentEntry:
    return _entry(
        4,
        BlockKind.TREND,
        title="Vector databases",
        facts="14 items of 9 feeds in 2 days, 3.2 times as often as in the 4 weeks before.",
        items=(DocumentItem("The planner learns to choose", f"{_SITE}/planner", "Row Store"),),
        chart=(1, 0, 2, 1, 3, 2, 4, 3, 6, 9, 14),
        image_alt="Chart of items on vector databases: rising from 0 to 14",
    )


def _article() -> DocumentEntry:
    return _entry(
        5,
        BlockKind.PICK,
        title="The index card, a history",
        link=f"{_SITE}/cards",
        source="Paper Machines",
        facts="Jo Park",
        body_html="<p>Ninety years of practice at finding things again.</p>",
        body_text="Ninety years of practice at finding things again.",
    )


def _promotion() -> DocumentEntry:
    words = "A day on search, retrieval and everything that is found too late."
    return _entry(
        6,
        BlockKind.PROMOTION,
        title="Found in Bristol",
        link=f"{_SITE}/event",
        source="Harbour Events",
        facts="3 December 2026, 18:00, Bristol",
        body_html=f"<p>{words}</p>",
        body_text=words,
        label="Event",
    )


def _list() -> DocumentEntry:
    return _entry(
        7,
        BlockKind.LIST,
        title="Most read last time",
        items=(
            DocumentItem("Why your evaluation set is quietly in the training data", f"{_SITE}/leak", "Holdout"),
            DocumentItem("On disagreement as signal", f"{_SITE}/signal", "Label Notes"),
        ),
    )


def _entry(block_id: int, kind: BlockKind, **given: object) -> DocumentEntry:
    usual: dict[str, object] = {
        "title": "",
        "link": None,
        "source": "",
        "facts": "",
        "body_html": "",
        "body_text": "",
        "image_url": None,
    }
    return DocumentEntry(block_id=block_id, kind=kind, **(usual | given))  # type: ignore[arg-type]  # the sample's own words
