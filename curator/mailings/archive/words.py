"""Every word of an issue as the web shows it, for the archive's search. Pure."""

from collections.abc import Iterator

from curator.issues.values import Document, DocumentEntry

MOST_CHARACTERS = 100_000
"""PostgreSQL's index takes a megabyte of a text's words; an issue of 60 long items has 60,000 characters."""


def words(document: Document) -> str:
    """Returns a document's words in the order of the page, at most `MOST_CHARACTERS`."""
    parts = [document.subject, document.preheader]
    for section in document.sections:
        parts += [section.title, *(word for entry in section.entries for word in _entry(entry))]
    return "\n".join(" ".join(part.split()) for part in parts if part.strip())[:MOST_CHARACTERS]


def _entry(entry: DocumentEntry) -> Iterator[str]:
    yield from (entry.title, entry.people, entry.source, entry.body_text, entry.topics)
    for item in (*entry.items, *entry.episodes):
        yield f"{item.title} {item.note}"
