"""Facts for the tests of rules: an issue in which all is well, and what a test changes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from curator.issues.checks import judge
from curator.issues.checks.values import BlockFacts, Facts, Finding, Level, LinkFacts, Mail, SectionFacts, Tick
from curator.issues.values import UNSUBSCRIBE_SLOT, BlockKind, Document, DocumentEntry, DocumentSection, Link
from curator.newsletters.values import Cadence, NewsletterSpec, Rhythm, WhenShort
from tests.issues import documents

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
TITLE = "What a vector index forgets"
BLURB = "One word after another until there are enough of them for a whole issue. " * 5


def mail(
    body: str = "",
    *,
    text: str = "",
    style: str = "",
    links: tuple[Link, ...] = (),
    size: int = 40_000,
    lang: str = "en",
    heading: str = "<h1>The Weekly Wave</h1>",
) -> Mail:
    """A mail about which no rule says anything; `body` and `text` come before what every mail ends with."""
    words = f"{TITLE}. {BLURB} 12 Harbour Street, Bristol BS1 4QA"
    html = (
        f'<!doctype html><html lang="{lang}"><head><title>The Wave</title><style>{style}</style></head>'
        f'<body style="background-color:#ffffff;color:#14211f">{heading}{body}<p>{words}</p>'
        f'<p><a href="{UNSUBSCRIBE_SLOT}">Unsubscribe</a></p></body></html>'
    )
    return Mail(html, f"{text}\n{words}\n{UNSUBSCRIBE_SLOT}", size, links)


def newsletter(**fields: object) -> NewsletterSpec:
    given: dict[str, object] = {
        "id": 1,
        "slug": "wave",
        "name": "The Weekly Wave",
        "tagline": "",
        "sender_name": "The Wave",
        "sender_address": "wave@podcast.example",
        "reply_to": None,
        "postal_address": "12 Harbour Street",
        "language": "en",
        "cadence": Cadence(
            rhythm=Rhythm.WEEKLY, zone="Europe/London", at=time(7, 0), anchor_on=date(2026, 1, 5), weekdays=(1,)
        ),
        "draft_lead_hours": 72,
        "minimum_picks": 1,
        "when_short": WhenShort.HOLD,
        "is_paused": False,
        "sections": (),
    }
    return NewsletterSpec(**(given | fields))  # type: ignore[arg-type]  # a builder's fields are as its test gives them


def issue(*entries: DocumentEntry, **fields: object) -> Document:
    """One section with these entries, or one good one."""
    section = DocumentSection("Trends", entries or (documents.entry(blurb=BLURB),))
    made = documents.document(section, subject="What a vector index forgets", preheader="Plus: a librarian declines")
    return replace(made, **fields)


def facts(document: Document | None = None, **fields: object) -> Facts:
    """Facts about which no rule says anything; `fields` are what the test is about."""
    block = BlockFacts(1, BlockKind.PICK, "What a vector index forgets", source="Latent Waves", at=NOW)
    given: dict[str, object] = {
        "issue_id": 7,
        "content_hash": "a" * 64,
        "document": document or issue(),
        "newsletter": newsletter(),
        "now": NOW,
        "sections": (SectionFacts("Trends", 1, 1, 3),),
        "blocks": (block,),
        "old_before": NOW - timedelta(days=14),
        "readers": 4_812,
        "mail": mail(),
    }
    return Facts(**(given | fields))  # type: ignore[arg-type]  # a builder's fields are as its test gives them


def block(**fields: object) -> BlockFacts:
    given: dict[str, object] = {"block_id": 1, "kind": BlockKind.PICK, "name": "Tide pools"}
    return BlockFacts(**(given | fields))  # type: ignore[arg-type]  # a builder's fields are as its test gives them


def link(url: str, *, words: str = "the paper", block_id: int = 1, is_text: bool = True) -> LinkFacts:
    return LinkFacts(url, words, '"Tide pools"', block_id, is_text=is_text)


def found(given: Facts, *ticks: Tick) -> dict[str, list[Finding]]:
    """What the rules found, by code; without what is fine."""
    by_code: dict[str, list[Finding]] = {}
    for finding in judge.report(given, ticks).findings:
        if finding.level is not Level.FINE:
            by_code.setdefault(finding.code, []).append(finding)
    return by_code
