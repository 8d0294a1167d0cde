"""What kind of file bytes are, by their content and never by their name. Pure."""

from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from curator.errors import InvalidError
from curator.languages import msgid
from curator.names import one_line

_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/epub+zip": "epub",
}
_OFFICE = {"ppt/": "pptx", "word/": "docx", "xl/": "xlsx"}
# An archive of more parts is made to keep somebody busy, and no document.
_MOST_PARTS = 5_000
_UNPRINTED = frozenset(range(32)) - {9, 10, 12, 13}
_LONGEST_NAME = 100


@dataclass(frozen=True)
class FileKind:
    """A kind of file: the ending of its name, the type that the web calls it by, and what people call it."""

    ending: str
    media_type: str
    label: str


_OFFICE_TYPE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    kind.ending: kind
    for kind in (
        FileKind("pdf", "application/pdf", "PDF"),
        FileKind("pptx", f"{_OFFICE_TYPE}.presentationml.presentation", msgid("PowerPoint slides")),
        FileKind("docx", f"{_OFFICE_TYPE}.wordprocessingml.document", msgid("Word document")),
        FileKind("xlsx", f"{_OFFICE_TYPE}.spreadsheetml.sheet", msgid("Excel sheet")),
        FileKind("odp", "application/vnd.oasis.opendocument.presentation", msgid("OpenDocument slides")),
        FileKind("odt", "application/vnd.oasis.opendocument.text", msgid("OpenDocument text")),
        FileKind("ods", "application/vnd.oasis.opendocument.spreadsheet", msgid("OpenDocument sheet")),
        FileKind("epub", "application/epub+zip", "EPUB"),
        FileKind("png", "image/png", msgid("PNG picture")),
        FileKind("jpg", "image/jpeg", msgid("JPEG picture")),
        FileKind("txt", "text/plain; charset=utf-8", msgid("text")),
    )
}
"""The kinds of files that readers may get, by the ending of their names."""

ALLOWED = "a PDF, slides, a text or a sheet (Office or OpenDocument), an EPUB, a PNG or JPEG picture, or plain text"


def kind_of(content: bytes) -> FileKind:
    """Returns what bytes are. Raises InvalidError("file") with the reason for what readers must not be given."""
    if not content:
        raise InvalidError("file", "The file is empty.")
    if content.startswith(b"%PDF-"):
        return KINDS["pdf"]
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return KINDS["png"]
    if content.startswith(b"\xff\xd8\xff"):
        return KINDS["jpg"]
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    return _text(content)


def saved_as(name: str, kind: FileKind) -> str:
    """Returns the name under which readers save a file: the uploaded one's, as any file system takes it."""
    stem = name.replace("\\", "/").rpartition("/")[2]
    stem = stem.rpartition(".")[0] or stem
    kept = "".join(each if each.isalnum() or each in " ._-()" else "-" for each in one_line(stem, max_characters=300))
    return f"{kept.strip(' .-')[:_LONGEST_NAME] or 'file'}.{kind.ending}"


def _packed(content: bytes) -> FileKind:
    """A document that is an archive says what it is in its first part, or in its folders; nothing is unpacked."""
    # By the specifications this part comes first and is not compressed: its name stands at byte 30, its words behind.
    first = content[30:120]
    for words, ending in _OPEN_DOCUMENT.items():
        if first.startswith(b"mimetype" + words):
            return KINDS[ending]
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise InvalidError("file", "The file is damaged, or its end is missing.") from error
    if len(names) > _MOST_PARTS:
        raise InvalidError("file", f"The file has {len(names):,} parts, which no document has.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise InvalidError("file", "The file holds macros, which readers' programs warn of. Save it without them.")
    if "[Content_Types].xml" in names:
        for folder, ending in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return KINDS[ending]
    raise InvalidError("file", f"An archive of files cannot be offered. Take {ALLOWED}.")


def _text(content: bytes) -> FileKind:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise InvalidError("file", f"This kind of file cannot be offered. Take {ALLOWED}.") from error
    start = text[:1000].lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<svg", "<script", "#!")):
        raise InvalidError("file", f"A web page, a drawing or a program cannot be offered. Take {ALLOWED}.")
    if not _UNPRINTED.isdisjoint(text[:100_000].encode()):
        raise InvalidError("file", f"This kind of file cannot be offered. Take {ALLOWED}.")
    return KINDS["txt"]
