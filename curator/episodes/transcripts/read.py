"""Bytes to a conversation: which form a transcript has, and what it says."""

import re

from curator.episodes.transcripts import cues as timed
from curator.episodes.transcripts import joining, lines, pages, segments
from curator.episodes.transcripts.values import MAX_BYTES, Conversation, Cue, Form
from curator.errors import ParseError
from curator.feeds.decode import text_of

_BINARY = (
    (b"%PDF-", "a PDF; save it as text first"),
    (b"PK\x03\x04", "a Word document or another archive; save it as text first"),
    (b"{\\rtf", "a rich text document; save it as plain text first"),
    (b"\xd0\xcf\x11\xe0", "an old Word document; save it as text first"),
    (b"ID3", "an audio file, not its transcript"),
    (b"\x1f\x8b", "a packed file; unpack it first"),
)
_JSON = re.compile(r"\{\s*(?:[\"}]|$)|\[\s*(?:[\[{\]]|$)")
_HTML = re.compile(r"<(?:!doctype|html|head|body|p|div|cite|br|h[1-6]|article|section|table|span|ul)\b", re.IGNORECASE)
_BY_TYPE = (
    ("json", Form.JSON),
    ("vtt", Form.VTT),
    ("srt", Form.SRT),
    ("subrip", Form.SRT),
    ("html", Form.HTML),
    ("htm", Form.HTML),
    ("plain", Form.PLAIN),
    ("txt", Form.PLAIN),
)
_HEAD = 4_000


def conversation(body: bytes, *, content_type: str = "", name: str = "") -> Conversation:
    """Returns the transcript that some bytes are, whatever they are called.

    What they look like counts first, then the media type, then the file's name. Raises ParseError, which says what is
    wrong: too large, no text, no words, or a damaged file.
    """
    if len(body) > MAX_BYTES:
        raise ParseError(f"The transcript is larger than {MAX_BYTES / 1e6:.0f} MB, which is more than is read.")
    for start, kind in _BINARY:
        if body.startswith(start):
            raise ParseError(f"This is no transcript but {kind}.")
    text = text_of(body, content_type=content_type)
    if text.count("\0") or not text.strip():
        raise ParseError("This is no text." if text.strip("\0 \t\r\n") else "The transcript is empty.")
    return written(text, content_type=content_type, name=name)


def written(text: str, *, content_type: str = "", name: str = "") -> Conversation:
    """Returns the transcript that a text is; raises ParseError as `conversation` does."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    form = form_of(text, content_type=content_type, name=name)
    turns, notes = joining.turns(_cues(form, text))
    if not any(turn.text for turn in turns):
        raise ParseError(f"There are no words in this transcript (it was read as {form}).")
    if not any(turn.speaker for turn in turns):
        notes.append("Nobody is named as speaking.")
    if form in (Form.VTT, Form.SRT, Form.JSON) and all(turn.start_ms is None for turn in turns):
        notes.append("No time in it can be used.")
    return Conversation(form, tuple(turns), tuple(notes))


def form_of(text: str, *, content_type: str = "", name: str = "") -> Form:
    """Returns the form of a transcript: by its content, else by its media type, else by its name's ending."""
    head = text[:_HEAD].lstrip()
    if head.startswith("WEBVTT"):
        return Form.VTT
    if _JSON.match(head):
        return Form.JSON
    if any(timed.has_timing(line) for line in head.split("\n")):
        return Form.SRT
    if head.startswith("<") or _HTML.search(head):
        return Form.HTML
    return told_form(content_type, name) or Form.PLAIN


def told_form(content_type: str, name: str = "") -> Form | None:
    """Returns the form that a media type, or else a file's name, tells; None when neither does."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    for told in (content_type.partition(";")[0].lower(), ending):
        for word, form in _BY_TYPE:
            if word in told:
                return form
    return None


def _cues(form: Form, text: str) -> list[Cue]:
    match form:
        case Form.VTT:
            return timed.vtt(text)
        case Form.SRT:
            return timed.srt(text)
        case Form.JSON:
            return segments.cues(text)
        case Form.HTML:
            return pages.cues(text)
        case Form.PLAIN:
            return lines.cues(text)
