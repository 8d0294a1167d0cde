"""The documents of the golden files: one for each kind of block, and what else a person must have looked at."""

from collections.abc import Mapping
from dataclasses import replace

from curator.issues import markdown
from curator.issues.values import BlockKind, Document, DocumentEntry, DocumentItem, DocumentLink, DocumentSection
from curator.letters.values import LetterLink, LetterText
from tests.issues.documents import document, entry, whole_issue, words

ART = "https://latentwaves.example/art/41.png"


def episode() -> DocumentEntry:
    """An own show's episode with all that is known of one."""
    return replace(
        entry(
            blurb="Nadia Okafor rebuilt a billion-vector index *while it was being read*. "
            "[The slides](https://latentwaves.example/slides) are worth the ten minutes.",
            image_url=ART,
            is_episode=True,
        ),
        people="Nadia Okafor and Ilse Brandt",
        topics="vector search, evaluation, reading while writing",
        listen=(
            DocumentLink("apple", "Apple Podcasts", "Listen on", "https://listen.example/apple/41"),
            DocumentLink("spotify", "Spotify", "Listen on", "https://listen.example/spotify/41"),
        ),
        image_alt="Waves over a grid of dots",
        image_credit="Ilse Brandt",
        image_width=64,
        image_height=64,
        episode_id=41,
    )


def article() -> DocumentEntry:
    """What somebody else published, without a picture."""
    return entry(
        "PostgreSQL 19 puts vector search in the planner",
        link="https://rowstore.example/pg19-vectors?a=1&b=2",
        source="Row Store",
        facts="Maya Lindqvist",
        blurb="The planner chooses between an index and a scan. Set `vector_probes` before you measure anything.",
    )


def picture() -> DocumentEntry:
    """An article with its picture, wider than the column."""
    shown = replace(article(), image_url="https://rowstore.example/planner.png", image_alt="Two plans side by side")
    return replace(shown, image_width=1056, image_height=594)


def quote() -> DocumentEntry:
    """A passage of a conversation, with the moment at which it was said."""
    said = "An index is a promise about **questions** that nobody has asked yet.\n\nMost of them never are."
    shown = words(said)
    return replace(
        shown,
        kind=BlockKind.QUOTE,
        title="What a vector index forgets",
        link="https://latentwaves.example/episodes/41?t=764",
        source="Nadia Okafor",
        facts="at 12:44",
        episode_id=41,
    )


def promotion() -> DocumentEntry:
    """An event that somebody paid for, with a picture."""
    return replace(
        entry(
            "Two days of retrieval in Lisbon", link="https://conference.example/lisbon?from=wave", source="RetrieveCon"
        ),
        kind=BlockKind.PROMOTION,
        facts="3 and 4 March 2027, Lisbon",
        body_html=markdown.html("Readers come in for **half the price** until the end of the year."),
        body_text="Readers come in for half the price until the end of the year.",
        image_url="https://conference.example/lisbon.png",
        image_alt="A tram before a blue wall",
        image_width=488,
        image_height=200,
        label="Sponsored",
        promotion_id=9,
    )


def trend() -> DocumentEntry:
    """A rising topic with its chart, its sources and what the own show said."""
    return replace(
        words("Four teams found the same fault in one week."),
        kind=BlockKind.TREND,
        title="Vector databases",
        facts="3.2 times as often as before: told by 4 of our feeds in 8 days",
        image_alt="Items a day: 1, 0, 2, 2, 3, 5, 8, 9",
        chart=(1, 0, 2, 2, 3, 5, 8, 9),
        items=(
            DocumentItem("Why we left our vector database", "https://holdout.example/left", "Holdout"),
            DocumentItem("Forgetting, measured", "https://rowstore.example/forgetting", "Row Store"),
        ),
        episodes=(
            DocumentItem("What a vector index forgets", "https://latentwaves.example/episodes/41", "Episode 41"),
        ),
    )


def listed() -> DocumentEntry:
    """Links under a heading."""
    return replace(
        words(""),
        kind=BlockKind.LIST,
        title="What readers opened most",
        items=(
            DocumentItem("The index card, a history", "https://cards.example/", "Paper Machines"),
            DocumentItem("A family of four and one label", "https://label.example/family"),
        ),
    )


def right_to_left() -> Document:
    """An Arabic issue, in which Latin names and an English article stand too."""
    sections = (
        DocumentSection(
            "", (words("صباح الخير. هذا الأسبوع عن **النسيان**، وعن [ما يبقى](https://arabic.example/keep)."),)
        ),
        DocumentSection(
            "حلقات جديدة",
            (
                replace(
                    entry(
                        "كيف تُنسى الفهارسُ",
                        link="https://arabic.example/1",
                        source="أمواج",
                        facts="38 دقيقة",
                        blurb="قصيرة وواضحة، وفيها اسم PostgreSQL 19 أيضًا.",
                        image_url=ART,
                        is_episode=True,
                    ),
                    people="نادية عكاف",
                    image_alt="أمواج فوق شبكة",
                ),
                replace(
                    quote(),
                    body_html="<p>الفهرس وعد.</p>",
                    body_text="الفهرس وعد.",
                    title="كيف تُنسى الفهارسُ",
                    facts="عند 12:44",
                ),
            ),
        ),
        DocumentSection("اقتراحات", (article(), listed())),
    )
    return replace(
        document(*sections, subject="كيف تُنسى الفهارسُ"),
        newsletter_name="الموجة الأسبوعية",
        tagline="تعلّم الآلة الذي يُسمع",
        language="ar",
        postal_address="12 Harbour Street, Bristol BS1 4QA",
        dated_on="17 نوفمبر 2026",
    )


def letter() -> LetterText:
    """The letter that asks a reader to confirm."""
    return LetterText(
        subject="Please confirm: The Weekly Wave",
        masthead="The Weekly Wave",
        title="Is this your address?",
        paragraphs=("Somebody, we hope you, asked for The Weekly Wave.", "You get nothing unless you confirm."),
        button=LetterLink("Yes, send it to me", "https://news.example/c/abc?x=1&y=2"),
        links=(LetterLink("I never signed up", "https://news.example/d/abc"),),
        footer=("The Weekly Wave", "12 Harbour Street, Bristol BS1 4QA"),
    )


def _alone(shown: DocumentEntry) -> Document:
    return document(DocumentSection("Highlights", (shown,)), preheader="One block, to be looked at")


def _sixty() -> Document:
    many = tuple(replace(article(), block_id=1 + number) for number in range(60))
    return document(DocumentSection("Recommendations", many))


DOCUMENTS: Mapping[str, Document] = {
    "issue": whole_issue(),
    "episode": _alone(episode()),
    "article": _alone(article()),
    "picture": _alone(picture()),
    "quote": _alone(quote()),
    "promotion": _alone(promotion()),
    "text": document(
        DocumentSection("", (words("Good morning. *Write back*, and tell us\n\n- one thing\n- another"),))
    ),
    "trends": _alone(trend()),
    "lists": _alone(listed()),
    "rtl": right_to_left(),
    "compact": replace(
        document(DocumentSection("Highlights", (episode(), picture(), quote(), promotion(), trend(), listed()))),
        is_compact=True,
    ),
}
"""By the name of the golden file."""

# As large as an issue gets: checked like the others, but nothing that a person would look through.
LARGE: Mapping[str, Document] = {"sixty": _sixty()}
