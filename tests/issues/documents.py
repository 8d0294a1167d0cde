"""Documents for the tests of rendering: one fixed issue, and one entry of it with what a test cares about."""

from curator.issues import markdown
from curator.issues.values import BlockKind, Document, DocumentEntry, DocumentSection


def entry(
    title: str = "What a vector index forgets",
    *,
    link: str | None = "https://latentwaves.example/episodes/41",
    source: str = "Latent Waves",
    facts: str = "Episode 41, 38 min",
    blurb: str = "",
    image_url: str | None = None,
    is_episode: bool = False,
    block_id: int = 1,
) -> DocumentEntry:
    return DocumentEntry(
        block_id=block_id,
        kind=BlockKind.PICK,
        title=title,
        link=link,
        source=source,
        facts=facts,
        body_html=markdown.html(blurb),
        body_text=markdown.text(blurb),
        image_url=image_url,
        is_episode=is_episode,
    )


def words(blurb: str, *, block_id: int = 1) -> DocumentEntry:
    return DocumentEntry(
        block_id, BlockKind.TEXT, "", None, "", "", markdown.html(blurb), markdown.text(blurb), image_url=None
    )


def document(*sections: DocumentSection, subject: str = "What a vector index forgets", preheader: str = "") -> Document:
    return Document(
        newsletter_name="The Weekly Wave",
        tagline="Machine learning you can listen to",
        language="en",
        postal_address="12 Harbour Street, Bristol BS1 4QA",
        number=41,
        subject=subject,
        preheader=preheader,
        dated_on="17 November 2026",
        sections=sections,
    )


def whole_issue() -> Document:
    """An issue with everything that occurs: intro, pictures, none, overridden words, several scripts."""
    intro = words(
        "Good morning. This week three shows asked what happens when an index **forgets**, and one measured it. "
        "Write back and tell us [what you would measure](https://latentwaves.example/talk?from=mail&issue=41)."
    )
    episodes = (
        entry(
            blurb="Nadia Okafor rebuilt a billion-vector index *while it was being read*. The surprise is how little "
            "was lost, and how long nobody noticed. Start at 12:40 if you only have ten minutes.",
            image_url="https://latentwaves.example/art/41.png",
            is_episode=True,
        ),
        entry(
            "The librarian who taught a model to say “I don’t know”",
            link="https://stacks.example/ep/7",
            source="Open Stacks",
            facts="Season 2, episode 7, 52 min",
            blurb="A reference desk has ninety years of practice at declining to guess. This is how it was written "
            "down as 1,200 rules, and which twelve of them did all the work.",
            image_url="https://stacks.example/art/7.png",
            is_episode=True,
        ),
        entry(
            "Small models, long winters: forecasting in the Arctic",
            link="https://northdata.example/arctic",
            source="North Data",
            facts="1 h 4 min",
            blurb="Forty kilobytes of model, a solar panel, and four months without sun.",
            is_episode=True,
        ),
    )
    trends = (
        entry(
            "PostgreSQL 19 puts vector search in the planner",
            link="https://rowstore.example/pg19-vectors?a=1&b=2",
            source="Row Store",
            facts="Maya Lindqvist",
            blurb="The planner can now choose between an index and a scan, and it chooses well. "
            "Set `vector_probes` before you measure anything.",
        ),
        entry(
            "Why your evaluation set is quietly in the training data",
            link="https://holdout.example/leak",
            source="Holdout",
            facts="",
            blurb="Three teams, three different leaks, the same curve.",
        ),
    )
    recommendations = (
        entry("ดัชนีเวกเตอร์ อธิบายด้วยแผนที่", link="https://thai.example/แผนที่", source="ข้อมูล", facts=""),
        entry("كيف تنسى الفهارس", link="https://arabic.example/1", source="بيانات", facts="", blurb="قصيرة وواضحة."),
        entry(
            "A family of four 👩‍👩‍👧‍👦 and one label: notes on annotation",
            link="https://label.example/family",
            source="Label Notes",
            facts="Jo Park",
            blurb="On disagreement as signal.",
        ),
        entry("The index card, a history", link="https://cards.example/", source="Paper Machines", facts=""),
    )
    return document(
        DocumentSection("", (intro,)),
        DocumentSection("Highlights from recent episodes", episodes),
        DocumentSection("Trends", trends),
        DocumentSection("Recommendations", recommendations),
        preheader="Plus: the librarian who taught a model to say “I don’t know”; forecasting in the Arctic",
    )
