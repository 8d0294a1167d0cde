"""Which words of an entry may be corrected, and a document with its corrections. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from curator.issues import compose, markdown
from curator.issues.corrections.markdown_of import markdown_of
from curator.issues.corrections.values import Correction
from curator.issues.escape import one_line
from curator.issues.values import BlockKind, Document, DocumentEntry

LABELS: Mapping[str, str] = {"title": "Title", "people": "With", "source": "Whose words", "body": "Text"}
"""What the fields of an entry are called on the page where they are corrected."""

_TITLED = ("title", "body")
_FIELDS: Mapping[BlockKind, tuple[str, ...]] = {
    BlockKind.PICK: _TITLED,
    BlockKind.TREND: _TITLED,
    BlockKind.LIST: ("title",),
    BlockKind.TEXT: ("body",),
    BlockKind.QUOTE: ("source", "body"),
    # A sponsor's words are the sponsor's: nobody changes them after they were approved.
    BlockKind.PROMOTION: (),
}


def words_of(entry: DocumentEntry) -> dict[str, str]:
    """Returns the words of an entry that may be corrected, in the order of `LABELS`; empty where there are none."""
    names = {*_FIELDS[entry.kind], *(["people"] if entry.people else [])}
    said = {
        "title": entry.title,
        "people": entry.people,
        "source": entry.source,
        "body": markdown_of(entry.body_html) if entry.body_html else "",
    }
    return {name: said[name] for name in LABELS if name in names}


def changed(entry: DocumentEntry, typed: Mapping[str, str]) -> dict[str, str]:
    """Returns what of the typed words differs from what the entry says; what may not be corrected is left out."""
    given = {name: words if name == "body" else one_line(words) for name, words in typed.items()}
    return {name: given[name] for name, said in words_of(entry).items() if name in given and given[name] != said}


def corrected(document: Document, corrections: Sequence[Correction]) -> Document:
    """Returns a document as it reads with its corrections, which come oldest first: the last word of each field counts.

    A correction of an entry that is not there is passed over.
    """
    newest: dict[int, dict[str, str]] = {}
    for each in corrections:
        if each.block_id is not None and each.words:
            newest.setdefault(each.block_id, {}).update(each.words)
    if not newest:
        return document
    sections = (
        replace(section, entries=tuple(_with(entry, newest.get(entry.block_id, {})) for entry in section.entries))
        for section in document.sections
    )
    return replace(document, sections=tuple(sections))


def entry_of(document: Document, block_id: int) -> DocumentEntry | None:
    """Returns the entry of a block, None where the document has none."""
    return next((entry for entry in _entries(document) if entry.block_id == block_id), None)


def correctable(document: Document) -> list[DocumentEntry]:
    """Returns the entries of which words may be corrected, in the order of the page."""
    return [entry for entry in _entries(document) if words_of(entry)]


def name_of(entry: DocumentEntry) -> str:
    """Returns what an entry is called: its title, or else how it begins."""
    return entry.title or compose.bounded(" ".join(entry.body_text.split()), 80) or "A text"


def _entries(document: Document) -> Iterable[DocumentEntry]:
    return (entry for section in document.sections for entry in section.entries)


def _with(entry: DocumentEntry, words: Mapping[str, str]) -> DocumentEntry:
    of_fields = {name: words[name] for name in ("title", "people", "source") if name in words}
    if "body" in words:
        of_fields |= {"body_html": markdown.html(words["body"]), "body_text": markdown.text(words["body"])}
    return replace(entry, **of_fields)  # type: ignore[arg-type]  # - each of these fields is a text
